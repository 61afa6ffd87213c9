"""Queues are bounded. Who is slow misses the oldest, and is told; nobody else notices."""

import asyncio
import json
import time

from harness import TEXT, frame_bytes

from troupe_client import Gap, connect


async def test_a_slow_iterator_gets_a_gap_and_others_everything(url):
    async with (
        connect(url) as client,
        client.room("flood", queue=10) as slow,
        client.room("flood") as quick,
        client.topic("beside") as beside,
    ):
        for number in range(100):
            await client.say("flood", number)
        assert [(await anext(quick)).content for _ in range(100)] == list(range(100))
        first = await anext(slow)
        assert first == Gap("queue_full", 90)
        assert [(await anext(slow)).content for _ in range(10)] == list(range(90, 100))
        await client.publish("beside", "goes on")
        assert (await anext(beside)).content == "goes on"
        await client.say("flood", "and so does this")
        assert (await anext(slow)).content == "and so does this"


async def test_each_has_its_own_gaps(url):
    """One that is slow again is told again."""
    async with connect(url) as client, client.topic("bursts", queue=2) as topic:
        for _ in range(2):
            for number in range(5):
                await topic.publish(number)
            got = [await anext(topic) for _ in range(3)]
            assert got[0] == Gap("queue_full", 3)
            assert [each.content for each in got[1:]] == [3, 4]


async def test_what_is_known_of_people_does_not_suffer(url):
    """The list is kept where nothing is dropped."""
    async with (
        connect(url, user="Ann") as ann,
        ann.room("busy", presence=True, queue=1) as room,
        connect(url, user="Ben") as ben,
        ben.room("busy") as other,
    ):
        for number in range(20):
            await other.say(number)
        while len(room.people) < 2:
            await room.presence()
        assert [each["user"] for each in room.people] == ["Ann", "Ben"]


async def test_a_slow_callback_is_told_too(url, heard):
    go_on, told = asyncio.Event(), heard()

    async def slow(item):
        told(item)
        await go_on.wait()

    async with connect(url) as client:
        topic = client.topic("slow", queue=5)
        topic.on(slow)
        async with topic:
            await topic.publish(0)
            await told.until(lambda item: True)
            for number in range(1, 21):
                await topic.publish(number)
            go_on.set()
            await told.until(lambda item: not isinstance(item, Gap) and item.content == 20)
            assert told[1] == Gap("queue_full", 15)
            assert [each.content for each in told[2:]] == [16, 17, 18, 19, 20]


async def test_a_burst_makes_nobody_slow(server, url):
    """However much has come at once: who takes it as it can be had misses nothing."""
    async with connect(url) as client, client.topic("burst", queue=200) as topic:
        with server.client() as other:
            other.send_bytes(
                b"".join(
                    frame_bytes(TEXT, json.dumps({"type": "publish", "topic": "burst", "data": number}).encode())
                    for number in range(5000)
                )
            )
            time.sleep(0.3)  # noqa: ASYNC251 - so that much of it waits for this loop
            assert [(await anext(topic)).content for _ in range(5000)] == list(range(5000))
