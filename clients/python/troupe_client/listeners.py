"""Callbacks: each has a queue and a task of its own, so that one that blocks or throws hurts nobody else."""

import asyncio
import contextlib
import inspect
import logging
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .mailbox import Ended, Mailbox
from .patience import is_cancelled

T = TypeVar("T")
log = logging.getLogger("troupe_client")


class Listener(Generic[T]):
    def __init__(self, mailbox: Mailbox[T], callback: Callable[[T], Any]) -> None:
        self.mailbox = mailbox
        self.callback = callback


class Listeners:
    """The tasks of all callbacks of a client, and where they report what they throw."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._errors: list[Listener[BaseException]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._unstarted: list[Listener[Any]] = []
        self._running = False

    def start(self) -> None:
        """There is a loop now. Callbacks may have been added before."""
        self._running = True
        unstarted, self._unstarted = self._unstarted, []
        for listener in unstarted:
            self._run(listener)

    def add(self, mailbox: Mailbox[T], callback: Callable[[T], Any]) -> None:
        """Ends with its mailbox."""
        self._add(Listener(mailbox, callback))

    def on_error(self, callback: Callable[[BaseException], Any]) -> Callable[[], None]:
        listener: Listener[BaseException] = Listener(Mailbox(self._size), callback)
        self._errors.append(listener)
        self._add(listener)

        def remove() -> None:
            listener.mailbox.end(discard=True)
            if listener in self._errors:
                self._errors.remove(listener)

        return remove

    def report(self, failure: BaseException, what: str) -> None:
        """To the error handlers; to the log where there are none."""
        if not self._errors:
            log.error("%s", what, exc_info=failure)
            return
        failure.add_note(f"troupe_client: {what}")
        for listener in self._errors:
            listener.mailbox.put(failure)

    def end(self) -> None:
        """Nothing is reported any more, but what has been is told."""
        for listener in self._errors:
            listener.mailbox.end()
        self._errors = []

    async def stop(self, seconds: float, sparing: "asyncio.Task[Any] | None") -> None:
        """All mailboxes have ended: callbacks have that long to finish, and the same again to obey being cancelled."""
        for patience in (seconds, seconds):
            others = self._tasks - {sparing}
            if not others:
                return
            await asyncio.wait(others, timeout=patience)
            for task in others:
                task.cancel()

    def _add(self, listener: Listener[Any]) -> None:
        if self._running:
            self._run(listener)
        else:
            self._unstarted.append(listener)

    def _run(self, listener: Listener[Any]) -> None:
        task = asyncio.create_task(self._serve(listener), name="troupe callback")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, listener: Listener[Any]) -> None:
        with contextlib.suppress(Ended):
            while True:
                item = await listener.mailbox.get()
                try:
                    result = listener.callback(item)
                    if inspect.isawaitable(result):
                        await result
                except (Exception, asyncio.CancelledError) as failure:
                    if is_cancelled():
                        raise
                    self._thrown(listener, failure)

    def _thrown(self, listener: Listener[Any], failure: BaseException) -> None:
        if any(listener is each for each in self._errors):
            log.error("an error handler failed", exc_info=failure)
        else:
            self.report(failure, f"a callback failed: {listener.callback!r}")
