"""What may be set about a client: times in seconds, bounds as counts."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    base: float = 1.0
    """The delay before another attempt is drawn from [0, base · 2ⁿ), and is a tenth of `base` at least."""
    max: float = 30.0
    """No delay of the client's own is longer."""
    attempt: float = 10.0
    """An attempt to connect ends after this."""
    reset: float = 5.0
    """A connection that was open for this long makes the next delay a short one again."""
    ping: float | None = None
    """Nothing heard for so long: the client asks. By default the server's heartbeat and a margin."""
    dead: float = 10.0
    """Nothing heard for so long after it has asked: the connection is lost."""
    waiting_max: int = 1000
    """So many requests may wait for a connection; one more is `too_many_waiting`."""
    deadline: float = 30.0
    """A request without an answer ends with `timeout` after this."""
    offline: Literal["wait", "reject"] = "wait"
    """Requests while there is no connection wait for one, or are rejected with `offline`."""
    leave: float = 0.1
    """A room or topic is left so long after its last subscriber has gone."""
    queue: int = 1000
    """What waits for one subscriber or callback; beyond that the oldest is dropped and a `Gap` says so."""
    frame_bytes_max: int = 64 << 20
    """A longer frame of the server ends the connection."""
