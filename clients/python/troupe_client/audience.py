"""One room, topic or pattern, shared by all who listen to it here: what they are told, in order and once."""

import asyncio
from collections.abc import Callable, Collection
from typing import Literal

from .errors import TroupeError
from .frames import Frame, Gap, Item, Message, Position, Restored
from .mailbox import Mailbox
from .patience import end_with
from .presence import PresenceList
from .stand import Stand

Kind = Literal["room", "topic", "pattern"]
Wanted = Callable[[Item], bool]

BESIDES = {"user_joined", "user_left", "presence", "presence_diff", "signal", "history", "left", "unsubscribed"}
"""What a subscriber hears only if it asks for it: everything else is what was said."""


def wanted(types: Collection[str] | Literal["*"] | None) -> Wanted:
    """None: what was said. A gap is told to everybody."""
    if types == "*":
        return lambda item: True
    if types is None:
        return lambda item: item.type not in BESIDES and item.type != "restored"
    chosen = {types} if isinstance(types, str) else set(types)
    return lambda item: item.type in chosen or item.type == "gap"


def overflow(dropped: int) -> Item:
    return Gap("queue_full", dropped)


class Audience:
    def __init__(self, kind: Kind, name: str) -> None:
        self.kind: Kind = kind
        self.name = name
        self.stand = Stand()
        self.people = PresenceList()
        self.count = 0
        """How many subscribers it has here; the last one to go ends it."""
        self.presence = False
        """Somebody wants to know who is there."""
        self.state: Frame | None = None
        """What others are to see of this client here, on the next connection too."""
        self.given = False
        """The server subscribes the client by itself."""
        self.confirmed = False
        """On the connection there is now."""
        self.failed: TroupeError | None = None
        self.leaving: asyncio.TimerHandle | None = None
        self._replayed_up_to = 0
        self._was_confirmed = False
        self._waiting: set[asyncio.Future[None]] = set()
        self._mailboxes: dict[Mailbox[Item], Wanted] = {}

    def listen(self, mailbox: Mailbox[Item], wants: Wanted) -> None:
        self._mailboxes[mailbox] = wants

    def unlisten(self, mailbox: Mailbox[Item]) -> None:
        self._mailboxes.pop(mailbox, None)

    async def entered(self) -> None:
        """Returns when the client is in for the first time; raises what refused it."""
        if self.failed is not None:
            raise self.failed.again()
        if self._was_confirmed:
            return
        waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(waiting)
        try:
            await waiting
        finally:
            self._waiting.discard(waiting)

    # -- what the server says ------------------------------------------------------------------------------

    def lost(self) -> None:
        self.confirmed = False
        self._replayed_up_to = 0

    def confirm(self, answer: Frame) -> bool:
        """The server says where it stands. True if the client has come back here."""
        came_back = self._was_confirmed and not self.confirmed
        if not self.confirmed:
            position = Position.of(answer)
            self.stand.place(position)
            if came_back:
                self._tell_whether_whole(answer, position)
        self.confirmed = self._was_confirmed = True
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)
        return came_back

    def placed(self, frame: Frame) -> None:
        """A `position` frame: it stands elsewhere now, and nothing is missing unless it says so."""
        position = Position.of(frame)
        self.stand.place(position)
        if "recovered" in frame:
            self._tell_whether_whole(frame, position)
        else:
            self._tell(Restored(position, frame))

    def hear(self, frame: Frame) -> None:
        if not self.confirmed:
            return  # left over from before it was left
        kind = frame.get("type")
        if kind == "position":
            self.placed(frame)
        elif kind == "gap":
            self._hear_of_gap(frame)
        else:
            missing = self.stand.take(frame)
            if missing is None:
                return
            if missing:
                self._tell(Gap("hole", missing, self.stand.position))
            if kind in ("presence", "presence_diff"):
                self.people.take(frame)
            self._tell(Message(frame))

    def replays(self, frame: Frame) -> bool:
        """It is what this client missed here: nobody else is told."""
        offset = frame.get("offset")
        return self.confirmed and isinstance(offset, int) and offset <= self._replayed_up_to

    def fail(self, error: TroupeError) -> None:
        """It is over, and does not come back by itself."""
        self.failed, self.confirmed = error, False
        self._end(error)

    def end(self) -> None:
        """It is over, as was wanted."""
        self.confirmed = False
        self._end(None)

    # -- its own -------------------------------------------------------------------------------------------

    def _tell_whether_whole(self, answer: Frame, position: Position | None) -> None:
        if answer.get("recovered") is True:
            top = answer.get("top")
            self._replayed_up_to = top if isinstance(top, int) else 0
            self._tell(Restored(position, answer))
        else:
            self._tell(Gap("not_recovered", None, position, answer))

    def _hear_of_gap(self, frame: Frame) -> None:
        offset = frame.get("offset")
        if isinstance(offset, int) and not self.stand.skip(offset) and not frame.get("dropped"):
            return
        why: Literal["expired", "slow_reader"] = "expired" if frame.get("expired") else "slow_reader"
        self._tell(Gap(why, frame.get("dropped"), self.stand.position, frame))

    def _tell(self, item: Item) -> None:
        for mailbox, wants in self._mailboxes.items():
            if wants(item):
                mailbox.put(item)

    def _end(self, error: TroupeError | None) -> None:
        for waiting in self._waiting:
            if not waiting.done():
                end_with(waiting, error.again() if error else TroupeError("closed", "the client was closed"))
        for mailbox in self._mailboxes:
            mailbox.end(error)
