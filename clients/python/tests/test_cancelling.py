"""Whoever waits for anything may be cancelled: it ends at once, and takes back what it asked for."""

import asyncio
import time

import pytest
from scripted import scripted

from troupe_client import Options, TroupeError, connect


async def cancelled(work):
    """Starts it, lets it come to where it waits, cancels it, and sees that it is over soon."""
    task = asyncio.ensure_future(work)
    for _ in range(5):
        await asyncio.sleep(0)
    assert not task.done(), task
    begun = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - begun < 0.5


WAITS = {
    "opened": lambda client: client.opened(),
    "a room": lambda client: client.room("another").enter(),
    "a topic": lambda client: client.topic("t").enter(),
    "a pattern": lambda client: client.pattern("t.*").enter(),
    "say": lambda client: client.say("r", "never said"),
    "publish": lambda client: client.publish("t", "never said"),
    "history": lambda client: client.history(room="r"),
    "presence": lambda client: client.presence(room="r"),
    "rpc": lambda client: client.rpc("s", "m"),
    "a notification": lambda client: anext(client.notifications()),
}


@pytest.mark.parametrize("what", WAITS)
async def test_while_there_is_no_connection(proxy, proxied, quick, what, server):
    """And what was taken back is not sent when there is one."""
    proxy.refuse()
    async with connect(proxied, options=quick) as client:
        entering = asyncio.ensure_future(client.room("r").enter())
        await cancelled(WAITS[what](client))
        proxy.accept()
        room = await entering
        assert (await room.say("later")) is not None
        assert (await client.publish("t", "later")) is not None
        for page in (await room.history(), await client.history(topic="t")):
            contents = [each.content for each in page.messages]
            assert "later" in contents
            assert "never said" not in contents


@pytest.mark.parametrize("what", ["a room", "a topic", "say", "publish", "history", "rpc"])
async def test_while_the_answer_is_on_its_way(proxy, proxied, quick, what):
    async with connect(proxied, options=quick) as client, client.room("r") as room:
        proxy.stall("down")
        work = room.say("said") if what == "say" else WAITS[what](client)
        await cancelled(work)
        proxy.heal()
        assert (await room.say("and goes on")) is not None


async def test_while_iterating(url):
    """Nothing is lost: the next one gets what comes next."""
    async with connect(url) as client, client.room("iterated") as room:
        await cancelled(anext(room))
        await room.say(1)
        assert (await anext(room)).content == 1


async def test_a_whole_program(url):
    """Cancelled in the middle of everything, it is over within a second, with nothing left behind."""
    inside = asyncio.Event()

    async def program():
        async with (
            connect(url) as client,
            client.room("r") as room,
            client.topic("t") as topic,
            asyncio.TaskGroup() as group,
        ):
            for each in (room, topic, client.states()):
                group.create_task(anext(each))
            inside.set()

    task = asyncio.ensure_future(program())
    await inside.wait()
    begun = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - begun < 1


async def test_while_it_closes(proxy, proxied, quick):
    """Cancelling the end itself only makes it quicker."""
    client = await connect(proxied, options=quick).open()
    await client.opened()
    proxy.half_open()
    await cancelled(client.close())
    assert client.state.name == "closed"
    await client.close()
    await asyncio.sleep(0.05)  # what was cancelled with it has its last turn


async def test_a_provider_that_does_not_let_itself_be_cancelled(url):
    """It is given a moment, and not waited for any longer."""
    over = asyncio.Event()

    async def stubborn(reason):
        while not over.is_set():
            try:
                await over.wait()
            except asyncio.CancelledError:
                continue
        return "too-late"

    begun = time.monotonic()
    async with connect(url, token=stubborn):
        await asyncio.sleep(0.05)
    assert time.monotonic() - begun < 1
    over.set()
    await asyncio.sleep(0.05)


async def test_a_deadline_of_ones_own(proxy, proxied):
    """asyncio.timeout works around anything."""
    proxy.refuse()
    async with connect(proxied, options=Options(base=0.02, max=0.1)) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), client.room("r"):
                pass
        with pytest.raises(TroupeError) as refused:
            await client.signal(1, room="r")
        assert refused.value.code == "offline"


class Left(BaseException):
    """No Exception, and no word of the client's either."""


async def cancels_another():
    inner = asyncio.ensure_future(asyncio.Event().wait())
    inner.cancel()
    await inner


async def cancels_itself():
    asyncio.current_task().cancel()
    await asyncio.sleep(0)


async def leaves():
    raise Left


@pytest.mark.parametrize("end", [cancels_another, cancels_itself, leaves])
async def test_a_provider_that_ends_by_itself(url, quick, heard, end):
    """It has failed, and is asked again."""
    reasons, reported = [], heard()

    async def provider(reason):
        reasons.append(reason)
        if len(reasons) < 3:
            await end()
        return "some.token.here"

    client = connect(url, token=provider, options=quick)
    client.on_error(reported)
    async with client:
        await client.opened()
    assert reasons == ["connect"] * 3
    assert len(reported) == 2


async def test_a_provider_that_ends_by_itself_in_a_refresh(quick, heard):
    """The connection is kept, and the next token is asked for."""
    reasons, refreshed, reported = [], asyncio.Event(), heard()

    async def provider(reason):
        reasons.append(reason)
        if len(reasons) == 2:
            await cancels_another()
        return "some.token.here"

    async def script(talk):
        await talk.greet()
        talk.tell({"type": "authenticated", "user": {"id": "u"}, "expires_in": 0.1})
        await talk.hear("refresh")
        refreshed.set()
        await talk.to_the_end()

    async with scripted(script) as url:
        client = connect(url, token=provider, options=quick)
        client.on_error(reported)
        async with client:
            await refreshed.wait()
    assert reasons == ["connect", "refresh", "refresh"]
    assert len(reported) == 1


@pytest.mark.parametrize("what", ["a room", "a topic", "say", "publish", "history"])
async def test_and_the_client_closed_in_the_same_moment(proxy, proxied, quick, what):
    """The loop is told of no error that nobody has heard of."""
    proxy.refuse()
    async with connect(proxied, options=quick) as client:
        task = asyncio.ensure_future(WAITS[what](client))
        await asyncio.sleep(0.05)
        task.cancel()
    assert task.cancelled()
