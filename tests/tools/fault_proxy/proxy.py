"""The proxy: where it listens, to whom it leads, its connections, and its commands."""

import asyncio
import socket

from .connection import Connection

FAULTS = ("cut", "reset", "half_open", "stall", "delay", "heal")
ONCE = ("cut", "reset")  # nothing for who is to come


class Wrong(Exception):
    """A command that makes no sense; says why."""


def check(command):
    what = command.get("do")
    if what not in FAULTS:
        raise Wrong(f"no such command: {what!r}")
    if command.get("newcomers") and what in ONCE:
        raise Wrong(f"'{what}' is nothing for newcomers")
    if command.get("way", "both") not in ("up", "down", "both"):
        raise Wrong("'way' must be up, down or both")
    seconds = command.get("seconds")
    if what == "delay" and not (isinstance(seconds, (int, float)) and seconds >= 0):
        raise Wrong("'seconds' must be a number, and not negative")


def inflict(connection, command):
    what, way = command["do"], command.get("way", "both")
    if what == "delay":
        connection.delay(command["seconds"], way)
    elif what == "stall":
        connection.stall(way)
    else:
        getattr(connection, what)()


class Proxy:
    """Runs in one event loop. `receive_buffer`: bytes that the kernel takes from the server for each
    connection, about, so that a stalled client is soon felt there (default: as many as it likes)."""

    def __init__(self, target_port, target_host="127.0.0.1", host="127.0.0.1", port=0,
                 receive_buffer=None):
        self.target = (target_host, target_port)
        self.host = host
        self.port = port  # the one it has got, once it runs
        self.receive_buffer = receive_buffer
        self.connections = {}
        self.accepted = 0
        self._newcomers = {}  # fault: its command
        self._listener = None
        self._tasks = set()

    async def start(self):
        if self._listener:
            return
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._accept, self.host, self.port, backlog=4096)
        self.port = self._listener.sockets[0].getsockname()[1]

    def stop_listening(self):
        if self._listener:
            self._listener.close()
            self._listener = None

    def kill(self):
        """As the end of its process would: it is not there any more, nor is any connection."""
        self.stop_listening()
        for connection in list(self.connections.values()):
            connection.abort()

    # -- connections -------------------------------------------------------------------------------------

    def _accept(self):
        self.accepted += 1
        connection = Connection(asyncio.get_running_loop(), self.accepted, self._gone)
        self.connections[connection.number] = connection
        task = asyncio.ensure_future(self._lead_on(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return connection.client

    async def _lead_on(self, connection):
        await asyncio.sleep(0)  # asyncio tells the client's end of its socket first
        if not connection.up.source:
            return
        connection.client_port = connection.up.source.get_extra_info("peername")[1]
        for command in self._newcomers.values():
            inflict(connection, command)
        loop = asyncio.get_running_loop()
        try:
            onward = self._onward_socket()
            await loop.sock_connect(onward, self.target)
            if not connection.up.source:  # it has gone meanwhile
                return onward.close()
            await loop.create_connection(lambda: connection.server, sock=onward)
        except OSError:
            return connection.reset()

    def _onward_socket(self):
        onward = socket.socket()
        onward.setblocking(False)
        if self.receive_buffer:
            onward.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
            # The kernel sizes the other side's buffer by the segments, which are large on loopback.
            onward.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1448)
        return onward

    def _gone(self, connection):
        self.connections.pop(connection.number, None)

    # -- commands ----------------------------------------------------------------------------------------

    async def do(self, command):
        """Carries out what README.md describes, and returns the answer. Raises Wrong."""
        what = command.get("do")
        if what == "connections":
            return {"connections": [each.described() for each in self._chosen(command)],
                    "accepted": self.accepted, "listening": self._listener is not None}
        if what == "accept":
            await self.start()
        elif what == "refuse":
            self.stop_listening()
        elif what == "kill":
            self.kill()
        else:
            return self._spread(what, command)
        return {}

    def _spread(self, what, command):
        """A fault, or its end, for all that it is meant for."""
        check(command)
        chosen = self._chosen(command)
        for connection in chosen:
            inflict(connection, command)
        if command.get("newcomers"):
            if what == "heal":
                self._newcomers.clear()
            else:
                self._newcomers[what] = command
        return {"connections": [each.number for each in chosen]}

    def _chosen(self, command):
        numbers, port = command.get("connections"), command.get("client_port")
        if numbers is None and port is None:
            return list(self.connections.values())
        return [each for each in self.connections.values()
                if (numbers is None or each.number in numbers)
                and (port is None or each.client_port == port)]
