"""The server-side API for back ends: synchronous, one keep-alive connection, no threads, standard library only.

with Api("http://127.0.0.1:8081", key) as api:
    api.publish("orders.new", {"id": 7}, event="order_created")
"""

import secrets
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

from .errors import TroupeError
from .exchange import Exchange
from .frames import History, Position, Presence, count_of, entries_of, next_of, unlike

__all__ = ["Api", "Published", "TroupeError"]


@dataclass(frozen=True, slots=True)
class Published:
    """`position` is None for a message for one role."""

    position: Position | None
    listeners: int


def given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def place(room: str | None, topic: str | None) -> str:
    if (room is None) == (topic is None):
        raise ValueError("name a room or a topic")
    return f"rooms/{part(room)}" if room is not None else f"topics/{part(topic)}"


def part(name: object) -> str:
    """Of a path."""
    if isinstance(name, bool) or not isinstance(name, str | int):
        raise TroupeError("invalid_name", f"neither a text nor a number: {name!r}")
    return quote(str(name), safe="")


class Api:
    """One connection of one thread. What fails raises TroupeError, with `code` and `status`; it is tried again for
    `patience` seconds where that cannot do anything twice. `timeout` is for each step on the network."""

    def __init__(
        self,
        url: str,
        key: str,
        *,
        timeout: float = 10.0,
        patience: float = 10.0,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._exchange = Exchange(url, key, timeout, patience, ssl_context)

    def close(self) -> None:
        self._exchange.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- saying --------------------------------------------------------------------------------------------

    def publish(
        self,
        topic: str,
        data: Any,
        *,
        event: str | None = None,
        msg_id: str | None = None,
        to_role: str | None = None,
        ttl_ms: int | None = None,
    ) -> Published:
        """Publishes on a topic. It has a `msg_id`, so that it is published once, however often it is tried."""
        body = {"topic": topic, "data": data} | given(event=event)
        return self._publish("publish", body, msg_id, to_role, ttl_ms)

    def say(
        self,
        room: str,
        message: Any,
        *,
        user: str | None = None,
        msg_id: str | None = None,
        to_role: str | None = None,
        ttl_ms: int | None = None,
    ) -> Published:
        """Sends a message to a room, as `user` ("server")."""
        body = {"message": message} | given(user=user)
        return self._publish(f"{place(room, None)}/message", body, msg_id, to_role, ttl_ms)

    def announce(self, text: str) -> None:
        """To every connection. Not tried again once it may have been carried out."""
        self._post("announce", {"text": text}, repeatable=False)

    def send_to_user(self, user_id: str | int, message: Any) -> dict[str, Any]:
        """A notification: `{"connections": n}`, and `heard` and `kept` for a user with an inbox. Not tried again once
        it may have been carried out."""
        answer = self._post(f"users/{part(user_id)}/send", {"message": message}, repeatable=False)
        count_of(answer, "connections")
        return answer

    def send_to_role(self, role: str, message: Any) -> int:
        """The number of connections it went to. Not tried again once it may have been carried out."""
        answer = self._post(f"roles/{part(role)}/send", {"message": message}, repeatable=False)
        return count_of(answer, "connections")

    # -- keeping order: the number of connections that it concerned ----------------------------------------

    def disconnect(self, user_id: str | int, *, reason: str | None = None, deny_seconds: int | None = None) -> int:
        """Puts a user out of the server, and keeps him out for `deny_seconds`."""
        return self._count(f"users/{part(user_id)}/disconnect", reason=reason, deny_seconds=deny_seconds)

    def kick(
        self,
        room: str,
        *,
        user_id: str | int | None = None,
        connection_id: str | None = None,
        reason: str | None = None,
        deny_seconds: int | None = None,
    ) -> int:
        """Puts a user, or one connection, out of a room."""
        who = given(user_id=user_id, connection_id=connection_id)
        return self._count(f"{place(room, None)}/kick", **who, reason=reason, deny_seconds=deny_seconds)

    def mute(
        self, room: str, seconds: int, *, user_id: str | int | None = None, connection_id: str | None = None
    ) -> int:
        who = given(user_id=user_id, connection_id=connection_id)
        return self._count(f"{place(room, None)}/mute", **who, seconds=seconds)

    def close_room(self, room: str, *, reason: str | None = None) -> int:
        return self._count(f"{place(room, None)}/close", reason=reason)

    def deny_token(self, jti: str, seconds: int) -> int:
        return self._count("tokens/deny", jti=jti, seconds=seconds)

    def ban(self, address: str, seconds: int, *, reason: str | None = None) -> int:
        return self._count("bans", address=address, seconds=seconds, reason=reason)

    def lift_ban(self, address: str) -> None:
        self._exchange.request("DELETE", f"/api/v1/bans/{part(address)}", None, repeatable=True)

    def bans(self) -> Iterator[dict[str, Any]]:
        return self._pages("bans", "bans")

    # -- looking -------------------------------------------------------------------------------------------

    def history(
        self,
        *,
        room: str | None = None,
        topic: str | None = None,
        limit: int | None = None,
        before: int | None = None,
        after: int | None = None,
    ) -> History:
        """A page of what was said: the last, those before an offset, or those after one."""
        return History.of(self._get(f"{place(room, topic)}/history", limit=limit, before=before, after=after))

    def presence(
        self, *, room: str | None = None, topic: str | None = None, limit: int | None = None, after: str | None = None
    ) -> Presence:
        """A page of who is there."""
        return Presence.of(self._get(f"{place(room, topic)}/presence", limit=limit, after=after))

    def rooms(self) -> Iterator[dict[str, Any]]:
        """All of them, page by page: `{"room", "members"}`."""
        return self._pages("rooms", "rooms")

    def topics(self) -> Iterator[dict[str, Any]]:
        """All of them, page by page: `{"topic", "subscribers"}`."""
        return self._pages("topics", "topics")

    def users(self) -> Iterator[dict[str, Any]]:
        """All that are connected, page by page: `{"user_id", "username", "connections"}`."""
        return self._pages("connections", "users")

    def room(self, name: str) -> dict[str, Any]:
        return self._get(place(name, None))

    def topic(self, name: str) -> dict[str, Any]:
        return self._get(place(None, name))

    def user(self, user_id: str | int) -> dict[str, Any]:
        return self._get(f"users/{part(user_id)}")

    def connection(self, connection_id: str) -> dict[str, Any]:
        return self._get(f"connections/{part(connection_id)}")

    def stats(self) -> dict[str, Any]:
        return self._get("stats")

    def drain(self) -> None:
        """The server closes its connections, and ends."""
        self._exchange.request("POST", "/api/v1/drain", None, repeatable=False)

    # -- its own -------------------------------------------------------------------------------------------

    def _publish(
        self, path: str, body: dict[str, Any], msg_id: str | None, to_role: str | None, ttl_ms: int | None
    ) -> Published:
        to = None if to_role is None else {"role": to_role}
        body |= {"msg_id": msg_id or secrets.token_urlsafe(16)} | given(to=to, ttl_ms=ttl_ms)
        answer = self._post(path, body, repeatable=True)
        position = Position.of(answer)
        if position is None and ("epoch" in answer or "offset" in answer):
            raise unlike("offset")
        return Published(position, count_of(answer, "listeners"))

    def _count(self, path: str, **fields: Any) -> int:
        return count_of(self._post(path, given(**fields), repeatable=True), "connections")

    def _post(self, path: str, body: dict[str, Any], *, repeatable: bool) -> dict[str, Any]:
        return self._exchange.request("POST", f"/api/v1/{path}", body, repeatable=repeatable)

    def _get(self, path: str, **parameters: Any) -> dict[str, Any]:
        query = urlencode(given(**parameters))
        return self._exchange.request("GET", f"/api/v1/{path}{'?' if query else ''}{query}", None, repeatable=True)

    def _pages(self, path: str, entries: str) -> Iterator[dict[str, Any]]:
        after, known = None, set()
        while True:
            page = self._get(path, limit=1000, after=after)
            yield from entries_of(page, entries)
            if (after := next_of(page)) is None:
                return
            if after in known:  # the pages would have no end
                raise unlike("next")
            known.add(after)
