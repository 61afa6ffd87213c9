"""The edge of the server: what is no proper HTTP, who may connect from where, how many and how fast,
and the echo for protocol suites."""

import asyncio
import json
import resource
import select
import socket
import struct
import time

import pytest
from harness import (
    API_KEY,
    BINARY_FRAME,
    CLOSE,
    CONTINUATION,
    DEADLINE,
    NEEDS_DESCRIPTORS,
    PING,
    PONG,
    TEXT,
    Closed,
    RawClient,
    Server,
    frame_bytes,
    run_troupe,
)
from websockets.asyncio.client import connect

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def dial(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE)


def read_all(connection):
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


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


# -- one request is one request ---------------------------------------------------------------------

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


# -- origins -----------------------------------------------------------------------------------------

ORIGINS = "https://app.example,*.example.com,self"


def refused_socket(port, path="/ws", headers=()):
    """Everything that comes over a WebSocket that is not to be: the close frame, nothing else."""
    with RawClient(port, path, headers=headers) as client:
        closed, messages = client.read_to_close()
        client.wait_for_end()
        assert messages == []
        return closed.code, closed.reason


@pytest.fixture(scope="module")
def choosy_server():
    with Server("--server-origins", ORIGINS) as running:
        yield running


@pytest.mark.parametrize("path", ["/ws", "/chat/lobby"])
def test_an_origin_that_is_listed(choosy_server, path):
    port = choosy_server.port
    for origin in (
        "https://app.example",
        "https://a.b.example.com:8443",
        f"http://127.0.0.1:{port}",
    ):
        with choosy_server.client(path, headers=[f"Origin: {origin}"]) as client:
            client.send({"type": "ping"})
            client.until("pong")


@pytest.mark.parametrize(
    "headers",
    [
        ["Origin: https://evil.example"],
        ["Origin: https://example.com"],
        ["Origin: http://app.example"],
        ["Origin: https://app.example.evil"],
        ["Origin: null"],
        ["Origin:"],
        [],
    ],
    ids=str,
)
def test_an_origin_that_is_not_listed(choosy_server, headers):
    assert refused_socket(choosy_server.port, headers=headers) == (1008, "Origin not allowed")


def test_a_browser_sees_why(choosy_server):
    async def go():
        async with asyncio.timeout(DEADLINE):
            async with connect(choosy_server.url(), origin="https://evil.example") as websocket:
                await websocket.wait_closed()
                return websocket.close_code, websocket.close_reason

    assert asyncio.run(go()) == (1008, "Origin not allowed")


def test_the_other_paths_do_not_ask_for_an_origin(choosy_server):
    assert choosy_server.http("GET", "/healthz")[0] == 200
    assert choosy_server.api("/api/v1/announce", {"text": "x"})[0] == 200


def test_an_origin_is_refused_with_403():
    with Server("--server-origins", "none", "--server-origin-reject", "http") as server:
        status, _, body = server.http("GET", "/ws", headers={**UPGRADE, "Origin": "https://a.example"})
        assert status == 403
        assert json.loads(body)["error"]["message"] == "Origin not allowed"
        with server.client():  # no origin: `none` is listed
            pass


def test_an_origin_that_could_never_match_is_told_at_start():
    with pytest.raises(AssertionError, match="server.origins"):
        Server("--server-origins", "https://app.example/path")


def preflight(server, origin):
    return server.http(
        "OPTIONS",
        "/api/v1/announce",
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )


def test_cors(choosy_server):
    status, headers, body = preflight(choosy_server, "https://app.example")
    assert (status, body) == (204, b"")
    assert headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "POST" in headers["Access-Control-Allow-Methods"]
    assert "authorization" in headers["Access-Control-Allow-Headers"].lower()
    assert "Access-Control-Allow-Credentials" not in headers
    assert "Origin" in headers["Vary"]

    for key in (API_KEY, "wrong"):  # The page may read errors too.
        status, headers, _ = choosy_server.http(
            "POST", "/api/v1/announce", {"text": "x"}, {"Origin": "https://app.example"}, key
        )
        assert status == (200 if key == API_KEY else 401)
        assert headers["Access-Control-Allow-Origin"] == "https://app.example"


def test_cors_for_nobody_else(choosy_server):
    status, headers, _ = preflight(choosy_server, "https://evil.example")
    assert status == 403
    assert "Access-Control-Allow-Origin" not in headers
    _, headers, _ = choosy_server.http(
        "POST", "/api/v1/announce", {"text": "x"}, {"Origin": "https://evil.example"}, API_KEY
    )
    assert "Access-Control-Allow-Origin" not in headers
    assert "Access-Control-Allow-Origin" not in choosy_server.http("GET", "/healthz")[1]


# -- how much a client may say -----------------------------------------------------------------------


def test_a_burst_and_then_the_rate():
    with Server(
        "--limits-messages-per-minute", 600, "--limits-messages-burst", 5
    ) as server, server.client() as client, server.client() as other:
        client.send_bytes(
            b"".join(frame_bytes(TEXT, b'{"type":"ping","id":%d}' % i) for i in range(8))
        )
        answers = [client.read_message() for _ in range(8)]
        assert [a["id"] for a in answers] == list(range(8))
        assert [a["type"] for a in answers[:5]] == ["pong"] * 5
        refused = [a for a in answers if a["type"] == "error"]
        assert refused, "8 at once with a burst of 5"
        for answer in refused:
            assert answer["code"] == "rate_limited"
            assert answer["message"] == "Rate limit exceeded"
            assert 1 <= answer["retry_after_ms"] <= 100
        other.send({"type": "ping"})
        other.expect("pong")
        # Who does as told gets everything through, however long it takes.
        for i in range(20):
            while True:
                client.send({"type": "ping", "id": i})
                answer = client.read_message()
                if answer["type"] == "pong":
                    break
                assert answer["code"] == "rate_limited"
                socket_wait(answer["retry_after_ms"])


def socket_wait(milliseconds):
    """Waits as long as the server has said."""
    left, right = socket.socketpair()
    with left, right:
        left.settimeout(milliseconds / 1000)
        with pytest.raises(TimeoutError):
            left.recv(1)


def test_a_flood_is_closed():
    with Server(
        "--limits-messages-per-minute", 1, "--limits-messages-burst", 3, "--limits-rate-refusals-max", 5
    ) as server, server.client() as client:
        client.send_bytes(b"".join(frame_bytes(TEXT, b'{"type":"ping"}') for _ in range(50)))
        messages = client.assert_closed_with(4429)
        assert [m["type"] for m in messages] == ["pong"] * 3 + ["error"] * 5 + ["disconnect"]
        assert messages[-1]["reconnect"] is True
        assert messages[-1]["code"] == 4429


def test_bad_frames_and_pings_count_and_pongs_do_not():
    with Server("--limits-messages-per-minute", 1, "--limits-messages-burst", 4) as server:
        with server.client() as client:
            for _ in range(100):
                client.send({"type": "pong"})
            client.send_text("bad")
            client.expect("error", code="bad_json")
            client.send_frame(PING, b"one")
            assert client.read_frame() == (PONG, b"one")
            client.send_text("bad")
            client.expect("error", code="bad_json")
            client.send({"type": "ping"})
            client.expect("pong")
            client.send_frame(PING, b"not answered")
            client.send_text("bad")
            client.expect("error", code="rate_limited")


def test_a_flood_of_pings_is_closed():
    with Server(
        "--limits-messages-per-minute", 1, "--limits-messages-burst", 3, "--limits-rate-refusals-max", 5
    ) as server, server.client() as client:
        client.send_bytes(frame_bytes(PING, b"x") * 50)
        messages = client.assert_closed_with(4429)
        assert [m["type"] for m in messages] == ["disconnect"]


def test_by_default_nobody_notices():
    with Server("--limits-messages-per-minute", 6000) as server, server.member("talk") as client:
        for i in range(500):
            client.send({"type": "message", "message": i})
        for i in range(500):
            client.expect("message", message=i)


# -- how many, and how fast -------------------------------------------------------------------------


def test_sockets_of_one_address():
    with Server("--limits-connections-per-address-max", 2) as server:
        with server.client() as first, dial(server):  # one of them is not even a WebSocket
            with dial(server) as late:
                answer = read_all(late)
                assert answer.startswith(b"HTTP/1.1 503 ")
                assert b"\r\nRetry-After: " in answer
            first.send({"type": "ping"})
            first.expect("pong")
        # Both have gone: there is room again, as soon as the server has noticed.
        retry(lambda: server.client().close())


def retry(action):
    """Until the server has noticed that somebody has gone, or has been silent for long."""
    give_up_at = time.monotonic() + DEADLINE
    while True:
        try:
            return action()
        except (AssertionError, Closed, ConnectionError):
            if time.monotonic() > give_up_at:
                raise


def test_another_address_has_places_of_its_own():
    with Server("--limits-connections-per-address-max", 1) as server, server.client():
        with socket.socket() as elsewhere:
            elsewhere.settimeout(DEADLINE)
            elsewhere.bind(("127.0.0.2", 0))
            elsewhere.connect(("127.0.0.1", server.port))
            elsewhere.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            assert read_all(elsewhere).startswith(b"HTTP/1.1 200 ")


def test_an_address_behind_a_trusted_proxy():
    with Server(
        "--limits-connections-per-address-max", 1,
        "--proxy-trusted", "127.0.0.1",
        "--proxy-protocol", "x_forwarded_for",
    ) as server:  # fmt: skip
        first = {**UPGRADE, "X-Forwarded-For": "192.0.2.1"}
        with server.client(headers=["X-Forwarded-For: 192.0.2.1"]), server.client(
            headers=["X-Forwarded-For: 192.0.2.2"]
        ):
            status, headers, body = server.http("GET", "/ws", headers=first)
            assert status == 503
            assert headers["Retry-After"]
            assert json.loads(body)["error"]["code"] == "unavailable"
        retry(lambda: server.client(headers=["X-Forwarded-For: 192.0.2.1"]).close())


SECRET = "process tests share this secret of many bytes"


def token(user):
    made = run_troupe("token", "--user", user, "--secret", SECRET)
    assert made.returncode == 0, made.stdout
    return made.stdout.strip()


def test_connections_of_one_user():
    with Server("--limits-connections-per-user-max", 2, variables={"TROUPE_AUTH_SECRET": SECRET}) as server:
        ann, ben = (f"/ws?token={token(user)}" for user in ("ann", "ben"))
        with server.client(ann) as first, server.client(ann):
            code, reason = refused_socket(server.port, ann)
            assert (code, reason) == (1013, "Too many connections of this user")
            for path in (ben, "/ws", "/ws"):  # other users, and nobody in particular
                server.client(path).close()
            first.send({"type": "ping"})
            first.until("pong")
        retry(lambda: server.client(ann).close())


def test_connections_of_one_user_share_a_budget():
    with Server(
        "--limits-user-messages-per-minute", 1,
        "--limits-user-messages-burst", 3,
        variables={"TROUPE_AUTH_SECRET": SECRET},
    ) as server:  # fmt: skip
        path = f"/ws?token={token('ann')}"
        with server.client(path) as tab, server.client(path) as phone, server.client() as other:
            for client in (tab, phone, tab):
                client.send({"type": "ping"})
                client.until("pong")
            phone.send({"type": "ping", "id": 7})
            assert phone.until("error", code="rate_limited", id=7)["retry_after_ms"] > 1000
            for _ in range(10):
                other.send({"type": "ping"})
                other.expect("pong")
        with server.client(path) as again:  # connecting anew is no way to another burst
            again.send({"type": "ping"})
            again.until("error", code="rate_limited")


def test_accepts_per_second():
    with Server("--limits-accepts-per-second", 3) as server:
        answers = []
        for _ in range(30):
            with dial(server) as connection:
                connection.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                answers.append(read_all(connection)[:12])
        accepted = answers.count(b"HTTP/1.1 200")
        assert accepted >= 3
        assert set(answers[:3]) == {b"HTTP/1.1 200"}
        refused = [a for a in answers if a != b"HTTP/1.1 200"]
        assert refused, "30 at once where 3 a second may come"
        assert set(refused) <= {b"HTTP/1.1 503", b""}


def test_silent_sockets_make_room_for_others():
    with Server("--limits-http-sockets-max", 4, "--server-loops", 1) as server, server.client() as old:
        silent = [dial(server) for _ in range(4)]
        for _ in range(8):  # None of these waits.
            with server.client() as client:
                client.send({"type": "ping"})
                client.expect("pong")
        assert read_all(silent[0]) == b"", "the first of them has lost its place"
        old.send({"type": "ping"})
        old.expect("pong")
        for each in silent:
            each.close()


@NEEDS_DESCRIPTORS
def test_silent_sockets_give_up_their_descriptors():
    with limited_server(64) as server, server.client() as old:
        silent = [dial(server) for _ in range(200)]
        with retry(server.client) as honest:
            for client in (old, honest):
                client.send({"type": "ping"})
                client.expect("pong")
        for each in silent:
            each.close()


@NEEDS_DESCRIPTORS
def test_without_descriptors_newcomers_are_refused_and_the_others_live_on():
    with limited_server(64) as server:
        clients = []
        try:
            for _ in range(100):
                try:
                    clients.append(server.client())
                except AssertionError as refused:
                    assert "HTTP/1.1 503 " in str(refused)
                    break
            assert 20 < len(clients) < 64
            for _ in range(200):  # and no one of these is left waiting
                with dial(server) as late:
                    assert read_all(late).startswith(b"HTTP/1.1 503 ")
            for client in clients:
                client.send({"type": "ping"})
                client.expect("pong")
            clients.pop().close()
            retry(lambda: clients.append(server.client()))
        finally:
            for client in clients:
                client.socket.close()
        warnings = [line for line in server.output if "cannot accept" in line]
        assert len(warnings) == 1, "once a minute"


def limited_server(descriptors):
    """A server that may have so many descriptors."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)

    class Limited(Server):
        def _wait_for_port(self):
            port = super()._wait_for_port()
            resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (descriptors, hard))
            return port

    return Limited("--server-loops", 1, "--limits-http-sockets-max", 10_000)


# -- the echo ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def echo_server():
    with Server(
        "--debug-echo", "true", "--limits-outbox-bytes-max", 65536, "--limits-frame-bytes-max", 1048576
    ) as running:
        yield running


def test_no_echo_unless_asked_for(server):
    status, _, _ = server.http("GET", "/echo", headers=UPGRADE)
    assert status == 404


def test_echo_of_a_client_library(echo_server):
    async def go():
        async with asyncio.timeout(DEADLINE):
            async with connect(echo_server.url("/echo"), compression=None, max_size=None) as websocket:
                for message in ("", "text", "söme ☃", b"", b"\x00\xff", "x" * 126, b"y" * 65536, "z" * 900_000):
                    await websocket.send(message)
                    assert await websocket.recv() == message
                await websocket.send(["in ", "", "pieces"])
                assert await websocket.recv() == "in pieces"
                pong = await websocket.ping(b"payload")
                await pong
                await websocket.close(4000, "done")
                return websocket.close_code, websocket.close_reason

    assert asyncio.run(go()) == (4000, "done")


def test_echo_is_for_websockets(echo_server):
    status, headers, _ = echo_server.http("GET", "/echo")
    assert status == 426
    assert headers["Upgrade"].lower() == "websocket"


def test_echo_of_what_came_with_the_handshake(echo_server):
    second = frame_bytes(BINARY_FRAME, b"bird")
    early = frame_bytes(TEXT, b"early") + second[:3]
    with RawClient(echo_server.port, "/echo", sent_with_handshake=early) as client:
        assert client.read_frame() == (TEXT, b"early")
        client.send_bytes(second[3:])
        assert client.read_frame() == (BINARY_FRAME, b"bird")


@pytest.mark.parametrize(
    "sent, code",
    [
        (frame_bytes(TEXT, b"\xff"), 1007),
        (frame_bytes(TEXT, b"x", reserved=4), 1002),
        (frame_bytes(TEXT, b"x", masked=False), 1002),
        (frame_bytes(CONTINUATION, b"x"), 1002),
        (frame_bytes(CLOSE, struct.pack("!H", 1005)), 1002),
        (frame_bytes(CLOSE, struct.pack("!H", 2999)), 1002),
        (frame_bytes(CLOSE, struct.pack("!H", 1014)), 1014),
        (frame_bytes(CLOSE, struct.pack("!H", 3000) + b"bye"), 3000),
        (struct.pack("!BBQ", 0x81, 0xFF, 2**40) + b"mask", 1009),
    ],
)
def test_echo_closes_as_every_websocket_here(echo_server, sent, code):
    with RawClient(echo_server.port, "/echo") as client:
        client.send_bytes(sent)
        closed, messages = client.read_to_close()
        assert (closed.code, messages) == (code, [])
        client.wait_for_end()


def test_echo_does_not_read_from_who_does_not_read(echo_server):
    """Far more than the buffers of server and kernel hold: the server stops reading, and the client has
    to wait with sending; nothing of it is lost."""
    message = frame_bytes(BINARY_FRAME, b"m" * 32768)
    with RawClient(echo_server.port, "/echo", receive_buffer=65536) as client:
        sent = send_until_stalled(client.socket, message, 64 * 1024 * 1024)
        assert sent < 64 * 1024 * 1024, "all was taken without one byte being read"
        client.socket.settimeout(DEADLINE)
        whole, cut = divmod(sent, len(message))
        if cut:
            client.send_bytes(message[cut:])
        for _ in range(whole + bool(cut)):
            assert client.read_frame() == (BINARY_FRAME, b"m" * 32768)


def send_until_stalled(connection, message, at_most):
    """Sends the message over and over until nothing is taken any more; returns how many bytes were."""
    connection.setblocking(False)
    sent = 0
    while sent < at_most:
        _, writable, _ = select.select([], [connection], [], 0.5)
        if not writable:
            break
        sent += connection.send(message[sent % len(message) :])
    return sent


def test_echo_asks_for_the_origin():
    with Server("--debug-echo", "true", "--server-origins", "https://app.example") as server:
        assert refused_socket(server.port, "/echo") == (1008, "Origin not allowed")
