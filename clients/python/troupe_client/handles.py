"""Rooms, topics and patterns as a program holds them: entered by `async with`, heard by `async for` or callbacks."""

import copy
from collections.abc import AsyncIterator, Callable, Collection
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from .audience import Audience, Kind, Wanted, overflow, wanted
from .frames import Frame, History, Item, Position, Presence
from .mailbox import Ended, Mailbox

if TYPE_CHECKING:
    from .client import Client

Types = Collection[str] | Literal["*"] | None


class Handle:
    """One subscriber. All of the same name share what the client asks of the server."""

    kind: Kind

    def __init__(self, client: "Client", name: str, *, presence: bool, types: Types, queue: int) -> None:
        self.name = name
        self._client = client
        self._presence = presence
        self._queue = queue
        self._mailbox: Mailbox[Item] = Mailbox(queue, overflow)
        self._types = types
        self._mailboxes: list[tuple[Mailbox[Item], Wanted]] = [(self._mailbox, wanted(types))]
        self._audience: Audience | None = None

    async def enter(self) -> Self:
        """Returns when the server has let the client in, however long that takes; raises TroupeError if it refuses."""
        if self._audience is not None:
            raise RuntimeError(f"{self.kind} {self.name!r} is entered already: take another handle")
        if self._mailbox.ended:
            self._renew_mailbox()
        audience = self._client.audiences.enter(self.kind, self.name, self._mailboxes, self._presence)
        self._audience = audience
        try:
            await audience.entered()
        except BaseException:
            self.leave()
            raise
        return self

    def leave(self) -> None:
        """At once here; the server is told a moment later, if nobody else has come by then."""
        audience, self._audience = self._audience, None
        if audience is None:
            return
        for mailbox, _ in self._mailboxes:
            audience.unlisten(mailbox)
            mailbox.end(discard=True)
        self._client.audiences.release(audience)

    async def __aenter__(self) -> Self:
        return await self.enter()

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    async def __anext__(self) -> Item:
        """Ends when the client is closed or the handle left; raises TroupeError when the server ends it."""
        if self._audience is None and not self._mailbox.ended:
            raise RuntimeError(f"{self.kind} {self.name!r} is not entered yet: async with")
        try:
            return await self._mailbox.get()
        except Ended as ended:
            if ended.error is not None:
                raise copy.copy(ended.error) from None
            raise StopAsyncIteration from None

    def on(self, callback: Callable[[Item], Any], types: Types = None) -> Callable[[], None]:
        """Has it called with each message or gap, or each frame of these types, one after the other in a task of its
        own. It may be a coroutine function. The result takes it away again."""
        mailbox: Mailbox[Item] = Mailbox(self._queue, overflow)
        entry = (mailbox, wanted(types))
        self._mailboxes.append(entry)
        if self._audience is not None:
            self._audience.listen(*entry)
        self._client.listeners.add(mailbox, callback)

        def remove() -> None:
            if entry in self._mailboxes:
                self._mailboxes.remove(entry)
            if self._audience is not None:
                self._audience.unlisten(mailbox)
            mailbox.end(discard=True)

        return remove

    @property
    def position(self) -> Position | None:
        """How far it has been heard."""
        return self._audience.stand.position if self._audience is not None else None

    def _renew_mailbox(self) -> None:
        """It is entered for the second time: callbacks are gone."""
        self._mailbox = Mailbox(self._queue, overflow)
        self._mailboxes = [(self._mailbox, wanted(self._types))]


class Audible(Handle):
    """What rooms and topics have in common."""

    @property
    def people(self) -> list[dict[str, Any]]:
        """Who is there, kept up to date, for a handle made with `presence=True`. The first page of a long list."""
        return self._audience.people.entries if self._audience is not None else []

    @property
    def _named(self) -> dict[str, Any]:
        return {self.kind: self.name}

    async def signal(self, data: Any) -> None:
        """Tells the others something that passes: typing, a cursor."""
        await self._client.calls.signal(data, **self._named)

    async def history(
        self, *, limit: int | None = None, before: int | None = None, after: int | None = None
    ) -> History:
        return await self._client.calls.history(limit=limit, before=before, after=after, **self._named)

    async def presence(self, *, limit: int | None = None, after: str | None = None) -> Presence:
        return await self._client.calls.presence(limit=limit, after=after, **self._named)

    async def set_presence(self, state: Frame | None) -> None:
        """What others see of this client here. It is set again when the client comes back."""
        await self._client.calls.set_presence(state, **self._named)
        if self._audience is not None:
            self._audience.state = state


class Room(Audible):
    kind = "room"

    async def say(self, message: Any, **options: Any) -> Position | None:
        """Sends a message to the room, entered or not; options as in `Client.say`."""
        return await self._client.calls.say(self.name, message, **options)


class Topic(Audible):
    kind = "topic"

    async def publish(self, data: Any, **options: Any) -> Position | None:
        """Publishes on the topic; options as in `Client.publish`."""
        return await self._client.calls.publish(self.name, data, **options)


class Pattern(Handle):
    kind = "pattern"
