"""Every call of docs/openapi.json is made against the real server: its answer is what the description
says, each field that it describes is seen, and so is each status that a single call can show."""

import json
import time

import jwt
import pytest
from descriptions import described, validator
from harness import API_KEY, RawClient, Server

SECRET = "a secret of more than thirty-two bytes"
CONFIG = """
[server]
inbox = "user.{user_id}"
[metrics]
key = "the-key-of-the-metrics"
[[namespace]]
match = "user.{user_id}"
subscribe = "anyone"
history_messages = 10
[[namespace]]
match = ">"
subscribe = "anyone"
publish = "anyone"
join = "anyone"
presence_mode = "list"
history_messages = 10
"""

seen_fields = set()
seen_statuses = set()
called = set()


def operations():
    for path, methods in described("openapi")["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], method.upper(), path, operation


BY_ID = {name: (method, path, operation) for name, method, path, operation in operations()}


@pytest.fixture(scope="module")
def running_server(tmp_path_factory):
    config = tmp_path_factory.mktemp("describe") / "troupe.toml"
    config.write_text(CONFIG)
    with Server("--config", config, variables={"TROUPE_AUTH_SECRET": SECRET}) as running:
        yield running


def note_fields(schema, value):
    """Which fields of a schema this value has."""
    schemas = described("openapi")["components"]["schemas"]
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        target = schemas[name]
        if isinstance(value, dict):
            seen_fields.update(f"{name}.{key}" for key in value)
        return note_fields(target, value)
    if "allOf" in schema:
        return note_fields(schema["allOf"][0], value)
    if isinstance(value, dict):
        for key, field in schema.get("properties", {}).items():
            if key in value:
                note_fields(field, value[key])
    if isinstance(value, list):
        for each in value:
            note_fields(schema.get("items", {}), each)
    return None


def call(server, name, varying="", query="", body=None, key=API_KEY, headers=None):
    """Makes a call, and holds its answer against the description."""
    method, path, operation = BY_ID[name]
    called.add(name)
    if "{" in path:
        path = path[: path.index("{")] + varying + path[path.rindex("}") + 1 :]
    status, fields, text = server.http(method, path + query, body, headers, key=key)
    assert str(status) in operation["responses"], f"{name}: {status} is not described: {text}"
    if body is not None and status != 401:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        assert validator(schema, "openapi").is_valid(body) == (status != 400), f"{name}: {body}: {status} {text}"
    seen_statuses.add(status)
    response = operation["responses"][str(status)]
    if "$ref" in response:
        response = described("openapi")["components"]["responses"][response["$ref"].rpartition("/")[2]]
    assert set(response.get("headers", {})) - {"Retry-After"} <= set(fields), name
    if status == 304:
        assert (text, "content" in response) == (b"", False), name
        return status, fields
    kind, content = next(iter(response.get("content", {}).items()))
    assert fields["Content-Type"].startswith(kind), name
    if kind == "application/json":
        answer = json.loads(text)
        told = [f"{e.json_path}: {e.message}" for e in validator(content["schema"], "openapi").iter_errors(answer)]
        assert not told, f"{name}: {answer}: {told}"
        note_fields(content["schema"], answer)
        return status, answer
    return status, text.decode()


def enter(server, user_id=None, path="/ws", roles=("staff",)):
    mark = "&" if "?" in path else "?"
    if user_id is not None:
        claims = {"user_id": user_id, "username": user_id.title(), "roles": list(roles), "exp": time.time() + 600}
        path += f"{mark}token={jwt.encode(claims, SECRET, algorithm='HS256')}"
    client = RawClient(server.port, path)
    client.connection = client.expect("connection")
    return client


def test_messages(server):
    with enter(server, "ann", "/chat/lobby"):
        assert call(server, "say", "lobby", body={"message": "hello", "msg_id": "m1"})[0] == 200
        assert call(server, "say", "lobby", body={"content": "hello", "user": "Bot", "ttl_ms": 60000})[0] == 200
        assert call(server, "say", "lobby", body={"message": "another", "msg_id": "m1"})[0] == 422
        assert call(server, "say", "lobby", body={"user": "Bot"})[0] == 400
        published = {"topic": "news", "data": {"n": 1}, "event": "flash"}
        assert call(server, "publish", body=published, headers={"Idempotency-Key": "k1"})[0] == 200
        assert call(server, "publish", body={"topic": "news", "data": 1, "to": {"role": "staff"}})[0] == 200
        assert call(server, "publish", body={"topic": "news"})[0] == 400
        assert call(server, "announce", body={"text": "Soon"})[0] == 200
        assert call(server, "send_to_user", "ann", body={"message": 1})[0] == 200
        assert call(server, "send_to_user", "nobody", body={"message": 1})[0] == 200
        assert call(server, "send_to_role", "staff", body={"message": 1})[0] == 200
        for name, of in (("history_of_rooms", "lobby"), ("history_of_topics", "news")):
            assert call(server, name, of, "?limit=1")[0] == 200
            assert call(server, name, of, "?limit=0")[0] == 400
            assert call(server, name, "nowhere")[0] == 404
        for name, of in (("forget_history_of_rooms", "lobby"), ("forget_history_of_topics", "news")):
            assert call(server, name, of, "?user_id=ann")[0] == 200


def test_lists(server):
    with enter(server, "ann", "/chat/lobby") as ann, enter(server, "ben") as ben, enter(server, path="/chat/den?user=Guest") as guest:
        ben.send({"type": "subscribe", "topics": ["news", "more"], "id": 1})
        ben.until("subscribed", id=1)
        for name in ("rooms", "topics", "connections"):
            assert call(server, name)[0] == 200
            assert "next" in call(server, name, query="?limit=1")[1]
        guest.send({"type": "set_presence", "room": "den", "state": {"away": True}})
        guest.until("presence_updated")
        for name, of in (("room", "lobby"), ("topic", "news"), ("presence_of_rooms", "den"), ("user", "ann")):
            assert call(server, name, of)[0] == 200
            assert call(server, name, "nobody")[0] == 404
        assert call(server, "presence_of_topics", "news")[0] == 200
        ann.send({"type": "join", "room": "den"})
        ann.until("joined", room="den")
        assert "next" in call(server, "presence_of_rooms", "den", "?limit=1")[1]
        with enter(server, "ann"):
            assert "next" in call(server, "user", "ann", "?limit=1")[1]
        for client in (ann, guest):
            assert call(server, "connection", client.connection["connection_id"])[0] == 200
        assert call(server, "stats")[0] == 200


def test_order(server):
    with enter(server, "mallory", "/chat/order"), enter(server, path="/chat/order") as guest:
        someone = {"connection_id": guest.connection["connection_id"]}
        assert call(server, "mute", "order", body={**someone, "seconds": 60})[0] == 200
        assert call(server, "mute", "order", body={**someone, "user_id": 1, "seconds": 60})[0] == 400
        assert call(server, "kick_from_room", "order", body={**someone, "reason": "Enough"})[0] == 200
        assert call(server, "kick_from_room", "order", body={"connection_id": "nobody"})[0] == 404
        assert call(server, "close_room", "order", body={"reason": "Late"})[0] == 200
        assert call(server, "close_room", "order")[0] in (200, 404)
        assert call(server, "kick", "mallory", body={"deny_seconds": 60})[0] == 200
        assert call(server, "deny_token", body={"jti": "t1", "seconds": 60})[0] == 200
    assert call(server, "ban_address", body={"address": "192.0.2.0/24", "seconds": 60, "reason": "Spam"})[0] == 200
    assert call(server, "ban_address", body={"address": "198.51.100.7", "seconds": 60})[0] == 200
    assert call(server, "ban_address", body={"address": "192.0.2.0/24", "seconds": 0})[0] == 400
    assert "next" in call(server, "bans", query="?limit=1")[1]
    for each in ("192.0.2.0/24", "198.51.100.7"):
        assert call(server, "lift_ban", each)[0] == 200
    assert call(server, "lift_ban", "192.0.2.0/24")[0] == 404


def test_who_may_not(server):
    for name, (_, path, operation) in BY_ID.items():
        if "security" in operation:
            assert call(server, name, "x", key="not-the-key")[0] == 401, path
    claims = {"user_id": "ann", "exp": time.time() + 600}
    assert call(server, "stats", key=jwt.encode(claims, SECRET, algorithm="HS256"))[0] == 403


def test_other_paths(server):
    for name in ("page", "page_client", "healthz", "readyz"):
        assert call(server, name, key=None)[0] == 200
    for name in ("page", "page_client"):
        assert call(server, name, key=None, headers={"If-None-Match": "*"})[0] == 304
    assert call(server, "metrics", key="the-key-of-the-metrics")[0] == 200
    assert call(server, "metrics", key=None)[0] == 401
    for name, of in (("connect", ""), ("connect_to_chat", "lobby"), ("connect_to_room", "poll/lunch")):
        assert call(server, name, of, key=None)[0] == 426
    for name, of in (("connect_to_chat", "a..b"), ("connect_to_room", "chat/a..b")):
        assert server.http("GET", BY_ID[name][1].split("{")[0] + of)[0] == 400
    assert call(server, "connect_to_room", "nothing/x", key=None)[0] == 404


def test_drain():
    with Server() as server:
        assert call(server, "drain")[0] == 200


# Configured away here, or beyond what one call can bring about.
NOT_CALLED = {"echo"}
NOT_SEEN = {"PresenceFrame.id", "HistoryFrame.id"}  # which are for WebSockets


def test_every_call_was_made_and_every_field_of_an_answer_seen():
    if len(called) < 10:
        pytest.skip("only some of the tests ran")
    assert set(BY_ID) - called == NOT_CALLED
    schemas = described("openapi")["components"]["schemas"]
    answers = {name for name in schemas if name.endswith("Result")}
    answers |= {"RoomSize", "TopicSize", "ConnectedUser", "Ban", "PresentUser", "PresenceFrame", "HistoryFrame"}
    fields = {f"{name}.{key}" for name in answers for key in schemas[name].get("properties", {})}
    assert fields - seen_fields == NOT_SEEN
    assert seen_statuses == {200, 304, 400, 401, 403, 404, 422, 426}
