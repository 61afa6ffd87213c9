"""Clients behind a proxy are known by their own addresses, and nobody can borrow another's.

The server lets one connection of an address in: so who is whom can be seen from outside."""

import contextlib
import socket
import struct
import time

import pytest
from harness import DEADLINE, Server, run_troupe
from tls_files import Certificate

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
LOCAL, PROXY = 0x20, 0x21
TCP4, TCP6 = 0x11, 0x21
ONE_EACH = ("--limits-connections-per-address-max", 1)


def header(client="192.0.2.1", extensions=b"", command=PROXY):
    family = socket.AF_INET6 if ":" in client else socket.AF_INET
    own = "2001:db8::ffff" if ":" in client else "10.0.0.1"
    body = socket.inet_pton(family, client) + socket.inet_pton(family, own)
    body += struct.pack("!HH", 4711, 443) + extensions
    kind = TCP6 if ":" in client else TCP4
    return SIGNATURE + struct.pack("!BBH", command, kind, len(body)) + body


def behind(first_bytes, then=lambda plain: plain):
    """A RawClient whose socket begins with these bytes."""

    def wrap(plain):
        plain.sendall(first_bytes)
        return then(plain)

    return wrap


def proxied(server, client, **options):
    return server.client(wrap=behind(header(client, **options)))


def forwarded(server, *fields):
    return server.client(headers=[f"X-Forwarded-For: {field}" for field in fields])


@contextlib.contextmanager
def refused(status):
    with pytest.raises(AssertionError, match=f"no upgrade: HTTP/1.1 {status} "):
        yield


def eventually(connect):
    """The server hears of a client's end a moment later."""
    give_up_at = time.monotonic() + DEADLINE
    while True:
        try:
            return connect()
        except AssertionError:
            if time.monotonic() > give_up_at:
                raise


def answer_to(server, *portions, address="127.0.0.1"):
    """What comes back on a connection from `address`, to its end."""
    received = b""
    with socket.create_connection(
        ("127.0.0.1", server.port), DEADLINE, source_address=(address, 0)
    ) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for portion in portions:
                plain.sendall(portion)
            plain.shutdown(socket.SHUT_WR)
            while chunk := plain.recv(65536):
                received += chunk
        except (BrokenPipeError, ConnectionResetError):
            pass
        except OSError as error:
            if error.errno != 107:  # ENOTCONN: closed already
                raise
    return received


GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def v2_server():
    """Believes PROXY headers from 127.0.0.1; 127.0.0.2 is anybody."""
    with Server(
        "--proxy-protocol", "proxy_v2", "--proxy-trusted", "127.0.0.1,10.0.0.0/8", *ONE_EACH
    ) as running:
        yield running


@pytest.mark.parametrize(
    "addresses", [("192.0.2.1", "192.0.2.2"), ("2001:db8:1::7", "2001:db8:2::7")]
)
def test_a_header_tells_clients_apart(v2_server, addresses):
    one, other = addresses
    with proxied(v2_server, one) as first, proxied(v2_server, other):
        with refused(503):
            proxied(v2_server, one)
        first.close()
        eventually(lambda: proxied(v2_server, one)).close()


def test_extensions_are_skipped(v2_server):
    extensions = struct.pack("!BH", 0x04, 1000) + bytes(1000)
    with proxied(v2_server, "192.0.2.10", extensions=extensions):
        with refused(503):
            proxied(v2_server, "192.0.2.10")


def test_a_proxy_that_speaks_for_itself_is_counted_as_itself(v2_server):
    def local():
        return proxied(v2_server, "192.0.2.20", command=LOCAL)

    with local() as first:
        with refused(503):
            local()
        with proxied(v2_server, "192.0.2.20"):
            pass
        first.close()
    assert answer_to(v2_server, SIGNATURE + b"\x20\x00\x00\x00" + GET).startswith(b"HTTP/1.1 200 ")


def test_a_header_in_portions(v2_server):
    whole = header("192.0.2.30", b"\x04\x00\x02ab") + GET
    assert answer_to(v2_server, *(bytes([b]) for b in whole)).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "first",
    [
        GET,
        b"PROXY TCP4 192.0.2.1 10.0.0.1 4711 80\r\n" + GET,
        header()[:13] + b"\x41" + header()[14:] + GET,
        SIGNATURE + b"\x31\x11\x00\x0c" + bytes(12) + GET,
        SIGNATURE + b"\x21\x11\x00\x0b" + bytes(11) + GET,
        SIGNATURE + b"\x21\x11\xff\xff" + bytes(65535) + GET,
        b"\x16\x03\x01",
    ],
)
def test_a_trusted_address_must_send_a_header_that_makes_sense(v2_server, first):
    before = v2_server.log().count("no valid PROXY header")
    assert answer_to(v2_server, first) == b""
    v2_server.wait_for_log("no valid PROXY header from a trusted address", before + 1)


def test_half_a_header_and_the_end(v2_server):
    assert answer_to(v2_server, header()[:20]) == b""
    assert answer_to(v2_server) == b""


def test_a_header_from_anybody_else_is_garbage(v2_server):
    assert answer_to(v2_server, header() + GET, address="127.0.0.2").startswith(b"HTTP/1.1 400 ")

    def served():
        assert answer_to(v2_server, GET, address="127.0.0.2").startswith(b"HTTP/1.1 200 ")

    eventually(served)


def test_a_header_where_none_is_expected():
    with Server() as server:
        assert answer_to(server, header() + GET).startswith(b"HTTP/1.1 400 ")


def test_forwarded_for_means_nothing_beside_the_header(v2_server):
    def both(client, field):
        return v2_server.client(
            wrap=behind(header(client)), headers=[f"X-Forwarded-For: {field}"]
        )

    with both("192.0.2.40", "203.0.113.1"):
        with refused(503):
            both("192.0.2.40", "203.0.113.2")


def test_a_client_behind_the_header_has_its_share_of_sockets():
    with Server(
        *("--proxy-protocol", "proxy_v2", "--proxy-trusted", "127.0.0.1"),
        *("--server-loops", 1, "--limits-http-sockets-max", 40),
    ) as server, contextlib.ExitStack() as stack:
        for _ in range(40):
            silent = socket.create_connection(("127.0.0.1", server.port), DEADLINE)
            stack.enter_context(silent).sendall(header("192.0.2.1"))
        with proxied(server, "192.0.2.2") as other:
            other.send({"type": "ping"})
            other.expect("pong")
        page = answer_to(server, header("192.0.2.3") + b"GET /metrics HTTP/1.0\r\n\r\n")
        yielded = page.split(b'shares_yielded_total{resource="http_sockets"} ')[1]
        assert int(yielded.split(b"\n")[0]) >= 10, "more than half is taken, and it has a quarter"


def test_tls_follows_the_header(tmp_path):
    certificate = Certificate(tmp_path, "behind")
    with Server(
        *("--proxy-protocol", "proxy_v2", "--proxy-trusted", "127.0.0.1"),
        *ONE_EACH,
        *certificate.options,
    ) as server:

        def secure(client):
            return server.client(wrap=behind(header(client), certificate.wrap()))

        with secure("192.0.2.1"), secure("192.0.2.2"), proxied(server, "192.0.2.3"):
            with refused(503):
                secure("192.0.2.1")
            # Half of the header, and all of it with the client's first bytes.
            hello = b"\x16\x03\x01\x00\x05hello"
            answer = answer_to(server, header()[:9], header()[9:] + hello)
            assert answer[:1] == b"\x15"
        # TLS around the header: only the proxy's own bytes come before all else.
        with pytest.raises(OSError):
            server.client(wrap=certificate.wrap())


@pytest.fixture(scope="module")
def forwarding_server():
    """Believes X-Forwarded-For from 127.0.0.1 and 10.0.0.0/8."""
    with Server(
        "--proxy-protocol", "x_forwarded_for", "--proxy-trusted", "127.0.0.1,10.0.0.0/8", *ONE_EACH
    ) as running:
        yield running


def test_forwarded_for_tells_clients_apart(forwarding_server):
    with forwarded(forwarding_server, "192.0.2.1") as first:
        with forwarded(forwarding_server, "192.0.2.2"), forwarded(forwarding_server, "2001:db8::1"):
            with refused(503):
                forwarded(forwarding_server, "192.0.2.1")
            first.close()
            eventually(lambda: forwarded(forwarding_server, "192.0.2.1")).close()


def test_what_the_client_wrote_into_it_counts_for_nothing(forwarding_server):
    with forwarded(forwarding_server, "203.0.113.1, 192.0.2.10, 10.0.0.7"):
        for fields in (
            ("192.0.2.10",),
            ("203.0.113.2, 192.0.2.10",),
            ("203.0.113.3", "192.0.2.10"),
            ("10.0.0.1, 203.0.113.4, 192.0.2.10, 10.0.0.9",),
            ("nonsense, 192.0.2.10:4711",),
        ):
            with refused(503):
                forwarded(forwarding_server, *fields)


def test_without_it_the_proxy_is_the_client(forwarding_server):
    with forwarding_server.client():
        with refused(503):
            forwarded(forwarding_server, "unknown")


def test_one_kept_alive_connection_may_bring_many_clients(forwarding_server):
    with socket.create_connection(("127.0.0.1", forwarding_server.port), DEADLINE) as plain:
        for i in range(20):
            field = b"X-Forwarded-For: 192.0.2.%d\r\n" % i
            plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n" + field + b"\r\n")
            received = b""
            while b"ok\n" not in received:
                received += plain.recv(65536)


def test_nobody_else_is_believed():
    with Server(
        "--proxy-protocol", "x_forwarded_for", "--proxy-trusted", "127.0.0.2", *ONE_EACH
    ) as server:
        with forwarded(server, "192.0.2.1"):
            # The limit per address holds as soon as a socket is accepted.
            with pytest.raises((AssertionError, OSError)):
                forwarded(server, "192.0.2.2")


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--proxy-protocol", "proxy_v2"), "proxy.trusted"),
        (("--proxy-protocol", "proxy_v1", "--proxy-trusted", "::1"), "proxy.protocol"),
        (("--proxy-trusted", "10.0.0.0/33"), "proxy.trusted"),
        (("--proxy-trusted", "10.0.0.1/8"), "proxy.trusted"),
        (("--proxy-trusted", "proxy.example"), "proxy.trusted"),
    ],
)
def test_what_cannot_be_meant_is_refused(options, complaint):
    refused_start = run_troupe("serve", "--port", 0, *options)
    assert refused_start.returncode == 1
    assert complaint in refused_start.stdout
