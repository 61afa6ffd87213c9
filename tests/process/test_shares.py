"""Attackers at 127.0.0.2 hold all that they can; honest clients at 127.0.0.1 get in beside them.

The attack is the same for each resource: take one more until the server has had enough of it, then
keep at it. What differs is how one more is taken, and what an honest client does of the same kind.
"""

import contextlib
import itertools
import socket
import ssl

import pytest
from edge_clients import read_all
from harness import API_KEY, DEADLINE, RawClient, Server
from tls_clients import ours, tls_client

ATTACKER = "127.0.0.2"
ALL = 400  # what there is of each
BOUNDS = (
    "--server-loops", 1,
    "--limits-topics-max", ALL,
    "--limits-rooms-max", ALL,
    "--limits-http-sockets-max", ALL,
    "--limits-tls-handshakes-max", ALL,
    "--limits-names-made-per-minute", 0,
)  # fmt: skip
NAMES = itertools.count()


def new_name():
    return f"name.{next(NAMES)}"


def metric(server, name, resource):
    _, _, page = server.http("GET", "/metrics")
    return int(page.decode().split(f'{name}{{resource="{resource}"}} ')[1].split("\n")[0])


class Attack:
    """Takes one more each time it is told; False: the server has refused."""

    resource = ""

    def __init__(self, server, stack):
        self.server = server
        self.stack = stack

    def client(self, path="/ws"):
        return self.stack.enter_context(RawClient(self.server.port, path, address=ATTACKER))

    def dial(self):
        return self.stack.enter_context(
            socket.create_connection(
                ("127.0.0.1", self.server.port), DEADLINE, source_address=(ATTACKER, 0)
            )
        )


class Subscribing(Attack):
    """Topics, and stays: a frame has 100 of them."""

    resource = "topics"
    refuses = True

    def one_more(self):
        client = self.client()
        client.send({"type": "subscribe", "topics": [new_name() for _ in range(100)]})
        client.expect("connection")
        answer = client.read_message()
        if answer["type"] == "subscribed":
            return True
        assert answer["refused"][0]["code"] == "limit_exceeded"
        assert "limits.address_share" in answer["refused"][0]["message"]
        return False


class Leaving(Attack):
    """Topics, and leaves again: nothing is left of them."""

    resource = "topics"
    refuses = False
    mine = None

    def one_more(self):
        if self.mine is None:
            self.mine = self.client()
        topics = [new_name() for _ in range(100)]
        self.mine.send({"type": "subscribe", "topics": topics})
        self.mine.send({"type": "unsubscribe", "topics": topics})
        self.mine.until("unsubscribed")
        return True


class Publishing(Attack):
    """On ever new topics, to nobody."""

    resource = "topics"
    refuses = False
    mine = None

    def one_more(self):
        if self.mine is None:
            self.mine = self.client()
        for _ in range(20):
            self.mine.send({"type": "publish", "topic": new_name(), "data": 1})
        for _ in range(20):
            self.mine.until("published")
        return True


class Joining(Attack):
    resource = "rooms"
    refuses = True

    def one_more(self):
        client = self.client()
        for _ in range(20):
            client.send({"type": "join", "room": new_name()})
        answers = [client.read_message() for _ in range(21)][1:]
        return all(answer["type"] == "joined" for answer in answers)


class Dialling(Attack):
    """Rooms by their path, and closes: they stay for a while."""

    resource = "rooms"
    refuses = False

    def one_more(self):
        for _ in range(10):
            with RawClient(self.server.port, f"/chat/{new_name()}", address=ATTACKER) as client:
                client.expect("connection")
        return True


NAMED = [Subscribing, Leaving, Publishing, Joining, Dialling]


@pytest.mark.parametrize("attack", NAMED, ids=lambda each: each.__name__.lower())
def test_names(attack):
    with Server(*BOUNDS) as server, contextlib.ExitStack() as stack:
        eve = attack(server, stack)
        held = [eve.one_more() for _ in range(50)]
        assert held[0], "as long as there is much for all, anybody may have much"
        assert held[-1] != attack.refuses
        if attack.refuses:
            assert metric(server, "troupe_shares_refused_total", attack.resource) > 0
        ann = stack.enter_context(server.client())
        for _ in range(10):
            eve.one_more()
            ann.send({"type": "subscribe", "topics": [new_name()]})
            ann.until("subscribed")
            room = new_name()
            ann.send({"type": "join", "room": room})
            ann.until("joined", room=room)
            ann.send({"type": "message", "room": room, "message": "still here"})
            ann.until("message", room=room, message="still here")
            ann.send({"type": "leave", "room": room})
            ann.until("left", room=room)
            status, _ = server.api("/api/v1/publish", {"topic": new_name(), "data": 1}, API_KEY)
            assert status == 200
        stack.enter_context(server.client(f"/chat/{new_name()}"))


def test_new_names_are_not_free_and_a_page_comes_back():
    """With the defaults, one frame of 128 topics after the other; the messages are few."""
    with Server("--limits-messages-per-minute", 60, "--limits-messages-burst", 50) as server:
        with RawClient(server.port, address=ATTACKER) as eve, server.client() as ann:
            made = 0
            for _ in range(10):
                topics = [new_name() for _ in range(128)]
                eve.send({"type": "subscribe", "topics": topics, "id": topics[0]})
                eve.send({"type": "unsubscribe", "topics": topics, "id": "gone"})
                while (answer := eve.read_message()).get("id") != "gone":
                    made += len(answer.get("topics", ()))
                    for refused in answer.get("refused", ()):
                        assert refused["code"] == "rate_limited"
                        assert refused["retry_after_ms"] > 0
            assert 160 <= made < 400
            ann.send({"type": "subscribe", "topics": [new_name() for _ in range(128)]})
            assert len(ann.expect("subscribed")["topics"]) == 128


# -- sockets -----------------------------------------------------------------------------------------


class Silence(Attack):
    """Sockets that say nothing."""

    resource = "http_sockets"
    begins = b""

    def one_more(self):
        self.dial().sendall(self.begins)


class HalfRequests(Silence):
    begins = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-"


@pytest.mark.parametrize("attack", [Silence, HalfRequests], ids=["silent", "half_requests"])
def test_http_sockets(attack):
    """A slow client, half of whose request is there, is not closed in the place of an attacker."""
    with Server(*BOUNDS) as server, contextlib.ExitStack() as stack:
        slow = stack.enter_context(
            socket.create_connection(("127.0.0.1", server.port), DEADLINE)
        )
        slow.sendall(b"GET /healthz HTTP/1.0\r\nX-Slow: ")
        eve = attack(server, stack)
        for _ in range(2 * ALL):
            eve.one_more()
        with server.client() as quick:
            quick.send({"type": "ping"})
            quick.expect("pong")
        slow.sendall(b"yes\r\n\r\n")
        assert read_all(slow).startswith(b"HTTP/1.1 200 ")
        assert metric(server, "troupe_shares_yielded_total", attack.resource) > 0


FEW = 50  # sockets, of more addresses than that with one each


def one_each(stack, server, begins=b""):
    """A socket from an address that has no other, each time it is called."""
    for i in range(250 * 250):
        dialled = socket.create_connection(
            ("127.0.0.1", server.port), DEADLINE, source_address=(f"127.1.{i // 250}.{1 + i % 250}", 0)
        )
        stack.enter_context(dialled).sendall(begins)
        yield


def honest_addresses():
    return [f"127.0.1.{i}" for i in range(1, 31)]


def test_no_address_is_kept_out_by_many_that_hold_as_much():
    """Of those who hold one each, whoever has been silent for longest goes: never the newest."""
    with Server(*BOUNDS, "--limits-http-sockets-max", FEW) as server:
        with contextlib.ExitStack() as stack:
            crowd = one_each(stack, server)
            for _ in range(2 * FEW):
                next(crowd)
            for address in honest_addresses():
                ann = stack.enter_context(
                    socket.create_connection(
                        ("127.0.0.1", server.port), DEADLINE, source_address=(address, 0)
                    )
                )
                ann.sendall(b"GET /healthz HTTP/1.0\r\nX-Slow: ")
                for _ in range(FEW // 5):
                    next(crowd)
                ann.sendall(b"yes\r\n\r\n")
                assert read_all(ann).startswith(b"HTTP/1.1 200 "), address
                with RawClient(server.port, address=address) as ben:
                    ben.expect("connection")


def client_hello(certificate):
    """The first bytes of a client, which then says nothing more."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = certificate.context().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return client, incoming, outgoing


def finish_handshake(client, incoming, outgoing, connection):
    while True:
        received = connection.recv(65536)
        assert received, "closed before its handshake was over"
        incoming.write(received)
        try:
            client.do_handshake()
            return
        except ssl.SSLWantReadError:
            connection.sendall(outgoing.read())


def test_no_address_is_kept_out_of_tls_by_many_that_hold_as_much(ours):
    with Server(*BOUNDS, "--limits-tls-handshakes-max", FEW, *ours.options) as server:
        with contextlib.ExitStack() as stack:
            crowd = one_each(stack, server, client_hello(ours)[2].read())
            for _ in range(2 * FEW):
                next(crowd)
            for address in honest_addresses():
                client, incoming, outgoing = client_hello(ours)
                ann = stack.enter_context(
                    socket.create_connection(
                        ("127.0.0.1", server.port), DEADLINE, source_address=(address, 0)
                    )
                )
                ann.sendall(outgoing.read())
                for _ in range(FEW // 5):
                    next(crowd)
                finish_handshake(client, incoming, outgoing, ann)


def test_tls_handshakes(ours):
    with Server(*BOUNDS, "--limits-http-sockets-max", 10 * ALL, *ours.options) as server:
        with contextlib.ExitStack() as stack:
            client, incoming, outgoing = client_hello(ours)
            hello = outgoing.read()
            slow = stack.enter_context(
                socket.create_connection(("127.0.0.1", server.port), DEADLINE)
            )
            slow.sendall(hello)

            class Handshakes(Silence):
                begins = hello

            eve = Handshakes(server, stack)
            for _ in range(2 * ALL):
                eve.one_more()
            with tls_client(server, ours) as quick:
                quick.send({"type": "ping"})
                quick.expect("pong")
            # The one that began first, and was slow, is still let in.
            finish_handshake(client, incoming, outgoing, slow)
            client.write(b"GET /healthz HTTP/1.0\r\n\r\n")
            slow.sendall(outgoing.read())
            answer = b""
            with contextlib.suppress(ssl.SSLZeroReturnError):
                while b"ok\n" not in answer:
                    incoming.write(slow.recv(65536))
                    with contextlib.suppress(ssl.SSLWantReadError):
                        answer += client.read()
            assert answer.startswith(b"HTTP/1.1 200 ")
            assert metric(server, "troupe_shares_yielded_total", "tls_handshakes") > 0
