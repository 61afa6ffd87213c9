"""Who says something in a room is a member until it is answered, entered or not."""

import asyncio

import pytest
from scripted import scripted

from troupe_client import Options, TroupeError, connect

FAST = Options(base=0.01, max=0.05, leave=0.01)


def joined(asked):
    return {"type": "joined", "room": "r", "epoch": "e", "offset": 0, "id": asked["id"]}


def sent(asked):
    return {"type": "sent", "room": "r", "epoch": "e", "offset": 1, "id": asked["id"]}


def refused(asked, code, **more):
    return {"type": "error", "code": code, "message": code, "room": "r", "id": asked["id"], **more}


async def test_without_having_entered(server, url, quick, caplog):
    with server.member("hall") as ann:
        async with connect(url, options=quick, user="Ben") as client:
            positions = [await client.room("hall").say("one"), await client.say("hall", "two")]
            assert [each.offset for each in positions] == [1, 2]
            ann.expect("user_joined", user="Ben")
            assert [ann.expect("message")["message"] for _ in range(2)] == ["one", "two"]
            await asyncio.to_thread(ann.expect, "user_left", user="Ben")
            assert (await client.presence(room="hall")).count == 1
            assert client.audiences.timers() == 0
    assert not caplog.records


async def test_who_has_entered_stays(server, url, quick):
    with server.member("stay") as ann:
        async with connect(url, options=quick, user="Ben") as client, client.room("stay") as room:
            ann.expect("user_joined", user="Ben")
            await client.say("stay", "one")
            await asyncio.sleep(3 * quick.leave)
            assert (await room.presence()).count == 2
            assert (await anext(room)).content == "one"


async def test_nothing_is_awaited_between():
    """It goes out behind the request to enter, in the order in which it was said."""

    async def script(talk):
        await talk.greet()
        join = await talk.hear("join")
        said = [await talk.hear("message") for _ in range(3)]
        talk.tell(joined(join), *map(sent, said))
        assert [each["message"] for each in said] == [0, 1, 2]
        await talk.hear("leave")
        await talk.to_the_end()

    async with scripted(script) as url, connect(url, options=FAST) as client:
        await client.opened()
        await asyncio.gather(*(client.say("r", number) for number in range(3)))
        await asyncio.sleep(0.1)


async def test_the_connection_is_lost_before_the_answer():
    """It is entered again, and said again."""

    async def script(talk):
        await talk.greet()
        talk.tell(joined(await talk.hear("join")))
        await talk.hear("message")

    async def again(talk):
        await talk.greet()
        talk.tell(joined(await talk.hear("join")))
        talk.tell(sent(await talk.hear("message")))
        await talk.to_the_end()

    async with scripted(script, again) as url, connect(url, options=FAST) as client:
        assert (await client.say("r", 1)).offset == 1


async def test_a_room_that_lets_nobody_in(caplog):
    """What refused it is raised."""

    async def script(talk):
        await talk.greet()
        join = await talk.hear("join")
        said = await talk.hear("message")
        talk.tell(refused(join, "insufficient_permissions"), refused(said, "not_in_room"))
        await talk.to_the_end()

    async with scripted(script) as url, connect(url, options=FAST) as client:
        with pytest.raises(TroupeError) as failed:
            await client.say("r", 1)
        assert failed.value.code == "insufficient_permissions"
    assert not caplog.records


async def test_a_room_that_lets_nobody_in_for_a_moment():
    """It is said when it does."""

    async def script(talk):
        await talk.greet()
        join = await talk.hear("join")
        first = await talk.hear("message")
        talk.tell(refused(join, "rate_limited", retry_after_ms=10), refused(first, "not_in_room"))
        talk.tell(joined(await talk.hear("join")))
        second = await talk.hear("message")
        assert second["msg_id"] == first["msg_id"]
        talk.tell(sent(second))
        await talk.to_the_end()

    async with scripted(script) as url, connect(url, options=FAST) as client:
        assert (await client.say("r", 1)).offset == 1


async def test_a_room_that_never_lets_anybody_in():
    async def script(talk):
        await talk.greet()
        join = await talk.hear("join")
        talk.tell(refused(join, "unavailable", retry_after_ms=9000), refused(await talk.hear("message"), "not_in_room"))
        await talk.to_the_end()

    async with scripted(script) as url, connect(url, options=Options(deadline=0.2)) as client:
        with pytest.raises(TroupeError, match="timeout"):
            await client.say("r", 1)


@pytest.mark.parametrize("name", [None, 7, "a b"])
async def test_a_name_that_is_none(url, name):
    async with connect(url) as client:
        for entry in (client.room(name).enter, lambda: client.say(name, 1), lambda: client.room(name).say(1)):
            with pytest.raises(TroupeError) as refused:
                await entry()
            assert refused.value.code == "invalid_name"
