"""An attacker at 127.0.0.2: it sends what an attack has prepared over as many connections as that
wants, reads the answers away, and takes no more than its share of a processor's time."""

import contextlib
import errno
import select
import socket
import struct
import time
from dataclasses import dataclass

ADDRESS = "127.0.0.2"
SHARE = 0.25  # of a processor
PIECE = 65_536
EVENTS = 64  # between two looks at the clock
DIALS = 16
IP_BIND_ADDRESS_NO_PORT = 24
RESET = struct.pack("ii", 1, 0)
NO_PORT = (errno.EADDRNOTAVAIL, errno.EADDRINUSE, errno.EMFILE)


@dataclass(frozen=True)
class Prepared:
    """All that an attacker sends. `openings` begin its connections in turns; `body` follows, in
    units of equal size, which all connections share out among them. After `units_each` a connection
    is given up for a new one (0: never), as it is after the first answer, if it `hangs_up`."""

    connections: int
    openings: list
    body: bytes = b""
    unit: int = 1
    units_each: int = 0
    hangs_up: bool = False


@dataclass(frozen=True)
class Done:
    """What came of it."""

    dials: int
    units: int
    seconds: float
    cpu: float  # seconds too

    def rate(self) -> float:
        """Units a second, or dials where there are none."""
        return (self.units or self.dials) / self.seconds


class Pace:
    """As much as an attacker did to another server, evenly spread."""

    def __init__(self, done: Done, connections: int):
        self.first = min(done.dials, connections)
        self.dials = (done.dials - self.first) / done.seconds
        self.units = done.units / done.seconds

    def dials_until(self, elapsed: float) -> float:
        return self.first + self.dials * elapsed

    def units_until(self, elapsed: float) -> float:
        return self.units * elapsed


class Line:
    """One connection."""

    __slots__ = ("in_body", "left", "out", "socket")

    def __init__(self, to: tuple, opening: bytes, left: int):
        self.out = memoryview(opening)
        self.in_body = False
        self.left = left  # bytes of the body until it is given up; -1: it is not
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.socket.bind((ADDRESS, 0))
        try:
            self.socket.connect(to)
        except BlockingIOError:
            pass
        except OSError:
            self.socket.close()
            raise


class Attacker:
    def __init__(self, prepared: Prepared, port: int, pace: Pace | None = None):
        self.prepared = prepared
        self.to = ("127.0.0.1", port)
        self.pace = pace
        self.body = memoryview(prepared.body)
        self.at = 0
        self.lines = {}
        self.dials = 0
        self.body_bytes = 0
        self.poll = select.epoll()
        self.trash = bytearray(262_144)
        self.begun = self.cpu_begun = 0.0

    def attack(self, seconds: float) -> Done:
        self.begun, self.cpu_begun = time.monotonic(), time.process_time()
        while (elapsed := time.monotonic() - self.begun) < seconds:
            dialled = self._dial_some(elapsed)
            events = self.poll.poll(0 if dialled else 0.005, EVENTS)
            sent = False
            for fd, event in events:
                line = self.lines.get(fd)
                if line is not None and event & ~select.EPOLLOUT:
                    self._read_away(line)
                if event & select.EPOLLOUT and fd in self.lines:
                    sent = self._send(line, elapsed) or sent
                self._hold_back()
            if self.pace and not (sent or dialled):
                time.sleep(0.001)  # ahead of what it may do
        return Done(self.dials, self._units(), time.monotonic() - self.begun,
                    time.process_time() - self.cpu_begun)

    def _units(self) -> int:
        return self.body_bytes // self.prepared.unit

    def _hold_back(self):
        """Sleeps until no more than its share has been used."""
        due = (time.process_time() - self.cpu_begun) / SHARE
        ahead = due - (time.monotonic() - self.begun)
        if ahead > 0.0005:
            time.sleep(ahead)

    def _dial_some(self, elapsed: float) -> bool:
        wanted = DIALS
        if self.pace:
            wanted = min(wanted, int(self.pace.dials_until(elapsed)) - self.dials)
        dialled = False
        for _ in range(wanted):
            if len(self.lines) >= self.prepared.connections:
                if not self.pace:
                    break
                self._close(next(iter(self.lines.values())))  # its server closes none by itself
            if not self._dial():
                break
            dialled = True
            self._hold_back()
        return dialled

    def _dial(self) -> bool:
        prepared = self.prepared
        left = prepared.units_each * prepared.unit if prepared.units_each else -1
        try:
            line = Line(self.to, prepared.openings[self.dials % len(prepared.openings)], left)
        except OSError as why:
            if why.errno not in NO_PORT:
                raise
            return False
        self.dials += 1
        self.lines[line.socket.fileno()] = line
        self.poll.register(line.socket, select.EPOLLIN | select.EPOLLOUT)
        return True

    def _close(self, line: Line):
        del self.lines[line.socket.fileno()]
        line.socket.close()

    def _read_away(self, line: Line):
        try:
            count = line.socket.recv_into(self.trash, 0, socket.MSG_TRUNC)
        except BlockingIOError:
            return
        except OSError:
            count = 0
        if count == 0 or self.prepared.hangs_up:
            self._close(line)

    def _send(self, line: Line, elapsed: float) -> bool:
        """False: nothing may be sent now."""
        if not line.out:
            if self.body and self.pace and self._units() > self.pace.units_until(elapsed):
                return False
            line.out = self._next_piece(line)
        try:
            taken = line.socket.send(line.out, socket.MSG_NOSIGNAL) if line.out else 0
        except BlockingIOError:
            return True
        except OSError:
            self._close(line)
            return True
        line.out = line.out[taken:]
        self.body_bytes += taken * line.in_body
        if not line.out and (line.left == 0 or not self.body):
            self._listen_only(line)
        return True

    def _next_piece(self, line: Line):
        unit = self.prepared.unit
        size = min(max(PIECE // unit, 1) * unit, len(self.body) - self.at)
        if line.left >= 0:
            size = min(size, line.left)
            line.left -= size
        piece = self.body[self.at : self.at + size]
        self.at = (self.at + size) % max(1, len(self.body))
        line.in_body = True
        return piece

    def _listen_only(self, line: Line):
        """Nothing more will be said. One that has said all of its units waits for the server's end."""
        self.poll.modify(line.socket, select.EPOLLIN)
        if line.left == 0:
            with contextlib.suppress(OSError):
                line.socket.shutdown(socket.SHUT_WR)


def run(pipe, prepared: Prepared, port: int, seconds: float, pace: Pace | None):
    """Told to begin, attacks and says what came of it; its connections stay until it is ended."""
    attacker = Attacker(prepared, port, pace)
    pipe.recv()
    pipe.send(attacker.attack(seconds))
    pipe.recv()
