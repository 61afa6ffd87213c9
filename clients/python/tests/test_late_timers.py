"""A timer that comes late, behind code that blocked or a process that slept, judges nobody before reading."""

import asyncio
import time

from troupe_client import Options, connect


async def test_an_answer_that_waits_counts_as_in_time(url):
    """It came while the loop was blocked for longer than the deadline."""
    async with connect(url, options=Options(deadline=0.3)) as client, client.room("late") as room:
        for number in range(3):
            saying = asyncio.ensure_future(room.say(number))
            await asyncio.sleep(0.02)  # sent
            if not saying.done():
                time.sleep(1)  # noqa: ASYNC251 - what this is about
            assert (await saying).offset == number + 1


async def test_an_answer_on_its_way(proxy, proxied):
    """The same, where it certainly was not there before."""
    async with connect(proxied, options=Options(deadline=0.5)) as client, client.room("late2") as room:
        proxy.delay(0.2, "down")
        saying = asyncio.ensure_future(room.say(1))
        await asyncio.sleep(0.05)
        time.sleep(1.2)  # noqa: ASYNC251
        assert (await saying).offset == 1


async def test_a_blocking_callback_does_not_cost_the_connection(url, heard, quick):
    """It takes longer than the watch-dog has patience."""
    states, told = heard(), heard()

    def blocks(message):
        time.sleep(1.5)
        told(message)

    client = connect(url, options=quick)
    client.on_state(states)
    room = client.room("blocked")
    room.on(blocks)
    async with client, room:
        await room.say(1)
        await told.until(lambda message: True)
        await room.say(2)
        assert [state.name for state in states] == ["connecting", "open"]
        await told.until(lambda message: message.content == 2)
