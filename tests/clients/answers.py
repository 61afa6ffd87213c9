"""What a front answers in the place of the server, where the server cannot be brought to it, or not 100 times.

Each is a function of (front, visit, reader, writer) for `front.play`. Where the server gives an answer by itself,
the scenarios let it.
"""

import asyncio
import itertools
import json
import time

from wire import TEXT, accept, close_frame, frame

_sessions = itertools.count(1)


def status(code, retry_after=None):
    """An answer by HTTP instead of a handshake."""
    lines = [f"HTTP/1.1 {code} No", "Connection: close", "Content-Length: 0"]
    if retry_after is not None:
        lines.append(f"Retry-After: {retry_after}")

    async def answer(front, visit, reader, writer):
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        visit.read_answer(head)
        writer.write(head)
        await writer.drain()
        writer.close()

    return answer


async def silence(front, visit, reader, writer):
    """Takes the connection, and says nothing at all."""
    while await reader.read(65536):
        pass


async def reset(front, visit, reader, writer):
    writer.transport.abort()


def closes(code=None, reason="", greets=True, disconnect=None, after=0.0):
    """Takes the client in, and closes it; without a code, by the end of the stream alone."""

    async def answer(front, visit, reader, writer):
        talk = Talk(front, visit, reader, writer)
        if greets:
            talk.tell(talk.greeting())
        await asyncio.sleep(after)
        if disconnect is not None:
            talk.tell({"type": "disconnect", "reason": reason, "close_code": code, **disconnect})
        if code is not None:
            await talk.close(code, reason)
        writer.close()

    return answer


def plays(script):
    """A conversation: `script(talk)` is a coroutine that tells and waits for frames."""

    async def answer(front, visit, reader, writer):
        talk = Talk(front, visit, reader, writer)
        await script(talk)
        writer.close()

    return answer


class Talk:
    """A scripted server's side of one connection."""

    def __init__(self, front, visit, reader, writer):
        self._front, self._visit = front, visit
        self._reader, self.writer = reader, writer
        self._hear = front.hearer(visit)
        self._waiting = []
        visit.status = 101
        writer.write(accept(visit.headers))

    @staticmethod
    def greeting():
        number = next(_sessions)
        return {"type": "connection", "message": "Connected to a script", "connection_id": f"{number:013}",
                "session": f"scripted-{number}", "heartbeat": 30}

    def tell(self, message):
        self._front.note(self._visit.told.append, (time.monotonic(), message))
        self.writer.write(frame(TEXT, json.dumps(message).encode()))

    async def hear(self, kind=None):
        """The next frame, or the next one of a type."""
        while True:
            while self._waiting:
                message = self._waiting.pop(0)
                if kind in (None, message.get("type")):
                    return message
            data = await self._reader.read(65536)
            if not data:
                raise ConnectionError("the client has gone")
            self._waiting += self._hear(data)

    async def to_the_end(self):
        """Until the client closes, which is answered as the protocol wants it."""
        await self._hear_close()
        self.writer.write(close_frame(1000))

    async def close(self, code, reason=""):
        """Says so, and waits for the client's answer."""
        self.writer.write(close_frame(code, reason))
        await asyncio.wait_for(self._hear_close(), 5)

    async def _hear_close(self):
        while self._visit.close_code is None and (data := await self._reader.read(65536)):
            self._hear(data)
