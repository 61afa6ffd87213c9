"""The package as others get it: a wheel in an environment that had nothing, typed, and clean."""

import os
import subprocess
import sys
import venv
import zipfile

import pytest
import websockets
from conftest import ROOT
from harness import API_KEY

PACKAGE = ROOT / "clients/python"


def run(*command, folder=PACKAGE, environment=None):
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        list(map(str, command)), cwd=folder, env={**clean, **(environment or {})}, capture_output=True, text=True,
        timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Built from a copy, so that nothing is left in the tree, and without asking any index."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "troupe_client"):
        run("cp", "-r", PACKAGE / name, source)
    options = ("--no-build-isolation", "--no-deps", "--no-index", "--disable-pip-version-check")
    run(sys.executable, "-m", "pip", "wheel", *options, "-w", out, source)
    (made,) = out.glob("troupe_client-*.whl")
    return made


def test_what_is_in_the_wheel(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    own = {name for name in names if name.startswith("troupe_client/")}
    assert own == {f"troupe_client/{each.name}" for each in (PACKAGE / "troupe_client").iterdir() if each.is_file()}
    assert "troupe_client/py.typed" in own
    assert all(name.startswith(("troupe_client/", "troupe_client-")) for name in names), names


def test_it_installs_where_nothing_was_and_works(wheel, server, tmp_path):
    """`websockets` comes from the environment of the tests, as no index is asked."""
    venv.create(tmp_path / "fresh", with_pip=False)
    python = tmp_path / "fresh/bin/python"
    (site,) = (tmp_path / "fresh").glob("lib/python*/site-packages")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel)
    os.symlink(os.path.dirname(websockets.__file__), site / "websockets")
    program = f"""
import asyncio, troupe_client
from troupe_client import connect
from troupe_client.api import Api

async def main():
    async with connect("ws://127.0.0.1:{server.port}", user="Ada") as client, client.room("fresh") as room:
        with Api("http://127.0.0.1:{server.port}", {API_KEY!r}) as api:
            await asyncio.to_thread(api.say, "fresh", "hello")
        async for message in room:
            print(troupe_client.__file__, message.user, message.content)
            break

asyncio.run(main())
"""
    told = run(python, "-I", "-c", program, folder=tmp_path)
    assert told.split() == [str(site / "troupe_client/__init__.py"), "server", "hello"]


def test_types_are_strict():
    run(sys.executable, "-m", "mypy", "--cache-dir", os.devnull)


USER = """
from troupe_client import Client, Gap, Message, Position, connect
from troupe_client.api import Api, Published

async def main() -> None:
    async with connect("ws://h", token=lambda reason: "token") as client, client.room("r", presence=True) as room:
        reveal_type(client)
        said: Position | None = await room.say({"any": 1}, except_me=True)
        async for item in room:
            print(item.user, "says", item.content)
            if isinstance(item, Gap):
                reveal_type(item.dropped)
            elif isinstance(item, Message):
                reveal_type(item.user)
        await room.publish(1)  # a room has no such method
        client.topic(7)  # and a name is a text

def back_end(api: Api) -> Published:
    return api.publish("t", 1, ttl=5)  # it is ttl_ms
"""


def test_types_are_seen_by_users(tmp_path):
    """They find what is wrong with a program, and nothing else."""
    (tmp_path / "user.py").write_text(USER)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, "user.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert 'Revealed type is "troupe_client.client.Client"' in done.stdout
    assert done.stdout.count("note: Revealed type") == 3, done.stdout
    errors = [line.split(":")[1] for line in done.stdout.splitlines() if ": error:" in line]
    lines = USER.splitlines()
    assert {lines[int(each) - 1].partition("#")[0].strip() for each in errors} == {
        "await room.publish(1)",
        "client.topic(7)",
        'return api.publish("t", 1, ttl=5)',
    }, done.stdout


@pytest.mark.parametrize("check", [("check",), ("format", "--check")])
def test_it_is_clean(check):
    run(sys.executable, "-m", "ruff", *check, "--no-cache", ".")
