"""Who may do what with which topics and rooms: the `[[namespace]]` tables of the configuration."""

import time

import jwt
import pytest
from harness import RawClient, Server, run_troupe

SECRET = "a secret of more than thirty-two bytes"
NAMESPACES = """
[[namespace]]
match = ["lobby", "team.>"]
join = "anyone"
publish = "authenticated"
deny = "role:banned"
message_bytes_max = 100
members_max = 2

[[namespace]]
match = "team.board.*"
join = "role:board"
publish = "role:board"

[[namespace]]
match = "prices.*"
subscribe = "anyone"
publish = "role:feed"

[[namespace]]
match = "orders.>"
subscribe = ["role:admin", "permission"]
publish = "permission"
patterns = true

[[namespace]]
match = ["tenant.{claim.https://example.com/tenant}.>", "user.{user_id}"]
subscribe = "authenticated"
publish = "authenticated"
patterns = true
"""


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    path = tmp_path_factory.mktemp("config") / "troupe.toml"
    path.write_text(NAMESPACES)
    with Server("--config", path, variables={"TROUPE_AUTH_SECRET": SECRET}) as server:
        yield server


def enter(server, *roles, permissions=(), path="/ws", name="ann", **more):
    """A client with a token that has these roles; without a name, one without a token."""
    if name is not None:
        claims = {"user_id": name, "username": name, "roles": roles, "permissions": list(permissions),
                  "exp": time.time() + 600, **more}
        path += "?token=" + jwt.encode(claims, SECRET, algorithm="HS256")
    client = RawClient(server.port, path)
    client.expect("connection")
    if name is not None:
        client.expect("authenticated")
    return client


def guest(server, path="/ws"):
    return enter(server, path=path, name=None)


def refused(client, request, code="insufficient_permissions"):
    client.send({**request, "id": "asked"})
    return client.until("error", code=code, id="asked")


def join(room):
    return {"type": "join", "room": room}


def subscribe(*topics):
    return {"type": "subscribe", "topics": topics}


def publish(topic):
    return {"type": "publish", "topic": topic, "data": 1}


def test_a_room_is_entered_by_those_who_may(guarded):
    with guest(guarded) as client:
        client.send(join("team.a"))
        client.until("joined", room="team.a")
        refused(client, join("team.board.1"))
        refused(client, join("elsewhere"))
    with enter(guarded, "board") as member:
        member.send(join("team.board.1"))
        member.until("joined", room="team.board.1")


def test_in_a_room_only_those_speak_who_may(guarded):
    with guest(guarded) as listener, enter(guarded, name="ben") as speaker:
        for client in (listener, speaker):
            client.send(join("team.talk"))
            client.until("joined")
        refused(listener, {"type": "message", "message": "may I?"})
        speaker.send({"type": "message", "message": "hello"})
        assert listener.until("message")["message"] == "hello"


def test_a_denied_role_outweighs_what_everybody_may(guarded):
    with enter(guarded, "banned", "board") as client:
        refused(client, join("lobby"))
        refused(client, join("team.board.1"))
        client.send(subscribe("prices.eu"))
        client.until("subscribed", topics=["prices.eu"])


def test_a_topic_is_published_to_by_those_who_may_and_heard_by_all(guarded):
    with guest(guarded) as listener, enter(guarded, "feed") as feed:
        listener.send(subscribe("prices.eu"))
        listener.until("subscribed")
        refused(listener, publish("prices.eu"))
        feed.send(publish("prices.eu"))
        feed.until("published", topic="prices.eu")
        assert listener.until("publication")["data"] == 1


def test_a_permission_is_as_wide_as_its_pattern(guarded):
    permissions = ["subscribe:orders.eu.*", "publish:prices.*", "subscribe:", "orders.us.1"]
    with enter(guarded, permissions=permissions) as client:
        client.send(subscribe("orders.eu.1"))
        client.until("subscribed", topics=["orders.eu.1"])
        refused(client, subscribe("orders.us.1"))
        refused(client, subscribe("orders.eu.1.2"))
        refused(client, publish("orders.eu.1"))
        refused(client, publish("prices.eu"))  # the namespace asks for a role, not a permission


def test_of_several_topics_those_are_subscribed_to_that_are_allowed(guarded):
    with guest(guarded) as client:
        client.send({**subscribe("prices.a", "orders.a", "prices.b"), "id": 7})
        answer = client.until("subscribed", topics=["prices.a", "prices.b"], id=7)
        assert [(each["topic"], each["code"]) for each in answer["refused"]] == [
            ("orders.a", "insufficient_permissions")]


def test_an_address_leads_into_no_room_that_is_closed(guarded):
    with RawClient(guarded.port, "/chat/team.board.1") as client:
        assert client.assert_closed_with(1008)[-1]["type"] == "disconnect"


def test_messages_and_members_have_the_bounds_of_their_namespace(guarded):
    with enter(guarded, name="a") as first, enter(guarded, name="b") as second:
        for client in (first, second):
            client.send(join("team.small"))
            client.until("joined")
        with enter(guarded, name="c") as third:
            refused(third, join("team.small"), "limit_exceeded")
        refused(first, {"type": "message", "message": "x" * 99}, "limit_exceeded")
        first.send({"type": "message", "message": "x" * 98})
        second.until("message")


def test_names_and_patterns_are_those_of_the_token(guarded):
    claim = "https://example.com/tenant"
    with enter(guarded, name="auth0|7", **{claim: 12}) as mine, enter(guarded, name="eve", **{claim: "*"}) as other:
        mine.send(subscribe("tenant.12.*", "user.auth0:7C7"))
        mine.until("subscribed", topics=["tenant.12.*", "user.auth0:7C7"])
        for topic in ("tenant.12.*", "tenant.*.*", "tenant.>", "user.auth0:7C7", "user.*", ">"):
            refused(other, subscribe(topic))
        other.send(subscribe("tenant.:2A.>"))
        other.until("subscribed")
        for topic in ("tenant.12.a", "user.auth0:7C7"):
            refused(other, publish(topic))
            mine.send(publish(topic))
            assert mine.until("publication")["topic"] == topic
    with guest(guarded) as client:
        refused(client, subscribe("tenant.12.*"))


def test_the_log_says_what_is_open(guarded):
    assert 'namespace[2] "prices.*" is open to anyone: subscribe' in guarded.log()
    assert "everything is open" not in guarded.log()
    with Server() as server:
        server.stop()
        assert "everything is open: EVERYBODY" in server.log()


def test_check_says_what_is_open(tmp_path):
    path = tmp_path / "troupe.toml"
    path.write_text(NAMESPACES)
    ran = run_troupe("check", path)
    assert ran.returncode == 0
    assert f'{path}: warning: namespace[0] "lobby" and others is open to anyone: join\n' in ran.stdout
    assert ran.stdout.endswith(f"\n{path}: ok\n")
