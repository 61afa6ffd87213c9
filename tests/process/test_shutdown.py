"""SIGTERM: clients are told, new ones are refused, and the process ends with 0 in time."""

import asyncio
import json
import signal
import socket
import time

import pytest
from harness import DEADLINE, Closed, Server
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

DRAIN_SECONDS = 3.0


def assert_told_to_go(messages):
    last = messages[-1]
    assert last["type"] == "disconnect"
    assert last["code"] == 1001
    assert last["reconnect"] is True
    assert isinstance(last["reason"], str) and last["reason"]
    assert isinstance(last["after_ms"], int) and last["after_ms"] >= 0


def wait_until_refused(port):
    """Each I/O loop closes its own listener: for an instant one may be open still."""
    give_up_at = time.monotonic() + DEADLINE
    while time.monotonic() < give_up_at:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as late:
                # Accepted just before the end: wait for the server to drop it.
                try:
                    while late.recv(4096):
                        pass
                except ConnectionResetError:
                    pass
        except (ConnectionRefusedError, ConnectionResetError):
            return
    raise AssertionError(f"still accepting after {DEADLINE} s")


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
    with Server("--server-drain-seconds", DRAIN_SECONDS) as server:
        with server.client("/chat/stubborn") as stubborn, server.client("/chat/stubborn") as deaf:
            started = time.monotonic()
            server.terminate()
            closed, messages = stubborn.read_to_close()
            assert closed.code == 1001
            assert_told_to_go(messages)
            assert server.wait(DRAIN_SECONDS + DEADLINE) == 0
            took = time.monotonic() - started
            assert took < DRAIN_SECONDS + 2.0, f"took {took:.1f} s"
            deaf.socket.close()


def test_new_connections_are_refused_while_draining():
    with Server("--server-drain-seconds", DRAIN_SECONDS) as server:
        with server.client() as stubborn:
            server.terminate()
            with pytest.raises(Closed):
                while True:
                    stubborn.read_message()
            wait_until_refused(server.port)
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
