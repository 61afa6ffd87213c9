"""A list of who is there, kept from `presence` and `presence_diff` frames."""

from typing import Any

from .frames import Frame


def _key(entry: dict[str, Any]) -> tuple[str, object]:
    """A user with a token is one entry by `user_id`; a connection without one is another, by `from`."""
    if "user_id" in entry:
        return "user_id", entry["user_id"]
    return "from", entry.get("from")


class PresenceList:
    def __init__(self) -> None:
        self.known = False
        self.count = 0
        self.next: str | None = None
        self._entries: dict[tuple[str, object], dict[str, Any]] = {}

    @property
    def entries(self) -> list[dict[str, Any]]:
        return list(self._entries.values())

    def forget(self) -> None:
        self.known, self.count, self.next = False, 0, None
        self._entries.clear()

    def take(self, frame: Frame) -> None:
        """A `presence` frame begins the list anew; a `presence_diff` changes it."""
        self.count = int(frame.get("count", 0))
        if frame.get("type") == "presence":
            self.known = True
            self.next = frame.get("next")
            self._entries = {_key(each): each for each in frame.get("users", ())}
            return
        for each in (*frame.get("joins", ()), *frame.get("updates", ())):
            self._entries[_key(each)] = each
        for each in frame.get("leaves", ()):
            self._entries.pop(_key(each), None)

    def frame(self, kind: str, name: str) -> Frame:
        """The list as the server would tell it, for a subscriber that comes later."""
        whole: Frame = {"type": "presence", kind: name, "count": self.count, "users": self.entries}
        if self.next is not None:
            whole["next"] = self.next
        return whole
