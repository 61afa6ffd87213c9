"""Timers that come late have slept with the whole process, or behind code that blocked. Then what waits in the kernel
is read first, and judged afterwards."""

import asyncio
import time
from typing import Any

LATE = 0.5
"""Seconds after which a timer is late."""
READING = 0.25
"""Seconds that are given to reading then."""


def is_cancelled() -> bool:
    """Somebody wants this task to end. Without that a CancelledError is of something it has waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def sleep(seconds: float) -> None:
    due = time.monotonic() + seconds
    await asyncio.sleep(max(0.0, seconds))
    if time.monotonic() - due > LATE:
        await asyncio.sleep(READING)


async def done_within(future: "asyncio.Future[Any]", seconds: float) -> bool:
    """The future is left as it is."""
    due = time.monotonic() + seconds
    await asyncio.wait({future}, timeout=seconds)
    if not future.done() and time.monotonic() - due > LATE:
        await asyncio.wait({future}, timeout=READING)
    return future.done()


def end_with(future: "asyncio.Future[Any]", error: Exception) -> None:
    """Nobody complains if who waits for it is cancelled before it hears of that."""
    future.set_exception(error)
    future.exception()
