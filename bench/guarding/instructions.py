"""Counts the instructions of one iteration of each micro-benchmark, under valgrind's callgrind.

Google Benchmark runs a function with 1, 10, 100, ... iterations until that takes long enough. Asked
for a time that is never reached it goes through these stages in any binary, old or new. Callgrind
counts each: from StartKeepRunning to FinishKeepRunning, which is the loop. What an iteration takes
is the difference of two stages over that of their iterations; what a stage does once falls out. The
program is ended once the last stage that is needed has been counted.
"""

import os
import re
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

STAGES = (10, 100)  # the stage of 1 iteration meets a process that has only begun
PARTS = (2, 3)  # callgrind's numbers of these two stages
DEADLINE = 300.0

# Programs that cannot be counted, and why.
LEFT_OUT = {
    "micro-actor-hop": "its threads take turns as the scheduler lets them: no two counts are alike",
}


class CannotCount(Exception):
    """valgrind is not there, or a benchmark did not come to its end."""


def totals(part: str):
    """The instructions that a file of callgrind's sums up to, or None while it is being written."""
    found = re.search(r"^totals: (\d+)$", part, re.MULTILINE)
    return int(found[1]) if found else None


def per_iteration(counts: tuple) -> float:
    return (counts[1] - counts[0]) / (STAGES[1] - STAGES[0])


def command(program: Path, name: str, out: Path) -> list:
    """For the program's own folder: a longer path to it moves what is on the heap, and with it some
    counts. It would count for ever, so it must not outlive the guard, however that ends."""
    return ["setpriv", "--pdeathsig", "KILL",
            "valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
            "--zero-before=benchmark::State::StartKeepRunning()",
            "--dump-before=benchmark::State::FinishKeepRunning()",
            f"./{program.name}", f"--benchmark_filter=^{re.escape(name)}$",
            "--benchmark_min_time=1e9"]


def environment() -> dict:
    """Binds all symbols at the start, and is otherwise the same for everybody."""
    return {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "LD_BIND_NOW": "1"}


def count(program: Path, name: str) -> float:
    with tempfile.TemporaryDirectory(prefix="troupe-guard-") as folder:
        out, log = Path(folder) / "count", Path(folder) / "log"
        parts = [Path(f"{out}.{number}") for number in PARTS]
        with open(log, "wb") as told:
            process = subprocess.Popen(command(program, name, out), stdout=told, stderr=told,
                                       cwd=program.parent, env=environment())
        try:
            wait_for(parts[-1], process, f"{program.name} {name}", log)
            return per_iteration(tuple(totals(part.read_text(encoding="utf-8")) for part in parts))
        finally:
            process.kill()
            process.wait()


def wait_for(part: Path, process, who: str, log: Path):
    give_up_at = time.monotonic() + DEADLINE
    while not part.exists() or totals(part.read_text(encoding="utf-8")) is None:
        if process.poll() is not None:
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise CannotCount(f"{who}: ended too early: {lines[-1] if lines else 'no output'}")
        if time.monotonic() > give_up_at:
            raise CannotCount(f"{who}: took longer than {DEADLINE:.0f} s")
        time.sleep(0.05)  # a file appears; nothing tells


def benchmarks(build: Path) -> dict:
    """{name: program} of a build folder's micro-benchmarks, but for those left out."""
    found = {}
    for program in sorted((build / "bin").glob("micro-*")):
        if program.name in LEFT_OUT:
            continue
        listed = subprocess.run([program, "--benchmark_list_tests"], capture_output=True, text=True,
                                check=True)
        for name in listed.stdout.split():
            if name in found:
                raise CannotCount(f"{name} is in {found[name].name} and in {program.name}")
            found[name] = program
    if not found:
        raise CannotCount(f"no micro-benchmarks in {build / 'bin'}")
    return found


def count_all(sides: dict) -> dict:
    """sides: {"old": {name: program}, "new": ...}. Returns {name: (old, new)} of those in both."""
    names = [name for name in sides["new"] if name in sides["old"]]
    if not names:
        raise CannotCount("no benchmark is in both builds")
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # a count is the same whoever else runs
        old, new = (pool.map(lambda name, side=side: count(sides[side][name], name), names)
                    for side in ("old", "new"))
        return dict(zip(names, zip(old, new)))
