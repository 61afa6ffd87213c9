"""How many clients, how fast, and how much each may say."""

import json
import re
import resource
import socket

import pytest
from edge_clients import UPGRADE, dial, read_all, refused_socket, retry
from harness import DEADLINE, NEEDS_DESCRIPTORS, PING, PONG, TEXT, Server, frame_bytes, run_troupe

SECRET = "process tests share this secret of many bytes"


def token(user):
    made = run_troupe("token", "--user", user, "--secret", SECRET)
    assert made.returncode == 0, made.stdout
    return made.stdout.strip()


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
        "--limits-messages-per-minute", 3, "--limits-messages-burst", 3, "--limits-rate-refusals-max", 5
    ) as server, server.client() as client:
        client.send_bytes(b"".join(frame_bytes(TEXT, b'{"type":"ping"}') for _ in range(50)))
        messages = client.assert_closed_with(4429)
        assert [m["type"] for m in messages] == ["pong"] * 3 + ["error"] * 5 + ["disconnect"]
        assert messages[-1]["reconnect"] is True
        assert messages[-1]["close_code"] == 4429


def test_bad_frames_pings_and_pongs_that_nobody_asked_for_count():
    with Server("--limits-messages-per-minute", 6, "--limits-messages-burst", 6) as server:
        with server.client() as client:
            client.send({"type": "pong"})
            client.send_frame(PONG, b"")
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
        "--limits-messages-per-minute", 3, "--limits-messages-burst", 3, "--limits-rate-refusals-max", 5
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


# -- how often it may be refused ----------------------------------------------------------------------

BAD = {"Authorization": "Bearer not.a.token"}


@pytest.mark.parametrize(
    "method, path, headers, status",
    [
        ("GET", "/nowhere", {}, 404),
        ("GET", "/room/nonsense/x", {}, 404),
        ("POST", "/healthz", {}, 405),
        ("GET", "/ws", {}, 426),
        ("GET", "/chat/a%00b", UPGRADE, 101),
        ("GET", "/ws?user=%0a", UPGRADE, 101),
        ("GET", "/ws", {**UPGRADE, "Origin": "https://evil.example"}, 403),
        ("GET", "/ws?token=not.a.token", UPGRADE, 401),
        ("POST", "/api/v1/announce", {}, 401),
        ("POST", "/api/v1/announce", BAD, 401),
        ("GET", "/metrics", {}, 200),
    ],
    ids=lambda value: str(value)[:30],
)
def test_what_is_refused_has_a_rate(method, path, headers, status):
    """And /metrics without a key, which costs as much."""
    with Server(
        "--limits-refused-requests-per-minute", 3,
        "--server-origins", "none",
        "--server-origin-reject", "http",
        "--auth-reject", "http",
        variables={"TROUPE_AUTH_SECRET": SECRET},
    ) as server:  # fmt: skip
        for _ in range(3):
            assert server.http(method, path, headers=headers)[0] == status
        for _ in range(5):
            got, told, body = server.http(method, path, headers=headers)
            assert got == 429
            assert 1 <= int(told["Retry-After"]) <= 20
            assert told["Connection"] == "close"
            assert json.loads(body)["error"]["code"] == "rate_limited"
        # What is right is not refused, although it comes from the same address.
        assert server.http("GET", "/healthz")[0] == 200
        assert server.api("/api/v1/announce", {"text": "x"})[0] == 200
        assert server.api("/api/v1/announce", {"text": 1})[0] == 400, "a right key: only its body is wrong"
        server.client(f"/ws?token={token('ann')}").close()
        server.stop()
        assert sum("info    refused" in line for line in server.output) in (0, 3), "those beyond write no lines"


MALFORMED = {
    "garbage": b"\x00\x01\x02\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: x\n\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "long header": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20000 + b"\r\n\r\n",
    "long body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n",
    "expectation": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 99\r\n\r\n",
    "half": b"GET / HTTP/1.1\r\nHost: x\r\n",
}


def answer_to(server, sent, address):
    with socket.create_connection(("127.0.0.1", server.port), DEADLINE, source_address=(address, 0)) as client:
        client.sendall(sent)
        return read_all(client)


def test_what_is_no_request_has_a_rate():
    """And each client that is refused is counted once, as what it was refused for."""
    with Server(
        "--limits-refused-requests-per-minute", 2, "--limits-handshake-timeout-seconds", 1
    ) as server:
        for i, sent in enumerate(MALFORMED.values()):
            statuses = [answer_to(server, sent, f"127.0.2.{i + 1}")[9:12] for _ in range(3)]
            assert statuses[2] == b"429", (sent[:40], statuses)
            assert b"429" not in statuses[:2]
            assert statuses[0][:1] == b"4", (sent[:40], statuses)
        _, _, page = server.http("GET", "/metrics")
        refused = re.findall(rb'connections_refused_total{reason="(\w+)"} (\d+)', page)
        assert {reason: int(count) for reason, count in refused if count != b"0"} == {
            b"bad_request": 10,
            b"too_large": 4,
            b"timeout": 2,
            b"refused_rate": len(MALFORMED),
        }


def test_a_refused_handshake_is_counted_once():
    key = "a-key-of-the-metrics"
    with Server(
        "--limits-refused-requests-per-minute", 5,
        "--auth-required", "true",
        "--auth-reject", "http",
        "--metrics-key", key,
        variables={"TROUPE_AUTH_SECRET": SECRET},
    ) as server:  # fmt: skip
        statuses = [server.http("GET", "/ws?token=bad", headers=UPGRADE)[0] for _ in range(12)]
        assert statuses == [401] * 5 + [429] * 7
        _, _, page = server.http("GET", "/metrics", key=key)
        assert b'refused_total{reason="token"} 5\n' in page
        assert b'refused_total{reason="refused_rate"} 7\n' in page


def test_a_close_that_refuses_has_a_rate():
    with Server(
        "--limits-refused-requests-per-minute", 2, "--auth-required", "true", variables={"TROUPE_AUTH_SECRET": SECRET}
    ) as server:
        for _ in range(2):
            assert refused_socket(server.port, "/ws")[0] == 1008
        status, headers, _ = server.http("GET", "/ws", headers=UPGRADE)
        assert (status, headers["Connection"]) == (429, "close")


def test_a_key_for_the_metrics_is_not_charged():
    key = "a-key-of-the-metrics"
    with Server("--limits-refused-requests-per-minute", 2, "--metrics-key", key) as server:
        for _ in range(10):
            assert server.http("GET", "/metrics", key=key)[0] == 200
        assert [server.http("GET", "/metrics")[0] for _ in range(3)] == [401, 401, 429]
        assert server.http("GET", "/metrics", key=key)[0] == 200


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
            with server.client() as nobody:  # by the other way in
                nobody.send({"type": "refresh", "token": token("ann"), "id": 1})
                nobody.until("error", code="limit_exceeded", id=1)
                nobody.send({"type": "refresh", "token": token("ben"), "id": 2})
                nobody.until("authenticated", id=2)
                server.client(ben).close()
                with server.client(ben):
                    assert refused_socket(server.port, ben)[0] == 1013
        retry(lambda: server.client(ann).close())


def test_a_connection_that_does_not_answer_the_close_keeps_no_place():
    with Server(
        "--limits-connections-per-user-max", 1,
        "--limits-close-timeout-seconds", 3600,
        variables={"TROUPE_AUTH_SECRET": SECRET},
    ) as server:  # fmt: skip
        ann = f"/ws?token={token('ann')}"
        with server.client(ann) as dead:
            assert refused_socket(server.port, ann)[0] == 1013
            assert server.api("/api/v1/users/ann/disconnect", {})[0] == 200
            dead.assert_closed_with(4403)
            with server.client(ann) as alive:  # while the other is still there
                alive.send({"type": "ping"})
                alive.until("pong")


def test_connections_of_one_user_share_a_budget():
    with Server(
        "--limits-user-messages-per-minute", 3,
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
