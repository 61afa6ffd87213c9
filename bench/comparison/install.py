"""Fetches peers from package registries into a cache folder. Nothing is installed on the system."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
PEERS = HERE / "peers"


class Unavailable(Exception):
    """This peer cannot be had here; the comparison goes on without it."""


def run(command, cwd=None, env=None, log=None):
    """Runs a command, its output into a log; raises Unavailable with the log's last line."""
    log = log or Path(cwd or ".") / "install.log"
    with open(log, "w", encoding="utf-8") as out:
        try:
            result = subprocess.run(command, cwd=cwd, env=env, stdout=out, stderr=subprocess.STDOUT,
                                    timeout=900, check=False)
        except FileNotFoundError:
            raise Unavailable(f"{command[0]} is not installed") from None
        except subprocess.TimeoutExpired:
            raise Unavailable(f"{command[0]} took too long") from None
    if result.returncode != 0:
        lines = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
        raise Unavailable(f"{' '.join(map(str, command[:3]))}: {lines[-1] if lines else 'failed'}")


def once(folder: Path, make):
    """Calls make() unless an earlier call of it finished."""
    done = folder / ".done"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        make()
        done.touch()
    return folder


def debian(cache: Path, *packages: str) -> Path:
    """Unpacks Debian packages into the cache, without installing them. Returns that root folder."""
    folder = cache / "debian"
    for package in packages:
        def fetch(package=package, into=folder / package):
            run(["apt-get", "download", package], cwd=into)
            for archive in into.glob("*.deb"):
                run(["dpkg-deb", "-x", str(archive), str(folder / "root")], cwd=into)
        once(folder / package, fetch)
    return folder / "root"


def npm(cache: Path, *packages: str) -> Path:
    """Installs npm packages; returns the folder that holds node_modules."""
    folder = cache / "npm"
    for package in packages:
        def fetch(package=package):
            run(["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", package],
                cwd=folder / package.replace("/", "-"))
        once(folder / package.replace("/", "-"), fetch)
    return folder


def python(cache: Path, *packages: str) -> Path:
    """Installs packages from PyPI into an environment of their own; returns its interpreter."""
    folder = cache / "python"

    def fetch():
        run([sys.executable, "-m", "venv", str(folder / "venv")], cwd=folder)
        run([str(folder / "venv/bin/pip"), "install", *packages], cwd=folder)
    once(folder, fetch)
    return folder / "venv/bin/python"


def go(cache: Path, source: str) -> Path:
    """Builds a Go program of bench/peers with its modules; returns the executable."""
    folder = cache / "go" / source

    def build():
        for file in (PEERS / source).iterdir():
            shutil.copy(file, folder)
        run(["go", "build", "-o", "server", "."], cwd=folder,
            env={**os.environ, "GOTOOLCHAIN": "local"})
    once(folder, build)
    return folder / "server"


def version_of(command) -> str:
    """The first line that a command prints about its version."""
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (result.stdout + result.stderr).strip().splitlines()
    return lines[0].strip() if lines else ""
