"""The end of a context, in whatever state the connection is: soon, complete, and with nothing left behind."""

import asyncio
import json
import time

import pytest
from harness import API_KEY

from troupe_client import Options, StopError, TroupeError, connect

SLOW = Options(base=60, max=60)


class Soon:
    """What is in the block is over within a second."""

    def __enter__(self):
        self._begun = time.monotonic()

    def __exit__(self, *failure):
        assert failure[0] is not None or time.monotonic() - self._begun < 1


async def test_while_it_waits_for_a_minute(proxy, proxied, heard):
    proxy.refuse()
    client, told = connect(proxied, options=SLOW), heard()
    client.on_state(told)
    await client.open()
    assert (await told.state("waiting")).delay > 1
    with Soon():
        await client.close()


async def test_while_nobody_answers(heard):
    """The handshake is under way with somebody who says nothing."""

    async def says_nothing(reader, writer):
        await reader.read()
        writer.close()

    async with await asyncio.start_server(says_nothing, "127.0.0.1", 0) as silent:
        client, told = connect(f"ws://127.0.0.1:{silent.sockets[0].getsockname()[1]}"), heard()
        client.on_state(told)
        await client.open()
        await told.state("connecting")
        with Soon():
            await client.close()
        silent.close()
        await silent.wait_closed()


async def test_while_a_token_is_awaited(url):
    asked = asyncio.Event()

    async def slow(reason):
        asked.set()
        await asyncio.Event().wait()

    client = await connect(url, token=slow).open()
    await asked.wait()
    with Soon():
        await client.close()


@pytest.mark.parametrize("fault", ["half_open", "stall"])
async def test_while_the_network_is_gone(proxy, proxied, fault):
    """With rooms and unanswered requests; who waits for those is told."""
    client = await connect(proxied).open()
    room = await client.room("r").enter()
    getattr(proxy, fault)()
    asked = [asyncio.ensure_future(each) for each in (room.say(1), room.history(), client.topic("t").enter())]
    heard = asyncio.ensure_future(anext(room))
    await asyncio.sleep(0)
    with Soon():
        await client.close()
    for each in asked:
        with pytest.raises(TroupeError) as refused:
            await each
        assert refused.value.code == "closed"
    with pytest.raises(StopAsyncIteration):
        await heard


async def test_what_was_said_before_goes_first(server, url):
    """A close does not overtake a signal."""
    with server.member("last-words", "Ann") as ann:
        async with connect(url, user="Ben") as client, client.room("last-words") as room:
            ann.expect("user_joined")
            await room.signal("bye")
        assert ann.expect("signal")["data"] == "bye"
        ann.expect("user_left")


async def test_much_that_was_said_before_goes_first_too(server, proxy, proxied):
    """More than the network takes at once; it takes it again just when the client is closed."""
    async with connect(proxied) as client:
        await client.opened()
        proxy.stall("up")
        saying = [asyncio.ensure_future(client.publish("much", [number, "x" * 60_000])) for number in range(150)]
        await asyncio.sleep(0.05)
        proxy.heal()
    await asyncio.wait(saying)
    assert {type(each.exception()) for each in saying} <= {type(None), TroupeError}
    _, _, body = server.http("GET", "/api/v1/topics/much", key=API_KEY)
    assert json.loads(body)["offset"] == 150


async def test_what_is_raised_inside_comes_out(url):
    with pytest.raises(ZeroDivisionError):
        async with connect(url) as client, client.room("r"):
            raise ZeroDivisionError


async def test_after_the_end(url):
    async with connect(url) as client:
        await client.opened()
        room = client.room("r")
    for each in (client.say("r", 1), client.opened(), client.signal(1, topic="t"), room.enter()):
        with pytest.raises(TroupeError) as refused:
            await each
        assert refused.value.code == "closed"
    with pytest.raises(RuntimeError):
        await client.open()
    await client.close()
    assert [state async for state in client.states()] == []


async def test_closed_by_many_at_once(url):
    client = await connect(url).open()
    await client.opened()
    await asyncio.gather(*(client.close() for _ in range(5)))
    assert client.state.name == "closed"


async def test_never_connected(url):
    """Made, and closed without having been opened."""
    client = connect(url)
    client.on_state(lambda state: None)
    await client.close()


async def test_a_provider_that_has_no_more_tokens(url):
    """StopError ends the client; who listens is told, and leaving the context is quick."""

    def stop(reason):
        raise StopError("logged out")

    with Soon():
        async with connect(url, token=stop) as client:
            with pytest.raises(TroupeError) as refused:
                await client.room("r").enter()
            assert (refused.value.code, refused.value.message) == ("closed", "logged out")
            assert client.state.name == "closed"


async def test_put_out_by_an_admin(server, url):
    """Iterating ends with an error, and not as if it had been wanted."""
    async with connect(url) as client, client.room("court") as room:
        (user,) = (await room.presence()).users
        server.api("/api/v1/rooms/court/kick", {"connection_id": user["from"], "reason": "Enough"})
        with pytest.raises(TroupeError) as put_out:
            await anext(room)
        assert (put_out.value.code, put_out.value.message) == ("left", "Enough")
        async with client.room("court") as again:
            assert (await again.say("back")) is not None


async def test_handles_out_of_turn(url):
    async with connect(url) as client:
        room = client.room("r")
        with pytest.raises(RuntimeError):
            await anext(room)
        async with room:
            with pytest.raises(RuntimeError):
                await room.enter()
        assert [item async for item in room] == []
        room.leave()
        async with room:
            await room.say("once more")
            assert (await anext(room)).content == "once more"
