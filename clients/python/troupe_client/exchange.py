"""Requests over HTTP on one connection that is kept alive; what may be repeated is, when the network fails."""

import http.client
import json
import random
import re
import select
import ssl
import time
from typing import Any
from urllib.parse import urlsplit

from .amounts import milliseconds
from .errors import TroupeError
from .retry_after import seconds_of

SCHEMES = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
KEY = re.compile(r"[\x20-\x7e]*")
FIRST_PAUSE, LAST_PAUSE = 0.1, 2.0
LATER = (429, 503)
"""Statuses of a server that is not to be asked now."""


class Exchange:
    """Not for several threads at once: each has its own."""

    def __init__(self, url: str, key: str, timeout: float, patience: float, context: ssl.SSLContext | None) -> None:
        parts = urlsplit(url) if isinstance(url, str) else None
        if parts is None or parts.scheme not in SCHEMES or not parts.hostname:
            raise ValueError(f"not a URL of a server, such as http://127.0.0.1:8081: {url!r}")
        if not isinstance(key, str) or not KEY.fullmatch(key):
            raise ValueError("a key is a text of visible ASCII characters")
        self._prefix = parts.path.rstrip("/").removesuffix("/ws")
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._patience = patience
        self._connection: http.client.HTTPConnection
        if SCHEMES[parts.scheme] == "https":
            self._connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=timeout, context=context)
        else:
            self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)

    def close(self) -> None:
        self._connection.close()

    def request(self, method: str, path: str, body: dict[str, Any] | None, *, repeatable: bool) -> dict[str, Any]:
        """The decoded answer. Raises TroupeError."""
        text = None if body is None else json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
        give_up_at = time.monotonic() + self._patience
        ceiling = FIRST_PAUSE
        while True:
            try:
                return self._once(method, path, text)
            except TroupeError as error:
                pause = random.uniform(ceiling / 2, ceiling)
                if error.retry_after_ms is not None:
                    pause = max(pause, error.retry_after_ms / 1000)
                if not may_repeat(error, repeatable) or time.monotonic() + pause >= give_up_at:
                    raise
            time.sleep(pause)
            ceiling = min(LAST_PAUSE, ceiling * 2)

    def _once(self, method: str, path: str, text: bytes | None) -> dict[str, Any]:
        self._connect()
        try:
            self._connection.request(method, self._prefix + path, text, self._headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except TimeoutError as failure:
            self._connection.close()
            raise TroupeError("timeout", "no answer in time") from failure
        except (OSError, http.client.HTTPException) as failure:
            self._connection.close()
            raise TroupeError("connection_lost", f"{type(failure).__name__}: {failure}") from failure
        except BaseException:
            self._connection.close()  # a half-read answer is nobody's
            raise
        if answer.status != 200:
            raise refusal(answer.status, answer.headers.get("Retry-After"), content)
        decoded = object_of(content)
        if decoded is None:
            raise TroupeError("internal", "not an answer of Troupe's", status=200)
        return decoded

    def _connect(self) -> None:
        """Nothing is said on a connection that the server has ended meanwhile."""
        socket = self._connection.sock
        if socket is not None and select.select([socket], [], [], 0)[0]:
            self._connection.close()
        if self._connection.sock is None:
            try:
                self._connection.connect()
            except OSError as failure:
                self._connection.close()
                raise TroupeError("offline", f"{type(failure).__name__}: {failure}") from failure


def may_repeat(error: TroupeError, repeatable: bool) -> bool:
    """What has certainly not been carried out may be; the rest only where that does no harm."""
    if error.code == "offline" or error.status == 429:
        return True
    return repeatable and (error.code in ("connection_lost", "timeout") or error.status == 503)


def object_of(content: bytes) -> dict[str, Any] | None:
    """None for what is none."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def refusal(status: int, retry_after: str | None, content: bytes) -> TroupeError:
    error = (object_of(content) or {}).get("error")
    if not isinstance(error, dict) or not isinstance(error.get("code"), str):
        error = {"code": "unavailable" if status in (*LATER, 502, 504) else "internal", "message": f"HTTP {status}"}
    seconds = seconds_of(retry_after)
    return TroupeError(
        error["code"],
        str(error.get("message", "")),
        status=status,
        retry_after_ms=milliseconds(error.get("retry_after_ms")) if seconds is None else round(seconds * 1000),
    )
