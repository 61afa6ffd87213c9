"""Callbacks of the user: in order, in tasks of their own, and none of them can hurt the client or another."""

import asyncio
import logging

import pytest

from troupe_client import TroupeError, connect


async def test_one_that_never_returns_stalls_nobody(url, heard):
    stuck, told = asyncio.Event(), heard()

    async def blocks(message):
        stuck.set()
        await asyncio.Event().wait()

    async with connect(url) as client:
        room = client.room("r1")
        room.on(blocks)
        room.on(told)
        async with room:
            for number in range(5):
                await room.say(number)
            await stuck.wait()
            await told.until(lambda message: message.content == 4)
            assert (await anext(room)).content == 0


async def test_one_that_throws_is_reported_and_called_again(url, heard):
    reported, told = heard(), heard()

    def throws(message):
        raise ValueError(message.content)

    async with connect(url) as client:
        client.on_error(reported)
        room = client.room("r2")
        room.on(throws)
        room.on(told)
        async with room:
            for number in range(3):
                await room.say(number)
            await told.until(lambda message: message.content == 2)
            await reported.until(lambda failure: failure.args == (2,))
    assert [failure.args for failure in reported] == [(0,), (1,), (2,)]
    assert "throws" in reported[0].__notes__[0]


async def test_without_a_handler_it_is_logged(url, caplog):
    seen = asyncio.Event()

    async def throws(message):
        seen.set()
        raise ValueError("into the log")

    async with connect(url) as client:
        room = client.room("r3")
        room.on(throws)
        async with room:
            await room.say(1)
            await seen.wait()
    assert any(record.exc_info and "into the log" in str(record.exc_info[1]) for record in caplog.records)


async def test_a_handler_of_errors_that_throws(url, caplog, heard):
    """Is logged, and not called with its own error."""
    calls = heard()

    def throws(failure):
        calls(failure)
        raise RuntimeError("the handler")

    async with connect(url) as client:
        client.on_error(throws)
        room = client.room("r4")
        room.on(lambda message: 1 / 0)
        async with room:
            await room.say(1)
            await calls.until(lambda failure: True)
    assert len(calls) == 1
    assert any("error handler" in record.message for record in caplog.records)


async def test_none_runs_in_a_task_of_the_clients_own(url, heard):
    """So that neither what they await nor what they throw is the reader's."""
    tasks, told = {}, heard()

    async def provider(reason):
        tasks["provider"] = asyncio.current_task().get_name()
        return "some.token.here"

    def note(what):
        def called(item):
            tasks[what] = asyncio.current_task().get_name()
            told(what)

        return called

    async with connect(url, token=provider) as client:
        client.on_state(note("state"))
        client.on_error(note("error"))
        client.on_notification(note("notification"))
        room = client.room("r5")
        room.on(note("message"))
        async with room:
            await room.say(1)
            await client.signal(1, room="elsewhere")  # an error that answers nothing
            await told.until(lambda what: {"provider", "state", "error", "message"} <= set(tasks))
    assert tasks.pop("provider") == "troupe token"
    assert set(tasks.values()) == {"troupe callback"}


async def test_taken_away(url, heard):
    told, all_told = heard(), heard()
    async with connect(url) as client, client.topic("t1") as topic:
        remove = topic.on(told)
        topic.on(all_told)
        await topic.publish(1)
        await told.until(lambda message: message.content == 1)
        remove()
        remove()
        await topic.publish(2)
        await all_told.until(lambda message: message.content == 2)
        assert len(told) == 1


async def test_by_type(url, heard):
    comes, said = heard(), heard()
    async with connect(url) as client:
        room = client.room("r6")
        room.on(comes, {"user_joined", "user_left"})
        room.on(said)
        async with room:
            async with connect(url, user="Ben") as ben, ben.room("r6") as other:
                await other.say("hello")
            await comes.until(lambda frame: frame.type == "user_left")
    assert [each.type for each in comes] == ["user_joined", "user_left"]
    assert [each.content for each in said] == ["hello"]


async def test_closing_from_a_callback(url):
    """It is not cancelled for that, and comes to its own end."""
    ended = asyncio.Event()

    async def closes(message):
        await client.close()
        ended.set()

    client = connect(url)
    room = client.room("r7")
    room.on(closes)
    async with client:
        with pytest.raises(StopAsyncIteration):
            async with room:
                await room.say(1)
                await anext(room)
                await anext(room)
        await ended.wait()


async def test_the_last_state_is_told(url, heard):
    told = heard()
    async with connect(url) as client:
        client.on_state(told)
        await client.opened()
    assert [state.name for state in told][-2:] == ["open", "closed"]


async def test_an_error_that_answers_nothing(url, heard, caplog):
    """Goes to the handlers, and without any to the log."""
    caplog.set_level(logging.ERROR)
    told = heard()
    async with connect(url) as client:
        await client.opened()
        remove = client.on_error(told)
        await client.signal("typing", room="not-entered")
        error = await told.until(lambda failure: isinstance(failure, TroupeError))
        assert error.code == "not_in_room"
        assert not caplog.records
        assert len(error.__notes__) == 1
        remove()
        await client.signal("typing", room="not-entered")
        while not caplog.records:  # noqa: ASYNC110 - the log tells nobody
            await asyncio.sleep(0.01)
    assert len(caplog.records) == 1
    assert caplog.text.count("not_in_room") == caplog.text.count("Not in that room") == 1
