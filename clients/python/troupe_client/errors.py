"""Why something was not done. Match on `code`; the texts are for people."""

import copy
from typing import Any

from .amounts import milliseconds


class TroupeError(Exception):
    """A request, a room or a topic ended without what was wanted. `code` is the server's (docs/protocol.md) or the
    client's own: `connection_lost`, `offline`, `too_many_waiting`, `timeout`, `closed`, `left`."""

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        retry_after_ms: int | None = None,
        status: int | None = None,
        close_code: int | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.retry_after_ms = retry_after_ms
        self.status = status
        """Of an answer over HTTP."""
        self.close_code = close_code
        """Of a connection that has ended for good, or its status over HTTP: with the code `closed`."""

    def again(self) -> "TroupeError":
        """The same for another one who waits, with a traceback of its own."""
        return copy.copy(self)

    @classmethod
    def of(cls, frame: dict[str, Any]) -> "TroupeError":
        """What an `error` frame, or an entry of `refused`, says."""
        return cls(
            str(frame.get("code", "internal")),
            str(frame.get("message", "")),
            retry_after_ms=milliseconds(frame.get("retry_after_ms")),
        )


class StopError(Exception):
    """Raised by a token provider: there will be no more tokens, so the client ends."""
