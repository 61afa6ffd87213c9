"""WebSocket frames (RFC 6455, 5.2) as bytes go by, and frames to send: no more than the tests need."""

import base64
import hashlib
import struct

TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class FrameReader:
    """Takes bytes in any portions, and gives (opcode, payload) for each whole message."""

    def __init__(self):
        self._bytes = bytearray()
        self._parts = bytearray()
        self._kind = None

    def take(self, data):
        self._bytes += data
        while (frame := self._next()) is not None:
            final, opcode, payload = frame
            if opcode >= CLOSE:
                yield opcode, payload
                continue
            self._kind = opcode or self._kind
            self._parts += payload
            if final:
                whole, self._parts = bytes(self._parts), bytearray()
                yield self._kind, whole

    def _next(self):
        held = self._bytes
        if len(held) < 2:
            return None
        size, at = held[1] & 0x7F, 2
        if size == 126:
            size, at = int.from_bytes(held[2:4], "big"), 4
        elif size == 127:
            size, at = int.from_bytes(held[2:10], "big"), 10
        masked = held[1] & 0x80
        end = at + (4 if masked else 0) + size
        if len(held) < end:
            return None
        payload = bytes(held[end - size:end])
        if masked:
            mask = bytes(held[at:at + 4]) * (size // 4 + 1)
            payload = (int.from_bytes(payload, "big") ^ int.from_bytes(mask[:size], "big")).to_bytes(size, "big")
        final, opcode = bool(held[0] & 0x80), held[0] & 0x0F
        del held[:end]
        return final, opcode, payload


def frame(opcode, payload=b""):
    """As a server sends it."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", 0x80 | opcode, size) + payload
    if size < 65536:
        return struct.pack("!BBH", 0x80 | opcode, 126, size) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, size) + payload


def close_frame(code, reason=""):
    return frame(CLOSE, struct.pack("!H", code) + reason.encode())


def close_code(payload):
    return struct.unpack("!H", payload[:2])[0] if len(payload) >= 2 else 1005


def accept(headers):
    """The answer to a handshake."""
    digest = hashlib.sha1(headers["sec-websocket-key"].encode() + MAGIC).digest()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade",
             "Sec-WebSocket-Accept: " + base64.b64encode(digest).decode()]
    if "troupe.v1" in headers.get("sec-websocket-protocol", ""):
        lines.append("Sec-WebSocket-Protocol: troupe.v1")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
