"""The HTTP server: probes, the server-side API, and what is refused."""

import http.client
import json
import socket

import pytest
from edge_clients import UPGRADE, refused_socket
from harness import API_KEY, DEADLINE, ISO_MILLISECONDS, Server, exchange


def error_code(body):
    error = json.loads(body)["error"]
    assert set(error) >= {"code", "message"}
    assert isinstance(error["code"], str) and isinstance(error["message"], str)
    return error["code"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes(server, path):
    assert server.http("GET", path)[0] == 200
    status, headers, body = server.http("HEAD", path)
    assert (status, body) == (200, b"")


def test_the_page(server):
    status, headers, body = server.http("GET", "/")
    assert status == 200
    assert headers["Content-Type"].lower().startswith("text/html")
    assert b"<!doctype html" in body[:200].lower()
    assert int(headers["Content-Length"]) == len(body)


def test_the_client_for_pages(server):
    status, headers, body = server.http("GET", "/troupe-client.js")
    assert status == 200
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert int(headers["Content-Length"]) == len(body)
    assert body.startswith(b"// troupe-client ") and b"var troupe=" in body


@pytest.mark.parametrize("path", ["/", "/troupe-client.js"])
def test_a_browser_that_has_the_file_is_told_so(server, path):
    status, headers, body = server.http("GET", path)
    assert headers["Cache-Control"] == "no-cache"
    assert headers["X-Content-Type-Options"] == "nosniff"
    tag = headers["ETag"]
    for method in ("GET", "HEAD"):
        status, headers, nothing = server.http(method, path, headers={"If-None-Match": tag})
        assert (status, nothing) == (304, b"")
        assert headers["ETag"] == tag
        assert "Content-Length" not in headers
        assert server.http(method, path, headers={"If-None-Match": '"another"'})[0] == 200


def test_the_answer_that_has_no_body_leaves_the_connection_usable(server):
    tag = server.http("GET", "/troupe-client.js")[1]["ETag"]
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
    for status in (304, 200, 304):
        known = {"If-None-Match": tag} if status == 304 else {}
        connection.request("GET", "/troupe-client.js", headers=known)
        answer = connection.getresponse()
        assert answer.status == status
        assert bool(answer.read()) == (status == 200)
    connection.close()


def test_wrong_keys_are_logged_and_summed_up():
    with Server("--metrics-key", "the-key-of-the-metrics") as server:
        for _ in range(15):
            assert server.api("/api/v1/announce", {"text": "x"}, key="sesame-sesame-sesame")[0] == 401
        assert server.http("GET", "/metrics", key="sesame-sesame-sesame")[0] == 401
        assert b"The metrics key is needed" in server.http("GET", "/metrics")[2]
        assert b"Not the metrics key" in server.http("GET", "/metrics", key="sesame")[2]
        server.stop()
        told = [line for line in server.output if "refused api call audit=true" in line]
        assert len(told) == 10, server.log()
        assert 'why="not a key" address=127.0.0.1' in told[0]
        assert "refused api call: 5 more in the last 10 s audit=true" in server.log()
        assert 'refused metrics audit=true why="not the key" address=127.0.0.1' in server.log()
        assert "sesame" not in server.log()


def test_the_connections_of_a_traced_address_are_logged():
    with Server("--log-trace-user", "127.0.0.0/8") as server:
        with server.client("/ws?user=Ann") as client:
            client.close()
        name = f"connection={client.connection['connection_id']}"
        server.wait_for_log(f"info    connection opened {name} name=Ann address=127.0.0.1")
        server.wait_for_log(f'info    connection closed {name} address=127.0.0.1 why="by the client"')


def test_announce_reaches_everyone(server):
    with server.member("hall") as member, server.client() as idle:
        status, _ = server.api("/api/v1/announce", {"text": "Maintenance at 5 \u2013 save your work"})
        assert status == 200
        for client in (member, idle):
            told = client.expect("announcement", text="Maintenance at 5 \u2013 save your work")
            assert ISO_MILLISECONDS.fullmatch(told["timestamp"])


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEARER  "])
def test_the_scheme_of_a_key_in_any_case(server, scheme):
    headers = {"Authorization": f"{scheme} {API_KEY}"}
    assert server.http("GET", "/api/v1/stats", headers=headers)[0] == 200


def test_publish(server):
    with server.client() as client:
        client.send({"type": "subscribe", "topic": "by-http"})
        epoch = client.expect("subscribed")["positions"]["by-http"]["epoch"]
        request = {"topic": "by-http", "data": {"n": [1]}, "event": "order_update", "msg_id": "m"}
        for _ in range(2):
            status, answer = server.api("/api/v1/publish", request)
            assert status == 200
            assert answer["epoch"] == epoch
            assert answer["offset"] == 1
        status, answer = server.api("/api/v1/publish", {"topic": "by-http", "data": None})
        assert (status, answer["offset"]) == (200, 2)
        assert client.expect("order_update", topic="by-http", offset=1)["data"] == {"n": [1]}
        assert client.expect("publication", topic="by-http", offset=2)["data"] is None


def test_a_call_that_is_made_again(server):
    with server.client() as client:
        client.send({"type": "subscribe", "topic": "again-by-http"})
        client.expect("subscribed")
        headers = {"Idempotency-Key": "8e03978e-40d5"}
        body = {"topic": "again-by-http", "data": 1}
        first = server.api("/api/v1/publish", body, headers=headers)
        assert first[0] == 200
        assert server.api("/api/v1/publish", {**body, "msg_id": "8e03978e-40d5"}) == first
        status, answer = server.api("/api/v1/publish", {**body, "data": 2}, headers=headers)
        assert (status, answer["error"]["code"]) == (422, "msg_id_reused")
        status, answer = server.api("/api/v1/publish", {**body, "msg_id": "m"}, headers=headers)
        assert (status, answer["error"]["code"]) == (400, "bad_request")
        assert "Idempotency-Key" in answer["error"]["message"]
        server.api("/api/v1/publish", {**body, "data": 3})
        assert client.expect("publication")["data"] == 1
        assert client.expect("publication")["data"] == 3


def test_a_message_for_a_role(server):
    with server.client() as client:
        client.send({"type": "subscribe", "topic": "for-some"})
        client.expect("subscribed")
        for_staff = {"topic": "for-some", "data": 1, "to": {"role": "staff"}}
        assert server.api("/api/v1/publish", for_staff) == (200, {"listeners": 1})
        status, answer = server.api("/api/v1/publish", {"topic": "for-some", "data": 2, "ttl_ms": 60000})
        assert (status, answer["offset"]) == (200, 1)
        assert client.expect("publication")["data"] == 2
        status, answer = server.api("/api/v1/publish", {**for_staff, "to": {"user": "7"}})
        assert (status, answer["error"]["code"]) == (400, "bad_request")


def test_message_to_a_room(server):
    with server.member("by.http@room/1") as client:
        status, _ = server.api("/api/v1/rooms/by.http@room%2F1/message", {"message": "from the back"})
        assert status == 200
        said = client.expect("message", room="by.http@room/1", offset=1)
        assert said["message"] == "from the back"

        status, _ = server.api(
            "/api/v1/rooms/by.http@room%2F1/message", {"content": {"a": 1}, "user": "Back office"}
        )
        assert status == 200
        assert client.expect("message", offset=2, user="Back office")["message"] == {"a": 1}


CALLS = {
    "/api/v1/announce": {"text": "x"},
    "/api/v1/publish": {"topic": "guarded", "data": 1},
    "/api/v1/rooms/guarded/message": {"message": "x"},
}


@pytest.mark.parametrize("path", CALLS)
def test_only_with_the_key(server, path):
    with server.member("guarded") as client:
        client.send({"type": "subscribe", "topic": "guarded"})
        client.expect("subscribed")
        for headers in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": f"Bearer {API_KEY}x"},
            {"Authorization": f"Bearer {API_KEY[:-1]}"},
            {"Authorization": "Bearer "},
            {"Authorization": f"Basic {API_KEY}"},
            {"Authorization": API_KEY},
            {"X-Api-Key": API_KEY},
        ):
            status, answer_headers, body = server.http("POST", path, CALLS[path], headers)
            assert status == 401, headers
            assert "Bearer" in answer_headers["WWW-Authenticate"]
            assert error_code(body)
            bears_one = headers.get("Authorization", "").startswith("Bearer ") and headers["Authorization"] != "Bearer "
            message = json.loads(body)["error"]["message"]
            assert message == ("Not a valid API key" if bears_one else "An API key is needed")
        # None of them was carried out: the first thing to arrive is what the right key sent.
        assert server.api("/api/v1/publish", {"topic": "guarded", "data": "right"})[0] == 200
        client.expect("publication", data="right")


@pytest.mark.parametrize(
    "path, body, named",
    [
        ("/api/v1/announce", {}, "text"),
        ("/api/v1/announce", {"text": 5}, "text"),
        ("/api/v1/publish", {"data": 1}, "topic"),
        ("/api/v1/publish", {"topic": "t"}, "data"),
        ("/api/v1/publish", {"topic": ["t"], "data": 1}, "topic"),
        ("/api/v1/publish", {"topic": "a..b", "data": 1}, "topic"),
        ("/api/v1/publish", {"topic": "a.*", "data": 1}, "topic"),
        ("/api/v1/publish", {"topic": "t", "data": 1, "event": "error"}, "event"),
        ("/api/v1/rooms/r/message", {}, "message"),
    ],
)
def test_a_wrong_field_is_named(server, path, body, named):
    status, _, answer = server.http("POST", path, body, key=API_KEY)
    assert status == 400
    assert error_code(answer) in ("bad_request", "invalid_name")
    assert named in json.loads(answer)["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b'{"text":"\xff"}', b"\0" * 10, b"[" * 5000])
@pytest.mark.parametrize("path", CALLS)
def test_a_body_that_is_no_json_object(server, path, body):
    status, _, answer = server.http("POST", path, body, key=API_KEY)
    assert status == 400
    assert error_code(answer) in ("bad_json", "bad_request")


@pytest.mark.parametrize("room", ["%00", "a..b", "%0d%0aX-Evil:1", "a%20b", "%zz", "*", "x" * 129])
def test_a_room_name_that_is_none(server, room):
    status, headers, answer = server.http(
        "POST", f"/api/v1/rooms/{room}/message", {"message": "x"}, key=API_KEY
    )
    assert status in (400, 404)
    assert "X-Evil" not in headers
    assert error_code(answer)


@pytest.mark.parametrize(
    "method, path",
    [
        ("DELETE", "/healthz"),
        ("POST", "/"),
        ("POST", "/troupe-client.js"),
        ("GET", "/api/v1/announce"),
        ("PUT", "/api/v1/publish"),
        ("GET", "/api/v1/rooms/r/message"),
    ],
)
def test_wrong_method(server, method, path):
    status, headers, body = server.http(method, path, key=API_KEY)
    assert status == 405
    assert headers["Allow"]
    assert error_code(body)


@pytest.mark.parametrize(
    "path",
    ["/nope", "/api/v1/nope", "/api/v2/announce", "/wsx", "/troupe-client", "/troupe-client.js/", "/../etc/passwd", "/%00"],
)
def test_unknown_path(server, path):
    status, _, body = server.http("GET", path, key=API_KEY)
    assert status == 404
    assert error_code(body)


@pytest.mark.parametrize("path", ["/ws", "/chat/lobby"])
def test_a_plain_request_for_a_websocket(server, path):
    status, headers, body = server.http("GET", path)
    assert status == 426
    assert headers["Upgrade"].lower() == "websocket"
    assert error_code(body)


@pytest.mark.parametrize("room", ["a..b", "a%20b", "%00", "*", ""])
def test_no_upgrade_for_a_room_name_that_is_none(server, room):
    code, reason = refused_socket(server.port, f"/chat/{room}")
    assert (code, reason) == (1008, "Not a valid room name")
    status, _, body = server.http("GET", f"/chat/{room}")
    assert status == 400
    assert error_code(body)


def raw_answer(server, request):
    """The answer to bytes that http.client would not send; an early answer is no error."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE) as connection:
        try:
            connection.sendall(request)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        return answer.status, answer.read()


def test_body_too_large(server):
    head = (
        f"POST /api/v1/announce HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {API_KEY}\r\n"
        f"Content-Length: {2 * 1024 * 1024}\r\n\r\n"
    )
    status, body = raw_answer(server, head.encode() + b"x" * 2 * 1024 * 1024)
    assert status == 413
    assert error_code(body)


def test_a_large_body_is_refused_before_it_is_sent(server):
    head = (
        f"POST /api/v1/announce HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {API_KEY}\r\n"
        f"Content-Length: {10**15}\r\n\r\n"
    )
    assert raw_answer(server, head.encode())[0] == 413


def test_header_too_large(server):
    status, body = raw_answer(
        server, b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"y" * 65536 + b"\r\n\r\n"
    )
    assert status == 431
    assert error_code(body)


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 64 + b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: nine\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
    ],
)
def test_not_http(server, request_bytes):
    assert raw_answer(server, request_bytes)[0] == 400


def read_all(connection):
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def test_a_request_that_does_not_come_to_its_end():
    with Server("--limits-handshake-timeout-seconds", 0.2) as server:
        address = ("127.0.0.1", server.port)
        with socket.create_connection(address, timeout=DEADLINE) as silent:
            assert read_all(silent) == b""
        with socket.create_connection(address, timeout=DEADLINE) as slow:
            slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
            assert read_all(slow).startswith(b"HTTP/1.1 408 ")
        with server.client() as client:  # What has become a WebSocket has no such deadline.
            assert read_all(socket.create_connection(address, timeout=DEADLINE)) == b""
            client.send({"type": "ping"})
            client.expect("pong")


WRONG_PATHS = pytest.mark.parametrize(
    "path, hint",
    [
        ("/wss", "did you mean /ws?"),
        ("/websocket", "WebSockets are at /ws, /chat/{room} and /room/{type}/{room}"),
        ("/socket.io/?EIO=4&transport=websocket", "WebSockets are at /ws, "),
        ("/chat", "did you mean /chat/{room}?"),
        ("/room/lobby", "did you mean /room/{type}/{room}?"),
        ("/room/nonsense/x", "rooms are of these types: chat poll"),
        ("/api/rooms", "did you mean /api/v1/rooms?"),
        ("/api/v1/room/x", "did you mean /api/v1/rooms/{id}?"),
    ],
)


@WRONG_PATHS
def test_a_wrong_path_is_told_what_is_near(server, path, hint):
    status, _, body = server.http("GET", path, key=API_KEY)
    assert (status, error_code(body)) == (404, "not_found")
    assert f"No such path: {hint}" in json.loads(body)["error"]["message"]


@WRONG_PATHS
def test_a_websocket_with_a_wrong_path_is_told_the_same(server, path, hint):
    if path.startswith("/api/v1/"):
        status, _, body = server.http("GET", path, headers=UPGRADE, key=API_KEY)
        assert (status, error_code(body)) == (404, "not_found")
    else:
        code, reason = refused_socket(server.port, path)
        assert code == 1008 and reason.startswith(f"No such path: {hint}")


def test_a_path_that_is_near_to_none(server):
    for path, hint in (("/favicon.ico", ""), ("/echo", "")):
        body = server.http("GET", path)[2]
        assert json.loads(body)["error"]["message"] == "No such path" + hint
    code, reason = refused_socket(server.port, "/elsewhere")
    assert code == 1008 and reason.startswith("No such path: WebSockets are at /ws")


def test_more_connections_than_allowed():
    with Server("--limits-connections-max", 2) as server:
        with server.client() as first, server.client():
            upgrade = {
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            }
            status, _, body = server.http("GET", "/ws", headers=upgrade)
            assert (status, error_code(body)) == (503, "unavailable")
            assert server.http("GET", "/healthz")[0] == 200
            first.send({"type": "ping"})
            first.expect("pong")


def test_keep_alive(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
    try:
        assert exchange(connection, "GET", "/healthz")[0] == 200
        first = connection.sock
        assert first is not None
        assert exchange(connection, "POST", "/api/v1/announce", {"text": "a"}, key=API_KEY)[0] == 200
        assert exchange(connection, "GET", "/nope")[0] == 404
        assert exchange(connection, "GET", "/readyz")[0] == 200
        assert connection.sock is first
    finally:
        connection.close()


def test_a_connection_is_kept_for_its_own_time():
    """However short the time is that one request may take."""
    with Server("--limits-handshake-timeout-seconds", 1, "--limits-keep-alive-timeout-seconds", 60) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE) as kept:
            kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert kept.recv(4096).startswith(b"HTTP/1.1 200 ")
            # Another one is given up meanwhile: that long it may have taken.
            with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE) as silent:
                assert read_all(silent) == b""
            kept.sendall(b"\r\n")  # begins nothing
            kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert kept.recv(4096).startswith(b"HTTP/1.1 200 ")
            kept.sendall(b"GET /healthz HT")  # a request that begins has to end
            assert read_all(kept).startswith(b"HTTP/1.1 408 ")
    with Server("--limits-handshake-timeout-seconds", 60, "--limits-keep-alive-timeout-seconds", 0.2) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE) as kept:
            kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert read_all(kept).startswith(b"HTTP/1.1 200 ")


def test_connection_close_is_obeyed(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert read_all(connection).startswith(b"HTTP/1.1 200 ")


def test_pipelining(server):
    requests = 20
    with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE) as connection:
        pipelined = b""
        for i in range(requests):
            path = b"/healthz" if i % 2 == 0 else b"/nope"
            pipelined += b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n"
        connection.sendall(pipelined)
        reader = connection.makefile("rb")
        statuses = []
        for _ in range(requests):
            status = int(reader.readline().split()[1])
            size = 0
            while (line := reader.readline().strip()) != b"":
                name, _, value = line.partition(b":")
                if name.lower() == b"content-length":
                    size = int(value)
            reader.read(size)
            statuses.append(status)
    assert statuses == [200, 404] * (requests // 2)


def test_chunked_body(server):
    with server.client() as client:
        body = b'{"text":"in pieces"}'
        chunks = b"".join(b"1\r\n" + bytes([byte]) + b"\r\n" for byte in body) + b"0\r\n\r\n"
        head = (
            f"POST /api/v1/announce HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {API_KEY}\r\n"
            f"Transfer-Encoding: chunked\r\n\r\n"
        )
        assert raw_answer(server, head.encode() + chunks)[0] == 200
        client.expect("announcement", text="in pieces")
