"""Notices that a connection has died without a word, by the server's heartbeat."""

import time

from . import amounts, patience
from .options import Options
from .wire import Wire

HEARTBEAT = 30.0
"""Where the server does not say its own."""
MARGIN = 5.0
PING = '{"type":"ping"}'


async def watch(wire: Wire, heartbeat: object, options: Options) -> None:
    """Ends the connection when nothing has been heard for too long."""
    quiet = (amounts.wait(heartbeat) or HEARTBEAT) + MARGIN if options.ping is None else options.ping
    while True:
        since = wire.heard
        await patience.sleep(since + quiet - time.monotonic())
        if wire.heard > since:
            continue
        asked = time.monotonic()
        wire.send(PING)
        await patience.sleep(options.dead)
        if wire.heard < asked:
            wire.abort()
            return
