"""The echo for protocol test suites."""

import asyncio
import select
import struct

import pytest
from edge_clients import UPGRADE, refused_socket, retry
from harness import (
    BINARY_FRAME,
    CLOSE,
    CONTINUATION,
    DEADLINE,
    TEXT,
    RawClient,
    Server,
    frame_bytes,
    run_troupe,
)
from websockets.asyncio.client import connect


@pytest.fixture(scope="module")
def echo_server():
    with Server(
        "--debug-echo", "true", "--limits-outbox-bytes-max", 65536, "--limits-frame-bytes-max", 1048576
    ) as running:
        yield running


def test_no_echo_unless_asked_for(server):
    assert refused_socket(server.port, "/echo")[0] == 1008


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


# -- every way in takes the same checks --------------------------------------------------------------

SECRET = "process tests share this secret of many bytes"
every_way_in = pytest.mark.parametrize("path", ["/ws", "/chat/lobby", "/room/poll/lunch", "/echo"])


def token(user):
    made = run_troupe("token", "--user", user, "--secret", SECRET)
    assert made.returncode == 0, made.stdout
    return made.stdout.strip()


def open_socket(server, path):
    """A client that is in, whatever it is told first."""
    return RawClient(server.port, path)


@every_way_in
def test_every_way_in_asks_for_the_origin(path):
    with Server("--debug-echo", "true", "--server-origins", "https://app.example") as server:
        assert refused_socket(server.port, path) == (1008, "Origin not allowed")


@every_way_in
def test_every_way_in_asks_for_the_token(path):
    with Server(
        "--debug-echo", "true", "--auth-required", "true", variables={"TROUPE_AUTH_SECRET": SECRET}
    ) as server:
        assert refused_socket(server.port, path)[0] == 1008
        assert refused_socket(server.port, f"{path}?token=no.token.this")[0] == 1008
        open_socket(server, f"{path}?token={token('ann')}").socket.close()


@every_way_in
def test_every_way_in_counts_the_connections_of_a_user(path):
    with Server(
        "--debug-echo", "true", "--limits-connections-per-user-max", 1, variables={"TROUPE_AUTH_SECRET": SECRET}
    ) as server:
        path += f"?token={token('ann')}"
        with open_socket(server, path):
            assert refused_socket(server.port, path)[0] == 1013
        retry(lambda: open_socket(server, path).socket.close())


@every_way_in
def test_every_way_in_counts_all_connections(path):
    with Server("--debug-echo", "true", "--limits-connections-max", 1) as server:
        with open_socket(server, path):
            assert b"troupe_connections 1\n" in server.http("GET", "/metrics")[2]
            for other in ("/ws", "/echo"):
                status, headers, _ = server.http("GET", other, headers=UPGRADE)
                assert status == 503
                assert headers["Retry-After"]
        retry(lambda: open_socket(server, path).socket.close())


@every_way_in
def test_every_way_in_refuses_names_that_are_none(path):
    with Server("--debug-echo", "true") as server:
        code, reason = refused_socket(server.port, f"{path}?user=a%0ab")
        assert code == 1008 and "'user'" in reason


@every_way_in
def test_every_way_in_is_drained(path):
    with Server("--debug-echo", "true", "--limits-close-timeout-seconds", 10) as server:
        with open_socket(server, path) as client:
            server.terminate()
            client.assert_closed_with(1001)
            assert server.http("GET", path, headers=UPGRADE)[0] == 503
            client.send_close(1001)
            client.wait_for_end()
        assert server.wait() == 0, server.log()


def test_echo_compresses_where_it_was_agreed():
    async def go(server):
        async with asyncio.timeout(DEADLINE):
            async with connect(server.url("/echo"), compression="deflate", max_size=None) as websocket:
                assert "permessage-deflate" in websocket.response.headers["Sec-WebSocket-Extensions"]
                for message in ("", "short", "a repeated text " * 1000, b"\x00\xff" * 1000):
                    await websocket.send(message)
                    assert await websocket.recv() == message

    with Server("--debug-echo", "true", "--deflate-enabled", "true") as server:
        asyncio.run(go(server))
