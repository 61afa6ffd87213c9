"""Sizes and contents: what `websockets` would refuse by itself, and what never leaves this process."""

import asyncio

import pytest
from harness import Server

from troupe_client import Options, TroupeError, connect

BIG = 3 << 20


@pytest.fixture(scope="module")
def generous():
    with Server("--limits-frame-bytes-max", 8 << 20, "--limits-outbox-bytes-max", 64 << 20) as running:
        yield running


async def test_more_than_websockets_takes_by_default(generous):
    """Its limit is one megabyte; the server's word counts here."""
    async with connect(generous.url()) as client, client.room("big") as room:
        await room.say("x" * BIG)
        assert len((await anext(room)).content) == BIG


async def test_a_limit_of_ones_own(generous, heard):
    """A longer frame ends the connection, and the client comes back for what is behind it."""
    told = heard()
    client = connect(generous.url(), options=Options(base=0.01, max=0.05, frame_bytes_max=100_000))
    client.on_state(told)
    async with client, client.topic("t") as topic, connect(generous.url()) as other:
        await other.publish("t", "x" * BIG)
        await told.state("waiting")
        await client.opened()
        assert (await anext(topic)).type == "gap"
        await other.publish("t", "short")
        assert (await anext(topic)).content == "short"


async def test_a_message_that_is_too_long_for_the_server(url, heard):
    """It ends the connection, and is not said again for ever; others that waited are."""
    told = heard()
    client = connect(url, options=Options(base=0.01, max=0.05))
    client.on_state(told)
    async with client, client.room("long") as room:
        short, long, last = (asyncio.ensure_future(room.say(each)) for each in ("short", "x" * 70_000, "last"))
        with pytest.raises(TroupeError) as refused:
            await long
        assert (refused.value.code, refused.value.message) == ("limit_exceeded", "Message too big")
        assert ((await short).offset, (await last).offset) == (1, 2)
        assert [state.name for state in told].count("open") == 2


async def test_long_messages_both_ways_are_compressed(heard):
    with Server("--deflate-enabled", "true") as server:
        async with connect(server.url()) as client, client.room("zip") as room:
            await room.say("long " * 5000)
            assert (await anext(room)).content == "long " * 5000


CONTENTS = [None, True, 0, -1.5e300, 10**40, "", 'ü🎭\u2028\x00\\"', [], {}, {"a": [{"b": None}]}, ["x"] * 1000]


async def test_contents_come_as_they_were_said(url):
    async with connect(url) as client, client.room("contents") as room, client.topic("contents") as topic:
        for content in CONTENTS:
            await room.say(content)
            await topic.publish(content)
            assert (await anext(room)).content == content
            assert (await anext(topic)).content == content


@pytest.mark.parametrize("content", [float("nan"), float("inf"), "\ud800", {1, 2}, object(), b"bytes"])
async def test_what_is_no_json_is_refused_here(url, content):
    """The server counts bad frames, and cannot say whose they were."""
    async with connect(url) as client:
        with pytest.raises((ValueError, TypeError)):
            await client.publish("t", content)
        await client.publish("t", "fine")


async def test_deeper_than_the_server_takes(url):
    content = []
    for _ in range(100):
        content = [content]
    async with connect(url, options=Options(deadline=0.5)) as client:
        with pytest.raises(TroupeError):
            await client.publish("t", content)
        await client.publish("t", "fine")


@pytest.mark.parametrize("name", ["", ".", "a..b", "a b", "ä", "a*", "x" * 129, "a.\n", None, 7, b"a"])
async def test_a_bad_name_travels_with_nobody(url, name):
    """One bad name would refuse all that are asked for in the same frame."""
    async with connect(url) as client:
        good = asyncio.ensure_future(client.topic("good").enter())
        with pytest.raises(TroupeError) as refused:
            await client.topic(name).enter()
        assert refused.value.code == "invalid_name"
        await good


async def test_bad_names_do_not_cost_the_connection(url):
    """The server closes it after ten bad frames in a row."""
    async with connect(url) as client:
        await client.opened()
        for number in range(20):
            with pytest.raises(TroupeError):
                await client.topic(f"bad name {number}").enter()
        await client.publish("good", 1)
        assert client.state.name == "open"


async def test_one_topic_too_many_refuses_itself_alone():
    """The server refuses a frame as a whole if it exceeds the limit; those that fit are let in."""
    with Server("--limits-topics-per-connection-max", 50) as server, server.client():
        async with connect(server.url()) as client:
            entered = await asyncio.gather(
                *(client.topic(f"t{number}").enter() for number in range(60)), return_exceptions=True
            )
            refused = [each for each in entered if isinstance(each, TroupeError)]
            assert (len(refused), {each.code for each in refused}) == (10, {"limit_exceeded"})
            await client.publish("t0", 1)
