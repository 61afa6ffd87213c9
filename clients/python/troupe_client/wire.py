"""One WebSocket connection: dialled, written to in order, read, and ended at once when that is wanted."""

import asyncio
import contextlib
import json
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.protocol import State
from websockets.typing import Subprotocol

from .address import Target, is_loopback, subprotocols, with_query
from .frames import Position
from .options import Options
from .retry_after import seconds_of

CLOSING = 0.4
"""Seconds that a close of our own may take."""
LAST_WORDS = 0.5
"""Seconds from the server's close frame to the end of the stream, which a broken network may have lost."""


OF_THE_REQUEST = (400, 404)
"""Statuses of the server for a name or a path that is none."""
BACKLOG = 100
"""Frames that may wait for the network before signals are dropped."""


@dataclass(slots=True)
class Ending:
    """How a connection, or an attempt to get one, ended."""

    code: int | None = None
    """Of the close frame, or of the `disconnect` before it; None where there was neither."""
    reason: str = ""
    status: int | None = None
    retry_after: float | None = None
    after: float | None = None
    greeted: bool = False
    """It was a connection: the server had said `connection`."""
    final: bool = False
    """The server does not understand what it was asked, and never will."""


class Socket(ClientConnection):
    """Knows when it has last heard anything, and does not wait for the end of a stream for ever."""

    heard = 0.0
    _last_words: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        self.heard = time.monotonic()
        super().data_received(data)
        if self._last_words is None and self.state in (State.CLOSING, State.CLOSED):
            self._last_words = self.loop.call_later(LAST_WORDS, self.transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._last_words is not None:
            self._last_words.cancel()
        super().connection_lost(exc)


def message_of(body: bytes | bytearray) -> str | None:
    """What an error of Troupe's says. A proxy on the way has other answers, and they pass."""
    try:
        error = json.loads(body)["error"]
        return f"{error['code']}: {error['message']}"
    except (ValueError, TypeError, LookupError, RecursionError):
        return None


def refusal(failure: BaseException) -> Ending:
    """What is known of an attempt that came to nothing."""
    if isinstance(failure, InvalidStatus):
        headers = failure.response.headers
        status = failure.response.status_code
        if status in OF_THE_REQUEST and (said := message_of(failure.response.body)) is not None:
            return Ending(reason=said, status=status, final=True)
        return Ending(reason=f"HTTP {status}", status=status, retry_after=seconds_of(headers.get("Retry-After")))
    return Ending(reason=f"{type(failure).__name__}: {failure}".rstrip(": "))


class Wire:
    def __init__(self, socket: Socket) -> None:
        self._socket = socket
        self._outgoing: deque[str] = deque()
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._writer = asyncio.create_task(self._write(), name="troupe writer")

    @classmethod
    async def dial(
        cls, target: Target, token: str | None, session: str | None, inbox: Position | None, options: Options
    ) -> "Wire":
        """Raises whatever `websockets` does. Proxies of the environment are not for this machine itself."""
        authorization = {} if token is None else {"Authorization": f"Bearer {token}"}
        more: dict[str, Any] = {} if target.ssl is None else {"ssl": target.ssl}
        socket = await connect(
            with_query(target.url, target.user, inbox),
            subprotocols=[Subprotocol(each) for each in subprotocols(session)],
            additional_headers={**target.headers, **authorization},
            proxy=None if target.proxy is True and is_loopback(target.url) else target.proxy,
            open_timeout=None,
            ping_interval=None,
            close_timeout=CLOSING,
            max_size=options.frame_bytes_max,
            create_connection=Socket,
            **more,
        )
        assert isinstance(socket, Socket)
        return cls(socket)

    @property
    def heard(self) -> float:
        """When anything came last, by time.monotonic()."""
        return self._socket.heard

    @property
    def busy(self) -> bool:
        """The network takes no more, and much waits for it."""
        return len(self._outgoing) > BACKLOG

    def send(self, text: str) -> None:
        """In order, and never waits."""
        self._outgoing.append(text)
        self._idle.clear()
        self._wake.set()

    async def receive(self) -> str:
        """The next frame. Raises ConnectionClosed."""
        while True:
            text = await self._socket.recv()
            if isinstance(text, str):
                return text

    def ending(self) -> Ending:
        """After ConnectionClosed."""
        code = self._socket.close_code
        if code is None or code == 1006:
            return Ending()
        return Ending(code=code, reason=self._socket.close_reason or "")

    def abort(self) -> None:
        """The connection is no more; whoever reads it is told so."""
        self._socket.transport.abort()

    async def close(self) -> None:
        """Properly, what was sent before going first; but not for longer than that may take."""
        try:
            async with asyncio.timeout(CLOSING):
                await self._idle.wait()
                await self._socket.close()
        except TimeoutError:
            pass
        finally:
            self.abort()

    async def end(self) -> None:
        """Leaves no task and no socket behind."""
        self.abort()
        self._writer.cancel()
        await asyncio.wait({self._writer})
        await self._socket.wait_closed()

    async def _write(self) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self._wake.wait()
                while self._outgoing:
                    await self._socket.send(self._outgoing.popleft())
                self._idle.set()
                self._wake.clear()
