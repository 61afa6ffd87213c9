"""A server beside NATS as tests and bench/nats see it: its metrics, subscribers, and a shop that
publishes events."""

import json
import re
import selectors
import threading
import time
import zlib

from harness import DEADLINE
from nats_raw import RawNats


def figures(server):
    """What /metrics says of NATS and the bridge, by name; of a reason: NAME:REASON."""
    found = {}
    text = server.http("GET", "/metrics")[2].decode()
    for name, label, value in re.findall(
        r'^troupe_((?:nats|bridge)_\w+)(?:\{\w+="([^"]*)"\})? (\S+)$', text, re.MULTILINE
    ):
        found[f"{name}:{label}" if label else name] = float(value)
    return found


def until(server, reached, within=DEADLINE):
    give_up_at = time.monotonic() + within
    while not reached(now := figures(server)):
        assert time.monotonic() < give_up_at, f"{now}\n{server.log()}"
        time.sleep(0.02)
    return now


def is_connected(now):
    return now["nats_connected"] == 1


def is_away(now):
    return now["nats_connected"] == 0


def readyz(server):
    status, _, body = server.http("GET", "/readyz")
    return status, body.decode()


def subscriber(server, topic="order.update"):
    client = server.client()
    client.send({"type": "subscribe", "topic": topic})
    client.until("subscribed")
    return client


def with_config(folder, text):
    file = folder / "troupe.toml"
    file.write_text(text)
    return ("--config", file)


class Streams:
    """Reads what comes to many clients: of the first, all of it; of the others, length and checksum,
    which must be the same, since the same frames come to all."""

    def __init__(self, clients):
        self.clients = clients
        self.first = bytearray(clients[0]._received)
        self.sums = [(len(c._received), zlib.crc32(c._received)) for c in clients]

    def read_until(self, end):
        """Until `end` has come to the first, and as much as that to all others."""
        selector = selectors.DefaultSelector()
        for number, client in enumerate(self.clients):
            client.socket.setblocking(False)
            selector.register(client.socket, selectors.EVENT_READ, number)
        give_up_at = time.monotonic() + 4 * DEADLINE
        whole = None
        while whole is None or any(length < whole for length, _ in self.sums):
            assert time.monotonic() < give_up_at, f"{whole}: {self.sums}"
            for key, _ in selector.select(1.0):
                try:
                    chunk = key.fileobj.recv(1 << 20)
                except BlockingIOError:
                    continue
                assert chunk, "closed"
                length, checksum = self.sums[key.data]
                self.sums[key.data] = (length + len(chunk), zlib.crc32(chunk, checksum))
                if key.data == 0:
                    self.first += chunk
                    if end in chunk[-300:] and chunk.endswith(b"}"):
                        whole = len(self.first)
        selector.close()
        for client in self.clients:
            client.socket.settimeout(DEADLINE)

    def messages(self):
        """Of the first client, decoded."""
        at, data = 0, bytes(self.first)
        while at < len(data):
            size, head = data[at + 1], 2
            if size == 126:
                size, head = int.from_bytes(data[at + 2 : at + 4], "big"), 4
            yield json.loads(data[at + head : at + head + size])
            at += head + size


class Shop:
    """Publishes events all the time, to whatever nats-server there is."""

    def __init__(self, nats):
        self.nats = nats
        self.sent = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop.is_set():
            try:
                with RawNats(self.nats.port) as link:
                    while not self._stop.is_set():
                        link.publish("order.created", {"n": self.sent + 1})
                        self.sent += 1
            except (OSError, AssertionError):
                self._stop.wait(0.01)

    def stop(self):
        self._stop.set()
        self._thread.join(DEADLINE)
