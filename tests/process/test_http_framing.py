"""One request is one request: what could be read in two ways is refused."""

import contextlib
import json
import socket
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import pytest
from edge_clients import UPGRADE, dial, read_all
from harness import API_KEY, SANITIZED, Server


def statuses(answers):
    """The status of each answer in the bytes of a connection."""
    found = []
    while answers:
        head, _, rest = answers.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        found.append(int(lines[0].split()[1]))
        sizes = [int(l.split(b":")[1]) for l in lines if l.lower().startswith(b"content-length:")]
        answers = rest[sum(sizes):]
    return found


POST = f"POST /api/v1/announce HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {API_KEY}\r\n".encode()


# Seen as a request of its own, it would be answered with 200, and heard by everybody.
SMUGGLED_BODY = b'{"text":"smuggled"}'
SMUGGLED = POST + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED_BODY) + SMUGGLED_BODY


@pytest.mark.parametrize(
    "fields",
    [
        b"Transfer-Encoding: gzip\r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding: chunked, identity\r\n",
        b"Transfer-Encoding: identity, chunked\r\n",
        b"Transfer-Encoding:\r\n chunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: gzip\r\nContent-Length: 0\r\n",
        b"Content-Length: 0\r\nContent-Length: 5\r\n",
        b"Content-Length: 0\r\nContent-Length: 0\r\n",
        b"Content-Length: 0, 0\r\n",
        b"Content-Length: +0\r\n",
        b"Content-Length: 0\n",
        b"Host: y\r\nContent-Length: 0\r\n",
        b"X: y\r\n folded\r\nContent-Length: 0\r\n",
    ],
    ids=lambda fields: fields.decode().strip().replace("\r\n", "|"),
)
def test_a_request_cannot_be_smuggled(server, fields):
    with server.client() as listener, dial(server) as connection:
        connection.sendall(POST + fields + b"\r\n" + SMUGGLED)
        assert statuses(read_all(connection)) == [400]
        assert server.api("/api/v1/announce", {"text": "honest"})[0] == 200
        listener.expect("announcement", text="honest")


def test_chunked_in_http_1_0(server):
    with dial(server) as connection:
        connection.sendall(
            POST.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED
        )
        assert statuses(read_all(connection)) == [400]


@pytest.mark.parametrize("chunk", [b"0\r\nX: trailer\r\n\r\n", b"0;extension\r\n\r\n", b"0\n\n\r\n\r\n"])
def test_what_chunks_may_not_carry(server, chunk):
    with dial(server) as connection:
        connection.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunk + SMUGGLED)
        assert statuses(read_all(connection)) == [400]


def test_a_request_without_host(server):
    with dial(server) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\n\r\n")
        assert statuses(read_all(connection)) == [400]
    with dial(server) as connection:
        connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
        assert statuses(read_all(connection)) == [200]


def answers_to(server, sent):
    with dial(server) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        return read_all(connection)


def test_requests_as_other_clients_write_them(server):
    host = b"127.0.0.1:%d" % server.port
    for sent in (
        b"GET http://%s/healthz HTTP/1.1\r\nHost: %s\r\n\r\n" % (host, host),
        b"GET https://elsewhere.example/healthz?x=1 HTTP/1.1\r\nHost: %s\r\n\r\n" % host,
        b"\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\r\n\r\nGET /healthz HTTP/1.0\r\n\r\n",
    ):
        assert statuses(answers_to(server, sent)) == [200], sent
    assert statuses(answers_to(server, b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")) == [204]
    assert statuses(answers_to(server, b"GET healthz HTTP/1.1\r\nHost: x\r\n\r\n")) == [400]


def test_a_body_that_ends_with_a_line_too_many(server):
    sent = POST + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED_BODY) + SMUGGLED_BODY + b"\r\n"
    assert statuses(answers_to(server, sent * 2)) == [200, 200]


def test_many_who_pipeline_are_all_answered(server):
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    with contextlib.ExitStack() as opened:
        connections = [opened.enter_context(dial(server)) for _ in range(40)]
        for each in connections:
            each.sendall((request + b"\r\n") * 100 + request + b"Connection: close\r\n\r\n")
        for each in connections:
            assert statuses(read_all(each)) == [200] * 101


def test_http_1_0_is_kept_alive_if_it_asks_for_that(server):
    once = b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
    answers = answers_to(server, once * 2)
    assert statuses(answers) == [200, 200]
    assert answers.count(b"\r\nConnection: keep-alive\r\n") == 2
    answers = answers_to(server, once.replace(b"keep-alive", b"close") * 2)
    assert statuses(answers) == [200]


def test_every_answer_has_a_date(server):
    for method, path, status in (("GET", "/healthz", 200), ("GET", "/nowhere", 404), ("GET", "/ws", 426)):
        got, headers, _ = server.http(method, path)
        assert got == status
        said = parsedate_to_datetime(headers["Date"])
        assert abs((datetime.now(timezone.utc) - said).total_seconds()) < 60


@pytest.mark.parametrize(
    "path, key",
    [(path, None) for path in ("/", "/troupe-client.js", "/healthz", "/readyz", "/metrics")]
    + [(path, None) for path in ("/nowhere", "/ws", "/chat/x")]
    + [(f"/api/v1/{path}", API_KEY) for path in ("rooms", "connections", "stats", "rooms/nobody/presence")],
)
def test_head_is_get_without_the_body(server, path, key):
    wanted = server.http("GET", path, key=key)
    status, headers, body = server.http("HEAD", path, key=key)
    assert (status, body) == (wanted[0], b"")
    assert headers["Content-Type"] == wanted[1]["Content-Type"]
    assert int(headers["Content-Length"]) > 0


def test_the_answer_to_head_does_not_leave_the_next_one_without_a_body(server):
    head = b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    bad = b"GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n"
    answers = answers_to(server, head + bad)
    assert answers.count(b"HTTP/1.1 ") == 2
    assert answers.endswith(b"}}\n"), answers


@pytest.mark.parametrize("path", ["/ws", "/chat/lobby", "/room/poll/x"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_a_websocket_path_takes_get_alone(server, path, method):
    status, headers, body = server.http(method, path, headers=UPGRADE)
    assert status == 405
    assert headers["Allow"] == "GET, HEAD"
    assert json.loads(body)["error"]["code"] == "bad_request"


EXPECTING = POST + b"Expect: 100-continue\r\n"


def test_who_waits_with_the_body_is_told_to_go_on(server):
    with dial(server) as connection:
        for _ in range(2):
            connection.sendall(EXPECTING + b"Content-Length: %d\r\n\r\n" % len(SMUGGLED_BODY))
            assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(SMUGGLED_BODY)
            assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "rest, status",
    [
        (b"Content-Length: 1000000\r\n\r\n", 413),
        (b"Content-Length: 1, 1\r\n\r\n", 400),
        (b"Transfer-Encoding: gzip\r\n\r\n", 400),
    ],
    ids=["too-large", "bad-length", "bad-encoding"],
)
def test_who_waits_with_a_body_that_is_not_taken_is_told_so_at_once(server, rest, status):
    with dial(server) as connection:
        connection.sendall(EXPECTING + rest)
        assert statuses(read_all(connection)) == [status]


def test_a_header_that_comes_in_drops_is_bounded(server):
    with dial(server) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for _ in range(64):
                connection.sendall(b"X: y\r\n" * 100)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert statuses(read_all(connection)) == [431]


def test_a_handshake_with_a_body(server):
    status, _, body = server.http("GET", "/ws", "hello", headers=UPGRADE)
    assert status == 400
    assert "body" in json.loads(body)["error"]["message"]


def turns(server):
    page = server.http("GET", "/metrics")[2].decode()
    return int(page.split("\ntroupe_turn_seconds_count ")[1].split("\n")[0])


def test_what_follows_the_last_answer_keeps_nobody_busy():
    """It is thrown away: it is neither asked for again and again nor kept."""
    with Server("--limits-close-timeout-seconds", 60) as server, contextlib.ExitStack() as stack:
        before = server.resident_kilobytes()
        for _ in range(200):
            connection = stack.enter_context(dial(server))
            connection.sendall(b"NO REQUEST\r\n\r\n" + b"x" * 200_000)
            assert statuses(read_all(connection)) == [400]
        begun = turns(server)
        with server.client() as client:
            for _ in range(50):
                client.send({"type": "ping"})
                client.until("pong")
        assert turns(server) - begun < 500
        assert SANITIZED or server.resident_kilobytes() - before < 8 * 1024
