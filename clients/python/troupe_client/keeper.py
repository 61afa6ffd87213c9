"""Keeps a connection: makes one, notices its end, judges whether and when there is to be another."""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from websockets.exceptions import ConnectionClosed

from . import amounts
from .address import Target
from .backoff import Backoff
from .errors import StopError, TroupeError
from .frames import Frame, Position, State
from .options import Options
from .tokens import Tokens
from .watch import watch
from .wire import Ending, Wire, refusal

KICKED, POLICY, EXPIRED = 4403, 1008, 4401
OF_THE_TOKEN = ("Invalid token", "Token required")
TURN = 50
"""After so many frames that have come at once those have a turn for whom they are."""
SHOWN = 200
"""So much is shown of a frame that cannot be understood."""
SILENT_MAX = 2
"""So many attempts in a row without a word of the server ask for another token."""


class Owner(Protocol):
    """Whom a keeper tells, and asks. None of it waits, or runs code of the user's."""

    def state_changed(self, state: State) -> None: ...
    def opened(self, send: Callable[[str], None]) -> None: ...
    def heard(self, frame: Frame) -> None: ...
    def lost(self, ending: Ending) -> None: ...
    def report(self, failure: BaseException, what: str) -> None: ...
    def inbox_position(self) -> Position | None: ...
    async def refresh(self, token: str) -> Frame: ...


class Keeper:
    def __init__(self, target: Target, options: Options, tokens: Tokens, owner: Owner) -> None:
        self._target = target
        self._options = options
        self._tokens = tokens
        self._owner = owner
        self._backoff = Backoff(options)
        self._session: str | None = None
        self._silent = 0
        self._token_refused = False
        self._notice: Frame = {}
        self._stopped: StopError | None = None
        self._helpers: set[asyncio.Task[None]] = set()
        self.wire: Wire | None = None
        """While it is open."""
        self.closing = False
        """The next end is wanted."""

    async def run(self) -> State:
        """Until it is over for good. May be cancelled at any time."""
        while True:
            self._owner.state_changed(State("connecting"))
            try:
                ending = await self._attempt()
            except StopError as stop:
                return State("closed", code=1000, reason=str(stop) or "stopped")
            if self.closing:
                return State("closed", code=1000)
            if (closed := self._verdict(ending)) is not None:
                return closed
            delay = self._backoff.next(ending.after, ending.retry_after)
            self._owner.state_changed(State("waiting", delay, ending.code or ending.status, ending.reason))
            await asyncio.sleep(delay)

    # -- one connection ------------------------------------------------------------------------------------

    async def _attempt(self) -> Ending:
        """Raises StopError alone."""
        try:
            token = await self._tokens.for_connection()
        except StopError:
            raise
        except Exception as failure:  # the provider's
            self._owner.report(failure, "the token provider failed")
            return Ending(reason=f"no token: {failure}", greeted=True)
        return await self._connection(token)

    async def _connection(self, token: str | None) -> Ending:
        """From dialling to its end. Raises StopError alone."""
        self._notice = {}
        wire: Wire | None = None
        try:
            async with asyncio.timeout(self._options.attempt):
                inbox = self._owner.inbox_position()
                wire = await Wire.dial(self._target, token, self._session, inbox, self._options)
                await self._greeted(wire)
        except ConnectionClosed:
            assert wire is not None
            await wire.end()
            return self._ended(wire.ending())
        except Exception as failure:
            return self._ended(refusal(failure))
        else:
            return await self._talk(wire)
        finally:
            if wire is not None:
                await wire.end()

    async def _greeted(self, wire: Wire) -> None:
        """Reads to `connection`, which makes it a connection."""
        while True:
            frame = self._decoded(await wire.receive())
            if frame.get("type") == "connection":
                break
            self._notice = frame if frame.get("type") == "disconnect" else self._notice
        session = frame.get("session")
        self._session = session if isinstance(session, str) else None
        self._silent, self._token_refused = 0, False
        self.wire = wire
        self._help(watch(wire, frame.get("heartbeat"), self._options))
        self._owner.opened(wire.send)

    async def _talk(self, wire: Wire) -> Ending:
        opened = time.monotonic()
        self._stopped = None
        try:
            with contextlib.suppress(ConnectionClosed):
                for number in itertools.count(1):
                    self._hear(self._decoded(await wire.receive()))
                    if number % TURN == 0:
                        await asyncio.sleep(0)
        finally:
            self.wire = None
            ending = self._ended(wire.ending())
            ending.greeted = True
            if time.monotonic() - opened >= self._options.reset:
                self._backoff.reset()
            self._owner.lost(ending)
            await self._without_helpers()
        if self._stopped is not None:
            raise self._stopped
        return ending

    def _hear(self, frame: Frame) -> None:
        kind = frame.get("type")
        if kind == "disconnect":
            self._notice = frame
        elif kind == "authenticated" and "id" not in frame:
            self._help(self._keep_fresh(frame.get("expires_in")))
        try:
            self._owner.heard(frame)
        except Exception as failure:  # its fields are not what they should be
            self._owner.report(failure, f"the server said what cannot be understood: {str(frame)[:SHOWN]}")

    def _decoded(self, text: str) -> Frame:
        try:
            frame = json.loads(text)
        except (ValueError, RecursionError) as failure:
            self._owner.report(failure, "the server said what is no JSON")
            return {}
        return frame if isinstance(frame, dict) else {}

    def _ended(self, ending: Ending) -> Ending:
        """What `disconnect` said counts where the close frame was lost, and only it knows when to come back."""
        code, after = self._notice.get("close_code"), self._notice.get("after_ms")
        if ending.code is None and isinstance(code, int):
            ending.code, ending.reason = code, str(self._notice.get("reason", ""))
        if after := amounts.wait(after, 0.001):
            ending.after = max(after, self._options.base / 10)
        return ending

    # -- beside it -----------------------------------------------------------------------------------------

    async def _keep_fresh(self, expires_in: object) -> None:
        try:
            await self._tokens.keep_fresh(expires_in, self._owner.refresh)
        except TroupeError:
            return  # the connection has ended, and this with it
        except StopError as stop:
            self._stopped = stop
            if self.wire is not None:
                self.wire.abort()

    def _help(self, work: Coroutine[Any, Any, None]) -> None:
        self._helpers.add(asyncio.create_task(work, name="troupe helper"))

    async def _without_helpers(self) -> None:
        helpers, self._helpers = self._helpers, set()
        for task in helpers:
            task.cancel()
        if helpers:
            await asyncio.wait(helpers)

    # -- whether to come back ------------------------------------------------------------------------------

    def _verdict(self, ending: Ending) -> State | None:
        """The state of being closed for good, or None."""
        code = ending.code
        closed = State("closed", code=code, reason=ending.reason)
        if code == KICKED:
            return closed
        if ending.final:
            return State("closed", code=ending.status, reason=ending.reason)
        if code == POLICY:
            if ending.reason not in OF_THE_TOKEN or self._token_refused or not self._tokens.can_ask:
                return closed
            self._token_refused = True
            self._tokens.want("invalid")
        elif code == EXPIRED:
            self._tokens.want("expired")
        elif code is None and not ending.greeted:
            self._silent += 1
            if self._silent % SILENT_MAX == 0:
                self._tokens.want("invalid")
            return None
        self._silent = 0
        return None
