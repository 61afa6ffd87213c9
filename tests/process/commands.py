"""`troupe chat`, `sub` and `pub` as processes: in pipes, or on a terminal of the test's own."""

import json
import os
import pty
import queue
import signal
import subprocess
import threading
import time

from harness import BINARY, DEADLINE, environment


class Command:
    """A running command. Lines of its output and of what it says beside are waited for, with a deadline."""

    def __init__(self, *arguments, terminal=False, **variables):
        self.said = []  # on standard error, or on a terminal
        self._lines = {"out": queue.Queue(), "err": queue.Queue()}
        self._readers = []
        self.master = None
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        if terminal:
            self.master, inner = pty.openpty()
            pipes = {"stdin": inner, "stdout": inner, "stderr": inner}
        self.process = subprocess.Popen(
            [BINARY, *map(str, arguments)], env={**environment(), "TZ": "UTC", **variables}, **pipes
        )
        if terminal:
            os.close(inner)
            self._read("out", os.fdopen(self.master, "rb", buffering=0, closefd=False))
        else:
            self._read("out", self.process.stdout)
            self._read("err", self.process.stderr)

    def _read(self, name, pipe):
        def run():
            try:
                for line in pipe:
                    self._lines[name].put(line.decode().rstrip("\r\n"))
            except OSError:  # the other end of a terminal is gone
                pass
            self._lines[name].put(None)

        self._readers.append(threading.Thread(target=run, daemon=True))
        self._readers[-1].start()

    def _line(self, name):
        try:
            return self._lines[name].get(timeout=DEADLINE)
        except queue.Empty:
            raise AssertionError(f"nothing more from {self.process.args}; it said {self.said}") from None

    def line(self):
        line = self._line("out")
        assert line is not None, f"it has ended: {self.rest()}"
        return line

    def json(self):
        return json.loads(self.line())

    def until(self, text, name="out"):
        """Reads on to a line with this in it."""
        while True:
            line = self._line(name)
            assert line is not None, f"no {text!r}: {self.said}"
            self.said.append(line)
            if text in line:
                return line

    def until_said(self, text):
        return self.until(text, "err")

    def type(self, text):
        if self.master is not None:
            os.write(self.master, text.encode())
        else:
            self.process.stdin.write(text.encode())
            self.process.stdin.flush()

    def rest(self):
        """What is left on standard error, to its end."""
        while (line := self._line("err")) is not None:
            self.said.append(line)
        return "\n".join(self.said)

    def signal(self, number=signal.SIGINT):
        self.process.send_signal(number)
        return self.wait()

    def close_input(self):
        self.process.stdin.close()
        return self.wait()

    def wait(self):
        begun = time.monotonic()
        code = self.process.wait(DEADLINE)
        assert time.monotonic() - begun < DEADLINE
        return code

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        if self.master is not None:
            # First its reader: the next terminal may get the same number.
            for reader in self._readers:
                reader.join(DEADLINE)
            os.close(self.master)


def listening(*arguments, **more):
    """`troupe sub`, which hears what is published from now on."""
    command = Command("sub", *arguments, **more)
    command.until_said("troupe sub: listening")
    return command


def run(*arguments, given="", **variables):
    """To its end: (exit code, output, what it said beside)."""
    done = subprocess.run(
        [BINARY, *map(str, arguments)], env={**environment(), "TZ": "UTC", **variables}, input=given,
        capture_output=True, text=True, timeout=DEADLINE,
    )
    return done.returncode, done.stdout, done.stderr
