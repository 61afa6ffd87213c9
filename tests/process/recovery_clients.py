"""Clients that lose their connections and come back, many in one process. Of each room and topic that
one listens to it knows up to where it has seen everything, and checks every frame against that.

Run as a program by recovery_storm.py: what it is to do comes as JSON in its argument, when it is to
finish as a line of JSON on standard input, and what it has seen goes out as one.
"""

import asyncio
import base64
import json
import os
import random
import sys
import time
from collections import Counter

from harness import CLOSE, PING, PONG, TEXT, frame_bytes

SILENCE = 2.5  # seconds without a word of the server's, who sends a heartbeat every second
PAUSE = (0.01, 0.25)  # before it dials again


class Stand:
    """What one client has seen of one room or topic."""

    def __init__(self):
        self.epoch = None
        self.offset = 0

    def as_json(self):
        return {"epoch": self.epoch, "offset": self.offset}


class Client(asyncio.Protocol):
    """Always on its way to a connection, or on one. `counts` and `contents` are those of all here."""

    def __init__(self, swarm, topics, rooms):
        self.swarm = swarm
        self.topics = topics
        self.rooms = rooms
        self.stands = {name: Stand() for name in (*topics, *rooms)}
        self.transport = None
        self.asked = set()  # names for which an answer is due
        self._received = bytearray()
        self._upgraded = False
        self._last_heard = 0.0

    # -- its connections ---------------------------------------------------------------------------------

    async def stay(self):
        """For ever: whenever it has no connection, it makes one."""
        loop = asyncio.get_running_loop()
        while True:
            self._received.clear()
            self._upgraded = False
            self._last_heard = time.monotonic()
            self.gone = loop.create_future()
            try:
                await loop.create_connection(lambda: self, "127.0.0.1", random.choice(self.swarm.ports))
                self.swarm.counts["connections"] += 1
                await self.gone
            except OSError:
                self.swarm.counts["refused"] += 1
            await asyncio.sleep(random.uniform(*PAUSE))

    def give_up_if_silent(self):
        """The way it finds out that nobody is there any more."""
        if self.transport and time.monotonic() - self._last_heard > SILENCE:
            self.swarm.counts["given up"] += 1
            self.transport.abort()

    def connection_made(self, transport):
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(f"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())

    def connection_lost(self, why):
        self.transport = None
        self.asked.clear()
        self.swarm.counts["reset" if why else "ended"] += 1
        if not self.gone.done():
            self.gone.set_result(None)

    def data_received(self, data):
        self._last_heard = time.monotonic()
        self._received += data
        if not self._upgraded:
            head, end, rest = self._received.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101 "):
                self.swarm.complain(f"no upgrade: {head!r}")
            self._upgraded, self._received = True, rest
            self._ask()
        self._take_frames()

    def _take_frames(self):
        buffer, at = self._received, 0
        while len(buffer) >= at + 2:
            size, head = buffer[at + 1], 2
            if size >= 126:
                head = 4 if size == 126 else 10
                if len(buffer) < at + head:
                    break
                size = int.from_bytes(buffer[at + 2 : at + head], "big")
            if len(buffer) < at + head + size:
                break
            self._take(buffer[at] & 0x0F, bytes(buffer[at + head : at + head + size]))
            at += head + size
        del buffer[:at]

    def _send(self, message):
        self.transport.write(frame_bytes(TEXT, json.dumps(message).encode()))

    # -- what it asks, and what it is told ---------------------------------------------------------------

    def _ask(self):
        self.asked = set(self.stands)
        known = {name: stand.as_json() for name, stand in self.stands.items() if stand.epoch}
        seen = {name: known[name] for name in self.topics if name in known}
        self._send({"type": "subscribe", "topics": self.topics, "recover": seen})
        for room in self.rooms:
            self._send({"type": "join", "room": room, "recover": known.get(room)})

    def _take(self, opcode, payload):
        if opcode == PING:
            self.transport.write(frame_bytes(PONG, payload))
        elif opcode == CLOSE:
            self.swarm.counts[f"closed with {int.from_bytes(payload[:2], 'big')}"] += 1
            self.transport.close()
        elif opcode == TEXT:
            self._hear(json.loads(payload))

    def _hear(self, frame):
        kind = frame["type"]
        if kind in ("publication", "message"):
            self._count(frame)
        elif kind == "gap":
            self._skip(frame)
        elif kind == "subscribed":
            for name, at in frame["positions"].items():
                self._stand_at(name, at)
        elif kind == "joined":
            self._stand_at(frame["room"], frame)
        elif kind == "ping":
            self._send({"type": "pong"})
        elif kind == "error":
            self.swarm.complain(frame)

    def _stand_at(self, name, at):
        """The answer to who comes, or comes back."""
        stand, counts = self.stands[name], self.swarm.counts
        self.asked.discard(name)
        if not stand.epoch:
            counts["first time"] += 1
        elif at.get("recovered"):
            counts["recovered"] += 1
            counts["recovered messages"] += at["top"] - at["offset"]
            if (at["epoch"], at["offset"]) != (stand.epoch, stand.offset):
                self.swarm.complain(f"{name}: asked for {stand.as_json()}, recovered at {at}")
        else:
            counts["told that it is not recovered"] += 1
        stand.epoch, stand.offset = at["epoch"], at["offset"]

    def _count(self, frame):
        name, offset = frame.get("room") or frame["topic"], frame["offset"]
        stand, counts = self.stands[name], self.swarm.counts
        counts["messages"] += 1
        if name in self.asked:
            self.swarm.complain(f"{name}: {offset} came before the answer")
        if offset <= stand.offset:
            counts["twice"] += 1
        elif offset > stand.offset + 1:
            counts["missing and not told"] += offset - stand.offset - 1
        stand.offset = max(stand.offset, offset)
        self.swarm.compare(name, stand.epoch, offset, frame.get("message") or frame.get("data"))

    def _skip(self, frame):
        stand, counts = self.stands[frame.get("room") or frame["topic"]], self.swarm.counts
        counts["gaps"] += 1
        missing = frame["offset"] - stand.offset
        if not 0 <= missing <= frame["dropped"]:
            self.swarm.complain(f"standing at {stand.offset}: {frame}")
        counts["missing and told by a gap"] += missing
        stand.offset = frame["offset"]


class Swarm:
    """All clients of this process, and what they have seen together."""

    def __init__(self, ports, clients):
        self.ports = ports
        self.counts = Counter()
        self.contents = {}  # [name, epoch]: offset: what was said
        self.complaints = []
        self.clients = [Client(self, topics, rooms) for topics, rooms in clients]

    def complain(self, what):
        if len(self.complaints) < 20:
            self.complaints.append(str(what))

    def compare(self, name, epoch, offset, content):
        known = self.contents.setdefault(f"{name} {epoch}", {}).setdefault(offset, content[:2])
        if known != content[:2]:
            self.complain(f"{name}: {offset} is {content[:2]} to one and {known} to another")

    def behind(self, ends):
        """How many rooms and topics of how many clients are not where they end."""
        return sum(client.stands[name].as_json() != end
                   for client in self.clients for name, end in ends.items() if name in client.stands)

    async def run(self, told):
        """Until it is told where everything ends, and all have come so far; or for `seconds` more."""
        tasks = [asyncio.ensure_future(client.stay()) for client in self.clients]
        while told.empty():
            await self._look_after_silence()
        last = await told.get()
        give_up_at = time.monotonic() + last["seconds"]
        while self.behind(last["ends"]) and time.monotonic() < give_up_at:
            await self._look_after_silence()
        for task in tasks:
            task.cancel()
        return {"counts": self.counts, "contents": self.contents, "complaints": self.complaints,
                "behind": self.behind(last["ends"])}

    async def _look_after_silence(self):
        await asyncio.sleep(0.1)
        for client in self.clients:
            client.give_up_if_silent()


async def main(ports, clients):
    told = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def read():
        loop.remove_reader(sys.stdin)
        line = sys.stdin.readline()
        if not line:  # whoever started it has gone
            os._exit(1)
        told.put_nowait(json.loads(line))

    loop.add_reader(sys.stdin, read)
    print(json.dumps(await Swarm(ports, clients).run(told)), flush=True)


if __name__ == "__main__":
    asyncio.run(main(**json.loads(sys.argv[1])))
