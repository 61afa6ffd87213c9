"""The installed package: an empty project finds the C++ client, and its example is live."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from harness import BINARY, DEADLINE, SANITIZED, SOURCE_DIR, Server

BUILD = Path(BINARY).parent.parent
CLIENT = SOURCE_DIR / "clients/cpp"
pytestmark = pytest.mark.skipif(SANITIZED, reason="a project without sanitizers can't link what has them")

PROJECT = """cmake_minimum_required(VERSION 3.25)
project(empty LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
find_package(TroupeClient REQUIRED)
add_executable(chat chat.cpp)
target_link_libraries(chat PRIVATE troupe::client)
"""


def run(*command):
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_empty_project_uses_it(tmp_path):
    run("cmake", "--install", BUILD / "clients/cpp", "--prefix", tmp_path / "installed")
    headers = [str(each.relative_to(tmp_path)) for each in (tmp_path / "installed/include").rglob("*.hpp")]
    assert "installed/include/troupe_client/client.hpp" in headers
    assert [each for each in headers if "/detail/" in each] == ["installed/include/troupe_client/detail/start.hpp"]
    project = tmp_path / "project"
    project.mkdir()
    (project / "CMakeLists.txt").write_text(PROJECT)
    (project / "chat.cpp").write_text((CLIENT / "example/chat.cpp").read_text())
    run("cmake", "-S", project, "-B", tmp_path / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={tmp_path / 'installed'}")
    run("cmake", "--build", tmp_path / "build")
    with Server() as server:
        with subprocess.Popen([tmp_path / "build/chat", server.url()], stdout=subprocess.PIPE, text=True) as chat:
            try:
                while '"message":"Hello!"' not in (line := chat.stdout.readline()):
                    assert line, "it has ended"
            finally:
                chat.send_signal(signal.SIGTERM)
                chat.wait(DEADLINE)


def test_every_public_header_is_complete(tmp_path):
    """In whatever order they are included, and however much of `detail` is not there."""
    source = tmp_path / "headers.cpp"
    headers = sorted(each.name for each in (CLIENT / "troupe_client").glob("*.hpp"))
    assert "client.hpp" in headers
    source.write_text("".join(f"#include <troupe_client/{each}>\n" for each in reversed(headers)))
    run(os.environ.get("CXX", "c++"), "-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{CLIENT}", source)


def test_the_readme_shows_the_example():
    listings = re.findall(r"^```cpp\n(.*?)^```$", (CLIENT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    for example in ("chat", "await"):
        text = (CLIENT / f"example/{example}.cpp").read_text()
        assert any(each in text for each in listings if "int main" in each or "co_await" in each), example
        assert text in listings, f"README.md has another {example}.cpp"
