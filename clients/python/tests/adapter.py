"""The client behind the commands of the conformance script: a JSON line each on standard input, replies and events
on standard output. tests/clients/README.md has them all."""

import asyncio
import gc
import json
import os
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from troupe_client import (
    Client,
    Gap,
    Item,
    Message,
    Options,
    Pattern,
    Position,
    Restored,
    Room,
    State,
    StopError,
    Topic,
    TroupeError,
    connect,
)

Command = dict[str, Any]
SECONDS = {"base_ms", "max_ms", "attempt_ms", "reset_ms", "ping_ms", "dead_ms", "deadline_ms", "leave_ms"}
KINDS = ("room", "topic", "pattern")
QUEUE = 100_000  # the driver wants to see everything
wall_clock = time.time


def say(line: Command) -> None:
    print(json.dumps(line), flush=True)


def options_of(given: Command) -> Options:
    fields: Command = {"queue": QUEUE}
    for name, value in given.items():
        fields[name.removesuffix("_ms")] = value / 1000 if name in SECONDS else value
    return Options(**fields)


def place(position: Position | None) -> Command:
    return {} if position is None else {"epoch": position.epoch, "offset": position.offset}


def listing(frame: Command) -> Command:
    """The options of a message, as the client has them."""
    fields = dict(frame)
    if "to" in fields:
        fields["to_role"] = fields.pop("to")["role"]
    return fields


class Adapter:
    def __init__(self) -> None:
        self.client: Client | None = None
        self.held: dict[str, list[Room | Topic | Pattern]] = {}
        self.calls: dict[int, asyncio.Future[str]] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    # -- lines ---------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """To the end of input."""
        ended = asyncio.Event()
        buffer = bytearray()

        def read() -> None:
            data = os.read(0, 1 << 20)
            if not data:
                ended.set()
                return
            buffer.extend(data)
            *lines, rest = bytes(buffer).split(b"\n")
            buffer[:] = rest
            for line in lines:
                task = asyncio.ensure_future(self.obey(json.loads(line)))
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)

        loop = asyncio.get_running_loop()
        loop.add_reader(0, read)
        await ended.wait()
        loop.remove_reader(0)
        if self.client is not None:
            await self.client.close()

    async def obey(self, command: Command) -> None:
        number, do = command.pop("n"), command.pop("do")
        try:
            result = await getattr(self, f"do_{do}")(**command)
            say({"n": number, "result": result or {}})
        except TroupeError as error:
            say({"n": number, "error": {"code": error.code, "message": error.message}})
        except Exception as failure:
            say({"n": number, "error": {"code": type(failure).__name__, "message": str(failure)}})

    @property
    def there(self) -> Client:
        if self.client is None:
            raise RuntimeError("not open")
        return self.client

    # -- the client ----------------------------------------------------------------------------------------

    async def do_open(
        self,
        url: str,
        token: str | None = None,
        provider: bool = False,
        user: str | None = None,
        options: Command | None = None,
    ) -> None:
        source = self.provide if provider else token
        self.client = connect(url, token=source, user=user, options=options_of(options or {}))
        self.client.on_state(self.tell_state)
        self.client.on_error(lambda failure: say({"event": "reported", "message": str(failure)}))
        await self.client.open()

    async def do_close(self) -> None:
        await self.there.close()

    def tell_state(self, state: State) -> None:
        told: Command = {"event": "state", "state": state.name}
        if state.delay is not None:
            told["delay_ms"] = state.delay * 1000
        if state.code is not None:
            told["code"] = state.code
        if state.reason:
            told["reason"] = state.reason
        say(told)

    async def provide(self, reason: str) -> str:
        number = len(self.calls) + 1
        self.calls[number] = asyncio.get_running_loop().create_future()
        say({"event": "token_wanted", "call": number, "reason": reason})
        return await self.calls[number]

    async def do_token(self, call: int, token: str | None = None, fail: str | None = None, stop: bool = False) -> None:
        answer = self.calls[call]
        if answer.done():
            return
        if stop:
            answer.set_exception(StopError("no more tokens"))
        elif token is not None:
            answer.set_result(token)
        else:
            answer.set_exception(RuntimeError(fail))

    # -- listening -----------------------------------------------------------------------------------------

    def handle(self, named: Command, presence: bool) -> tuple[str, Room | Topic | Pattern]:
        [(kind, name)] = [(kind, named[kind]) for kind in KINDS if kind in named]
        more = {} if kind == "pattern" else {"presence": presence}
        handle = getattr(self.there, kind)(name, **more)
        self.held.setdefault(f"{kind}:{name}", []).append(handle)
        return f"{kind}:{name}", handle

    async def do_hear(self, presence: bool = False, **named: str) -> None:
        on, handle = self.handle(named, presence)
        handle.on(lambda item: self.tell(on, item), types="*")
        await self.enter(on, handle)

    async def do_throw(self, **named: str) -> None:
        on, handle = self.handle(named, False)

        def throw(item: Item) -> None:
            if isinstance(item, Message):
                raise RuntimeError(f"thrown by a listener of {on}")

        handle.on(throw)
        await self.enter(on, handle)

    async def enter(self, on: str, handle: Room | Topic | Pattern) -> None:
        try:
            await handle.enter()
        except BaseException:
            self.let_go(on, handle)
            raise

    def let_go(self, on: str, handle: Room | Topic | Pattern) -> None:
        self.held[on].remove(handle)
        if not self.held[on]:
            del self.held[on]

    async def do_unhear(self, **named: str) -> None:
        [(kind, name)] = named.items()
        handle = self.held[f"{kind}:{name}"][-1]
        self.let_go(f"{kind}:{name}", handle)
        handle.leave()

    def tell(self, on: str, item: Item) -> None:
        if isinstance(item, Message):
            say({"event": "heard", "on": on, "frame": item.frame})
        elif isinstance(item, Restored) or item.reason == "not_recovered":
            recovered = bool(item.get("recovered"))
            say({"event": "position", "on": on, "recovered": recovered, **place(item.position)})
        else:
            assert isinstance(item, Gap)
            own = {"type": "gap", "dropped": item.dropped, "reason": item.reason, **place(item.position)}
            say({"event": "gap", "on": on, "frame": item.frame or own})

    # -- asking --------------------------------------------------------------------------------------------

    async def do_say(self, room: str, message: Any, options: Command | None = None) -> Command:
        return place(await self.there.say(room, message, **listing(options or {})))

    async def do_publish(
        self, topic: str, data: Any, event: str | None = None, options: Command | None = None
    ) -> Command:
        return place(await self.there.publish(topic, data, event=event, **listing(options or {})))

    async def do_signal(self, data: Any, **named: str) -> None:
        await self.there.signal(data, **named)

    async def do_history(self, **fields: Any) -> Command:
        page = await self.there.history(**fields)
        return {"messages": [each.frame for each in page.messages], "more": page.more, **place(page.position)}

    async def do_presence(self, **fields: Any) -> Command:
        page = await self.there.presence(**fields)
        return {"count": page.count, "users": page.users, **({"next": page.next} if page.next else {})}

    async def do_set_presence(self, state: Command | None, **named: str) -> None:
        [(kind, name)] = named.items()
        held = self.held.get(f"{kind}:{name}")
        if held and not isinstance(held[-1], Pattern):
            await held[-1].set_presence(state)
        else:
            await self.there.calls.set_presence(state, **named)

    async def do_rpc(self, service: str, method: str, params: Command | None = None) -> Command:
        return {"result": await self.there.rpc(service, method, params)}

    # -- what surrounds it ---------------------------------------------------------------------------------

    async def do_clock(self, shift_ms: float) -> None:
        before = time.time
        time.time = lambda: before() + shift_ms / 1000

    async def do_memory(self) -> Command:
        """The heap is what has been allocated since this was asked first."""
        gc.collect()
        if not tracemalloc.is_tracing():
            tracemalloc.start()
        scheduled = getattr(asyncio.get_running_loop(), "_scheduled")  # noqa: B009 - no other way to see timers
        timers = sum(not each.cancelled() for each in scheduled)
        return {"heap": tracemalloc.get_traced_memory()[0], "timers": timers}


if __name__ == "__main__":
    asyncio.run(Adapter().run())
