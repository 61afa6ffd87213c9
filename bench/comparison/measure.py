"""Starts one server, runs one case against it, stops it. A fresh process for every measurement."""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from .install import Unavailable
from .peers import Setting


def halves() -> tuple:
    """The processors for the server and for the generator: on shared ones each would be charged for
    the other's interruptions, and which one is luck."""
    processors = sorted(os.sched_getaffinity(0))
    middle = len(processors) // 2
    return (processors[:middle], processors[middle:]) if middle else (processors, processors)


SERVER_PROCESSORS, GENERATOR_PROCESSORS = halves()


def pinned(processors: list, command: list) -> list:
    return ["taskset", "--cpu-list", ",".join(map(str, processors)), *command]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def raise_open_files():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def family(pid: int) -> list:
    """A process and all that descend from it."""
    children = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            parent = int(stat.rsplit(")", 1)[1].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found = [pid]
    for one in found:
        found.extend(children.get(one, []))
    return found


class Server:
    """A running peer; use it with `with`."""

    def __init__(self, peer, build: Path, cache: Path | None):
        self.peer = peer
        self.work = Path(tempfile.mkdtemp(prefix="troupe-bench-"))
        self.setting = Setting(build=build, cache=cache, port=free_port(), work=self.work)
        self.process = None

    def __enter__(self):
        try:
            command = self.peer.prepare(self.setting)
            environment = {**os.environ, **self.peer.environment(self.setting)}
            with open(self.work / "server.log", "wb") as log:
                self.process = subprocess.Popen(pinned(SERVER_PROCESSORS, command), stdout=log, stderr=log, cwd=self.work,
                                                env=environment, start_new_session=True)
            self.wait_until_it_listens()
        except BaseException:
            self.__exit__()
            raise
        return self

    def wait_until_it_listens(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.setting.port)) == 0:
                    time.sleep(0.3)
                    return
            time.sleep(0.05)
        lines = (self.work / "server.log").read_text(errors="replace").strip().splitlines()
        raise Unavailable(f"does not start: {lines[-1] if lines else 'no output'}")

    def pids(self) -> list:
        return family(self.process.pid)

    def __exit__(self, *_):
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=3)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        shutil.rmtree(self.work, ignore_errors=True)


def measure(peer, case, flags: list, build: Path, cache: Path | None = None,
            generator: Path | None = None) -> dict:
    """The load generator's JSON object, or {"error": why}. `flags` are one of the case's sets; the
    generator is that of the build folder unless another is given."""
    with Server(peer, build, cache) as server:
        command = [str(generator or build / "bin/troupe-bench"), case.mode,
                   *peer.speak(case.mode, server.setting.port), *flags, "--json"]
        for pid in server.pids():
            command += ["--pid", str(pid)]
        try:
            result = subprocess.run(pinned(GENERATOR_PROCESSORS, command), capture_output=True, text=True, timeout=400,
                                    check=False)
        except subprocess.TimeoutExpired:
            return {"error": "took longer than 400 s"}
        if not result.stdout.startswith("{"):
            return {"error": result.stderr.strip() or f"exit code {result.returncode}"}
        return json.loads(result.stdout)
