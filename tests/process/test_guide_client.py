"""The client that the replaced service's guide shows, on the third-party `websockets` library. It
must work as it stands, but for host and port."""

import asyncio
import json

import pytest
from harness import DEADLINE, ISO_MILLISECONDS
from websockets.asyncio.client import connect


async def talk(url):
    """Connects, subscribes, says hello and returns (first frame, the others, its own broadcast)."""
    async with asyncio.timeout(DEADLINE), connect(url) as websocket:
        first = json.loads(await websocket.recv())
        await websocket.send(json.dumps({"type": "subscribe", "topics": ["news"]}))
        await websocket.send(json.dumps({"type": "message", "message": "Hello, world!"}))
        others = []
        async for text in websocket:
            frame = json.loads(text)
            if frame["type"] == "message":
                return first, others, frame
            others.append(frame)
        raise AssertionError(f"closed before the broadcast came: {others}")


def test_hello_world(server):
    first, others, said = asyncio.run(talk(server.url("/chat/lobby")))

    assert first["type"] == "connection"
    assert first["message"].startswith("Connected to ")
    assert isinstance(first["connection_id"], str) and first["connection_id"]
    assert first["heartbeat"] == 30

    subscribed = [frame for frame in others if frame["type"] == "subscribed"]
    assert [frame["topics"] for frame in subscribed] == [["news"]]
    assert not [frame for frame in others if frame["type"] == "error"]

    assert said["room"] == "lobby"
    assert said["user"] == "Anonymous"
    assert said["message"] == "Hello, world!"
    assert ISO_MILLISECONDS.fullmatch(said["timestamp"])
    assert said["offset"] == 1


def test_user_in_the_url_names_an_anonymous_user(server):
    _, _, said = asyncio.run(talk(server.url("/chat/named?user=Zo%C3%AB%20B")))
    assert said["user"] == "Zoë B"


def test_user_in_the_message_names_it_when_the_url_does_not(server):
    async def say():
        async with asyncio.timeout(DEADLINE), connect(server.url("/chat/self-named")) as websocket:
            await websocket.send(json.dumps({"type": "message", "message": "hi", "user": "Ben"}))
            async for text in websocket:
                frame = json.loads(text)
                if frame["type"] == "message":
                    return frame
            raise AssertionError("closed before the broadcast came")

    assert asyncio.run(say())["user"] == "Ben"


@pytest.mark.parametrize("said", ["plain", "", 42, None, True, ["a", {"b": 1.5}], {"deep": {"er": []}}])
def test_a_message_may_be_any_json(server, said):
    with server.client("/chat/any") as client:
        client.send({"type": "message", "message": said})
        assert client.until("message")["message"] == said


def test_two_of_them_meet_in_the_room(server):
    async def meet():
        async with asyncio.timeout(DEADLINE):
            async with connect(server.url("/chat/meet?user=Ann")) as ann:
                async with connect(server.url("/chat/meet?user=Ben")) as ben:
                    await frame_of(ann, "user_joined")
                    await ben.send(json.dumps({"type": "message", "message": "hello"}))
                    return await frame_of(ann, "message"), await frame_of(ben, "message")

    async def frame_of(websocket, kind):
        async for text in websocket:
            frame = json.loads(text)
            if frame["type"] == kind:
                return frame
        raise AssertionError(f"closed before {kind}")

    at_ann, at_ben = asyncio.run(meet())
    assert at_ann == at_ben
    assert at_ann["user"] == "Ben"


def test_close_handshake(server):
    async def leave():
        async with asyncio.timeout(DEADLINE), connect(server.url("/chat/leave")) as websocket:
            await websocket.recv()
            await websocket.close(1000, "bye")
            return websocket.close_code

    assert asyncio.run(leave()) == 1000


def test_connection_say_read_message_and_nothing_unasked(server):
    """The guide's own unit test. It knows nothing of history, so it hears nothing of it: not in a room
    where something was said before, and not when it comes back."""

    async def say():
        async with asyncio.timeout(DEADLINE), connect(server.url("/chat/unasked")) as websocket:
            await websocket.send(json.dumps({"type": "message", "message": "hello"}))
            return json.loads(await websocket.recv()), json.loads(await websocket.recv())

    for visit in (1, 2, 3):
        connection, message = asyncio.run(say())
        assert connection["type"] == "connection"
        assert (message["type"], message["message"]) == ("message", "hello")
        assert message["offset"] == visit, "kept although nobody was there"
