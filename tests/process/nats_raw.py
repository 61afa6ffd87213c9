"""A NATS client on a plain socket, fast enough to publish at full speed; keys and tokens of NATS."""

import base64
import collections
import json
import os
import socket
import time

from cryptography.hazmat.primitives.asymmetric import ed25519

DEADLINE = 20.0


class RawNats:
    """Publishes, and reads what it has subscribed to. Every call is done when NATS says so."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), DEADLINE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lines = self.socket.makefile("rb")
        self._came = collections.deque()  # messages that came before the answer to a ping
        assert self._lines.readline().startswith(b"INFO ")
        self.socket.sendall(b'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\n')
        self.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self._lines.close()
        self.socket.close()

    def send(self, subject, payload, headers=None):
        payload = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        if not headers:
            self.socket.sendall(b"PUB %b %d\r\n%b\r\n" % (subject.encode(), len(payload), payload))
            return
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"NATS/1.0\r\n{lines}\r\n".encode()
        sizes = (subject.encode(), len(head), len(head) + len(payload))
        self.socket.sendall(b"HPUB %b %d %d\r\n" % sizes + head + payload + b"\r\n")

    def publish(self, subject, payload, headers=None):
        self.send(subject, payload, headers)
        self.flush()

    def publish_many(self, subject, payloads):
        """As fast as NATS takes them."""
        head = b"PUB " + subject.encode() + b" "
        batch = []
        for number, payload in enumerate(payloads, 1):
            batch.append(head + str(len(payload)).encode() + b"\r\n" + payload + b"\r\n")
            if number % 500 == 0:
                self.socket.sendall(b"".join(batch))
                batch.clear()
        self.socket.sendall(b"".join(batch))
        self.flush()

    def flush(self):
        self.socket.sendall(b"PING\r\n")
        while (line := self._line()) != b"PONG\r\n":
            self._take(line)

    def subscribe(self, subject):
        self.socket.sendall(b"SUB " + subject.encode() + b" 1\r\n")
        self.flush()

    def next_message(self):
        """(subject, payload) of the next one."""
        subject, _, payload = self.next_with_headers()
        return subject, payload

    def next_with_headers(self):
        """(subject, headers, payload) of the next one."""
        while not self._came:
            self._take(self._line())
        subject, head, payload = self._came.popleft()
        lines = head.decode().split("\r\n")[1:]
        return subject, dict(line.split(": ", 1) for line in lines if line), payload

    def _take(self, line):
        if line == b"PING\r\n":
            self.socket.sendall(b"PONG\r\n")
            return
        words = line.decode().split()
        assert words[0] in ("MSG", "HMSG"), line
        head = int(words[-2]) if words[0] == "HMSG" else 0
        whole = self._lines.read(int(words[-1]) + 2)[:-2]
        self._came.append((words[1], whole[:head], whole[head:]))

    def _line(self):
        line = self._lines.readline()
        assert line, "NATS has gone"
        assert not line.startswith(b"-ERR"), line
        return line


def listen(server, publisher, clients, subject="order.probe"):
    """Returns when what is published on `subject` reaches all of `clients`, who are subscribed to the
    topic. They have read nothing but copies of one event then, and each has read them all."""
    give_up_at = time.monotonic() + DEADLINE
    number = 0
    first = clients[0]
    while True:
        number += 1
        publisher.publish(subject, {"probe": number})
        first.send({"type": "ping", "id": number})
        # What NATS had before may come after the pong: only what comes before one counts.
        seen = []
        while (message := first.read_message())["type"] != "pong":
            seen.append(message)
        if seen:
            break
        assert time.monotonic() < give_up_at, f"nothing comes through:\n{server.log()}"
        time.sleep(0.02)
    publisher.publish(subject, {"probe": "last"})
    for client in clients:
        message = seen[-1] if client is first else {}
        while message.get("data", {}).get("probe") != "last":
            message = client.read_message()


# -- keys and tokens of NATS: https://docs.nats.io, and the sources of nkeys -----------------------------

PREFIXES = {"operator": 14 << 3, "account": 0, "user": 20 << 3}


def _crc16(data):
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc.to_bytes(2, "little")


def _encode(raw):
    return base64.b32encode(raw + _crc16(raw)).decode().rstrip("=")


class NKey:
    """A new key pair of an operator, account or user."""

    def __init__(self, kind):
        prefix = PREFIXES[kind]
        secret = os.urandom(32)
        self._key = ed25519.Ed25519PrivateKey.from_private_bytes(secret)
        self.seed = _encode(bytes([18 << 3 | prefix >> 5, (prefix & 31) << 3]) + secret)
        self.public = _encode(bytes([prefix]) + self._key.public_key().public_bytes_raw())

    def sign_jwt(self, subject, name, claims):
        def part(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

        body = {
            "jti": os.urandom(8).hex(),
            "iat": int(time.time()),
            "iss": self.public,
            "name": name,
            "sub": subject,
            "nats": {"version": 2, **claims},
        }
        signed = part({"typ": "JWT", "alg": "ed25519-nkey"}) + b"." + part(body)
        signature = base64.urlsafe_b64encode(self._key.sign(signed)).rstrip(b"=")
        return (signed + b"." + signature).decode()
