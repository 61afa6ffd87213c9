"""A NATS server, an event loop for clients that only speak asyncio, and calls of services."""

import asyncio
import contextlib
import threading
import time

import nats
import pytest
from harness import DEADLINE
from nats_server import NatsServer


class Loop:
    """An event loop on a thread of its own, for those that only speak asyncio."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine, timeout=DEADLINE):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout)

    def stop(self):
        async def cancel_the_rest():
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)

        self.run(cancel_the_rest())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(DEADLINE)


@pytest.fixture(scope="module")
def nats_url():
    with NatsServer() as running:
        yield running.url


@pytest.fixture(scope="module")
def loop():
    running = Loop()
    yield running
    running.stop()


def wait_for_service(url, subject="troupe.rpc.stats"):
    """Until the server, or another service, answers over NATS: it connects in the background."""

    async def ask():
        connection = await nats.connect(url)
        give_up_at = time.monotonic() + DEADLINE
        while time.monotonic() < give_up_at:
            with contextlib.suppress(nats.errors.NoRespondersError, nats.errors.TimeoutError):
                await connection.request(subject, b"{}", timeout=1)
                await connection.close()
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"nobody answers at {subject}")

    asyncio.run(ask())


def call(client, service, method, params=None, id=1):
    client.send({"type": "rpc", "service": service, "method": method, "params": params, "id": id})
