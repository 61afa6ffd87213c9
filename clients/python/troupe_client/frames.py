"""What a subscriber is told: messages and whatever else the server says of a room or topic, and gaps."""

from dataclasses import dataclass, field
from typing import Any, Literal

from .errors import TroupeError

Frame = dict[str, Any]
"""A frame of the protocol, as JSON gives it."""


def unlike(field: str) -> TroupeError:
    """Of an answer that has something else there than the protocol says."""
    return TroupeError("internal", f"not an answer of Troupe's: {field!r}")


def entries_of(answer: Frame, field: str) -> list[Frame]:
    entries = answer.get(field)
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise unlike(field)
    return entries


def count_of(answer: Frame, field: str) -> int:
    count = answer.get(field)
    if not isinstance(count, int) or isinstance(count, bool):
        raise unlike(field)
    return count


def next_of(answer: Frame) -> str | None:
    """Where the next page begins."""
    following = answer.get("next")
    if following is not None and not isinstance(following, str):
        raise unlike("next")
    return following


GapReason = Literal["slow_reader", "expired", "not_recovered", "hole", "queue_full"]


@dataclass(frozen=True, slots=True)
class Position:
    """The place of a message in its room or topic. Compare `epoch` only for equality."""

    epoch: str
    offset: int

    @classmethod
    def of(cls, frame: Frame) -> "Position | None":
        """None where the server gives no position: of a message for some, or of a pattern."""
        epoch, offset = frame.get("epoch"), frame.get("offset")
        if not isinstance(epoch, str) or not isinstance(offset, int):
            return None
        return cls(epoch, offset)


class Told:
    """Whatever a subscriber is told has these, or None: so a program that does not care may treat all alike."""

    __slots__ = ()
    frame: Frame

    def __getitem__(self, field: str) -> Any:
        return self.frame[field]

    def get(self, field: str, default: Any = None) -> Any:
        return self.frame.get(field, default)

    @property
    def type(self) -> str:
        return str(self.frame.get("type", ""))

    @property
    def content(self) -> Any:
        """What was said: the `message` of a room, the `data` of a topic or signal."""
        return self.frame["message"] if "message" in self.frame else self.frame.get("data")

    @property
    def room(self) -> str | None:
        return self.frame.get("room")

    @property
    def topic(self) -> str | None:
        return self.frame.get("topic")

    @property
    def user(self) -> str | None:
        """The name to be shown. It proves nothing."""
        return self.frame.get("user")

    @property
    def user_id(self) -> str | int | None:
        """The user of the sender's token."""
        return self.frame.get("user_id")

    @property
    def sender(self) -> str | None:
        """`from`: the connection that said it, or "server"."""
        return self.frame.get("from")

    @property
    def timestamp(self) -> str | None:
        return self.frame.get("timestamp")

    @property
    def offset(self) -> int | None:
        return self.frame.get("offset")


@dataclass(frozen=True, slots=True)
class Message(Told):
    """A frame of a room or topic: what somebody said, or who came and went. `message["name"]` has any field."""

    frame: Frame


@dataclass(frozen=True, slots=True)
class Gap(Told):
    """Something is missing here. Ask for the history, or load the state anew."""

    reason: GapReason
    """`slow_reader`: the server dropped it, because this client read too slowly. `expired`: it is there no more.
    `not_recovered`: the client was away for too long. `hole`: the server said nothing about it. `queue_full`: this
    program took too long over what came before."""
    dropped: int | None = None
    """How many, where that is known."""
    position: Position | None = None
    """Where it goes on: the next message has the next offset."""
    frame: Frame = field(default_factory=dict)

    @property
    def type(self) -> str:
        return "gap"


@dataclass(frozen=True, slots=True)
class Restored(Told):
    """The room or topic stands here now, and nothing is missing: it is back after the connection was lost, and what
    was missed follows; or the server has moved its place."""

    position: Position | None
    frame: Frame

    @property
    def type(self) -> str:
        return "restored"


Item = Message | Gap | Restored


@dataclass(frozen=True, slots=True)
class History:
    """A page of what was said, the oldest first."""

    messages: list[Message]
    more: bool
    position: Position | None

    @classmethod
    def of(cls, frame: Frame) -> "History":
        messages = [Message(each) for each in entries_of(frame, "messages")]
        return cls(messages, bool(frame.get("more")), Position.of(frame))


@dataclass(frozen=True, slots=True)
class Presence:
    """A page of who is there. `next` is the `after` of the page behind it."""

    count: int
    users: list[dict[str, Any]]
    next: str | None

    @classmethod
    def of(cls, frame: Frame) -> "Presence":
        return cls(count_of(frame, "count"), entries_of({"users": []} | frame, "users"), next_of(frame))


@dataclass(frozen=True, slots=True)
class State:
    """Of the connection. `waiting` has the delay until the next attempt; `closed` is for good, with code and reason."""

    name: Literal["connecting", "open", "waiting", "closed"]
    delay: float | None = None
    code: int | None = None
    reason: str = ""
