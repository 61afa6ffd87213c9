"""Many hostile clients at once. An honest pair exchanges messages throughout, and when it is over the
server answers as before, and its memory is back near where it was.

Not rated by messages a minute here: what is tested is what remains where rates are generous."""

import contextlib
import os
import resource
import select
import socket
import time

import pytest
from harness import (
    CONTINUATION,
    DEADLINE,
    NEEDS_DESCRIPTORS,
    PING,
    SANITIZED,
    TEXT,
    HonestPair,
    RawClient,
    Server,
    frame_bytes,
)

# A sanitized server takes ten times as long for everything.
FEWER = 10 if SANITIZED else 1
HEARD_MAX = 64 * 1024  # of one socket: the last bytes
GROWTH_MAX = 32 * 1024  # KiB: freed memory that the allocator keeps

OPTIONS = (
    "--limits-handshake-timeout-seconds", 2,
    "--limits-close-timeout-seconds", 1,
    "--limits-outbox-bytes-max", 65536,
)
HANDSHAKE = (
    "GET /ws HTTP/1.1\r\nHost: attack\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
).encode()


@pytest.fixture(scope="module")
def running_server():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with Server(*OPTIONS) as running:
        running.pair = HonestPair(running)
        yield running
        running.pair.stop()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def pair(server):
    """The pair of the server under attack. After the test it still talks, whoever comes is let in,
    and memory has come back."""
    server.pair.goes_on()
    before = server.resident_kilobytes()
    yield server.pair
    server.pair.goes_on()
    with server.client() as newcomer:
        newcomer.send({"type": "ping"})
        newcomer.expect("pong")
    if SANITIZED:
        return
    with deadline("the server's memory has not come back") as left:
        while server.resident_kilobytes() > before + GROWTH_MAX:
            left()
            server.pair.goes_on()
    print(f"{server.resident_kilobytes() - before} KiB more than before")


@contextlib.contextmanager
def deadline(what, seconds=2 * DEADLINE):
    """Gives a function to call in a loop, which fails when the time is up."""
    end = time.monotonic() + seconds

    def left():
        assert time.monotonic() < end, what

    yield left


def dial(port):
    """A socket that is being connected."""
    out = socket.socket()
    out.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        out.connect(("127.0.0.1", port))
    return out


def send_some(to, what):
    """How many bytes the kernel took: none when the other side has gone."""
    try:
        return to.send(what)
    except (BlockingIOError, BrokenPipeError, ConnectionResetError):
        return 0


def receive_some(source):
    """What is there; None when nothing is, b"" at the end."""
    try:
        return source.recv(65536)
    except BlockingIOError:
        return None
    except ConnectionError:
        return b""


class Crowd:
    """Sockets without end, watched with one poll."""

    def __init__(self, sockets=()):
        self.by_fd = {}
        self.heard = {}
        self._poll = select.poll()
        for each in sockets:
            self.add(each)

    def add(self, new):
        self.by_fd[new.fileno()] = new
        self.heard[new] = b""
        self._poll.register(new, select.POLLIN)

    def listen(self, wait=0.0):
        """Takes what has come. Who is at its end is no more among them."""
        for fd, _ in self._poll.poll(wait * 1000):
            each = self.by_fd[fd]
            got = receive_some(each)
            if got:
                self.heard[each] = (self.heard[each] + got)[-HEARD_MAX:]
            elif got == b"":
                self._poll.unregister(fd)
                del self.by_fd[fd]

    def __iter__(self):
        return iter(list(self.by_fd.values()))

    def __len__(self):
        return len(self.by_fd)

    def close(self):
        for each in self.heard:
            each.close()


@pytest.fixture
def crowd():
    everybody = Crowd()
    yield everybody
    everybody.close()


def test_slow_handshakes(server, pair, crowd):
    """500 send their request byte by byte. Each is told that it took too long."""
    for _ in range(500):
        crowd.add(dial(server.port))
    request = HANDSHAKE[:-4] + b"\r\nX-Slow: " + b"s" * 1_000_000
    at = 0
    with deadline("somebody may take as long as it likes") as left:
        while len(crowd) > 0:
            left()
            for each in crowd:
                send_some(each, request[at : at + 1])
            at += 1
            crowd.listen()
            pair.goes_on(2)
    answers = {heard.split(b"\r\n")[0] for heard in crowd.heard.values()}
    assert answers == {b"HTTP/1.1 408 Request Timeout"}


def flood(server, pair, crowd, sockets, block, bytes_each, reads=True):
    """Each sends `block` over and over, as fast as it is taken."""
    left_to_send = {}
    for each in sockets:
        each.setblocking(False)
        crowd.add(each)
        left_to_send[each] = bytes_each // len(block) * len(block)
    with deadline("the flood has not been taken") as left:
        while left_to_send:
            left()
            for each in list(left_to_send):
                done = bytes_each // len(block) * len(block) - left_to_send[each]
                left_to_send[each] -= send_some(each, block[done % len(block) :])
                if left_to_send[each] <= 0:
                    del left_to_send[each]
            if reads:
                crowd.listen()
            pair.goes_on(2)


def expect_last_pong(crowd, payload):
    """Everybody is still there, pings once more, and gets that answer, whatever became of the others."""
    everybody = list(crowd)
    for each in everybody:
        each.setblocking(True)
        each.sendall(frame_bytes(PING, payload))
        each.setblocking(False)
    pong = b"\x8a" + bytes([len(payload)]) + payload
    with deadline("no answer to the last ping") as left:
        while not all(pong in crowd.heard[each] for each in everybody):
            left()
            crowd.listen(0.1)
            assert len(crowd) == len(everybody), "somebody was closed"


def test_ping_flooders(server, pair, crowd):
    """200 ping as fast as they can and read the answers."""
    count = 200 // FEWER
    sockets = [server.client().socket for _ in range(count)]
    pings = b"".join(frame_bytes(PING) for _ in range(10_000))
    flood(server, pair, crowd, sockets, pings, 2 * len(pings))
    assert len(crowd) == count
    expect_last_pong(crowd, b"the last")


def test_ping_flooders_that_never_read(server, pair, crowd):
    """More pongs than the kernel and the outbox would hold: the newest is what waits."""
    before = server.resident_kilobytes()
    sockets = [server.client(receive_buffer=4096).socket for _ in range(4)]
    pings = frame_bytes(PING, os.urandom(125)) * 1000
    flood(server, pair, crowd, sockets, pings, 10_000_000 // FEWER, reads=False)
    if not SANITIZED:
        assert server.resident_kilobytes() - before < 10 * 1024
    expect_last_pong(crowd, b"the last")


@pytest.mark.parametrize("payload", [b"", b"x"], ids=["empty", "one-byte"])
def test_messages_that_never_end(server, pair, payload):
    """100 send one fragment after the other."""
    clients = [server.client() for _ in range(100 // FEWER)]
    sent = frame_bytes(TEXT, payload, fin=False) + frame_bytes(CONTINUATION, payload, fin=False) * 2000
    for client in clients:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            client.send_bytes(sent)
    pair.goes_on()
    for client in clients:
        assert client.assert_closed_with(1008) == []
        client.socket.close()


def test_one_byte_at_a_time(server, pair):
    """200 send their frames byte by byte, in turn, in one-byte fragments."""
    clients = [server.client() for _ in range(200 // FEWER)]
    text = b'{"type":"ping","id":"slow"}'
    sent = frame_bytes(TEXT, text[:1], fin=False)
    for at in range(1, len(text)):
        sent += frame_bytes(CONTINUATION, text[at : at + 1], fin=at + 1 == len(text))
    for byte in sent:
        for client in clients:
            client.send_bytes(bytes([byte]))
        pair.goes_on(2)
    for client in clients:
        client.expect("pong", id="slow")
        client.socket.close()


def test_dials(server, pair, crowd):
    """5,000 connect as fast as they can. Every second one wants in, and all of these are; the others
    say nothing, and are not waited for."""
    count = min(5000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 500) // FEWER
    wanting, unsaid = [], set()

    def say():
        for each in list(unsaid):
            if send_some(each, HANDSHAKE) > 0:
                unsaid.remove(each)

    for i in range(count):
        each = dial(server.port)
        crowd.add(each)
        if i % 2 == 0:
            wanting.append(each)
            unsaid.add(each)
        say()
    with deadline("not all have been let in, or sent away") as left:
        while unsaid or len(crowd) > len(wanting):
            left()
            say()
            crowd.listen(0.05)
            pair.goes_on(1)
        while not all(crowd.heard[each].startswith(b"HTTP/1.1 101 ") for each in wanting):
            left()
            crowd.listen(0.1)
    assert len(crowd) == len(wanting)


def test_clients_that_never_read(server, pair):
    """20 listen to a topic that talks on and on, and take nothing: they are cut off."""
    publisher = server.client()
    sleepers = []
    hung_up = select.poll()
    for _ in range(20 // min(FEWER, 4)):
        sleeper = server.client(receive_buffer=4096)
        sleeper.send({"type": "subscribe", "topic": "noise"})
        sleeper.expect("subscribed")
        hung_up.register(sleeper.socket, select.POLLHUP | select.POLLERR)
        sleepers.append(sleeper)
    text = "x" * 16_000
    with deadline("somebody who never reads is still there") as left:
        while len(hung_up.poll(0)) < len(sleepers):
            left()
            publisher.send({"type": "publish", "topic": "noise", "data": text})
            publisher.expect("published")
    for client in [publisher, *sleepers]:
        client.socket.close()


@NEEDS_DESCRIPTORS
def test_a_full_descriptor_table(crowd):
    """More dials than the server may have descriptors. Those who are in go on; and when there is room
    again, others get in."""
    descriptors = 200
    with Server(*OPTIONS, "--server-loops", 1, descriptors=descriptors) as server:
        pair = HonestPair(server)
        for _ in range(3 * descriptors):
            crowd.add(dial(server.port))
        for each in crowd:
            send_some(each, HANDSHAKE)

        def let_in():
            return sum(crowd.heard[each].startswith(b"HTTP/1.1 101 ") for each in crowd)

        with deadline("the server does not notice that it has no more descriptors") as left:
            while "out of descriptors" not in server.log() or let_in() <= descriptors // 2:
                left()
                crowd.listen(0.05)
                pair.goes_on(2)
        pair.goes_on(50)
        crowd.listen()
        assert let_in() < descriptors
        crowd.close()
        with RawClient(server.port, "/ws") as newcomer:
            newcomer.expect("connection")
        pair.stop()
