"""The real server as a child process, and a WebSocket client that may also misbehave.

Nothing here sleeps to let something happen: every wait is for an event and has a deadline, which
is only ever reached when the test fails.
"""

import base64
import http.client
import json
import os
import queue
import re
import resource
import signal
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

import pytest
from descriptions import check_frame

SOURCE_DIR = Path(os.environ.get("PROJECT_SOURCE_DIR", Path(__file__).resolve().parents[2]))
BINARY = os.environ.get("TROUPE_BIN", str(SOURCE_DIR / "build/release/bin/troupe"))
SANITIZED = os.environ.get("TROUPE_SANITIZED") == "1"
# The sanitizer looks at memory by way of a pipe: without a free descriptor it takes every object for
# a broken one and ends the server.
NEEDS_DESCRIPTORS = pytest.mark.skipif(SANITIZED, reason="the sanitizer needs descriptors itself")
API_KEY = "process-tests-key"
DEADLINE = 20.0
ISO_MILLISECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

CONTINUATION, TEXT, BINARY_FRAME, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA


def environment():
    """This process's, without settings that would reach the server by accident."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("TROUPE_")}
    clean.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    return clean


def run_troupe(*arguments, timeout=DEADLINE):
    """Runs the binary to its end: for subcommands that do end."""
    return subprocess.run(
        [BINARY, *map(str, arguments)],
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout,
    )


class Server:
    """`troupe serve` on a port of its own choice. Leaving the `with` block stops it with SIGTERM and
    asserts that it exits with 0, which it does not when a sanitizer has found something."""

    def __init__(self, *options, variables=None, descriptors=None):
        command = [BINARY, "serve", "--port", "0", "--api-keys", API_KEY, *map(str, options)]
        # A test says as much in a second as a person does in a day.
        for limit in ("--limits-messages-per-minute", "--limits-refused-requests-per-minute"):
            if limit not in options:
                command += [limit, "0"]
        self.output = []
        self._lines = queue.Queue()
        self.process = subprocess.Popen(
            command,
            env={**environment(), **(variables or {})},
            preexec_fn=descriptors and (lambda: limit_descriptors(descriptors)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._read_output, daemon=True)
        self._reader.start()
        try:
            self.port = self._wait_for_port()
        except BaseException:
            self.kill()
            raise

    def _read_output(self):
        for line in self.process.stdout:
            self.output.append(line)
            self._lines.put(line)
        self._lines.put(None)

    def _wait_for_port(self):
        give_up_at = time.monotonic() + DEADLINE
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, give_up_at - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"the server did not come up:\n{self.log()}")
            found = re.search(r"https?://127\.0\.0\.1:(\d+)/", line)
            if found:
                return int(found.group(1))

    def log(self):
        return "".join(self.output)

    def wait_for_log(self, text, times=1):
        """Until so many lines have this text in them: the log is written behind the server's back."""
        give_up_at = time.monotonic() + DEADLINE
        while sum(text in line for line in list(self.output)) < times:
            assert time.monotonic() < give_up_at, f"no {text!r}:\n{self.log()}"
            time.sleep(0.005)

    def resident_kilobytes(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

    def __enter__(self):
        return self

    def __exit__(self, failure, _value, _trace):
        if failure is not None:
            self.kill()
            print(f"--- the server's output\n{self.log()}---")
            return
        self.stop()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, timeout=DEADLINE):
        """Waits for the end of the process and returns its exit code."""
        try:
            code = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"still running after {timeout} s:\n{self.log()}") from None
        self._reader.join(DEADLINE)
        return code

    def stop(self):
        if self.process.poll() is None:
            self.terminate()
        code = self.wait()
        assert code == 0, f"the server exited with {code}:\n{self.log()}"

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(DEADLINE)

    def url(self, path="/ws"):
        return f"ws://127.0.0.1:{self.port}{path}"

    def client(self, path="/ws", **options):
        """A client that has had its `connection` frame."""
        client = RawClient(self.port, path, **options)
        client.connection = client.expect("connection")
        return client

    def member(self, room, user=None):
        """A client of /ws that is a member of `room`, and of nothing else."""
        client = self.client("/ws" if user is None else f"/ws?user={user}")
        client.send({"type": "join", "room": room})
        client.until("joined", room=room)
        return client

    def http(self, method, path, body=None, headers=None, key=None):
        """One request on a connection of its own: (status, headers, body)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        try:
            return exchange(connection, method, path, body, headers, key)
        finally:
            connection.close()

    def api(self, path, body, key=API_KEY, headers=None):
        """POSTs a JSON body to the server-side API: (status, decoded answer)."""
        status, _, answer = self.http("POST", path, body, headers, key=key)
        return status, json.loads(answer)


def exchange(connection, method, path, body=None, headers=None, key=None):
    headers = dict(headers or {})
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    if body is not None and not isinstance(body, (bytes, str)):
        headers.setdefault("Content-Type", "application/json")
        body = json.dumps(body)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def limit_descriptors(count):
    """This process's limit, which it cannot raise again."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (count, count))


class Closed(Exception):
    """The other side ended the connection: `code` of its close frame, None if there was none."""

    def __init__(self, code=None, reason=""):
        super().__init__(f"closed with {code} {reason}".rstrip())
        self.code = code
        self.reason = reason


def frame_bytes(opcode, payload=b"", *, fin=True, reserved=0, masked=True):
    """A WebSocket frame as a client sends it (RFC 6455, 5.2), or a deliberately wrong one."""
    first = (0x80 if fin else 0) | (reserved << 4) | opcode
    mask_bit = 0x80 if masked else 0
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", first, mask_bit | size)
    elif size < 65536:
        head = struct.pack("!BBH", first, mask_bit | 126, size)
    else:
        head = struct.pack("!BBQ", first, mask_bit | 127, size)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    repeated = (mask * (size // 4 + 1))[:size]
    scrambled = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return head + mask + scrambled.to_bytes(size, "big")


class RawClient:
    """A WebSocket client on a plain socket: it does only what it is told, right or wrong. While it
    reads it also answers heartbeats, and hides them from the test, unless `answers_pings` is False."""

    def __init__(
        self,
        port,
        path="/ws",
        *,
        sent_with_handshake=b"",
        receive_buffer=None,
        headers=(),
        wrap=None,
        address=None,
        timeout=DEADLINE,
    ):
        self.socket = socket.socket()
        self.socket.settimeout(timeout)
        if address is not None:
            self.socket.bind((address, 0))
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if wrap is not None:
            self.socket = wrap(self.socket)
        self.answers_pings = True
        # All that is heard is looked at, but for a crowd's: that takes a while.
        self.checks_left = 0 if path.startswith("/echo") else 500
        self._received = bytearray()
        key = base64.b64encode(os.urandom(16)).decode()
        more = "".join(f"{line}\r\n" for line in headers)
        self.send_bytes(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            f"Sec-WebSocket-Version: 13\r\n{more}\r\n".encode() + sent_with_handshake
        )
        self.head = self._read_through(b"\r\n\r\n").decode("latin-1")
        if not self.head.startswith("HTTP/1.1 101 "):
            raise AssertionError(f"no upgrade: {self.head}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    # What it sends.

    def send_bytes(self, raw):
        self.socket.sendall(raw)

    def send_frame(self, opcode, payload=b"", **options):
        self.send_bytes(frame_bytes(opcode, payload, **options))

    def send_text(self, text):
        self.send_frame(TEXT, text.encode() if isinstance(text, str) else text)

    def send(self, message):
        self.send_text(json.dumps(message))

    def send_close(self, code=1000):
        self.send_frame(CLOSE, struct.pack("!H", code))

    def close(self):
        """Leaves properly: close frame, the answer to it, the end of the stream."""
        self.send_close(1000)
        closed, _ = self.read_to_close()
        assert closed.code == 1000, closed
        self.socket.close()

    def reset(self):
        """Ends with RST instead of FIN, as a crashed host or a proxy does."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    # What it reads.

    def _fill(self):
        try:
            chunk = self.socket.recv(65536)
        except TimeoutError:
            raise AssertionError(f"nothing received in {self.socket.gettimeout()} s") from None
        except ConnectionResetError:
            chunk = b""
        if not chunk:
            raise Closed()
        self._received += chunk

    def _read(self, size):
        while len(self._received) < size:
            self._fill()
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

    def _read_through(self, end):
        while end not in self._received:
            self._fill()
        return self._read(self._received.index(end) + len(end))

    def read_frame(self):
        """The next frame: (opcode, payload). Servers must not mask, and Troupe does not fragment."""
        first, second = self._read(2)
        assert first & 0xF0 == 0x80, f"not a whole frame, or reserved bits: {first:#x}"
        assert second & 0x80 == 0, "masked"
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self._read(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._read(8))
        return first & 0x0F, self._read(size)

    def read_message(self):
        """The next JSON message; a close raises Closed."""
        give_up_at = time.monotonic() + DEADLINE
        while time.monotonic() < give_up_at:
            opcode, payload = self.read_frame()
            if opcode == TEXT:
                message = json.loads(payload)
                if self.checks_left > 0:
                    self.checks_left -= 1
                    check_frame(message)
                if not self.answers_pings or message.get("type") != "ping":
                    return message
                self.send({"type": "pong"})
            elif opcode == PING:
                if self.answers_pings:
                    self.send_frame(PONG, payload)
            elif opcode == CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if payload else 1005
                raise Closed(code, payload[2:].decode())
            elif opcode != PONG:
                raise AssertionError(f"frame with opcode {opcode}: {payload[:100]!r}")
        raise AssertionError(f"nothing but heartbeats in {DEADLINE} s")

    def expect(self, kind, **fields):
        """The very next message, which must be of this type and have these fields."""
        message = self.read_message()
        assert message.get("type") == kind, f"expected {kind!r}: {message}"
        for name, value in fields.items():
            assert message.get(name) == value, f"expected {name}={value!r}: {message}"
        return message

    def until(self, kind, **fields):
        """Reads on to the next message of this type with these fields."""
        give_up_at = time.monotonic() + DEADLINE
        skipped = []
        while time.monotonic() < give_up_at:
            message = self.read_message()
            if message.get("type") == kind and all(message.get(k) == v for k, v in fields.items()):
                return message
            skipped.append(message)
        raise AssertionError(f"no {kind!r} with {fields} in {DEADLINE} s but {skipped}")

    def read_to_close(self):
        """Reads to the close frame, or to the end without one: (how, the messages before that)."""
        messages = []
        try:
            while True:
                messages.append(self.read_message())
        except Closed as closed:
            return closed, messages

    def wait_for_end(self):
        """After a close frame: the server ends the TCP connection without further frames."""
        try:
            while True:
                self._fill()
        except Closed:
            assert not self._received, f"after the close frame: {bytes(self._received[:100])!r}"

    def assert_closed_with(self, code):
        """The server closes with this code; what it sent before is returned."""
        closed, messages = self.read_to_close()
        assert closed.code == code, f"expected a close with {code}: {closed}, after {messages[-3:]}"
        return messages


class HonestPair:
    """Two members that keep talking in turn, each message being checked, until told to stop."""

    def __init__(self, server):
        self.ann = server.member("honest", "Ann")
        self.ben = server.member("honest", "Ben")
        self.ann.expect("user_joined", user="Ben")
        self.offset = 0
        self.failure = None
        self._changed = threading.Condition()
        self._stop = threading.Event()
        self._talk = threading.Thread(target=self._run, daemon=True)
        self._talk.start()

    def _run(self):
        try:
            while not self._stop.is_set():
                self.exchange()
        except BaseException as failure:
            self.failure = failure
        with self._changed:
            self._changed.notify_all()

    def exchange(self):
        for speaker in (self.ann, self.ben):
            offset = self.offset + 1
            speaker.send({"type": "message", "message": offset})
            for listener in (self.ann, self.ben):
                listener.expect("message", message=offset, offset=offset)
            with self._changed:
                self.offset = offset
                self._changed.notify_all()

    def goes_on(self, messages=10):
        """Waits until so many more have been exchanged."""
        with self._changed:
            enough = self.offset + messages
            self._changed.wait_for(lambda: self.offset >= enough or self.failure, DEADLINE)
            assert self.offset >= enough, "the honest pair was disturbed"

    def stop(self):
        self._stop.set()
        self._talk.join()
        if self.failure is not None:
            raise AssertionError("the honest pair was disturbed") from self.failure
        before = self.offset
        self.exchange()
        assert self.offset == before + 2
        self.ann.close()
        self.ben.expect("user_left", user="Ann")
        self.ben.close()
