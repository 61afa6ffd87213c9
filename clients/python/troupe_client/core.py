"""The parts of a client, wired together: what happens when the connection opens, speaks, breaks or ends."""

import asyncio
from collections.abc import Callable

from .address import Target
from .audiences import Audiences
from .calls import Calls
from .errors import TroupeError
from .feed import Feed
from .frames import Frame, Message, Position, State
from .keeper import Keeper
from .listeners import Listeners
from .options import Options
from .requests import Requests
from .tokens import Token, Tokens
from .wire import Ending

TO_THE_USER = ("announcement", "notification")
CALLBACKS = 0.25
"""Seconds that a callback may take to finish when the client is closed."""


class Core:
    """Also the keeper's owner."""

    def __init__(self, target: Target, token: Token, options: Options) -> None:
        self.options = options
        self.listeners = Listeners(options.queue)
        self.requests = Requests(options)
        self.audiences = Audiences(options, self.requests)
        self.calls = Calls(options, self.requests, self.audiences, self._busy)
        self.states: Feed[State] = Feed()
        self.notices: Feed[Message] = Feed()
        self.state = State("connecting")
        self._tokens = Tokens(token, options, self.report)
        self._keeper = Keeper(target, options, self._tokens, self)
        self._running: asyncio.Task[None] | None = None
        self._ended = False
        self._done = asyncio.Event()

    # -- its life ------------------------------------------------------------------------------------------

    def start(self) -> None:
        if self._running is not None or self._ended:
            raise RuntimeError("a client is opened once")
        self.listeners.start()
        self._running = asyncio.create_task(self._run(), name="troupe connection")

    async def close(self) -> None:
        """In any state, within a second. Nothing is left behind, but a callback that calls this goes on."""
        if self._keeper.closing:
            await self._done.wait()
            return
        self._keeper.closing = True
        self._end(State("closed", code=1000), wanted=True)
        caller = asyncio.current_task()
        try:
            await asyncio.gather(
                self._disconnect(), self._tokens.stop(CALLBACKS, caller), self.listeners.stop(CALLBACKS, caller)
            )
        finally:
            if self._running is not None:
                self._running.cancel()
            self._done.set()

    async def _disconnect(self) -> None:
        if self._keeper.wire is not None:
            await self._keeper.wire.close()
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait({self._running})

    async def _run(self) -> None:
        try:
            self._end(await self._keeper.run(), wanted=False)
        except Exception as failure:  # no fault of the network's: it must not be silent
            self.report(failure, "the client has failed")
            self._end(State("closed", reason=f"{type(failure).__name__}: {failure}"), wanted=False)

    def _end(self, state: State, *, wanted: bool) -> None:
        if self._ended:
            return
        self._ended = True
        error = TroupeError("closed", state.reason or "the client was closed", close_code=state.code)
        self.requests.close(error)
        self.audiences.close(error, wanted=wanted)
        self.state_changed(state)
        self.states.end()
        self.notices.end()
        self.listeners.end()

    # -- what the keeper tells -----------------------------------------------------------------------------

    def state_changed(self, state: State) -> None:
        if self._ended and state.name != "closed":
            return
        self.state = state
        self.states.tell(state)

    def opened(self, send: Callable[[str], None]) -> None:
        """First what it listens to comes back, then what was asked: so a message is said in a room it is in."""
        self.requests.attach(send)
        self.audiences.opened()
        self.requests.send_waiting()
        self.state_changed(State("open"))

    def lost(self, ending: Ending) -> None:
        self.requests.lost(ending.code)
        self.audiences.lost()

    def heard(self, frame: Frame) -> None:
        kind = frame.get("type")
        if kind in ("sent", "published"):
            self.audiences.said(frame)
        elif kind == "authenticated" and isinstance(frame.get("inbox"), str):
            self.audiences.inbox(frame["inbox"])
        if self.requests.answer(frame):
            return
        if kind == "error":
            place = frame.get("room", frame.get("topic"))
            self.report(TroupeError.of(frame), "an error that answers nothing" + (f", in {place}" if place else ""))
            self.audiences.failed(frame)
            return
        if kind in TO_THE_USER:
            self._tell_the_user(frame)
        else:
            self.audiences.hear(frame)

    def report(self, failure: BaseException, what: str) -> None:
        self.listeners.report(failure, what)

    def inbox_position(self) -> Position | None:
        return self.audiences.inbox_position()

    async def refresh(self, token: str) -> Frame:
        return await self.requests.ask({"type": "refresh", "token": token}, waits=False)

    # -- its own -------------------------------------------------------------------------------------------

    def _tell_the_user(self, frame: Frame) -> None:
        """What comes by the inbox is numbered, and may be known already."""
        if not isinstance(frame.get("topic"), str) or self.audiences.is_news(frame):
            self.notices.tell(Message(frame))
        self.audiences.hear(frame)

    def _busy(self) -> bool:
        return self._keeper.wire is not None and self._keeper.wire.busy
