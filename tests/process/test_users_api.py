"""Users, roles and admins: over HTTP with a key or an admin's token, and over a connection."""

import json
import re
import time

import jwt
import pytest
from edge_clients import refused_socket
from harness import API_KEY, DEADLINE, RawClient, Server

SECRET = "a secret of more than thirty-two bytes"


def token(user_id, roles=(), **more):
    claims = {"user_id": user_id, "username": user_id.title(), "roles": list(roles)}
    return jwt.encode({**claims, "exp": time.time() + 600, **more}, SECRET, algorithm="HS256")


@pytest.fixture(scope="module")
def running_server():
    with Server(variables={"TROUPE_AUTH_SECRET": SECRET}) as running:
        yield running


def enter(server, user_id, roles=(), path="/ws", **claims):
    client = RawClient(server.port, f"{path}?token={token(user_id, roles, **claims)}")
    client.expect("connection")
    client.expect("authenticated")
    return client


def get(server, path, key=API_KEY):
    status, _, body = server.http("GET", path, key=key)
    return status, json.loads(body)


def until_connections(server, user_id, count):
    """Waits until the server has noticed that connections have come or gone."""
    give_up_at = time.monotonic() + DEADLINE
    while time.monotonic() < give_up_at:
        listed = get(server, "/api/v1/connections")[1]["users"]
        if sum(each["connections"] for each in listed if each["user_id"] == user_id) == count:
            return
    raise AssertionError(f"{user_id} never had {count} connections: {listed}")


def test_a_message_to_every_tab_of_a_user(server):
    with enter(server, "tabs") as one, enter(server, "tabs") as two, enter(server, "other") as other:
        assert server.api("/api/v1/users/tabs/send", {"message": {"n": [1, None]}}) == (
            200,
            {"connections": 2},
        )
        for tab in (one, two):
            assert tab.expect("notification")["message"] == {"n": [1, None]}
        assert server.api("/api/v1/users/other/send", {"message": "for you"})[0] == 200
        assert other.expect("notification")["message"] == "for you"
    until_connections(server, "tabs", 0)
    assert server.api("/api/v1/users/tabs/send", {"message": 1}) == (200, {"connections": 0})


def test_a_message_to_a_role(server):
    with enter(server, "r1", ["nurse"]) as one, enter(server, "r2", ["nurse", "x"]) as two:
        assert server.api("/api/v1/roles/nurse/send", {"message": "shift"}) == (200, {"connections": 2})
        for client in (one, two):
            assert client.expect("notification")["message"] == "shift"


def test_order_in_one_room(server):
    with enter(server, "loud", path="/chat/hall") as loud, server.client("/chat/hall") as other:
        mute = {"user_id": "loud", "seconds": 60}
        assert server.api("/api/v1/rooms/hall/mute", mute) == (200, {"connections": 1})
        loud.send({"type": "message", "message": "hey", "id": 1})
        refused = loud.until("error", id=1, room="hall")
        assert "muted" in refused["message"]
        assert 0 < refused["retry_after_ms"] <= 60_000
        assert server.api("/api/v1/rooms/hall/message", {"message": 1})[1]["listeners"] == 2
        kick = {"connection_id": other.connection["connection_id"], "reason": "Enough"}
        assert server.api("/api/v1/rooms/hall/kick", kick) == (200, {"connections": 1})
        other.until("left", room="hall", reason="Enough")
        loud.until("user_left")
        assert server.api("/api/v1/rooms/hall/close", {}) == (200, {"connections": 1})
        loud.until("left", room="hall")
        assert get(server, "/api/v1/rooms/hall")[0] == 404
    wait_for_log(server, 'mute audit=true who="api key 1" whom="loud in hall" seconds=60 connections=1')


def test_where_a_user_is(server):
    with enter(server, "seen", path="/chat/lounge") as client:
        client.send({"type": "subscribe", "topic": "news.now"})
        client.until("subscribed")
        status, user = get(server, "/api/v1/users/seen")
        assert status == 200
        (connection,) = user["connections"]
        assert (connection["rooms"], connection["topics"]) == (["lounge"], ["news.now"])
        assert connection["address"] == "127.0.0.1"
        assert get(server, f"/api/v1/connections/{connection['connection_id']}") == (200, connection)
        topic = get(server, "/api/v1/topics/news.now")[1]
        assert (topic["subscribers"], topic["offset"]) == (1, 0)
        assert {"topic": "news.now", "subscribers": 1} in get(server, "/api/v1/topics")[1]["topics"]
        assert get(server, "/api/v1/rooms/lounge")[1]["members"] == 1
    assert get(server, "/api/v1/users/nobody")[0] == 404


def test_a_banned_address_is_put_out_and_kept_out(server):
    there = {"path": f"/ws?token={token('far')}", "address": "127.0.0.9"}
    with RawClient(server.port, **there) as banned, enter(server, "near") as other:
        banned.expect("connection")
        banned.expect("authenticated")
        ban = {"address": "127.0.0.8/30", "seconds": 60}
        assert server.api("/api/v1/bans", ban) == (200, {"connections": 1})
        banned.expect("disconnect", close_code=4403, reason="Banned", reconnect=False)
        banned.assert_closed_with(4403)
        with pytest.raises(AssertionError, match="403"):
            RawClient(server.port, **there)
        other.send({"type": "ping"})
        other.expect("pong")
    listed = get(server, "/api/v1/bans")[1]["bans"]
    assert [each["address"] for each in listed] == ["127.0.0.8/30"]
    assert server.http("DELETE", "/api/v1/bans/127.0.0.8/30", key=API_KEY)[0] == 200
    RawClient(server.port, **there).close()
    assert server.http("DELETE", "/api/v1/bans/127.0.0.8/30", key=API_KEY)[0] == 404


def test_a_slip_does_not_delete_a_whole_history(server):
    say, history = "/api/v1/rooms/slips/message", "/api/v1/rooms/slips/history"
    for number in range(3):
        assert server.http("POST", say, {"message": number}, key=API_KEY)[0] == 200
    for query in ("?user_id=", "?user_id", "?user=bob", "?user_id=" + "x" * 129, "?user_id=%ff"):
        status, _, body = server.http("DELETE", history + query, key=API_KEY)
        assert (status, json.loads(body)["error"]["code"]) == (400, "bad_request"), query
    assert server.http("DELETE", history, {"user_id": "bob"}, key=API_KEY)[0] == 400
    for query, count in (("?user_id=bob", 0), ("", 3)):
        _, _, body = server.http("DELETE", history + query, key=API_KEY)
        assert json.loads(body) == {"messages": count}


def test_a_ban_is_of_the_client_and_not_of_its_proxy():
    settings = ("--proxy-trusted", "127.0.0.1", "--proxy-protocol", "x_forwarded_for")

    def through_proxy(address):
        return RawClient(server.port, headers=[f"X-Forwarded-For: {address}"])

    with Server(*settings) as server, through_proxy("192.0.2.7") as banned:
        banned.expect("connection")
        with through_proxy("192.0.3.7") as other:
            other.expect("connection")
            assert server.api("/api/v1/bans", {"address": "192.0.2.0/24", "seconds": 60}) == (
                200,
                {"connections": 1},
            )
            banned.expect("disconnect", close_code=4403)
            with pytest.raises(AssertionError, match="403"):
                through_proxy("192.0.2.8")
            other.send({"type": "ping"})
            other.expect("pong")


def test_disconnect_closes_and_lets_back_in(server):
    with enter(server, "kicked") as one, enter(server, "kicked") as two:
        status, answer = server.api("/api/v1/users/kicked/disconnect", {"reason": "Spam"})
        assert (status, answer) == (200, {"connections": 2})
        for client in (one, two):
            client.expect("disconnect", close_code=4403, reason="Spam", reconnect=False)
            client.assert_closed_with(4403)
    enter(server, "kicked").close()


def assert_not_let_in(server, presented, reason):
    with RawClient(server.port, f"/ws?token={presented}") as client:
        closed, messages = client.read_to_close()
        assert (closed.code, closed.reason) == (4403, reason)
        assert not [each for each in messages if each["type"] in ("connection", "authenticated")]


def test_a_denied_user_does_not_come_back(server):
    with enter(server, "banned") as client:
        status, answer = server.api("/api/v1/users/banned/disconnect", {"deny_seconds": 600})
        assert (status, answer) == (200, {"connections": 1})
        client.expect("disconnect", close_code=4403, reason="Kicked")
        client.assert_closed_with(4403)
    assert_not_let_in(server, token("banned", jti="a new one"), "Kicked")
    assert server.api("/api/v1/users/banned/disconnect", {"deny_seconds": 0})[0] == 200
    enter(server, "banned").close()


def test_a_denied_token_is_of_no_use(server):
    stolen, fresh = token("robbed", jti="stolen"), token("robbed", jti="fresh")
    with RawClient(server.port, f"/ws?token={stolen}") as thief, enter(
        server, "robbed", jti="fresh"
    ) as owner:
        thief.until("authenticated")
        assert server.api("/api/v1/tokens/deny", {"jti": "stolen", "seconds": 600}) == (
            200,
            {"connections": 1},
        )
        thief.expect("disconnect", close_code=4403, reason="Revoked")
        thief.assert_closed_with(4403)
        assert_not_let_in(server, stolen, "Revoked")
        # Nor does it refresh a connection that is open.
        owner.send({"type": "refresh", "token": stolen, "id": 1})
        assert owner.read_message()["type"] != "authenticated"
    with RawClient(server.port, f"/ws?token={fresh}") as owner:
        owner.until("authenticated")


def test_rooms_and_who_is_in_them(server):
    with enter(server, "p1", path="/chat/presence.b"), enter(server, "p1", path="/chat/presence.b"):
        with server.member("presence.a", user="Guest"), server.member("presence.b", user="Guest"):
            status, page = get(server, "/api/v1/rooms?after=presence&limit=2")
            assert status == 200
            assert page["rooms"] == [
                {"room": "presence.a", "members": 1},
                {"room": "presence.b", "members": 3},
            ]
            assert page["total"] >= 2
            assert get(server, "/api/v1/rooms?after=presence&limit=1")[1]["next"] == "presence.a"
            status, page = get(server, "/api/v1/rooms/presence.b/presence")
            assert (status, page["count"]) == (200, 2), "a user with two connections is one"
            guest, user = page["users"]
            assert (guest["user"], guest["connections"], len(guest["from"])) == ("Guest", 1, 13)
            assert user == {"user": "P1", "user_id": "p1", "connections": 2}
            page = get(server, "/api/v1/rooms/presence.b/presence?limit=1")[1]
            rest = get(server, f"/api/v1/rooms/presence.b/presence?limit=1&after={page['next']}")[1]
            assert (page["users"], rest["users"], "next" in rest) == ([guest], [user], False)
    for nothing in ("rooms/presence.none", "topics/presence.none"):
        status, answer = get(server, f"/api/v1/{nothing}/presence")
        assert (status, answer["error"]["code"]) == (404, "not_found")


def test_figures(server):
    with enter(server, "counted"), server.client():
        status, figures = get(server, "/api/v1/stats")
        assert status == 200
        assert figures["server"] == "Troupe"
        assert figures["connections"] >= 2
        assert figures["authenticated"] >= 1
        status, page = get(server, "/api/v1/connections?after=counte&limit=1")
        assert status == 200
        assert page["users"] == [{"user_id": "counted", "username": "Counted", "connections": 1}]


def test_an_admins_token_is_as_good_as_a_key(server):
    admin = token("boss", ["admin"])
    assert get(server, "/api/v1/stats", key=admin)[0] == 200
    assert server.api("/api/v1/publish", {"topic": "by-admin", "data": 1}, key=admin)[0] == 200
    with enter(server, "target") as target:
        assert server.api("/api/v1/users/target/send", {"message": 1}, key=admin)[0] == 200
        target.expect("notification", message=1)
    assert "send_to_user audit=true" in wait_for_log(server, "who=boss whom=target")


def wait_for_log(server, text):
    give_up_at = time.monotonic() + DEADLINE
    while time.monotonic() < give_up_at:
        for line in list(server.output):
            if text in line:
                return line
    raise AssertionError(f"no line with {text!r}:\n{server.log()}")


@pytest.mark.parametrize(
    "presented, status",
    [
        (token("nobody", ["staff"]), 403),
        (token("nobody", ["Admin"]), 403),
        (token("boss", ["admin"], exp=time.time() - 600), 401),
        (token("boss", ["admin"])[:-4] + "AAAA", 401),
        ("nonsense", 401),
    ],
)
@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", "/api/v1/stats"),
        ("GET", "/api/v1/rooms"),
        ("GET", "/api/v1/connections"),
        ("POST", "/api/v1/users/bystander/disconnect"),
        ("POST", "/api/v1/tokens/deny"),
        ("POST", "/api/v1/announce"),
    ],
)
def test_other_tokens_are_of_no_use(server, presented, status, method, path):
    body = {"text": "x", "jti": "x", "seconds": 1} if method == "POST" else None
    got, _, answer = server.http(method, path, body, key=presented)
    assert got == status
    assert json.loads(answer)["error"]["code"] == "insufficient_permissions"
    assert presented not in server.log()


def test_a_denied_admin_calls_nothing(server):
    admin = token("fallen", ["admin"], jti="fallen-1")
    assert get(server, "/api/v1/stats", key=admin)[0] == 200
    assert server.api("/api/v1/tokens/deny", {"jti": "fallen-1", "seconds": 600})[0] == 200
    assert get(server, "/api/v1/stats", key=admin)[0] == 401


def test_admin_commands_over_a_connection(server):
    with enter(server, "root", ["admin"]) as root, enter(server, "member", ["staff"]) as member:

        def command(name, **fields):
            root.send({"type": "admin_command", "command": name, "id": name, **fields})
            return root.until("admin_result", id=name, command=name)["result"]

        assert command("send_to_user", user_id="member", message="one") == {"connections": 1}
        assert command("send_to_role", role="staff", message="two") == {"connections": 1}
        assert [member.expect("notification")["message"] for _ in range(2)] == ["one", "two"]
        assert command("announce", text="three") == {}
        member.expect("announcement", text="three")
        assert command("stats")["users"] >= 2
        assert "rooms" in command("rooms", limit=1)
        member.send({"type": "admin_command", "command": "kick", "user_id": "root", "id": 1})
        member.expect("error", code="insufficient_permissions", id=1, message="Insufficient permissions: the role 'admin' is needed")
        assert command("kick", user_id="member", reason="Enough") == {"connections": 1}
        member.expect("disconnect", close_code=4403, reason="Enough")
        member.assert_closed_with(4403)
    wait_for_log(server, "kick audit=true who=root whom=member")
    wait_for_log(server, "refused admin_command audit=true who=member")


def test_the_log_never_has_a_token(server):
    assert not re.search(r"eyJ[\w-]+\.", server.log())
    assert SECRET not in server.log()
    assert API_KEY not in server.log()


def test_what_is_sent_to_a_user_who_is_away_waits_in_the_inbox():
    inbox = {"TROUPE_AUTH_SECRET": SECRET, "TROUPE_SERVER_INBOX": "user.{user_id}"}
    with Server(variables=inbox) as server:

        def send(message):
            return server.api("/api/v1/users/auth0%7C7/send", {"message": message})[1]

        def come(query=""):
            client = RawClient(server.port, f"/ws?token={token('auth0|7')}{query}")
            client.expect("connection")
            assert client.expect("authenticated")["inbox"] == "user.auth0:7C7"
            return client, client.expect("subscribed", topics=["user.auth0:7C7"])["positions"]["user.auth0:7C7"]

        client, seen = come()
        with client:
            assert send(1) == {"connections": 1, "heard": 1, "kept": True}
            assert client.expect("notification", message=1)["offset"] == 1
        until_connections(server, "auth0|7", 0)
        for message in (2, 3):
            assert send(message) == {"connections": 0, "heard": 0, "kept": True}
        client, back = come(f"&inbox_epoch={seen['epoch']}&inbox_offset=1")
        with client:
            assert back["recovered"] and back["top"] == 3
            assert [client.expect("notification")["message"] for _ in range(2)] == [2, 3]
        for query in ("&inbox_epoch=x", "&inbox_offset=1", "&inbox_epoch=x&inbox_offset=-1"):
            code, reason = refused_socket(server.port, f"/ws?token={token('a')}{query}")
            assert code == 1008 and "inbox_" in reason
        status, _, body = server.http("GET", "/metrics")
        assert 'troupe_inbox_messages_total{outcome="kept"} 2' in body.decode()
