"""How far a room or topic has been seen: what makes coming back whole, and each message come once."""

from .frames import Frame, Position

NOT_NUMBERED = {"gap", "history", "presence", "presence_diff", "position", "joined", "subscribed"}
"""Frames whose `offset`, if any, is not their own number."""


class Stand:
    def __init__(self) -> None:
        self.position: Position | None = None

    def recover(self) -> dict[str, object] | None:
        """What to ask for, after a connection was lost."""
        if self.position is None:
            return None
        return {"epoch": self.position.epoch, "offset": self.position.offset}

    def place(self, position: Position | None) -> None:
        """The server says where it stands now."""
        if position is not None:
            self.position = position

    def take(self, frame: Frame) -> int | None:
        """Counts a frame: 0 if it is the next, n if so many before it are missing, None if it was seen already."""
        offset = frame.get("offset")
        if not isinstance(offset, int) or self.position is None or frame.get("type") in NOT_NUMBERED:
            return 0
        if offset <= self.position.offset:
            return None
        previous = frame.get("prev")
        if not isinstance(previous, int):
            previous = offset - 1
        missing = previous - self.position.offset
        self.position = Position(self.position.epoch, offset)
        return max(0, missing)

    def skip(self, offset: int) -> bool:
        """A gap ends here. False if all of it was seen already."""
        if self.position is None or offset <= self.position.offset:
            return False
        self.position = Position(self.position.epoch, offset)
        return True

    def said(self, position: Position) -> None:
        """The answer to a message of one's own, which stands in its place where the message itself does not come."""
        if self.position is not None and position == Position(self.position.epoch, self.position.offset + 1):
            self.position = position
