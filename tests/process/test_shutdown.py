"""Draining: clients are told one after the other, new ones are refused, and the process ends with 0."""

import asyncio
import base64
import json
import os
import re
import select
import signal
import socket
import threading
import time

import pytest
from edge_clients import dial as dial_plain
from edge_clients import read_all
from harness import API_KEY, DEADLINE, Closed, Server
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

DRAIN_SECONDS = 3.0


def assert_told_to_go(messages):
    last = messages[-1]
    assert last["type"] == "disconnect"
    assert last["close_code"] == 1001
    assert last["reconnect"] is True
    assert isinstance(last["reason"], str) and last["reason"]
    assert isinstance(last["after_ms"], int) and last["after_ms"] >= 0


def dial(server):
    """An opening handshake that is to be refused: (status, headers, decoded body)."""
    offer = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
    }
    status, headers, body = server.http("GET", "/ws", headers=offer)
    return status, headers, json.loads(body)


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_clients_are_told(signal_number):
    with Server() as server:
        clients = [server.client(path) for path in ("/ws", "/chat/a", "/chat/a", "/chat/b")]
        server.process.send_signal(signal_number)
        for client in clients:
            closed, messages = client.read_to_close()
            assert closed.code == 1001
            assert_told_to_go(messages)
            client.send_close(1001)
            client.wait_for_end()
            client.socket.close()
        assert server.wait() == 0, server.log()


def test_an_ordinary_client_sees_1001():
    async def stay(server):
        frames = []
        async with asyncio.timeout(DEADLINE), connect(server.url("/chat/lobby")) as websocket:
            frames.append(json.loads(await websocket.recv()))
            server.terminate()
            async for text in websocket:  # Ends with the close frame: 1001 is no error to it.
                frames.append(json.loads(text))
            return websocket.close_code, frames

    with Server() as server:
        code, frames = asyncio.run(stay(server))
        assert code == 1001
        assert_told_to_go(frames)
        assert server.wait() == 0, server.log()


def test_after_ms_spreads_the_reconnects():
    with Server() as server:
        clients = [server.client() for _ in range(20)]
        server.terminate()
        waits = set()
        for client in clients:
            _, messages = client.read_to_close()
            waits.add(messages[-1]["after_ms"])
            client.socket.close()
        assert len(waits) > 1
        assert server.wait() == 0, server.log()


def test_a_client_that_ignores_the_close_cannot_hold_it_up():
    with Server(
        "--server-drain-seconds", DRAIN_SECONDS, "--limits-close-timeout-seconds", 1
    ) as server:
        with server.client("/chat/stubborn") as stubborn, server.client("/chat/stubborn") as deaf:
            started = time.monotonic()
            server.terminate()
            closed, messages = stubborn.read_to_close()
            assert closed.code == 1001
            assert_told_to_go(messages)
            assert server.wait(DRAIN_SECONDS + DEADLINE) == 0
            took = time.monotonic() - started
            assert took < DRAIN_SECONDS + 3.0, f"took {took:.1f} s"
            deaf.socket.close()


def test_while_draining_new_websockets_get_503_and_so_does_readyz():
    with Server("--limits-close-timeout-seconds", 10) as server:
        assert server.http("GET", "/readyz")[0] == 200
        with server.client() as stubborn:
            server.terminate()
            stubborn.assert_closed_with(1001)
            # It does not answer the close frame, so the server is still there.
            status, headers, body = dial(server)
            assert status == 503
            assert int(headers["Retry-After"]) > 0
            assert body["error"]["code"] == "unavailable"
            status, _, body = server.http("GET", "/readyz")
            assert (status, body) == (503, b"draining\n")
            assert server.http("GET", "/healthz")[0] == 200
            _, _, metrics = server.http("GET", "/metrics")
            assert b"troupe_ready 0\n" in metrics
            assert b'troupe_connections_refused_total{reason="draining"} 1\n' in metrics
            assert b'troupe_connections_closed_total{code="1001"} 1\n' in metrics
        assert server.wait() == 0, server.log()


def closing_moments(clients):
    """When the `disconnect` of each client came, in the order in which they came, and the frames."""
    moments, waiting = [], {client.socket.fileno(): client for client in clients}
    poll = select.poll()
    for number in waiting:
        poll.register(number, select.POLLIN)
    while waiting:
        ready = poll.poll(DEADLINE * 1000)
        assert ready, f"{len(waiting)} are still there"
        for number, _ in ready:
            poll.unregister(number)
            client = waiting.pop(number)
            moments.append(time.monotonic())
            messages = client.assert_closed_with(1001)
            assert_told_to_go(messages)
            client.send_close(1001)
    return moments


def test_connections_are_closed_at_the_rate_that_is_configured():
    with Server("--server-loops", 1, "--server-drain-rate", 20) as server:
        clients = [server.client() for _ in range(11)]
        server.terminate()
        moments = closing_moments(clients)
        # Ten follow the first, 50 ms apart. Slower is a busy machine; faster is wrong.
        assert moments[-1] - moments[0] > 0.4
        for client in clients:
            client.socket.close()
        assert server.wait() == 0, server.log()


def test_many_connections_are_spread_over_the_drain_time():
    with Server("--server-loops", 1, "--server-drain-seconds", 1) as server:
        clients = [server.client() for _ in range(200)]
        server.terminate()
        moments = closing_moments(clients)
        assert moments[-1] - moments[0] > 0.8
        # No herd: in no twentieth of a second more than a few times its share.
        for i in range(0, 150):
            assert moments[i + 50] - moments[i] > 0.05
        for client in clients:
            client.socket.close()
        assert server.wait() == 0, server.log()


def test_where_the_rate_is_too_slow_all_go_at_the_end():
    with Server("--server-drain-rate", 1, "--server-drain-seconds", 0.5) as server:
        clients = [server.client() for _ in range(20)]
        server.terminate()
        closing_moments(clients)
        for client in clients:
            client.socket.close()
        assert server.wait() == 0, server.log()


def test_the_api_drains_too():
    with Server() as server:
        clients = [server.client("/chat/a") for _ in range(3)]
        assert server.api("/api/v1/drain", None, key="not-a-key-of-this-server")[0] == 401
        assert server.http("GET", "/api/v1/drain", key=API_KEY)[0] == 405
        assert server.http("GET", "/readyz")[0] == 200
        assert server.api("/api/v1/drain", None) == (200, {})
        closing_moments(clients)
        for client in clients:
            client.socket.close()
        assert server.wait() == 0, server.log()
        assert re.search(r"drain audit=true who=\S*", server.log()), server.log()
        assert 'stopping why="POST /api/v1/drain"' in server.log()
        assert "signal=" not in server.log(), "nobody has sent one"
        assert API_KEY not in server.log()


def test_draining_twice_is_draining_once():
    with Server("--limits-close-timeout-seconds", 1) as server:
        with server.client() as stubborn:
            assert server.api("/api/v1/drain", None)[0] == 200
            stubborn.assert_closed_with(1001)
            assert server.api("/api/v1/drain", None)[0] == 200
            server.terminate()
            assert server.wait() == 0, server.log()


def test_nobody_loses_a_message():
    """A back end publishes on while the connections go, one by one: whoever is there gets all of it."""
    with Server("--server-drain-rate", 40, "--server-drain-seconds", 10) as server:
        members = [server.member("crowd") for _ in range(20)]
        accepted = []

        def publish():
            try:
                while True:
                    status, answer = server.api("/api/v1/rooms/crowd/message", {"message": "tick"})
                    if status != 200:
                        return
                    accepted.append(answer["offset"])
            except OSError:
                pass  # The server is gone.

        publisher = threading.Thread(target=publish)
        publisher.start()
        firsts = {member: member.until("message")["offset"] for member in members}
        server.terminate()
        heard = []

        def listen(member):
            messages = member.assert_closed_with(1001)
            assert_told_to_go(messages)
            member.send_close(1001)
            member.wait_for_end()
            offsets = [m["offset"] for m in messages if m["type"] == "message"]
            heard.append([firsts[member], *offsets])

        listeners = [threading.Thread(target=listen, args=(member,)) for member in members]
        for thread in listeners:
            thread.start()
        for thread in [*listeners, publisher]:
            thread.join(2 * DEADLINE)
        assert len(heard) == len(members)
        for offsets in heard:
            assert offsets == list(range(offsets[0], offsets[0] + len(offsets)))
        # The publications went on while connections were closed, and came through.
        ends = sorted(offsets[-1] for offsets in heard)
        assert ends[-1] > ends[0]
        assert accepted == list(range(1, len(accepted) + 1))
        assert server.wait() == 0, server.log()


def test_what_was_said_before_the_signal_arrives_before_the_goodbye():
    with Server() as server:
        with server.member("last-words") as client:
            for i in range(100):
                client.send({"type": "message", "message": i})
            client.until("message", message=99)
            server.terminate()
            client.assert_closed_with(1001)
        assert server.wait() == 0, server.log()


def test_idle_and_half_open_http_connections_do_not_hold_it_up():
    with Server() as server:
        idle = socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE)
        half = socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE)
        with idle, half:
            half.sendall(b"GET /healthz HT")
            assert server.http("GET", "/healthz")[0] == 200
            started = time.monotonic()
            server.terminate()
            assert server.wait() == 0, server.log()
            assert time.monotonic() - started < 5.0


def test_a_second_signal_does_no_harm():
    with Server("--server-drain-seconds", DRAIN_SECONDS) as server:
        with server.client() as stubborn:
            server.terminate()
            with pytest.raises(Closed):
                while True:
                    stubborn.read_message()
            server.terminate()
            assert server.wait() == 0, server.log()


def test_who_asked_is_answered_though_the_server_ends():
    """Requests wait for actors when the signal comes. Nobody holds the server up for a time-out, and no
    answer is cut."""
    asked = (
        f"GET /api/v1/rooms HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {API_KEY}\r\n\r\n"
        "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
    ).encode() * 100
    for _ in range(5):
        with Server("--server-loops", 2) as server:
            sockets = [dial_plain(server) for _ in range(8)]
            for each in sockets:
                each.sendall(asked)
            first = sockets[0].recv(1)
            started = time.monotonic()
            server.terminate()
            assert server.wait() == 0, server.log()
            assert time.monotonic() - started < 5.0
            for each in sockets:
                assert set(whole_answers(first + read_all(each))) <= {200, 503}
                first = b""
                each.close()


def whole_answers(received):
    """The status of each answer; fails when the last one is cut."""
    found = []
    while received:
        head, end, rest = received.partition(b"\r\n\r\n")
        size = int(re.search(rb"(?i)content-length: (\d+)", head + end).group(1))
        assert len(rest) >= size, f"cut: {received[-200:]!r}"
        found.append(int(head.split()[1]))
        received = rest[size:]
    return found


def test_while_draining_no_connection_is_kept_for_another_request():
    with Server("--limits-close-timeout-seconds", 10) as server, server.client() as stubborn:
        server.terminate()
        stubborn.assert_closed_with(1001)
        _, headers, _ = server.http("GET", "/healthz")
        assert headers["Connection"] == "close"
        stubborn.send_close(1001)
        assert server.wait() == 0, server.log()


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(second):
    with Server("--server-drain-seconds", 600, "--limits-close-timeout-seconds", 600) as server:
        clients = [server.client() for _ in range(4)]
        server.terminate()
        clients[0].assert_closed_with(1001)
        started = time.monotonic()
        server.process.send_signal(signal.SIGHUP)  # not a signal to end
        server.process.send_signal(second)
        assert server.wait() == 0, server.log()
        assert time.monotonic() - started < 5.0
        server.wait_for_log("stopping at once")
        for client in clients:
            client.socket.close()


def test_without_clients_it_ends_at_once():
    with Server() as server:
        started = time.monotonic()
        server.terminate()
        assert server.wait() == 0, server.log()
        assert time.monotonic() - started < 2.0


def test_a_hundred_clients_and_messages_in_flight():
    async def chatter(server, number, ready):
        """Says something whenever it has heard its own last words, until it is closed."""
        said = json.dumps({"type": "message", "message": number})
        async with connect(server.url("/chat/crowd"), max_queue=None) as websocket:
            await websocket.recv()
            ready.release()
            try:
                await websocket.send(said)
                async for text in websocket:
                    if json.loads(text).get("message") == number:
                        await websocket.send(said)
            except ConnectionClosed:
                pass  # In the middle of a send.
            return websocket.close_code

    async def crowd(server):
        ready = asyncio.Semaphore(0)
        async with asyncio.timeout(2 * DEADLINE), asyncio.TaskGroup() as group:
            members = [group.create_task(chatter(server, i, ready)) for i in range(100)]
            for _ in members:
                await ready.acquire()
            server.terminate()
        return [task.result() for task in members]

    with Server() as server:
        assert set(asyncio.run(crowd(server))) == {1001}
        assert server.wait() == 0, server.log()
