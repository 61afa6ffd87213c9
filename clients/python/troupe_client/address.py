"""Where to connect to, and with what: the URL, the headers and the subprotocols of one attempt."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

from .frames import Position

SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
SUBPROTOCOL = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")
TOKEN = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is the same for all attempts."""

    url: str
    user: str | None = None
    proxy: str | Literal[True] | None = True
    ssl: SSLContext | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


def checked_url(url: str) -> str:
    """`ws://host:8081` stands for `ws://host:8081/ws`. Raises ValueError for what is no address of a server."""
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme not in SCHEMES or not parts.hostname:
        raise ValueError(f"not a URL of a server, such as ws://127.0.0.1:8081/ws: {url!r}")
    _ = parts.port  # raises ValueError if it is not a number of a port
    return urlunsplit((SCHEMES[parts.scheme], parts.netloc, parts.path.rstrip("/") or "/ws", parts.query, ""))


def checked_token(token: object) -> str:
    """Raises ValueError for what could not be sent as a header."""
    if not isinstance(token, str) or not TOKEN.fullmatch(token):
        raise ValueError("a token is a text of visible ASCII characters")
    return token


def checked_user(user: object) -> str | None:
    """Raises ValueError for what could not stand in a URL. Which names are good the server knows."""
    if user is None:
        return None
    if not isinstance(user, str):
        raise ValueError(f"a user has a text as the name: {user!r}")
    user.encode()  # a lone surrogate is no text
    return user


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def with_query(url: str, user: str | None, inbox: Position | None) -> str:
    fields = {}
    if user is not None:
        fields["user"] = user
    if inbox is not None:
        fields |= {"inbox_epoch": inbox.epoch, "inbox_offset": str(inbox.offset)}
    parts = urlsplit(url)
    added = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())
    return urlunsplit(parts._replace(query="&".join(filter(None, (parts.query, added)))))


def subprotocols(session: str | None) -> list[str]:
    """The session travels here, because proxies write URLs into their logs."""
    if session is None or not SUBPROTOCOL.fullmatch(f"session.{session}"):
        return ["troupe.v1"]
    return ["troupe.v1", f"session.{session}"]
