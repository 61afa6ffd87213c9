"""What can be asked of the server, as functions. What needs to be in the room enters it."""

import asyncio
import secrets
from collections.abc import Callable
from typing import Any

from .audience import Audience
from .audiences import Audiences
from .errors import TroupeError
from .frames import Frame, History, Position, Presence
from .options import Options
from .requests import Requests


def named(room: str | None, topic: str | None) -> Frame:
    if (room is None) == (topic is None):
        raise ValueError("name a room or a topic")
    return {"room": room} if room is not None else {"topic": topic}


def given(**fields: Any) -> Frame:
    return {name: value for name, value in fields.items() if value is not None}


def delivery(to_role: str | None, except_me: bool, ttl_ms: int | None) -> Frame:
    """To whom and for how long: docs/delivery.md."""
    to = None if to_role is None else {"role": to_role}
    return given(to=to, except_me=except_me or None, ttl_ms=ttl_ms)


class Calls:
    def __init__(self, options: Options, requests: Requests, audiences: Audiences, busy: Callable[[], bool]) -> None:
        self._options = options
        self._requests = requests
        self._audiences = audiences
        self._busy = busy

    async def say(
        self,
        room: str,
        message: Any,
        *,
        user: str | None = None,
        msg_id: str | None = None,
        to_role: str | None = None,
        except_me: bool = False,
        ttl_ms: int | None = None,
    ) -> Position | None:
        """Sends a message to a room, as a member at least until there is an answer. Its position; None for a message
        that has none. It is said once, even if the connection breaks before the answer."""
        frame = {"type": "message", "room": room, "message": message, "msg_id": msg_id or secrets.token_urlsafe(16)}
        frame |= given(user=user) | delivery(to_role, except_me, ttl_ms)
        return Position.of(await self._as_member(room, frame))

    async def publish(
        self,
        topic: str,
        data: Any,
        *,
        event: str | None = None,
        msg_id: str | None = None,
        to_role: str | None = None,
        except_me: bool = False,
        ttl_ms: int | None = None,
    ) -> Position | None:
        """Publishes on a topic; otherwise like `say`."""
        frame = {"type": "publish", "topic": topic, "data": data, "msg_id": msg_id or secrets.token_urlsafe(16)}
        frame |= given(event=event) | delivery(to_role, except_me, ttl_ms)
        return Position.of(await self._requests.ask(frame, repeatable=True))

    async def signal(self, data: Any, *, room: str | None = None, topic: str | None = None) -> None:
        """Tells the others something that passes. It never waits: without a connection it is `offline`, and where
        the network takes no more it is dropped."""
        frame = {"type": "signal", "data": data} | named(room, topic)
        if not self._busy():
            self._requests.tell(frame)

    async def history(
        self,
        *,
        room: str | None = None,
        topic: str | None = None,
        limit: int | None = None,
        before: int | None = None,
        after: int | None = None,
    ) -> History:
        """A page of what was said: the last, those before an offset, or those after one."""
        frame = {"type": "history"} | named(room, topic) | given(limit=limit, before=before, after=after)
        return History.of(await self._requests.ask(frame))

    async def presence(
        self, *, room: str | None = None, topic: str | None = None, limit: int | None = None, after: str | None = None
    ) -> Presence:
        """A page of who is there."""
        frame = {"type": "presence"} | named(room, topic) | given(limit=limit, after=after)
        return Presence.of(await self._requests.ask(frame))

    async def set_presence(
        self, state: dict[str, Any] | None, *, room: str | None = None, topic: str | None = None
    ) -> None:
        """What others see of this client there; None takes it back."""
        await self._requests.ask({"type": "set_presence", "state": state} | named(room, topic))

    async def rpc(self, service: str, method: str, params: dict[str, Any] | None = None) -> Any:
        """Calls a back-end service, and returns its result."""
        frame = {"type": "rpc", "service": service, "method": method} | given(params=params)
        return (await self._requests.ask(frame)).get("result")

    async def _as_member(self, room: str, frame: Frame) -> Frame:
        """What is asked goes behind the request to enter, without waiting for its answer."""
        member = self._audiences.enter("room", room, (), False)
        try:
            self._audiences.ask_now()
            try:
                return await self._requests.ask(frame, repeatable=True)
            except TroupeError as error:
                if error.code != "not_in_room":
                    raise
            await self._entered(member)
            return await self._requests.ask(frame, repeatable=True)
        finally:
            self._audiences.release(member)

    async def _entered(self, member: Audience) -> None:
        """It was not let in: for a moment, or this raises why."""
        try:
            async with asyncio.timeout(self._options.deadline):
                await member.entered()
        except TimeoutError:
            raise TroupeError("timeout", "not let in in time") from None
