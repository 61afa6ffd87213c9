"""The token: a text, or a provider that is asked for one. One call at a time, and never in the reader's task."""

import asyncio
import inspect
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from . import amounts
from .address import checked_token
from .backoff import Backoff
from .errors import StopError, TroupeError
from .frames import Frame
from .options import Options
from .patience import is_cancelled

Reason = Literal["connect", "expired", "invalid", "refresh"]
TokenProvider = Callable[[Reason], str | Awaitable[str]]
Token = str | TokenProvider | None

SHARE = (0.75, 0.9)
"""Of its time, after which a token is renewed."""
LOOK = 10.0
"""A clock is looked at so often: a machine that slept has timers that know nothing of it."""


def since_boot() -> float:
    """A clock that nobody can set, and that also counts the time in which the machine slept."""
    clock: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime(clock)


class Tokens:
    def __init__(self, source: Token, options: Options, report: Callable[[BaseException, str], None]) -> None:
        self._provider = source if callable(source) else None
        self.current = None if source is None or callable(source) else checked_token(source)
        self._options = options
        self._report = report
        self._wanted: Reason | None = "connect" if self._provider else None
        self._expires_at: float | None = None
        self._call: asyncio.Task[str] | None = None
        self._closing = False
        self._stopped: StopError | None = None

    @property
    def can_ask(self) -> bool:
        return self._provider is not None

    def want(self, reason: Reason) -> None:
        """The next connection is to have another token."""
        if self._provider is not None:
            self._wanted = reason

    async def for_connection(self) -> str | None:
        """Raises StopError, or whatever the provider does."""
        if self._stopped is not None:
            raise self._stopped
        if self._wanted is None and self._expires_at is not None and since_boot() >= self._expires_at:
            self.want("expired")
        if self._wanted is not None:
            await self._ask(self._wanted)
        return self.current

    async def keep_fresh(self, expires_in: object, refresh: Callable[[str], Awaitable[Frame]]) -> None:
        """Renews the token of this connection again and again. Raises StopError."""
        while self._provider is not None and (seconds := amounts.number(expires_in)) is not None:
            now = since_boot()
            self._expires_at = now + seconds
            await until(now + max(seconds * random.uniform(*SHARE), self._options.base))
            answer = await self._renewed(refresh)
            expires_in = answer.get("expires_in")

    async def stop(self, seconds: float, sparing: "asyncio.Task[Any] | None") -> None:
        """A call in hand is cancelled, and given that long to end."""
        self._closing = True
        if self._call is not None and not self._call.done() and self._call is not sparing:
            self._call.cancel()
            await asyncio.wait({self._call}, timeout=seconds)

    async def _renewed(self, refresh: Callable[[str], Awaitable[Frame]]) -> Frame:
        backoff = Backoff(self._options)
        reason: Reason = "refresh"
        while True:
            try:
                return await refresh(await self._ask(reason))
            except StopError:
                raise
            except TroupeError as error:
                if error.code in ("connection_lost", "closed", "offline"):
                    raise
                self._report(error, "a new token was refused")
                reason = "invalid"
            except Exception as failure:
                self._report(failure, "the token provider failed")
            await asyncio.sleep(backoff.next())

    async def _ask(self, reason: Reason) -> str:
        """Joins a call in hand. Who waits may be cancelled: the call goes on, for whoever asks next."""
        if self._call is None or self._call.done():
            self._call = asyncio.create_task(self._provide(reason), name="troupe token")
        try:
            return await asyncio.shield(self._call)
        except (Exception, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as end:
            if self._closing or is_cancelled() or not self._call.done():
                raise
            raise RuntimeError(f"it has ended with {type(end).__name__}") from end

    async def _provide(self, reason: Reason) -> str:
        assert self._provider is not None
        try:
            given: Any = self._provider(reason)
            if inspect.isawaitable(given):
                given = await given
        except StopError as stop:
            self._stopped = stop
            raise
        self.current = checked_token(given)
        self._wanted = self._expires_at = None
        return self.current


async def until(due: float) -> None:
    while (left := due - since_boot()) > 0:  # noqa: ASYNC110 - it is a clock that is waited for
        await asyncio.sleep(min(left, LOOK))
