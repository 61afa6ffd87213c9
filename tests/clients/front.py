"""What stands in front of the server: it notes what each client says and is told, and may answer in its place.

    client → fault proxy → front → server

Bytes pass as they are. `front.play(answer, ...)` gives the next connections to scripted answers (`answers.py`)
instead; `front.target` may change, as a server that is restarted is found at another port.
"""

import asyncio
import json
import threading
import time
import urllib.parse

from waiting import DEADLINE, Changing
from wire import CLOSE, TEXT, FrameReader, close_code


class Visit:
    """One connection that came: its handshake, and the frames both ways with their times."""

    def __init__(self, number):
        self.number = number
        self.came_at = time.monotonic()
        self.ended_at = None
        self.path, self.headers = "", {}
        self.status = None
        self.retry_after = None  # seconds, where it was not let in
        self.said, self.told = [], []  # (when, frame)
        self.sizes = []  # of what was said, in bytes
        self.close_code = None  # of the client's close frame

    def read_head(self, head):
        first, *lines = head.decode("latin-1").split("\r\n")
        self.path = first.split(" ")[1]
        for line in lines:
            name, _, value = line.partition(":")
            if name:
                self.headers[name.strip().lower()] = value.strip()

    def read_answer(self, head):
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split(" ")[1])
        for line in lines:
            name, _, value = line.partition(":")
            if name.lower() == "retry-after":
                self.retry_after = int(value)

    def offered(self, what):
        """A `token` or `session`, whichever way it was brought; None if none."""
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        if what in query:
            return query[what][0]
        prefix = {"token": "bearer.", "session": "session."}[what]
        for each in self.headers.get("sec-websocket-protocol", "").split(","):
            if each.strip().startswith(prefix):
                return each.strip()[len(prefix):]
        bearer = self.headers.get("authorization", "")
        return bearer.removeprefix("Bearer ") if what == "token" and bearer else None

    def frames(self, kind=None):
        """What the client said."""
        return [each for _, each in self.said if kind in (None, each.get("type"))]

    def answers(self, kind=None):
        return [each for _, each in self.told if kind in (None, each.get("type"))]


class Front(Changing):
    """Runs on a thread of its own. Use it with `with`."""

    def __init__(self, target):
        super().__init__()
        self.target = target
        self.visits = []
        self.port = None
        self._scripted = []
        self._always = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._tasks = set()

    def play(self, *answers):
        """Each of these for one of the next connections."""
        with self.changed:
            self._scripted += answers

    def play_always(self, answer):
        """For all that come, until it is called with None."""
        with self.changed:
            self._always = answer

    def told(self):
        lines = []
        for visit in self.visits[-5:]:
            lines.append(f"{visit.number} {visit.path[:80]} {visit.status}")
            lines += [f"  > {json.dumps(each)[:200]}" for each in visit.frames()[-10:]]
        return "--- the last that came\n" + "\n".join(lines) + "\n---"

    def said(self, kind=None):
        """What was said on all connections, in order."""
        return [each for visit in self.visits for each in visit.frames(kind)]

    # -- its thread ----------------------------------------------------------------------------------------

    def run(self, what):
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(DEADLINE)

    def __enter__(self):
        self._thread.start()

        async def listen():
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=4096)
            return self._server.sockets[0].getsockname()[1]

        self.port = self.run(listen())
        return self

    def __exit__(self, *_):
        async def end():
            self._server.close()
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

        self.run(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(DEADLINE)
        self._loop.close()

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        visit = Visit(len(self.visits) + 1)
        self.note(self.visits.append, visit)
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            visit.read_head(head)
            answer = self._scripted.pop(0) if self._scripted else self._always
            if answer:
                await answer(self, visit, reader, writer)
            else:
                await self._lead_on(visit, head, reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort() if not writer.is_closing() else None
            self.note(setattr, visit, "ended_at", time.monotonic())
            self._tasks.discard(task)

    def note(self, what, *arguments):
        with self.changed:
            what(*arguments)
            self.changed.notify_all()

    # -- bytes ---------------------------------------------------------------------------------------------

    async def _lead_on(self, visit, head, reader, writer):
        onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", self.target)
        try:
            onward_writer.write(head)
            answered = await onward_reader.readuntil(b"\r\n\r\n")
            visit.read_answer(answered)
            writer.write(answered)
            up = self._pass_on(reader, onward_writer, self.hearer(visit))
            down = self._pass_on(onward_reader, writer, self.teller(visit))
            await asyncio.gather(up, down)
            writer.close()
            onward_writer.close()
        except (OSError, asyncio.IncompleteReadError):
            writer.transport.abort()  # as the other end has done
        finally:
            if not onward_writer.is_closing():
                onward_writer.transport.abort()

    @staticmethod
    async def _pass_on(reader, writer, note):
        while data := await reader.read(65536):
            note(data)  # before it is passed on: what a client has seen has been noted
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    def hearer(self, visit):
        """Notes what the client says; returns its messages."""
        frames = FrameReader()

        def take(data):
            messages = []
            for opcode, payload in frames.take(data):
                if opcode == CLOSE:
                    self.note(setattr, visit, "close_code", close_code(payload))
                elif opcode == TEXT:
                    messages.append(json.loads(payload))
                    visit.sizes.append(len(payload))
                    self.note(visit.said.append, (time.monotonic(), messages[-1]))
            return messages

        return take

    def teller(self, visit):
        frames = FrameReader()

        def take(data):
            for opcode, payload in frames.take(data):
                if opcode == TEXT:
                    self.note(visit.told.append, (time.monotonic(), json.loads(payload)))

        return take
