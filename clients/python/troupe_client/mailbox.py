"""A bounded queue between the reader and one subscriber. Whoever puts never waits."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Ended(Exception):
    """Nothing comes any more. `error` says why, unless it was wanted."""

    def __init__(self, error: Exception | None) -> None:
        super().__init__()
        self.error = error


class Mailbox(Generic[T]):
    """When it is full the oldest item is dropped; what `mark` makes of the number of dropped ones comes in their
    place. Without `mark` they are dropped without a word."""

    def __init__(self, size: int, mark: Callable[[int], T] | None = None) -> None:
        self._size = max(1, size)
        self._mark = mark
        self._items: deque[T] = deque()
        self._dropped = 0
        self._changed = asyncio.Event()
        self._ended: Ended | None = None

    def __len__(self) -> int:
        return len(self._items)

    @property
    def ended(self) -> bool:
        return self._ended is not None

    def put(self, item: T) -> None:
        if self._ended is not None:
            return
        if len(self._items) >= self._size:
            self._items.popleft()
            self._dropped += 1
        self._items.append(item)
        self._changed.set()

    def end(self, error: Exception | None = None, *, discard: bool = False) -> None:
        """What is in it can still be taken, unless it is discarded."""
        if self._ended is None:
            self._ended = Ended(error)
        if discard:
            self._items.clear()
            self._dropped = 0
        self._changed.set()

    async def get(self) -> T:
        """Raises Ended behind the last item. May be cancelled at any time: nothing is lost."""
        while not self._items:
            if self._ended is not None:
                raise Ended(self._ended.error)
            self._changed.clear()
            await self._changed.wait()
        if self._dropped and self._mark is not None:
            dropped, self._dropped = self._dropped, 0
            return self._mark(dropped)
        return self._items.popleft()
