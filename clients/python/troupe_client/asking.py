"""Asks the server for rooms and topics, and leaves them: all of one tick together, again when it says later."""

import asyncio
import random
from collections.abc import Callable

from . import amounts, portions
from .audience import Audience
from .errors import TroupeError
from .frames import Frame
from .options import Options
from .requests import Requests

FOR_A_MOMENT = {"rate_limited", "unavailable", "timeout", "internal"}
"""Errors after which the client asks again by itself."""
SOONEST = 1.0
"""Seconds until then, whatever the server says."""


def ignore(answer: Frame) -> None:
    pass


def objects(said: object) -> list[Frame]:
    """Those in a list, whatever else is in it."""
    return [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []


def fields(said: object) -> Frame:
    return said if isinstance(said, dict) else {}


class Asking:
    def __init__(
        self,
        options: Options,
        requests: Requests,
        is_there: Callable[[Audience], bool],
        fail: Callable[[Audience, TroupeError], None],
    ) -> None:
        self._options = options
        self._requests = requests
        self._is_there = is_there
        self._fail = fail
        self._to_ask: dict[Audience, None] = {}
        self._to_leave: dict[Audience, None] = {}
        self._flush: asyncio.Handle | None = None
        self._retries: set[asyncio.TimerHandle] = set()
        self._open = False

    @property
    def timers(self) -> int:
        return len(self._retries) + (self._flush is not None)

    def ask(self, audience: Audience) -> None:
        self._to_ask[audience] = None
        self._soon()

    def do_not_ask(self, audience: Audience) -> None:
        self._to_ask.pop(audience, None)

    def leave(self, audience: Audience) -> None:
        if self._open:
            self._to_leave[audience] = None
            self._soon()

    def again(self, audience: Audience, after_ms: object = None) -> None:
        """A moment later, on this connection."""
        said = amounts.wait(after_ms, 0.001)
        after = random.uniform(1, 2) * self._options.base if said is None else max(said, SOONEST)

        def ask() -> None:
            self._retries.discard(timer)
            if self._is_there(audience):
                self.ask(audience)

        timer = asyncio.get_running_loop().call_later(after, ask)
        self._retries.add(timer)

    def flush(self) -> None:
        """Not in a moment, but now, if there is anything."""
        if self._flush is not None:
            self._ask_now()

    def opened(self, audiences: list[Audience]) -> None:
        """There is a connection: all of these at once."""
        self._open = True
        self._to_ask = dict.fromkeys(audiences)
        self._ask_now()

    def lost(self) -> None:
        self._open = False
        self._to_leave.clear()
        for timer in self._retries:
            timer.cancel()
        self._retries.clear()
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None

    # -- its own -------------------------------------------------------------------------------------------

    def _soon(self) -> None:
        if self._open and self._flush is None:
            self._flush = asyncio.get_running_loop().call_soon(self._ask_now)

    def _ask_now(self) -> None:
        if self._flush is not None:
            self._flush.cancel()
            self._flush = None
        leaving, self._to_leave = list(self._to_leave), {}
        asked, self._to_ask = list(self._to_ask), {}
        for frame in portions.unsubscribes(each for each in leaving if each.kind != "room"):
            self._requests.expect(frame, ignore)
        for audience in leaving:
            if audience.kind == "room":
                self._requests.expect({"type": "leave", "room": audience.name}, ignore)
        self._subscribe([each for each in asked if each.kind != "room"])
        for audience in asked:
            if audience.kind == "room":
                self._requests.expect(portions.join(audience), self._to_each([audience]))

    def _subscribe(self, audiences: list[Audience]) -> None:
        for frame, portion in portions.subscribes(audiences):
            self._requests.expect(frame, self._to_each(portion))

    def _to_each(self, portion: list[Audience]) -> Callable[[Frame], None]:
        return lambda answer: self._answered(portion, answer)

    def _answered(self, portion: list[Audience], answer: Frame) -> None:
        refused = {str(each.get("topic")): each for each in objects(answer.get("refused"))}
        positions = fields(answer.get("positions"))
        if answer.get("type") == "joined":
            positions = {portion[0].name: answer}
        unknown = []
        for audience in portion:
            if isinstance(positions.get(audience.name), dict):
                self._entered(audience, positions[audience.name])
            elif audience.name in refused:
                self._refused(audience, refused[audience.name])
            else:
                unknown.append(audience)
        if len(unknown) <= 1 or answer.get("code") in FOR_A_MOMENT:
            for audience in unknown:
                self._refused(audience, answer)
        else:  # one of them has refused all: half of them at a time, until it is alone
            self._subscribe(unknown[: len(unknown) // 2])
            self._subscribe(unknown[len(unknown) // 2 :])

    def _entered(self, audience: Audience, answer: Frame) -> None:
        if audience.confirm(answer) and audience.state is not None:
            frame = {"type": "set_presence", audience.kind: audience.name, "state": audience.state}
            self._requests.expect(frame, ignore)

    def _refused(self, audience: Audience, error: Frame) -> None:
        if error.get("code") in FOR_A_MOMENT:
            self.again(audience, error.get("retry_after_ms"))
        else:
            self._fail(audience, TroupeError.of(error))
