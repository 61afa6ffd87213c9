"""What is sent to everybody or to one user, and the inbox in which it waits for who is away."""

import time

import jwt
import pytest
from fault_proxy import FaultProxy
from harness import Server

from troupe_client import connect

SECRET = "a secret of more than thirty-two bytes"


def token(user, seconds=600):
    return jwt.encode({"sub": user, "username": user.title(), "exp": time.time() + seconds}, SECRET, "HS256")


@pytest.fixture(scope="module")
def with_inbox():
    options = ("--server-inbox", "user.{user_id}", "--defaults-topic-history-messages", 100)
    with Server(*options, "--defaults-topic-history-seconds", 600, variables={"TROUPE_AUTH_SECRET": SECRET}) as server:
        yield server


async def test_announcements(server, url):
    async with connect(url) as client:
        told = client.notifications()
        await client.opened()
        server.api("/api/v1/announce", {"text": "Back at five"})
        assert (await anext(told))["text"] == "Back at five"


async def test_to_a_user_without_an_inbox(heard):
    with Server(variables={"TROUPE_AUTH_SECRET": SECRET}) as server:
        told = heard()
        client = connect(server.url(), token=token("ann"))
        client.on_notification(told)
        async with client, client.room("r") as room:
            await room.say("so authenticated has come")
            server.api("/api/v1/users/ann/send", {"message": {"order": 7}})
            assert (await told.until(lambda each: True)).content == {"order": 7}


async def test_what_was_sent_while_away(with_inbox, quick, heard):
    """It comes when the client is back: all of it, and once."""
    told = heard()
    with FaultProxy(with_inbox.port) as proxy:
        client = connect(f"ws://127.0.0.1:{proxy.port}", token=token("away"), options=quick)
        client.on_notification(told)
        async with client:
            await client.opened()
            await client.publish("beside", 1)
            with_inbox.api("/api/v1/users/away/send", {"message": 1})
            await told.until(lambda each: each.content == 1)
            for number in range(2, 6, 2):
                states = heard()
                remove = client.on_state(states)
                proxy.kill()
                await states.state("waiting")
                for content in (number, number + 1):
                    with_inbox.api("/api/v1/users/away/send", {"message": content})
                proxy.accept()
                await told.until(lambda each, last=number + 1: each.content == last)
                remove()
    assert [each.content for each in told] == [1, 2, 3, 4, 5]


async def test_the_inbox_as_a_topic(with_inbox, quick):
    """Whoever wants to know of gaps and positions takes the topic; the client does not subscribe twice."""
    with FaultProxy(with_inbox.port) as proxy:
        url = f"ws://127.0.0.1:{proxy.port}"
        async with connect(url, token=token("topic"), options=quick) as client, client.topic("user.topic") as inbox:
            with_inbox.api("/api/v1/users/topic/send", {"message": 1})
            assert (await anext(inbox)).content == 1
            proxy.reset()
            with_inbox.api("/api/v1/users/topic/send", {"message": 2})
            assert (await anext(inbox)).content == 2
            assert inbox.position.offset == 2
        assert with_inbox.api("/api/v1/users/topic/send", {"message": 3})[0] == 200
