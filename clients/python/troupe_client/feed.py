"""Something that is told to any number of queues: states, notifications."""

import weakref
from typing import Generic, Self, TypeVar

from .mailbox import Ended, Mailbox

T = TypeVar("T")


class Feed(Generic[T]):
    def __init__(self) -> None:
        self._mailboxes: weakref.WeakSet[Mailbox[T]] = weakref.WeakSet()
        self._ended = False

    def add(self, mailbox: Mailbox[T]) -> Mailbox[T]:
        """For as long as somebody else holds it."""
        self._mailboxes.add(mailbox)
        if self._ended:
            mailbox.end()
        return mailbox

    def remove(self, mailbox: Mailbox[T]) -> None:
        self._mailboxes.discard(mailbox)
        mailbox.end(discard=True)

    def tell(self, item: T) -> None:
        for mailbox in self._mailboxes:
            mailbox.put(item)

    def end(self) -> None:
        self._ended = True
        for mailbox in self._mailboxes:
            mailbox.end()


class Stream(Generic[T]):
    """For `async for`."""

    def __init__(self, feed: Feed[T], size: int) -> None:
        self._mailbox = feed.add(Mailbox(size))

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        try:
            return await self._mailbox.get()
        except Ended:
            raise StopAsyncIteration from None
