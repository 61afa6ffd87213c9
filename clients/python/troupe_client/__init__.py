"""Client of Troupe: rooms, topics, presence and history over WebSocket. `troupe_client.api` is for back ends, and
needs nothing but the standard library: so what needs `websockets` is imported when it is asked for."""

from typing import TYPE_CHECKING, Any

from .errors import StopError, TroupeError
from .frames import Frame, Gap, History, Item, Message, Position, Presence, Restored, State
from .handles import Pattern, Room, Topic
from .options import Options

if TYPE_CHECKING:
    from .client import Client, connect

__all__ = [
    "Client",
    "Frame",
    "Gap",
    "History",
    "Item",
    "Message",
    "Options",
    "Pattern",
    "Position",
    "Presence",
    "Restored",
    "Room",
    "State",
    "StopError",
    "Topic",
    "TroupeError",
    "connect",
]


def __getattr__(name: str) -> Any:
    if name in ("Client", "connect"):
        from . import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
