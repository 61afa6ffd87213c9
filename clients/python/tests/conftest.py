"""Tests of what is particular to Python, against the real server. What all clients do is in tests/clients.

A test that is a coroutine runs in a loop of its own, has a deadline, and must leave no task behind.
"""

import asyncio
import inspect
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
for folder in ("clients/python", "tests/process", "tests/tools"):
    sys.path.insert(0, str(ROOT / folder))
os.environ.setdefault("PROJECT_SOURCE_DIR", str(ROOT))
pytest.register_assert_rewrite("harness")

from fault_proxy import FaultProxy  # noqa: E402
from harness import Server  # noqa: E402

from troupe_client import Options  # noqa: E402

DEADLINE = 20.0
# Topics keep what is said, so that who comes back may have it.
KEEPS = ("--defaults-topic-history-messages", 1000, "--defaults-topic-history-seconds", 600)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(leaving_nothing(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})))
    return True


async def leaving_nothing(test):
    failures = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: failures.append(context))
    async with asyncio.timeout(DEADLINE):
        await test
    left = asyncio.all_tasks() - {asyncio.current_task()}
    assert not left, f"tasks are left: {left}"
    assert not failures, f"the loop was told: {failures}"


@pytest.fixture(scope="module")
def server():
    with Server(*KEEPS) as running:
        yield running


@pytest.fixture
def url(server):
    return f"ws://127.0.0.1:{server.port}"


@pytest.fixture
def proxy(server):
    with FaultProxy(server.port) as running:
        yield running


@pytest.fixture
def proxied(proxy):
    return f"ws://127.0.0.1:{proxy.port}"


@pytest.fixture
def quick():
    """As a person would have it, but in less time."""
    return Options(base=0.02, max=0.2, reset=0.5, ping=0.5, dead=0.5, leave=0.02)


class Heard(list):
    """What a callback has been called with, and a way to wait for more."""

    def __init__(self):
        super().__init__()
        self._changed = asyncio.Event()

    def __call__(self, item):
        self.append(item)
        self._changed.set()

    async def until(self, wanted):
        """The first item for which this holds, now or when it comes."""
        seen = 0
        while True:
            for item in self[seen:]:
                if wanted(item):
                    return item
            seen = len(self)
            self._changed.clear()
            await self._changed.wait()

    async def state(self, name):
        return await self.until(lambda state: state.name == name)


@pytest.fixture
def heard():
    return Heard
