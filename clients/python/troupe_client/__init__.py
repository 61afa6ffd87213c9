"""Client of Troupe: rooms, topics, presence and history over WebSocket. `troupe_client.api` is for back ends."""

from .client import Client, connect
from .errors import StopError, TroupeError
from .frames import Frame, Gap, History, Item, Message, Position, Presence, Restored, State
from .handles import Pattern, Room, Topic
from .options import Options

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
