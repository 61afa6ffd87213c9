"""A TCP proxy that does to connections what networks do. README.md says what, and how it is told.

    with FaultProxy(server.port) as proxy:
        client = RawClient(proxy.port)
        proxy.reset(client_port=client.socket.getsockname()[1])
"""

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

from .control import Control
from .proxy import Proxy, Wrong

__all__ = ["Control", "FaultProxy", "Proxy", "ProxyProcess", "Wrong"]

DEADLINE = 20.0


class Commands:
    """The commands as methods. `which`: connections=[...] or client_port=...; without, all of them."""

    def do(self, command):
        """Carries out one command and returns the answer. Raises Wrong."""
        raise NotImplementedError

    def cut(self, **which):
        return self.do({"do": "cut", **which})

    def reset(self, **which):
        return self.do({"do": "reset", **which})

    def half_open(self, **which):
        return self.do({"do": "half_open", **which})

    def stall(self, way="both", **which):
        return self.do({"do": "stall", "way": way, **which})

    def delay(self, seconds, way="both", **which):
        return self.do({"do": "delay", "seconds": seconds, "way": way, **which})

    def heal(self, **which):
        return self.do({"do": "heal", **which})

    def refuse(self):
        return self.do({"do": "refuse"})

    def accept(self):
        return self.do({"do": "accept"})

    def connections(self, **which):
        return self.do({"do": "connections", **which})["connections"]


class FaultProxy(Commands):
    """In this process, on a thread of its own. Use it with `with`."""

    def __init__(self, target_port, **options):
        self._proxy = Proxy(target_port, **options)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def port(self):
        return self._proxy.port

    def _run(self, what):
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(DEADLINE)

    def do(self, command):
        return self._run(self._proxy.do(command))

    def kill(self):
        """As if its process had been killed; `accept` brings it back, on the same port."""
        self.do({"do": "kill"})

    def __enter__(self):
        self._thread.start()
        self._run(self._proxy.start())
        return self

    def __exit__(self, *_):
        self.kill()
        self._run(asyncio.sleep(0))  # its sockets are closed one turn later
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(DEADLINE)
        self._loop.close()


class ProxyProcess(Commands):
    """A process of its own, which can be killed and started again on the same ports. Use it with
    `with`."""

    def __init__(self, target_port, *options):
        self._command = [sys.executable, str(Path(__file__).parent), "--target", str(target_port),
                         *map(str, options)]
        self.port = self.control_port = 0
        self.process = None
        self._control = None

    def start(self):
        """Returns when it takes connections."""
        self.process = subprocess.Popen(
            [*self._command, "--port", str(self.port), "--control", str(self.control_port)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        said = json.loads(self.process.stdout.readline() or "{}")
        if "port" not in said:
            raise OSError("the proxy did not start")
        self.port, self.control_port = said["port"], said["control"]
        self._control = Control(self.control_port)

    def do(self, command):
        return self._control.do(command)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(DEADLINE)
            self.process.stdout.close()
            self._control.close()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()
