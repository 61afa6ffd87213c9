"""A real nats-server as a child process, on a port of its own, that can be killed and started again."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

DEADLINE = 20.0
# Debian installs daemons where a user's PATH may not lead.
BINARY = shutil.which("nats-server", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


class NatsServer:
    """Leaving the `with` block ends it. It comes back on the port it had before."""

    def __init__(self, *options):
        assert BINARY, "nats-server is not installed: scripts/install-packages test"
        self.folder = Path(tempfile.mkdtemp(prefix="nats-"))
        self.options = [str(option) for option in options]
        self.port = -1  # any
        self.process = None
        self.start()

    def start(self):
        """Starts it, and returns when it takes connections."""
        for file in self.folder.glob("*.ports"):
            file.unlink()
        self.process = subprocess.Popen(
            [BINARY, "--addr", "127.0.0.1", "--port", str(self.port),
             "--ports_file_dir", self.folder, "--log", self.folder / "log", *self.options],
            stdin=subprocess.DEVNULL,
        )
        give_up_at = time.monotonic() + DEADLINE
        while (url := self._listening_at()) is None:
            assert time.monotonic() < give_up_at and self.process.poll() is None, self.log()
            time.sleep(0.01)
        self.port = int(url.rpartition(":")[2])

    def _listening_at(self):
        """What it has written down about its ports, as soon as it has."""
        for file in self.folder.glob("*.ports"):
            try:
                return json.loads(file.read_text())["nats"][0]
            except (ValueError, KeyError, IndexError):
                return None
        return None

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"

    def log(self):
        file = self.folder / "log"
        return file.read_text() if file.exists() else ""

    def kill(self):
        """As a crash: nobody is told."""
        self.process.kill()
        self.process.wait(DEADLINE)

    def stop(self):
        self.process.terminate()
        self.process.wait(DEADLINE)

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        if failure is not None:
            print(f"--- the log of nats-server\n{self.log()}---")
        if self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
