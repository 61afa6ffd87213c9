"""Notices that a connection has died without a word, by the server's heartbeat."""

import asyncio
import time

from .options import Options
from .wire import Wire

HEARTBEAT = 30.0
"""Where the server does not say its own."""
MARGIN = 5.0
LATE = 0.5
"""A timer that comes so late has slept with the whole process, or behind code that blocked."""
READING = 0.25
"""Then what waits in the kernel is read first, for so long, and judged afterwards."""
PING = '{"type":"ping"}'


async def watch(wire: Wire, heartbeat: object, options: Options) -> None:
    """Ends the connection when nothing has been heard for too long."""
    if not isinstance(heartbeat, int | float) or heartbeat <= 0:
        heartbeat = HEARTBEAT
    quiet = heartbeat + MARGIN if options.ping is None else options.ping
    while True:
        since = wire.heard
        await patiently(since + quiet - time.monotonic())
        if wire.heard > since:
            continue
        asked = time.monotonic()
        wire.send(PING)
        await patiently(options.dead)
        if wire.heard < asked:
            wire.abort()
            return


async def patiently(seconds: float) -> None:
    """Sleeps; and if that took far longer than it should, lets everything be read that has come meanwhile."""
    due = time.monotonic() + seconds
    await asyncio.sleep(max(0.0, seconds))
    if time.monotonic() - due > LATE:
        await asyncio.sleep(READING)
