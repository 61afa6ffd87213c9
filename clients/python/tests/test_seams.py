"""What happens at seams: of two connections, of a replay and what is live, of a close and the end of a stream."""

import asyncio
import time

import pytest
from scripted import scripted

from troupe_client import Gap, Options, TroupeError, connect

FAST = Options(base=0.01, max=0.05, leave=0.01)
EPOCH = "k3x9-7"


def notification(number):
    return {"type": "notification", "topic": "user.u", "message": number, "from": "server", "offset": number}


def publication(offset, **more):
    return {"type": "publication", "topic": "t", "data": offset, "from": "server", "offset": offset, **more}


def position(offset, recovered=False, **more):
    return {"epoch": EPOCH, "offset": offset, "recovered": recovered, **more}


def subscribed(asked, at):
    return {"type": "subscribed", "topics": list(at), "positions": at, "id": asked["id"]}


async def test_a_notification_that_comes_twice_is_told_once():
    async def script(talk):
        await talk.greet()
        talk.tell({"type": "authenticated", "user": {"id": "u"}, "inbox": "user.u"})
        talk.tell({"type": "subscribed", "topics": ["user.u"], "positions": {"user.u": position(0)}})
        talk.tell(*map(notification, (1, 1, 2, 1)))
        talk.close(1011)

    async def again(talk):
        request, _ = await talk.greet()
        assert f"inbox_epoch={EPOCH}&inbox_offset=2" in request
        talk.tell({"type": "authenticated", "user": {"id": "u"}, "inbox": "user.u"})
        talk.tell({"type": "subscribed", "topics": ["user.u"], "positions": {"user.u": position(2, True, top=3)}})
        talk.tell(*map(notification, (2, 3)))
        await talk.to_the_end()

    async with scripted(script, again) as url:
        client = connect(url, token="a.b.c", options=FAST)
        told = client.notifications()
        async with client:
            assert [(await anext(told)).content for _ in range(3)] == [1, 2, 3]


async def test_a_hole_that_nobody_speaks_of():
    """By `prev` too, which durable topics have."""

    async def script(talk):
        await talk.greet()
        talk.tell(subscribed(await talk.hear("subscribe"), {"t": position(37)}))
        talk.tell(publication(40, prev=37), publication(41), publication(43), publication(50, prev=45))
        await talk.to_the_end()

    async with scripted(script) as url, connect(url, options=FAST) as client, client.topic("t") as topic:
        told = [await anext(topic) for _ in range(6)]
        assert [each.content for each in told] == [40, 41, None, 43, None, 50]
        assert [(each.reason, each.dropped) for each in told if isinstance(each, Gap)] == [("hole", 1), ("hole", 2)]


async def test_what_is_replayed_is_not_told_to_patterns(server, proxy, proxied, quick, heard):
    """They have no memory, and might have heard it already."""
    states = heard()
    client = connect(proxied, options=quick)
    client.on_state(states)
    async with client, client.topic("seam.t") as topic, client.pattern("seam.*", types="*") as pattern:
        await topic.publish("before")
        assert ((await anext(topic)).content, (await anext(pattern)).content) == ("before", "before")
        proxy.kill()
        await states.state("waiting")
        server.api("/api/v1/publish", {"topic": "seam.t", "data": "missed"})
        proxy.accept()
        assert (await anext(topic)).content == "missed"
        await topic.publish("live")
        assert (await anext(topic)).content == "live"
        told = [await anext(pattern), await anext(pattern)]
        assert (told[0].reason, told[1].content) == ("not_recovered", "live")


async def test_the_end_of_a_stream_that_is_lost():
    """The server's close frame counts: what should follow it is not waited for."""

    async def script(talk):
        await talk.greet()
        talk.close(1011)
        await talk.to_the_end()

    async def again(talk):
        await talk.greet()
        await talk.hear("publish")
        await talk.to_the_end()

    async with scripted(script, again) as url:
        begun = time.monotonic()
        async with connect(url, options=FAST) as client:
            states = client.states()
            while (await anext(states)).name != "waiting":
                pass
            assert time.monotonic() - begun < 2
            await client.opened()


async def test_a_disconnect_without_a_close_frame():
    """What it says counts all the same."""

    async def script(talk):
        await talk.greet()
        talk.tell({"type": "disconnect", "close_code": 4403, "reason": "Enough", "reconnect": False, "after_ms": 0})

    async with scripted(script) as url, connect(url, options=FAST) as client:
        with pytest.raises(TroupeError) as refused:
            await client.room("r").enter()
        assert (refused.value.close_code, refused.value.message) == (4403, "Enough")


async def test_a_topic_that_fails_is_entered_again():
    """It is out by `internal`; what it missed comes, from where it stood."""

    async def script(talk):
        await talk.greet()
        talk.tell(subscribed(await talk.hear("subscribe"), {"t": position(1)}))
        talk.tell(publication(2), {"type": "error", "code": "internal", "message": "failed", "topic": "t"})
        asked = await talk.hear("subscribe")
        assert asked["recover"] == {"t": {"epoch": EPOCH, "offset": 2}}
        talk.tell(subscribed(asked, {"t": position(0)}), publication(1))
        await talk.to_the_end()

    async with scripted(script) as url:
        client = connect(url, options=FAST)
        client.on_error(lambda error: None)
        async with client, client.topic("t") as topic:
            told = [await anext(topic) for _ in range(3)]
            assert [each.content for each in told] == [2, None, 1]
            assert (told[1].reason, told[1].position.offset) == ("not_recovered", 0)


async def test_refused_for_a_moment():
    """`rate_limited` is asked again when the server says so, for those alone that it is about."""

    async def script(talk):
        await talk.greet()
        asked = await talk.hear("subscribe")
        refused = [{"topic": "u", "code": "rate_limited", "message": "Rate limit exceeded", "retry_after_ms": 1300}]
        talk.tell({**subscribed(asked, {"t": position(0)}), "refused": refused})
        begun = time.monotonic()
        asked = await talk.hear("subscribe")
        assert asked["topics"] == ["u"]
        assert time.monotonic() - begun > 1.28
        talk.tell(subscribed(asked, {"u": position(0)}))
        await talk.to_the_end()

    async with scripted(script) as url, connect(url, options=FAST) as client:
        await asyncio.gather(client.topic("t").enter(), client.topic("u").enter())


async def test_a_message_that_looks_like_an_answer():
    """Fields of a back-end service's event may be called `id` and `type` may be anything."""

    async def script(talk):
        await talk.greet()
        asked = await talk.hear("subscribe")
        talk.tell(subscribed(asked, {"t": position(0)}))
        said = await talk.hear("publish")
        talk.tell({"type": "order", "topic": "t", "id": said["id"], "from": "server", "offset": 1})
        talk.tell({"type": "published", "topic": "t", "epoch": EPOCH, "offset": 2, "id": said["id"]})
        await talk.to_the_end()

    async with scripted(script) as url, connect(url, options=FAST) as client, client.topic("t") as topic:
        assert (await topic.publish(1)).offset == 2
        order = await anext(topic)
        assert (order.type, order["id"]) == ("order", 2)


async def test_what_is_no_frame(heard):
    """Neither JSON that is broken, nor what is no object, nor a type that nobody knows ends anything."""

    async def script(talk):
        await talk.greet()
        asked = await talk.hear("subscribe")
        talk._writer.write(b"\x81\x05{oops\x81\x0212\x81\x02[]\x82\x03bin")
        talk.tell({"type": "news_of_another_version"}, {"no": "type"})
        talk.tell(subscribed(asked, {"t": position(0)}))
        await talk.to_the_end()

    told = heard()
    async with scripted(script) as url:
        client = connect(url, options=FAST)
        client.on_error(told)
        async with client, client.topic("t"):
            assert isinstance(await told.until(lambda failure: True), ValueError)
            assert client.state.name == "open"
