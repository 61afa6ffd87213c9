"""Requests and their answers. Each ends exactly once: with its answer, or with an error."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import TroupeError
from .frames import Frame
from .options import Options
from .patience import done_within, end_with

ANSWERS = {
    *("sent", "published", "joined", "left", "subscribed", "unsubscribed", "history", "presence"),
    *("presence_updated", "authenticated", "rpc_result", "admin_result", "error"),
}
TOO_BIG = 1009


def encode(frame: Frame) -> str:
    """Raises ValueError or TypeError for what is no JSON, so that the server never sees it."""
    text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text.encode()  # a lone surrogate is no text
    return text


@dataclass(slots=True, eq=False)
class Request:
    number: int
    text: str
    repeatable: bool
    """It has a `msg_id`, so it may be said again."""
    answered: "asyncio.Future[Frame]"
    sent: bool = False


class Requests:
    def __init__(self, options: Options) -> None:
        self._options = options
        self._send: Callable[[str], None] | None = None
        self._closed: TroupeError | None = None
        self._number = 0
        self._pending: dict[int, Request] = {}
        self._callbacks: dict[int, Callable[[Frame], None]] = {}

    async def ask(self, frame: Frame, *, repeatable: bool = False, waits: bool = True) -> Frame:
        """The answer; an `error` is raised. Whoever cancels it takes it back, if it has not been sent yet."""
        text = self._numbered(frame)
        if self._send is None:
            self._may_wait(waits)
        request = Request(self._number, text, repeatable, asyncio.get_running_loop().create_future())
        self._pending[request.number] = request
        self._send_one(request)
        try:
            if not await done_within(request.answered, self._options.deadline):
                raise TroupeError("timeout", "no answer in time")
            answer = request.answered.result()
        finally:
            self._pending.pop(request.number, None)
        if answer.get("type") == "error":
            raise TroupeError.of(answer)
        return answer

    def expect(self, frame: Frame, callback: Callable[[Frame], None]) -> None:
        """For the client's own requests: sent on this connection, and forgotten with it."""
        text = self._numbered(frame)
        if self._send is not None:
            self._callbacks[self._number] = callback
            self._send(text)

    def tell(self, frame: Frame) -> None:
        """What has no answer. It never waits: without a connection it is `offline`."""
        text = encode(frame)
        if self._closed is not None:
            raise self._closed.again()
        if self._send is None:
            raise TroupeError("offline", "there is no connection")
        self._send(text)

    # -- what the connection does --------------------------------------------------------------------------

    def attach(self, send: Callable[[str], None]) -> None:
        """There is a connection: what is asked from now on goes there."""
        self._send = send

    def send_waiting(self) -> None:
        """What was not answered on the last connection, and what has waited since, in order."""
        for request in list(self._pending.values()):
            self._send_one(request)

    def lost(self, close_code: int | None) -> None:
        """What may be said again waits for the next connection; nobody knows what has become of the rest."""
        self._send = None
        self._callbacks.clear()
        for request in list(self._pending.values()):
            if request.sent and not request.repeatable:
                self._fail(request, TroupeError("connection_lost", "the connection was lost before the answer"))
        if close_code == TOO_BIG:
            self._drop_longest()
        for request in self._pending.values():
            request.sent = False

    def close(self, error: TroupeError) -> None:
        self._send, self._closed = None, error
        self._callbacks.clear()
        for request in list(self._pending.values()):
            self._fail(request, error.again())

    def answer(self, frame: Frame) -> bool:
        """False for a frame that answers nothing: a message may have an `id` of its own."""
        number = frame.get("id")
        if not isinstance(number, int) or frame.get("type") not in ANSWERS or "from" in frame:
            return False
        callback = self._callbacks.pop(number, None)
        request = self._pending.get(number)
        if callback is not None:
            callback(frame)
        elif request is not None and not request.answered.done():
            request.answered.set_result(frame)
        return True

    # -- its own -------------------------------------------------------------------------------------------

    def _numbered(self, frame: Frame) -> str:
        if self._closed is not None:
            raise self._closed.again()
        # In front of the content: so the server can name it even if it does not understand the rest.
        numbered: dict[str, Any] = {"type": frame["type"], "id": self._number + 1} | frame
        text = encode(numbered)
        self._number += 1
        return text

    def _may_wait(self, waits: bool) -> None:
        if not waits or self._options.offline == "reject":
            raise TroupeError("offline", "there is no connection")
        if len(self._pending) >= self._options.waiting_max:
            raise TroupeError("too_many_waiting", f"{len(self._pending)} requests wait for a connection")

    def _send_one(self, request: Request) -> None:
        if self._send is not None and not request.sent:
            request.sent = True
            self._send(request.text)

    def _fail(self, request: Request, error: TroupeError) -> None:
        self._pending.pop(request.number, None)
        if not request.answered.done():
            end_with(request.answered, error)

    def _drop_longest(self) -> None:
        """The server takes no frame of this length: said again, it would end every connection."""
        sent = [each for each in self._pending.values() if each.sent]
        if sent:
            longest = max(sent, key=lambda each: len(each.text))
            self._fail(longest, TroupeError("limit_exceeded", "Message too big"))
