"""Subscriptions and publishing over the WebSocket."""

import pytest
from harness import ISO_MILLISECONDS


def subscriber(server, *topics):
    client = server.client()
    client.send({"type": "subscribe", "topics": list(topics)})
    client.expect("subscribed", topics=list(topics))
    return client


@pytest.mark.parametrize("field", ["topics", "topic", "channel"])
def test_subscribe_by_each_of_the_three_names(server, field):
    name = f"by.{field}"
    with server.client() as client:
        client.send({"type": "subscribe", field: [name] if field == "topics" else name, "id": 1})
        answer = client.expect("subscribed", topics=[name], id=1)
        assert ("channel" in answer) == (field == "channel")
        if field == "channel":
            assert answer["channel"] == name

        assert list(answer["positions"]) == [name]
        position = answer["positions"][name]
        assert isinstance(position["epoch"], str) and position["epoch"]
        assert position["offset"] == 0
        assert position["recovered"] is False

        client.send({"type": "publish", "topic": name, "data": {"n": 1}})
        assert {client.read_message()["type"] for _ in range(2)} == {"publication", "published"}

        client.send({"type": "unsubscribe", field: [name] if field == "topics" else name, "id": 2})
        assert client.expect("unsubscribed", id=2)["topics"] == [name]


def test_several_topics_in_one_request(server):
    names = ["many.a", "many.b", "many.c"]
    with server.client() as client, server.client() as publisher:
        client.send({"type": "subscribe", "topics": names})
        answer = client.expect("subscribed")
        assert answer["topics"] == names
        assert set(answer["positions"]) == set(names)
        for name in names:
            publisher.send({"type": "publish", "topic": name, "data": name})
            publisher.expect("published", topic=name, offset=1)
        assert {client.expect("publication", offset=1)["topic"] for _ in names} == set(names)


@pytest.mark.parametrize("data", [{"price": 1.25}, [1, 2], "text", 0, None, False])
def test_publication(server, data):
    with subscriber(server, "stock") as client, server.client() as publisher:
        publisher.send({"type": "publish", "topic": "stock", "data": data, "id": "p"})
        published = publisher.expect("published", topic="stock", id="p")
        got = client.expect("publication", topic="stock", offset=published["offset"])
        assert got["data"] == data
        assert ISO_MILLISECONDS.fullmatch(got["timestamp"])


def test_event_names_the_frame(server):
    with subscriber(server, "orders") as client, server.client() as publisher:
        publisher.send({"type": "publish", "topic": "orders", "event": "order_update", "data": {"id": 7}})
        publisher.expect("published", topic="orders")
        assert client.expect("order_update", topic="orders")["data"] == {"id": 7}


@pytest.mark.parametrize("event", ["error", "disconnect", "a b", "\u0007", "x" * 65, 5])
def test_an_event_cannot_pose_as_a_frame_of_the_servers_own(server, event):
    with server.client() as client:
        client.send({"type": "publish", "topic": "posing", "event": event, "data": 1, "id": 1})
        assert "event" in client.expect("error", code="bad_request", id=1)["message"]


def test_a_repeated_msg_id_is_the_same_publication(server):
    with subscriber(server, "once") as client, server.client() as publisher:
        request = {"type": "publish", "topic": "once", "data": "first", "msg_id": "m-1", "id": 1}
        publisher.send(request)
        first = publisher.expect("published", topic="once", id=1)
        publisher.send(request)
        again = publisher.expect("published", topic="once", id=1)
        assert again == first

        # A retry after a reconnect is recognised by the session that the client brings back.
        with server.client() as before:
            session = before.connection["session"]
            before.send({**request, "msg_id": "m-0"})
            offset = before.expect("published")["offset"]
        for way in ({"path": f"/ws?session={session}"},
                    {"path": "/ws", "headers": [f"Sec-WebSocket-Protocol: troupe.v1, session.{session}"]}):
            with server.client(**way) as reconnected:
                reconnected.send({**request, "msg_id": "m-0"})
                assert reconnected.expect("published")["offset"] == offset

        publisher.send({**request, "data": "second", "msg_id": "m-2"})
        second = publisher.expect("published", id=1)
        assert second["offset"] == first["offset"] + 2
        assert second["epoch"] == first["epoch"]
        assert client.expect("publication", offset=first["offset"])["data"] == "first"
        client.expect("publication", offset=offset)
        assert client.expect("publication", offset=second["offset"])["data"] == "second"


def test_the_position_of_a_later_subscriber(server):
    with server.client() as publisher:
        for offset in (1, 2, 3):
            publisher.send({"type": "publish", "topic": "late", "data": offset})
            published = publisher.expect("published", offset=offset)
        publisher.send({"type": "subscribe", "topic": "late"})
        position = publisher.expect("subscribed")["positions"]["late"]
        assert position == {"epoch": published["epoch"], "offset": 3, "recovered": False}


def test_unsubscribed_hears_no_more(server):
    with subscriber(server, "quiet", "loud") as client, server.client() as publisher:
        client.send({"type": "unsubscribe", "topics": ["quiet"], "id": 1})
        client.expect("unsubscribed", topics=["quiet"], id=1)
        for topic in ("quiet", "loud"):
            publisher.send({"type": "publish", "topic": topic, "data": 1})
            publisher.expect("published", topic=topic)
        client.expect("publication", topic="loud")


def test_subscribing_twice_delivers_once(server):
    with subscriber(server, "double") as client:
        client.send({"type": "subscribe", "topic": "double"})
        client.expect("subscribed", topics=["double"])
        for offset in (1, 2):
            client.send({"type": "publish", "topic": "double", "data": offset})
        got = [client.read_message() for _ in range(4)]
        assert [frame["data"] for frame in got if frame["type"] == "publication"] == [1, 2]
        assert [frame["offset"] for frame in got if frame["type"] == "published"] == [1, 2]


@pytest.mark.parametrize("request_id", ["a", "", "ü \u2028 \" \\", 0, 7, -1, 9007199254740993])
def test_the_answer_carries_the_id_of_the_request(server, request_id):
    with server.client() as client:
        for request, answer in [
            ({"type": "subscribe", "topic": "ids"}, "subscribed"),
            ({"type": "unsubscribe", "topic": "ids"}, "unsubscribed"),
            ({"type": "publish", "topic": "ids", "data": 1}, "published"),
            ({"type": "join", "room": "ids"}, "joined"),
            ({"type": "leave", "room": "ids"}, "left"),
            ({"type": "ping"}, "pong"),
            ({"type": "nonsense"}, "error"),
            ({"type": "join"}, "error"),
        ]:
            client.send({**request, "id": request_id})
            frame = client.expect(answer)
            assert "id" in frame and frame["id"] == request_id, frame


def test_without_an_id_the_answer_has_none(server):
    with server.client() as client:
        client.send({"type": "subscribe", "topic": "no-id"})
        assert "id" not in client.expect("subscribed")
        client.send({"type": "nonsense"})
        assert "id" not in client.expect("error")


def test_ping_is_answered_with_the_time(server):
    with server.client() as client:
        client.send({"type": "ping"})
        assert ISO_MILLISECONDS.fullmatch(client.expect("pong")["timestamp"])


def test_more_topics_than_a_connection_may_have(server):
    with server.client() as client:
        for i in range(128):
            client.send({"type": "subscribe", "topic": f"limit.{i}"})
            client.expect("subscribed")
        client.send({"type": "subscribe", "topic": "limit.128", "id": 1})
        client.expect("error", code="limit_exceeded", id=1)
        client.send({"type": "unsubscribe", "topic": "limit.0"})
        client.expect("unsubscribed")
        client.send({"type": "subscribe", "topic": "limit.128"})
        client.expect("subscribed")
