"""Frames whose fields are not what they should be: each is reported, and costs neither the connection nor another."""

import asyncio

import pytest
from scripted import scripted

from troupe_client import Options, TroupeError, connect

FAST = Options(base=0.01, max=0.05, leave=0.01, deadline=2)

ODD = [
    {"type": "subscribed", "topics": ["t"], "positions": [1]},
    {"type": "unsubscribed", "topics": 5},
    {"type": "presence", "room": "r", "count": "x", "users": 5},
    {"type": "presence", "room": "r", "count": 1, "users": [None]},
    {"type": "presence_diff", "room": "r", "count": None, "joins": 5},
    {"type": {}, "room": "r", "id": 1},
]


@pytest.mark.parametrize("odd", ODD, ids=str)
async def test_it_is_reported_and_passed_over(odd, heard):
    told, states = heard(), heard()

    async def script(talk):
        await talk.greet()
        talk.tell({"type": "joined", "room": "r", "epoch": "e", "offset": 0, "id": (await talk.hear("join"))["id"]})
        asked = await talk.hear("subscribe")
        position = {"epoch": "e", "offset": 0, "recovered": False}
        talk.tell({"type": "subscribed", "topics": ["t"], "positions": {"t": position}, "id": asked["id"]})
        talk.tell(odd, {"type": "message", "room": "r", "message": "good", "from": "c", "offset": 1})
        await talk.to_the_end()

    async with scripted(script) as url:
        client = connect(url, options=FAST)
        client.on_error(told)
        client.on_state(states)
        async with client, client.room("r") as room, client.topic("t"):
            assert (await anext(room)).content == "good"
            failure = await told.until(lambda failure: True)
            assert "cannot be understood" in failure.__notes__[0]
            assert len(told) == 1
    assert [state.name for state in states].count("open") == 1


@pytest.mark.parametrize("kind, asked", [("room", "join"), ("topic", "subscribe")])
@pytest.mark.parametrize("odd", [{"positions": [1], "refused": 5}, {"positions": {"r": 5}, "refused": [None]}], ids=str)
async def test_an_answer_that_lets_nobody_in(kind, asked, odd):
    """Who waits for it is told so."""

    async def script(talk):
        await talk.greet()
        talk.tell({"type": "subscribed", **odd, "id": (await talk.hear(asked))["id"]})
        await talk.to_the_end()

    async with scripted(script) as url, connect(url, options=FAST) as client:
        with pytest.raises(TroupeError) as failed:
            await getattr(client, kind)("r").enter()
        assert failed.value.code == "internal"


@pytest.mark.parametrize(
    "asked, odd",
    [
        ("history", {"messages": 5}),
        ("history", {"messages": [None]}),
        ("history", {}),
        ("presence", {"count": "x", "users": []}),
        ("presence", {"count": 1, "users": 5}),
        ("presence", {"count": 1, "users": [], "next": {}}),
    ],
)
async def test_a_page_that_is_none(asked, odd):
    async def script(talk):
        await talk.greet()
        talk.tell({"type": asked, "room": "r", **odd, "id": (await talk.hear(asked))["id"]})
        await talk.to_the_end()

    async with scripted(script) as url, connect(url, options=FAST) as client:
        with pytest.raises(TroupeError, match="not an answer"):
            await getattr(client, asked)(room="r")


async def test_the_number_of_a_request_stands_in_front():
    """So that a server can name it in its answer to what it does not understand."""
    heard = []

    async def script(talk):
        await talk.greet()
        for kind in ("subscribe", "join", "message", "publish", "history", "rpc"):
            heard.append(await talk.hear(kind))
        await talk.to_the_end()

    async with scripted(script) as url, connect(url, options=FAST) as client:
        calls = (
            *(client.room("r").enter(), client.topic("t").enter(), client.say("r", 1), client.publish("t", 1)),
            *(client.history(room="r"), client.rpc("s", "m", {})),
        )
        tasks = [asyncio.ensure_future(each) for each in calls]
        while len(heard) < len(calls):  # noqa: ASYNC110 - what is waited for is in another task's list
            await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
    assert {tuple(each)[:2] for each in heard} == {("type", "id")}
