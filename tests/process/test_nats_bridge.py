"""Rules of the NATS bridge, inward and outward: what a service publishes becomes frames for those it
is for, what clients do is published, and no name from outside reaches a subject unchecked. A real
nats-server on the other side."""

import json
import time

import jwt
import pytest
from harness import DEADLINE, Server, run_troupe
from nats_raw import RawNats
from nats_server import NatsServer

SECRET = "a secret for tokens of these tests"
HOSTILE = ["*", ">", "a b", "a\r\nPUB x 1\r\n1", "a\0b", ".", "a.", "..", "a" * 10_000, "é", "{1}", "a*"]

RULES = """
[[bridge.rule]]
subject = "item.*.>"
topic = "items.{1}.{data.color|none}"
type = "item_{1}"
fields = ["sku", "owner.name"]

[[bridge.rule]]
subject = "room.*"
room = "{1}"
type = "alarm"

[[bridge.rule]]
subject = "raw"
topic = "raw"
payload = "base64"

[[bridge.rule]]
subject = "text"
role = "ops"
payload = "text"

[[bridge.publish]]
from = "room:>"
subject = "troupe.rooms.{name}"

[[bridge.publish]]
from = "topic:shared.*"
subject = "troupe.topics.{1}"

[[bridge.publish]]
from = "lifecycle"
subject = "troupe.life.{event}"
"""


class Spy(RawNats):
    """Hears with headers what is published on a subject."""

    def __init__(self, port, subject):
        super().__init__(port)
        self.subscribe(subject)

    def hear(self):
        """(subject, headers, JSON) of the next message."""
        subject, headers, payload = self.next_with_headers()
        return subject, headers, json.loads(payload)

    def hear_until(self, subject):
        """The next message on this subject, and the subjects of those before it."""
        before = []
        while (heard := self.hear())[0] != subject:
            before.append(heard[0])
        return *heard, before


def value(server, name, label=""):
    text = server.http("GET", "/metrics")[2].decode()
    found = [line for line in text.splitlines() if line.startswith(f"troupe_bridge_{name}") and label in line]
    assert len(found) == 1, found
    return float(found[0].rpartition(" ")[2])


def until_rules_hear(server, shop, probes):
    """Returns when each rule, by its number and subject, has got an event on one of these subjects.
    What they get is nothing that a frame can be made of."""
    give_up_at = time.monotonic() + DEADLINE
    for rule, subject in probes.items():
        while value(server, "received_total", f'"{rule}"') == 0:
            assert time.monotonic() < give_up_at, server.log()
            shop.publish(subject, b"\xff")


def token(user, *roles):
    claims = {"user_id": user, "username": f"name of {user}", "roles": roles, "exp": time.time() + 600}
    return jwt.encode(claims, SECRET, algorithm="HS256")


def person(server, user, *roles):
    client = server.client(f"/ws?token={token(user, *roles)}")
    client.expect("authenticated")
    return client


def subscriber(server, *topics):
    client = server.client()
    client.send({"type": "subscribe", "topics": topics})
    client.until("subscribed")
    return client


@pytest.fixture(scope="module")
def nats():
    with NatsServer() as running:
        yield running


@pytest.fixture(scope="module")
def shop(nats):
    with RawNats(nats.port) as connected:
        yield connected


@pytest.fixture(scope="module")
def server(nats, shop, tmp_path_factory):
    """With rules of its own."""
    file = tmp_path_factory.mktemp("bridge") / "troupe.toml"
    file.write_text(RULES)
    with Server("--config", file, "--nats-url", nats.url, "--auth-secret", SECRET) as running:
        probes = {"1 item.*.>": "item.x.y", "2 room.*": "room.x", "4 text": "text"}
        until_rules_hear(running, shop, probes)
        yield running


def frame(message):
    if "offset" in message:
        assert message["from"] == "server"
    return {key: of for key, of in message.items() if key not in ("timestamp", "offset", "from")}


def test_an_event_that_is_published_again_is_passed_on_once(server, shop):
    with subscriber(server, "items.x.red") as client:
        before = value(server, "repeated_total")
        for sku, known_as in ((1, "a"), (2, "a"), (3, "b")):
            event = {"sku": sku, "color": "red"}
            shop.publish("item.x.y", event, {"Nats-Msg-Id": f"again-{known_as}"})
        assert client.expect("item_x")["sku"] == 1
        assert client.expect("item_x")["sku"] == 3
        assert value(server, "repeated_total") == before + 1


def test_with_a_url_alone_the_rules_of_the_guide_are_active(nats, shop):
    with Server(variables={"TROUPE_NATS_URL": nats.url, "TROUPE_AUTH_SECRET": SECRET}) as server:
        until_rules_hear(server, shop, {
            "1 order.*": "order.x", "2 payment.completed": "payment.completed",
            "3 notification.*": "notification.x",
        })
        everything = subscriber(server, "order.update", "orders.7", "payments")
        ann, ben = person(server, "ann"), person(server, "ben")
        shop.publish("order.created", {"id": 7})
        assert frame(everything.expect("order_update")) == {
            "type": "order_update", "topic": "order.update", "data": {"id": 7}}
        shop.publish("order.paid", {"id": 7, "topic": "orders.7"})
        everything.expect("order_update", topic="orders.7", data={"id": 7, "topic": "orders.7"})
        shop.publish("payment.completed", b'{"order_id":"o7","amount":9.50,"card":"4111"}')
        assert frame(everything.expect("payment_completed")) == {
            "type": "payment_completed", "topic": "payments", "order_id": "o7", "amount": 9.5}
        shop.publish("notification.sent", {"user_id": "ann", "message": "only you"})
        shop.publish("notification.sent", {"user_id": ["ann"], "message": "for nobody"})
        shop.publish("notification.sent", {"message": "all of you"})
        ann.expect("notification", message="only you")
        for client in (ann, ben, everything):
            assert frame(client.expect("notification")) == {
                "type": "notification", "message": "all of you", "data": {"message": "all of you"}}


def test_rules_of_ones_own(server, shop):
    listener = subscriber(server, "items.new.red", "items.new.none", "raw")
    guest = server.member("kitchen")
    cook = person(server, "cook", "ops")
    shop.publish("item.new.x.y", {"sku": 1, "color": "red", "owner": {"name": "Ann", "age": 7}})
    assert frame(listener.expect("item_new")) == {
        "type": "item_new", "topic": "items.new.red", "sku": 1, "name": "Ann"}
    shop.publish("item.new.x", {"sku": 2, "color": None})
    listener.expect("item_new", topic="items.new.none", sku=2)
    shop.publish("room.kitchen", {"smoke": True})
    assert frame(guest.expect("alarm")) == {
        "type": "alarm", "room": "kitchen", "data": {"smoke": True}}
    shop.publish("raw", b"\xff\0")
    listener.expect("publication", data="/wA=")
    shop.publish("text", b'not "JSON"')
    assert frame(cook.expect("publication")) == {"type": "publication", "data": 'not "JSON"'}


def test_every_event_is_accounted_for(server, shop):
    names = ("received_total", "forwarded_total")
    before = {name: value(server, name, '"1 item.*.>"') for name in names}
    reasons = ("payload", "size", "field", "name", "type")
    skipped = {why: value(server, "skipped_total", f'"{why}"') for why in reasons}
    unheard = value(server, "unheard_total")
    listener = subscriber(server, "items.end.none")
    shop.publish("item.a.x", b"{")
    shop.publish("item.a.x", b'"' + b"a" * 300_000 + b'"')
    shop.publish("item.a.x", {"color": []})
    shop.publish("item.a.x", {"color": "a b"})
    shop.publish("item." + "a" * 100 + ".x", {})
    shop.publish("item.a.x", {})
    shop.publish("item.end.x", {})
    listener.expect("item_end")
    assert {why: value(server, "skipped_total", f'"{why}"') - skipped[why] for why in reasons} == {
        why: 1 for why in reasons}
    assert value(server, "unheard_total") - unheard == 1
    after = {name: value(server, name, '"1 item.*.>"') - before[name] for name in names}
    assert after == {"received_total": 7, "forwarded_total": 2}
    # Told once, by a probe at the beginning, and then not for a minute.
    assert server.log().count("bridge rule item.*.> skipped an event") == 1


def test_hostile_payloads_reach_no_topic(server, shop):
    listener = subscriber(server, "items.end.none")
    topics = value(server, "forwarded_total", '"1 item.*.>"')
    for color in HOSTILE:
        shop.publish("item.new.x", {"color": color, "sku": 1})
    shop.publish("item.end.x", {"sku": 2})
    listener.expect("item_end", sku=2)
    assert value(server, "forwarded_total", '"1 item.*.>"') == topics + 1
    assert "PUB" not in server.log()


def test_what_clients_do_is_published(nats, server):
    with Spy(nats.port, "troupe.>") as spy:
        ann = person(server, "auth0|änn", "ops", "a,b")
        subject, headers, told, _ = spy.hear_until("troupe.life.connected")
        assert told["user"] == {
            "id": "auth0|änn", "username": "name of auth0|änn", "roles": ["ops", "a,b"]}
        assert headers["Troupe-User"] == "auth0%7C%C3%A4nn"
        assert headers["Troupe-Roles"] == "ops,a%2Cb"
        assert headers["Troupe-Connection"] == told["connection_id"]
        ann.send({"type": "join", "room": "shop.7:a@b/c"})
        ann.expect("joined")
        _, _, told, _ = spy.hear_until("troupe.life.occupied")
        assert told["room"] == "shop.7:a@b/c"
        ann.send({"type": "message", "message": {"n": 1}, "user": "somebody else"})
        said = ann.expect("message")
        _, headers, told, _ = spy.hear_until("troupe.rooms.shop.7:a@b/c")
        assert told == said and headers["Troupe-User"] == "auth0%7C%C3%A4nn"
        ann.send({"type": "publish", "topic": "shared.x", "data": [1]})
        ann.send({"type": "publish", "topic": "private.x", "data": [1]})
        ann.expect("published")
        _, _, told, _ = spy.hear_until("troupe.topics.x")
        assert (told["type"], told["topic"], told["data"]) == ("publication", "shared.x", [1])
        ann.expect("published")
        ann.close()
        *_, before = spy.hear_until("troupe.life.disconnected")
        assert set(before) <= {"troupe.life.vacated"}, before


def test_no_client_chooses_a_subject(nats, server):
    """Names that are refused, names that are allowed and look like something else."""
    with Spy(nats.port, ">") as spy:
        client = server.client()
        spy.hear_until("troupe.life.connected")
        for name in HOSTILE:
            for asked in (
                {"type": "join", "room": name},
                {"type": "publish", "topic": f"shared.{name}", "data": 1},
            ):
                client.send(asked)
                client.expect("error", code="invalid_name")
            client.send({"type": "message", "room": name, "message": 1})
            client.expect("error")
            client.send({"type": "ping"})  # not only bad frames in a row
            client.expect("pong")
        client.send({"type": "join", "room": "x", "user": "a*> b"})
        client.expect("joined")
        client.send({"type": "message", "message": "\r\nPUB y 1\r\n1", "user": "*.>"})
        client.expect("message")
        _, headers, told, before = spy.hear_until("troupe.rooms.x")
        assert before == ["troupe.life.occupied"]
        assert told["message"] == "\r\nPUB y 1\r\n1"
        assert set(headers) == {"Troupe-Connection"}
        assert value(server, "unpublished_total") == 0


def test_what_came_in_does_not_go_out_again(nats, server, shop):
    with Spy(nats.port, "troupe.>") as spy:
        guest = server.member("circle")
        spy.hear_until("troupe.life.occupied")
        shop.publish("room.circle", {"n": 1})
        guest.expect("alarm")
        guest.send({"type": "message", "message": "end"})
        *_, before = spy.hear_until("troupe.rooms.circle")
        assert before == []


def test_a_configuration_that_cannot_work_is_refused(tmp_path):
    file = tmp_path / "bad.toml"
    file.write_text('[[bridge.publish]]\nfrom = "room:>"\nsubject = "{name}"\n')
    done = run_troupe("check", file)
    assert done.returncode == 1
    assert f"{file}:3:11: bridge.publish[0].subject: expected a fixed first part" in done.stdout
