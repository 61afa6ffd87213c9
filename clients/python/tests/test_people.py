"""Presence as a program sees it, and the place of one's own messages."""

import pytest
from harness import Server

from troupe_client import TroupeError, connect

TOPICS = ("--defaults-topic-presence-mode", "list")


async def until_people(room, names, heard):
    """Looks whenever something has changed."""
    told = heard()
    remove = room.on(told, {"presence", "presence_diff"})
    told("now")
    await told.until(lambda _: [each["user"] for each in room.people] == names)
    remove()


async def test_a_list_that_is_kept(url, heard):
    async with connect(url, user="Ann") as ann, ann.room("hall", presence=True) as room:
        async with connect(url, user="Ben") as ben, ben.room("hall"):
            await until_people(room, ["Ann", "Ben"], heard)
        await until_people(room, ["Ann"], heard)


async def test_the_second_who_wants_to_know(server, url, heard):
    """Is told what is known, without asking again; one that comes first without wanting it costs nothing."""
    async with connect(url, user="Ann") as client, client.room("second") as plain:
        assert plain.people == []
        async with client.room("second", presence=True, types="*") as first:
            frame = await anext(first)
            assert (frame.type, frame["count"]) == ("presence", 1)
            async with client.room("second", presence=True, types="*") as second:
                again = await anext(second)
                assert (again.type, again["users"]) == ("presence", frame["users"])
                await until_people(plain, ["Ann"], heard)
                assert (await plain.say(1)).offset == 1


async def test_it_comes_back_with_ones_own_state(proxy, proxied, quick, heard):
    """Others see after a reconnect what they saw before."""
    async with connect(proxied, user="Ann", options=quick) as ann, ann.room("state", presence=True) as room:
        await room.set_presence({"away": True})
        proxy.reset()
        told = heard()
        room.on(told, "*")
        await told.until(
            lambda frame: frame.type == "presence_diff" and [each.get("state") for each in room.people][-1:]
        )
        page = await room.presence()
        assert {"away": True} in [each.get("state") for each in page.users]


async def test_a_place_without_a_message(url):
    """What is not for oneself leaves no hole."""
    async with connect(url) as client, client.room("places") as room, client.topic("places") as topic:
        for handle, say in ((room, room.say), (topic, topic.publish)):
            first = await say("not to me", except_me=True)
            assert handle.position == first
            await say("to me")
            message = await anext(handle)
            assert (message.type in ("message", "publication"), message.content) == (True, "to me")


async def test_history_in_pages(url):
    async with connect(url) as client, client.room("pages") as room:
        for number in range(5):
            await room.say(number)
        last = await room.history(limit=2)
        assert ([each.content for each in last.messages], last.more) == ([3, 4], True)
        before = await room.history(limit=10, before=last.messages[0].offset)
        assert ([each.content for each in before.messages], before.more) == ([0, 1, 2], False)
        with pytest.raises(TroupeError) as refused:
            await client.history(room="nobody-was-ever-here")
        assert refused.value.code == "not_found"


async def test_rights_that_are_taken_away(tmp_path, heard):
    """Another token at `refresh`: the room is over for its listeners, and the client goes on."""
    import jwt

    secret, given = "a secret of more than thirty-two bytes", []
    config = tmp_path / "troupe.toml"
    config.write_text(
        '[[namespace]]\nmatch = "staff.*"\njoin = "role:staff"\npublish = "role:staff"\n'
        '[[namespace]]\nmatch = "hall"\njoin = "authenticated"\npublish = "authenticated"\n'
    )

    def token(reason):
        given.append(reason)
        claims = {"sub": "u1", "roles": ["staff"]} if reason == "connect" else {"sub": "u1"}
        import time

        return jwt.encode({**claims, "exp": time.time() + (2.2 if reason == "connect" else 600)}, secret, "HS256")

    with Server("--config", config, variables={"TROUPE_AUTH_SECRET": secret}) as server:
        async with connect(server.url(), token=token) as client:
            client.on_error(heard())
            async with client.room("hall") as hall, client.room("staff.room") as staff:
                with pytest.raises(TroupeError) as put_out:
                    await anext(staff)
                assert put_out.value.code == "left"
                assert (await hall.say("still here")).offset == 1
                with pytest.raises(TroupeError) as refused:
                    await client.room("staff.room").enter()
                assert refused.value.code == "insufficient_permissions"
    assert given == ["connect", "refresh"]
