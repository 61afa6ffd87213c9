"""The bytes of WebSocket clients (RFC 6455): what attackers send, and what the honest pair says."""

import json
import struct

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
# The example of RFC 6455, 1.3: one key for all, so that its answer is known beforehand.
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
MASK = b"\x5a\x13\xc7\x88"


def handshake(path: str, *headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Upgrade: websocket", "Connection: Upgrade",
             f"Sec-WebSocket-Key: {KEY}", "Sec-WebSocket-Version: 13", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def frame(opcode: int, payload: bytes = b"") -> bytes:
    """A whole message, masked as clients must."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    else:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    mask = (MASK * (size // 4 + 1))[:size]
    masked = int.from_bytes(payload, "big") ^ int.from_bytes(mask, "big")
    return head + MASK + masked.to_bytes(size, "big")


def say(message: dict) -> bytes:
    return frame(TEXT, json.dumps(message, separators=(",", ":")).encode())


class Reader:
    """Takes what a server sends, and gives its frames."""

    def __init__(self):
        self._waiting = b""
        self._upgraded = False

    def frames(self, received: bytes):
        """Each whole frame as (opcode, payload). Raises ValueError when there was no upgrade."""
        self._waiting += received
        if not self._upgraded:
            head, end, rest = self._waiting.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101 ") or ACCEPT.encode() not in head:
                raise ValueError(f"no upgrade: {head.decode('latin-1')}")
            self._upgraded, self._waiting = True, rest
        while (size := self._size()) is not None:
            head, whole = size
            opcode, payload = self._waiting[0] & 0x0F, self._waiting[head:whole]
            self._waiting = self._waiting[whole:]
            yield opcode, payload

    def _size(self):
        """Bytes of the next frame's head, and of all of it; None: it has not come yet."""
        if len(self._waiting) < 2:
            return None
        size, head = self._waiting[1] & 0x7F, 2
        if size >= 126:
            head = 4 if size == 126 else 10
            if len(self._waiting) < head:
                return None
            size = int.from_bytes(self._waiting[2:head], "big")
        return (head, head + size) if len(self._waiting) >= head + size else None
