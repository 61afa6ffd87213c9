"""Which pages may open a socket and call the API: origins and CORS."""

import asyncio
import json
import socket
import time

import pytest
from edge_clients import UPGRADE, dial, read_all, refused_socket
from harness import API_KEY, DEADLINE, Server
from websockets.asyncio.client import connect


ORIGINS = "https://app.example,*.example.com,self"


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


@pytest.mark.parametrize(
    "sent, status",
    [
        (b"POST /api/v1/announce HTTP/1.1\r\nHost: x\r\n%sContent-Length: 99999999\r\n\r\n", 413),
        (b"POST /api/v1/announce HTTP/1.1\r\nHost: x\r\n%sContent-Length: x\r\n\r\n", 400),
        (b"POST /api/v1/announce HTTP/1.1\r\nHost: x\r\n%sTransfer-Encoding: gzip\r\n\r\n", 400),
        (b"POST /api/v1/announce HTTP/1.1\r\nHost: x\r\n%sExpect: tea\r\n\r\n", 417),
        (b"POST /api/v1/announce HTTP/1.1\r\nHost: x\r\n%sX: " + b"y" * 9000 + b"\r\n\r\n", 431),
        (b"POST /api/v1/announce HTTP/1.1\r\nHost: x\r\n%sContent-", 408),
        (b"GET /api/v1/announce HTTP/1.1\r\nHost: x\r\n%s\r\n", 401),
        (b"GET /api/v1/announce HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + API_KEY.encode() + b"\r\n%s\r\n", 405),
        (b"GET /api/v1/nothing HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + API_KEY.encode() + b"\r\n%s\r\n", 404),
        (b"GET /api HTTP/1.1\r\nHost: x\r\n%s\r\n", 404),
        (b"PUT /healthz HTTP/1.1\r\nHost: x\r\n%s\r\n", 405),
        (b"GET /ws HTTP/1.1\r\nHost: x\r\n%s\r\n", 426),
    ],
    ids=lambda value: str(value)[-40:] if isinstance(value, bytes) else str(value),
)
def test_a_page_may_read_every_error_wherever_it_was_made(sent, status):
    patience = 0.5 if status == 408 else DEADLINE
    with Server("--server-origins", ORIGINS, "--limits-handshake-timeout-seconds", patience) as server:
        for origin, named in (("https://app.example", True), ("https://evil.example", False)):
            with dial(server) as connection:
                connection.sendall(sent.replace(b"%s", f"Origin: {origin}\r\n".encode()))
                connection.settimeout(DEADLINE)
                if status != 408:
                    connection.shutdown(socket.SHUT_WR)
                answer = read_all(connection)
            assert answer.startswith(b"HTTP/1.1 %d " % status), answer
            assert (f"\r\nAccess-Control-Allow-Origin: {origin}\r\n".encode() in answer) == named
            assert answer.count(b"Access-Control-Allow-Origin") == named


def test_cors_for_nobody_else(choosy_server):
    status, headers, _ = preflight(choosy_server, "https://evil.example")
    assert status == 403
    assert "Access-Control-Allow-Origin" not in headers
    _, headers, _ = choosy_server.http(
        "POST", "/api/v1/announce", {"text": "x"}, {"Origin": "https://evil.example"}, API_KEY
    )
    assert "Access-Control-Allow-Origin" not in headers
    assert "Access-Control-Allow-Origin" not in choosy_server.http("GET", "/healthz")[1]


def test_the_log_says_what_was_wrong_with_an_origin():
    with Server("--server-origins", "https://app.example") as server:
        for headers, line in (
            ([], 'refused origin audit=true why="no origin" address='),
            (
                ["Origin: https://evil.example"],
                'refused origin audit=true why="not in server.origins" origin=https://evil.example',
            ),
        ):
            assert refused_socket(server.port, headers=headers) == (1008, "Origin not allowed")
            give_up_at = time.monotonic() + DEADLINE
            while line not in server.log():
                assert time.monotonic() < give_up_at, server.log()
                time.sleep(0.01)
