"""A server that says what a test wants it to: for what the real one cannot be brought to at a certain moment."""

import asyncio
import base64
import contextlib
import hashlib
import json
import struct

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
GREETING = {"type": "connection", "message": "A script", "connection_id": "0123456789abc", "heartbeat": 30}


class Talk:
    """The server's side of one connection."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer

    async def greet(self, session="s1", **more):
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode()
        headers = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
        (key,) = [line.split(": ")[1] for line in head.splitlines() if line.lower().startswith("sec-websocket-key")]
        accept = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest()).decode()
        self._writer.write(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        self.tell({**GREETING, "session": session, **more})
        return head.splitlines()[0], headers

    def tell(self, *messages):
        for message in messages:
            text = json.dumps(message).encode()
            assert len(text) < 65536
            size = bytes([len(text)]) if len(text) < 126 else b"\x7e" + struct.pack("!H", len(text))
            self._writer.write(b"\x81" + size + text)

    def close(self, code, reason=""):
        """The frame alone: the stream stays open."""
        text = struct.pack("!H", code) + reason.encode()
        self._writer.write(b"\x88" + bytes([len(text)]) + text)

    async def hear(self, kind):
        """The next frame of this type."""
        while True:
            first, second = await self._reader.readexactly(2)
            size = second & 0x7F
            if size >= 126:
                size = int.from_bytes(await self._reader.readexactly(2 if size == 126 else 8))
            mask = await self._reader.readexactly(4)
            text = bytes(byte ^ mask[at % 4] for at, byte in enumerate(await self._reader.readexactly(size)))
            if first & 0x0F == 1 and (message := json.loads(text))["type"] == kind:
                return message

    async def to_the_end(self):
        with contextlib.suppress(ConnectionError):
            while await self._reader.read(65536):
                pass


@contextlib.asynccontextmanager
async def scripted(*scripts):
    """Plays a script for each connection, the last one for all that follow. Gives the URL."""
    failures, visits = [], 0

    async def serve(reader, writer):
        nonlocal visits
        script = scripts[min(visits, len(scripts) - 1)]
        visits += 1
        try:
            await script(Talk(reader, writer))
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except Exception as failure:
            failures.append(failure)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        await server.wait_closed()
        assert not failures, failures
