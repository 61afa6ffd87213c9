"""What a server says in seconds: none of it makes the client ask without end, or keeps it from asking."""

import asyncio

import pytest
from scripted import scripted

from troupe_client import Options, connect

FAST = Options(base=0.05, max=0.1, leave=0.01, reset=60)
ODD = [0, -5, 0.001, float("nan"), "x", None, True, [], 10**400]


def ids(value):
    return repr(value)[:5]


@pytest.mark.parametrize("kind, asked", [("room", "join"), ("topic", "subscribe")])
@pytest.mark.parametrize("after", [0, -5, 0.001], ids=ids)
async def test_a_refusal_is_not_asked_about_at_once(kind, asked, after):
    """Whatever it says of when."""
    heard = []

    async def script(talk):
        await talk.greet()
        while True:
            heard.append(await talk.hear(asked))
            talk.tell({"type": "error", "code": "rate_limited", "retry_after_ms": after, "id": heard[-1]["id"]})

    async with scripted(script) as url, connect(url, options=FAST) as client:
        entering = asyncio.ensure_future(getattr(client, kind)("r").enter())
        await asyncio.sleep(1.3)
        entering.cancel()
    assert len(heard) == 2


@pytest.mark.parametrize("after", ODD, ids=ids)
async def test_a_refusal_that_says_nothing_of_use(after, heard):
    """It is asked again sooner or later, and nothing fails."""

    async def script(talk):
        await talk.greet()
        heard = await talk.hear("join")
        talk.tell({"type": "error", "code": "unavailable", "retry_after_ms": after, "id": heard["id"]})
        talk.tell({"type": "message", "room": "r"})
        await talk.to_the_end()

    told = heard()
    async with scripted(script) as url:
        client = connect(url, options=FAST)
        client.on_error(told)
        async with client:
            entering = asyncio.ensure_future(client.room("r").enter())
            await asyncio.sleep(0.2)
            assert client.state.name == "open"
            entering.cancel()
    assert told == []


@pytest.mark.parametrize("after", ODD, ids=ids)
async def test_a_disconnect_is_not_followed_at_once(after, heard):
    told = heard()

    async def script(talk):
        await talk.greet()
        talk.tell({"type": "disconnect", "close_code": 1012, "reason": "Restart", "after_ms": after})

    async with scripted(script) as url:
        client = connect(url, options=FAST)
        client.on_state(told)
        async with client:
            waiting = await told.state("waiting")
    assert 0.005 <= waiting.delay <= 3600


@pytest.mark.parametrize("seconds", ODD, ids=ids)
async def test_a_token_is_not_renewed_at_once(seconds, heard):
    asked, told = [], heard()

    def provider(reason):
        asked.append(reason)
        return "some.token.here"

    async def script(talk):
        await talk.greet()
        answer = {"type": "authenticated", "user": {"id": "u"}, "expires_in": seconds}
        talk.tell(answer)
        while True:
            talk.tell({**answer, "id": (await talk.hear("refresh"))["id"]})

    async with scripted(script) as url:
        client = connect(url, token=provider, options=FAST)
        client.on_error(told)
        async with client:
            await asyncio.sleep(0.5)
            assert client.state.name == "open"
    assert len(asked) <= 11
    assert told == []


@pytest.mark.parametrize("heartbeat", [*ODD, 1e300, float("inf")], ids=ids)
async def test_a_heartbeat_that_is_none(heartbeat, heard):
    """The connection is watched all the same."""
    told = heard()

    async def script(talk):
        await talk.greet(heartbeat=heartbeat)
        talk.tell({"type": "ping"})
        await talk.to_the_end()

    async with scripted(script) as url:
        client = connect(url, options=FAST)
        client.on_error(told)
        async with client:
            await client.opened()
            [helper] = [task for task in asyncio.all_tasks() if task.get_name() == "troupe helper"]
            await asyncio.sleep(0.1)
            assert not helper.done()
    assert told == []
