"""The honest pair: two clients at 127.0.0.1 in one room. Each says 20 messages a second, and both
check that every message of both arrives once, and in order."""

import json
import select
import socket
import time
from dataclasses import dataclass, field

from .websocket import CLOSE, PING, PONG, TEXT, Reader, frame, handshake, say

NAMES = ("Ann", "Ben")
INTERVAL = 1 / 20
PATIENCE = 10.0  # seconds for what is still on its way at the end


@dataclass
class Report:
    said: int = 0
    heard: int = 0
    round_trips: list = field(default_factory=list)  # seconds
    errors: list = field(default_factory=list)


class Client:
    def __init__(self, name: str, port: int, report: Report):
        self.name = name
        self.report = report
        self.said = 0
        self.heard = dict.fromkeys(NAMES, 0)
        self.members = set()
        self.open = True
        self.offset = None
        self._reader = Reader()
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE,
                                               source_address=("127.0.0.1", 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(handshake(f"/chat/honest?user={name}"))

    def speak(self):
        if not self.open:
            return
        self.said += 1
        self.report.said += 1
        self._send(say({"type": "message", "message": [self.name, self.said, time.monotonic()]}))

    def listen(self):
        now = time.monotonic()
        try:
            received = self.socket.recv(65536)
        except OSError as why:
            self._fail(str(why))
            return
        if not received:
            self._fail("the connection has ended")
            return
        for opcode, payload in self._reader.frames(received):
            if opcode == TEXT:
                self._take(json.loads(payload), now)
            elif opcode == PING:
                self._send(frame(PONG, payload))
            elif opcode == CLOSE:
                self._fail(f"closed with {int.from_bytes(payload[:2], 'big')}")

    def _take(self, heard: dict, now: float):
        kind = heard["type"]
        if kind == "message":
            self._check(*heard["message"], heard["offset"], now)
        elif kind == "ping":
            self._send(say({"type": "pong"}))
        elif kind == "user_joined":
            self.members.add(heard["user"])
        elif kind == "connection":
            self.members.add(self.name)
        else:
            self.report.errors.append(f"{self.name}: {heard}")

    def _check(self, speaker: str, number: int, said_at: float, offset: int, now: float):
        expected, self.heard[speaker] = self.heard[speaker] + 1, number
        if number != expected:
            self.report.errors.append(f"{self.name}: {speaker}'s {number} came for {expected}")
        if self.offset is not None and offset != self.offset + 1:
            self.report.errors.append(f"{self.name}: offset {offset} after {self.offset}")
        self.offset = offset
        self.report.heard += 1
        if speaker == self.name:
            self.report.round_trips.append(now - said_at)

    def _send(self, what: bytes):
        try:
            self.socket.sendall(what)
        except OSError as why:
            self._fail(str(why))

    def _fail(self, why: str):
        if self.open:
            self.report.errors.append(f"{self.name}: {why}")
        self.open = False


def listen(clients: list, seconds: float):
    there = {client.socket: client for client in clients if client.open}
    for ready in select.select(list(there), [], [], max(0.0, seconds))[0]:
        there[ready].listen()


def talk(pipe, clients: list):
    """Until told to stop: each speaks when its time has come, half an interval after the other."""
    begun = time.monotonic()
    turns = 0
    while not pipe.poll():
        due = begun + turns * INTERVAL / len(clients)
        if time.monotonic() >= due:
            clients[turns % len(clients)].speak()
            turns += 1
        else:
            listen(clients, due - time.monotonic())
        if not any(client.open for client in clients):
            break


def wait_until(true, clients: list) -> bool:
    give_up_at = time.monotonic() + PATIENCE
    while not true() and time.monotonic() < give_up_at:
        listen(clients, 0.1)
    return true()


def run(pipe, port: int):
    """Says when both are in the room and talk; told to stop, gives a Report."""
    report = Report()
    clients = []
    for name in NAMES:
        clients.append(Client(name, port, report))
        if not wait_until(lambda: name in clients[0].members, clients):
            raise TimeoutError(f"{name} does not get in")
    pipe.send("ready")
    talk(pipe, clients)
    said = {client.name: client.said for client in clients}
    for client in clients:
        if not wait_until(lambda: client.heard == said or not client.open, clients):
            report.errors.append(f"{client.name}: heard {client.heard} of {said}")
    pipe.send(report)
