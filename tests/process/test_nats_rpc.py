"""Services over a real NATS: the server as one of them, and clients that call them.

The services and the callers are those of the Python framework, as they are on PyPI.
"""

import asyncio
import json
import time
import types

import jwt
import nats
import pytest
from framework import (
    ClientError,
    CliffracerService,
    RPCError,
    RpcNoRespondersError,
    RpcProxy,
    RpcUnknownMethodError,
    ServiceClient,
    ServiceConfig,
    canonical,
    describe,
    rpc,
)
from harness import DEADLINE, RawClient, Server
from nats_server import NatsServer
from nats_services import call, loop, nats_url, wait_for_service

SECRET = "a secret of more than thirty-two bytes"
LINE_ENDS = "a\r\nPUB injected 2\r\nhi\r\n"
NOT_NAMES = ["*", ">", "a..b", "a b", "", LINE_ENDS, "ä", "x" * 10_240, "$SYS", "a\u0000b"]
ALLOWED = """
[[rpc.allow]]
service = "shop"
method = "*"
roles = ["customer"]
per_minute = 0
timeout_seconds = 2
[[rpc.allow]]
service = "raw"
method = "echo"
anonymous = true
per_minute = 0
[[rpc.allow]]
service = "nobody"
method = "there"
anonymous = true
[[rpc.allow]]
service = "rare"
method = "m"
anonymous = true
per_minute = 2
[[rpc.allow]]
service = "mute"
method = "m"
anonymous = true
per_minute = 0
timeout_seconds = 0.3
[[bridge.publish]]
from = "room:>"
subject = "said.{name}"
[[bridge.publish]]
from = "topic:>"
subject = "published.{name}"
[[bridge.publish]]
from = "lifecycle"
subject = "life.{event}"
"""


class Shop(CliffracerService):
    """A back-end service, as somebody wrote it who knows nothing of WebSockets."""

    troupe = RpcProxy("troupe")

    @rpc
    async def create(self, item: str, amount: int = 1) -> dict[str, int]:
        """Orders something."""
        return {"order_id": 7, "amount": amount, "letters": len(item)}

    @rpc
    async def fail(self) -> None:
        """Does not work."""
        raise RuntimeError("a secret of the shop")

    @rpc
    async def wait(self) -> None:
        """Takes longer than anybody waits."""
        await asyncio.sleep(60)


class Troupe(CliffracerService):
    """What the server's `describe` is to say, as the framework itself would say it."""

    @rpc
    async def send_announcement(self, text: str) -> dict[str, int]:
        """Tells every connection."""

    @rpc
    async def send_to_user(self, user_id: str, message: str) -> dict[str, int]:
        """Tells every connection of a user."""

    @rpc
    async def send_to_role(self, role: str, message: str) -> dict[str, int]:
        """Tells every connection of all users with a role."""

    @rpc
    async def kick(self, user_id: str, reason: str = "") -> dict[str, int]:
        """Closes every connection of a user."""


class TroupeClient(ServiceClient):
    """As the framework generates it: what it knows of the service is checked at the first call."""

    SERVICE = "troupe"
    SIGNATURES = {m.name: m.signature_hash for m in describe(Troupe, service="troupe").methods}

    async def send_announcement(self, text):
        return await self._call("send_announcement", {"text": text}, dict[str, int])

    async def call(self, method, **arguments):
        return await self._call(method, arguments, dict)


@pytest.fixture(scope="module")
def running_server(nats_url, tmp_path_factory):
    file = tmp_path_factory.mktemp("config") / "troupe.toml"
    file.write_text(ALLOWED)
    variables = {"TROUPE_AUTH_SECRET": SECRET, "TROUPE_NATS_URL": nats_url}
    with Server("--config", file, variables=variables) as running:
        wait_for_service(nats_url)
        yield running


@pytest.fixture(scope="module")
def bus(loop, nats_url):
    """A plain NATS client."""
    connection = loop.run(nats.connect(nats_url))
    yield connection
    loop.run(connection.close())


@pytest.fixture(scope="module")
def shop(loop, nats_url, running_server):
    # Unlike the server, the framework waits for its first connection: NATS is there already.
    async def start():
        service = Shop(
            ServiceConfig(
                name="shop",
                nats_url=nats_url,
                request_timeout=DEADLINE,
                shutdown_timeout=0.1,
                health_listener=False,  # its port is one for all services of a machine
            )
        )
        await service.start()
        return service

    running = loop.run(start())
    yield running
    loop.run(running.stop())


@pytest.fixture
def troupe(loop, bus, running_server):
    client = TroupeClient(bus, timeout=DEADLINE)
    yield types.SimpleNamespace(
        call=lambda method, **arguments: loop.run(client.call(method, **arguments)),
        send_announcement=lambda text: loop.run(client.send_announcement(text)),
    )


def until_metric(server, name, value):
    give_up_at = time.monotonic() + DEADLINE
    while f"\n{name} {value}\n" not in server.http("GET", "/metrics")[2].decode():
        assert time.monotonic() < give_up_at, f"{name} never became {value}"
        time.sleep(0.01)


def token(user_id, roles=()):
    claims = {"user_id": user_id, "username": user_id, "roles": list(roles)}
    return jwt.encode({**claims, "exp": time.time() + 600}, SECRET, algorithm="HS256")


def enter(server, user_id, roles=()):
    client = RawClient(server.port, f"/ws?token={token(user_id, roles)}")
    client.expect("connection")
    client.expect("authenticated")
    return client


# -- the server as a service ---------------------------------------------------------------------------


def test_the_frameworks_client_announces_to_everyone(server, troupe):
    with server.client() as ann, enter(server, "ben") as ben:
        assert troupe.send_announcement("The show starts at eight") == {}
        for each in (ann, ben):
            assert each.expect("announcement")["text"] == "The show starts at eight"


def test_a_service_announces_through_its_proxy(server, loop, shop):
    with server.client() as ann:
        assert loop.run(shop.troupe.send_announcement(text="Sale!")) == {}
        assert ann.expect("announcement")["text"] == "Sale!"
        loop.run(shop.call_async("troupe", "send_announcement", text="Nobody waits"))
        assert ann.expect("announcement")["text"] == "Nobody waits"
        loop.run(shop.call_rpc_no_wait("troupe", "send_announcement", text="Nor here"))
        assert ann.expect("announcement")["text"] == "Nor here"


def test_users_roles_topics_rooms(server, troupe):
    with enter(server, "ann", ["staff"]) as ann, server.member("r", "Ben") as ben:
        ben.send({"type": "subscribe", "topic": "t.1"})
        ben.until("subscribed")
        assert troupe.call("send_to_user", user_id="ann", message={"n": [1, None]}) == {
            "connections": 1
        }
        assert ann.expect("notification")["message"] == {"n": [1, None]}
        assert troupe.call("send_to_role", role="staff", message="m") == {"connections": 1}
        assert ann.expect("notification")["message"] == "m"
        assert troupe.call("send_to_topic", topic="t.1", message={"a": 1})["offset"] == 1
        assert ben.expect("publication", topic="t.1")["data"] == {"a": 1}
        assert troupe.call("send_to_room", room="r", message="hello")["offset"] == 1
        assert ben.expect("message", room="r", user="server")["message"] == "hello"
        assert troupe.call("mute", room="r", user_id="ann", seconds=9) == {"connections": 0}
        assert troupe.call("send_to_topic", topic="t.1", message=1)["listeners"] == 1
        assert ben.expect("publication")["data"] == 1
        assert troupe.call("stats")["connections"] >= 2
        assert troupe.call("kick", user_id="ann", reason="Bye") == {"connections": 1}
        assert ann.expect("disconnect")["reason"] == "Bye"
        ann.assert_closed_with(4403)
    server.wait_for_log("kick")


def test_errors_name_the_field(troupe, loop, shop):
    with pytest.raises(ClientError, match="'text' is required"):
        troupe.call("send_announcement")
    with pytest.raises(ClientError, match="'user_id' is required"):
        troupe.call("kick", user="ann")
    with pytest.raises(ClientError, match="'topic' must be"):
        troupe.call("send_to_topic", topic="a.>", message=1)
    with pytest.raises(RpcUnknownMethodError, match="no_such"):
        troupe.call("no_such")
    with pytest.raises(RPCError, match="'room' is required"):
        loop.run(shop.troupe.send_to_room(message="m"))


def test_the_answer_is_the_frameworks_envelope(bus, loop, running_server):
    async def ask(payload, headers=None):
        return await bus.request("troupe.rpc.stats", payload, timeout=DEADLINE, headers=headers)

    answer = loop.run(ask(b"", {"X-Correlation-ID": "corr_header"}))
    assert answer.headers["Content-Type"] == "application/json"
    told = json.loads(answer.data)
    assert told["success"] is True
    assert told["correlation_id"] == "corr_header"
    assert told["timestamp"].endswith("+00:00")
    told = json.loads(loop.run(ask(b'{"correlation_id":"corr_inside"}')).data)
    assert told["correlation_id"] == "corr_inside"
    told = json.loads(loop.run(ask(b"[1]")).data)
    assert told["success"] is False
    assert told["code"] == "bad_json"


def test_it_describes_itself_as_the_framework_would(bus, loop, running_server, troupe):
    answer = loop.run(bus.request("troupe.describe", b"", timeout=DEADLINE))
    told = json.loads(answer.data)
    expected = describe(Troupe, service="troupe", version=told["version"]).to_dict()
    assert told == json.loads(canonical(expected))
    info = troupe.call("get_service_info")
    assert info["name"] == "troupe"
    assert set(info["rpc_methods"]) > {each["name"] for each in told["methods"]}
    with pytest.raises(RpcNoRespondersError):
        other = TroupeClient(bus, service="elsewhere", timeout=DEADLINE)
        loop.run(other.call("stats"))


def test_discovery(bus, loop, running_server):
    def ask(subject):
        return json.loads(loop.run(bus.request(subject, b"", timeout=DEADLINE)).data)

    ping = ask("$SRV.PING")
    assert ping["type"] == "io.nats.micro.v1.ping_response"
    assert ping["name"] == "troupe"
    assert ask("$SRV.PING.troupe") == ping
    assert ask(f"$SRV.PING.troupe.{ping['id']}") == ping
    info = ask("$SRV.INFO.troupe")
    assert {"name", "subject", "queue_group", "metadata"} <= info["endpoints"][0].keys()
    assert "troupe.rpc.kick" in {each["subject"] for each in info["endpoints"]}
    before = requests_of(ask("$SRV.STATS.troupe"), "stats")
    ask("troupe.rpc.stats")
    assert requests_of(ask(f"$SRV.STATS.troupe.{ping['id']}"), "stats") == before + 1


def requests_of(stats, method):
    return next(e["num_requests"] for e in stats["endpoints"] if e["name"] == method)


# -- clients that call services ------------------------------------------------------------------------


def test_a_clients_call_is_answered_by_a_service(server, shop):
    with enter(server, "ann", ["customer"]) as ann:
        call(ann, "shop", "create", {"item": "tea", "amount": 2}, id="first")
        result = {"order_id": 7, "amount": 2, "letters": 3}
        assert ann.expect("rpc_result", id="first")["result"] == result
        call(ann, "shop", "create", {"item": "tea", "amount": "many"}, id=2)
        refused = ann.expect("error", code="bad_request", id=2)
        assert "amount" in refused["message"]
        call(ann, "shop", "create", {"item": "tea", "user": "other"}, id=3)
        assert "user" in ann.expect("error", code="bad_request", id=3)["message"]
        call(ann, "shop", "no_such", id=4)
        ann.expect("error", code="not_found", id=4)
        call(ann, "shop", "fail", id=5)
        failed = ann.expect("error", code="internal", id=5)
        assert "secret" not in failed["message"]


def test_the_service_learns_who_calls(server, bus, loop):
    seen = []

    async def answer(message):
        seen.append((dict(message.headers), message.data))
        await message.respond(json.dumps({"result": json.loads(message.data)}).encode())

    listening = loop.run(bus.subscribe("raw.rpc.echo", cb=answer))
    loop.run(bus.flush())
    odd = "Ann Lee,\u00e9%"
    with enter(server, odd, ["a,b", "c d"]) as ann, server.client() as guest:
        call(ann, "raw", "echo", {"a": [1, 2.50]})
        assert ann.expect("rpc_result", id=1)["result"] == {"a": [1, 2.5]}
        call(guest, "raw", "echo")
        assert guest.expect("rpc_result")["result"] == {}
    loop.run(listening.unsubscribe())
    (headers, data), (of_guest, _) = seen
    assert data == b'{"a": [1, 2.5]}', "the arguments and nothing else"
    assert headers["Troupe-User"] == "Ann%20Lee%2C%C3%A9%25"
    assert headers["Troupe-Roles"] == "a%2Cb,c%20d"
    assert of_guest["Troupe-Connection"] == guest.connection["connection_id"]
    assert "Troupe-User" not in of_guest and "Troupe-Roles" not in of_guest


def test_who_may_not_call_is_refused(server, shop):
    with enter(server, "ben", ["staff"]) as ben, server.client() as guest:
        for client in (ben, guest):
            call(client, "shop", "create", {"item": "tea"})
            client.expect("error", code="insufficient_permissions", id=1)
            call(client, "troupe", "kick", {"user_id": "ann"})
            client.expect("error", code="insufficient_permissions", id=1)


def test_a_service_that_is_away_is_told_at_once_and_a_slow_one_in_time(server, bus, loop, shop):
    with server.client() as guest, enter(server, "ann", ["customer"]) as ann:
        began = time.monotonic()
        call(guest, "nobody", "there", id=8)
        guest.expect("error", code="unavailable", id=8)
        assert time.monotonic() - began < 2, "it is not waited for"
        listening = loop.run(bus.subscribe("mute.rpc.m"))
        loop.run(bus.flush())
        call(guest, "mute", "m", id=9)
        guest.send({"type": "ping", "id": 10})
        guest.expect("pong", id=10)  # nothing else waits meanwhile
        guest.expect("error", code="timeout", id=9)
        loop.run(listening.unsubscribe())
        call(ann, "shop", "wait", id=11)
        call(ann, "shop", "create", {"item": "tea"}, id=12)
        ann.expect("rpc_result", id=12)
        ann.expect("error", code="timeout", id=11)


def test_so_many_calls_and_no_more(server, bus, loop):
    with server.client() as guest:
        for id in (1, 2):
            call(guest, "rare", "m", id=id)
            guest.expect("error", code="unavailable", id=id)
        call(guest, "rare", "m", id=3)
        assert guest.expect("error", code="rate_limited", id=3)["retry_after_ms"] > 20_000
        listening = loop.run(bus.subscribe("mute.rpc.m"))
        loop.run(bus.flush())
        for id in range(17):
            call(guest, "mute", "m", id=id)
        assert guest.expect("error", code="limit_exceeded")["id"] == 16
        for id in range(16):
            guest.expect("error", code="timeout", id=id)
        loop.run(listening.unsubscribe())


def test_without_nats_calls_are_refused_at_once_and_work_again_later(tmp_path):
    file = tmp_path / "troupe.toml"
    file.write_text(ALLOWED)
    with NatsServer() as running, Server("--config", file, "--nats-url", running.url) as server:
        wait_for_service(running.url)
        with server.client() as guest, server.member("r") as member:
            call(guest, "nobody", "there", id=1)
            guest.expect("error", code="unavailable", id=1)
            running.kill()
            until_metric(server, "troupe_nats_connected", 0)
            began = time.monotonic()
            call(guest, "nobody", "there", id=2)
            guest.expect("error", code="unavailable", id=2)
            assert time.monotonic() - began < 2
            member.send({"type": "message", "message": "still here"})
            member.until("message", message="still here")
            running.start()
            wait_for_service(running.url)


# -- what must not reach NATS --------------------------------------------------------------------------


class Spy:
    """Everything that is published on NATS, by anybody."""

    def __init__(self, loop, bus):
        self.loop = loop
        self.bus = bus
        self.heard = []

        async def listen(message):
            self.heard.append((message.subject, message.data))

        self._listening = loop.run(bus.subscribe(">", cb=listen))
        loop.run(bus.flush())

    def until(self, subject):
        give_up_at = time.monotonic() + DEADLINE
        while subject not in (heard for heard, _ in self.heard):
            assert time.monotonic() < give_up_at, f"{subject} was not published: {self.heard}"
            time.sleep(0.005)

    def stop(self):
        self.loop.run(self._listening.unsubscribe())


def test_no_client_chooses_a_subject(server, loop, bus):
    async def answer(message):
        await message.respond(b'{"result":null}')

    spy = Spy(loop, bus)
    listening = loop.run(bus.subscribe("raw.rpc.echo", cb=answer))
    loop.run(bus.flush())
    with enter(server, "ann", ["customer"]) as ann, server.client() as guest:
        for name in NOT_NAMES:
            for service, method in ((name, "m"), ("shop", name), ("shop.rpc", "m"), ("shop", "a.b")):
                call(ann, service, method)
                ann.expect("error", code="invalid_name", id=1)
            ann.send({"type": "join", "room": name})
            ann.expect("error")
            ann.send({"type": "publish", "topic": name, "data": 1})
            ann.expect("error")
            ann.send({"type": "ping"})  # a good frame: bad ones in a row are counted
            ann.expect("pong")
        for params in ("*", [">"], 7, LINE_ENDS):
            call(ann, "shop", "m", params)
            ann.expect("error", code="bad_request", id=1)
        # These are arguments, and may be anything; the subject is the one that is allowed.
        for text in NOT_NAMES:
            call(guest, "raw", "echo", {text: text, "subject": "injected"})
            guest.expect("rpc_result")
        # A user's name may be anything printable, and a token's id anything at all.
        for user in ("*", ">", "a b.*", "../>"):
            guest.send({"type": "join", "room": "r", "user": user})
            guest.until("joined")
            guest.send({"type": "message", "room": "r", "user": user, "message": LINE_ENDS})
            guest.until("message")
        with RawClient(server.port, f"/ws?token={token(LINE_ENDS)}") as odd:
            odd.assert_closed_with(1008)  # such a token is not a good one
        with enter(server, "a > *.b", [">", "*", "a,b"]) as odd:
            call(odd, "raw", "echo")
            odd.expect("rpc_result")
        guest.send({"type": "publish", "topic": "last", "data": 1})
        guest.until("published")
    spy.until("published.last")
    spy.stop()
    loop.run(listening.unsubscribe())
    expected = {"raw.rpc.echo", "said.r", "published.last"}
    inboxes = {s for s, _ in spy.heard if s.startswith("_INBOX.")}
    lives = {f"life.{event}" for event in ("connected", "disconnected", "occupied", "vacated")}
    assert {s for s, _ in spy.heard} - inboxes - lives <= expected
    assert not any(s.startswith(("injected", "PUB")) for s, _ in spy.heard)
