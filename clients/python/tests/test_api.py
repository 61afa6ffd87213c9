"""The synchronous API of a back end, over real HTTP and through broken connections."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time

import pytest
from conftest import ROOT
from harness import API_KEY, Server

from troupe_client import Position, TroupeError
from troupe_client.api import Api


@pytest.fixture
def api(server):
    with Api(f"http://127.0.0.1:{server.port}", API_KEY) as made:
        yield made


@pytest.fixture
def behind_proxy(proxy):
    with Api(f"http://127.0.0.1:{proxy.port}", API_KEY, timeout=0.3, patience=5) as made:
        yield made


@contextlib.contextmanager
def raises(code, status=None):
    with pytest.raises(TroupeError) as failed:
        yield
    assert (failed.value.code, failed.value.status) == (code, status)


def test_publish_and_say(server, api):
    with server.member("lobby") as ann:
        said = api.say("lobby", {"text": "ü"}, user="Bot")
        assert (said.position.offset, said.listeners) == (1, 1)
        assert ann.expect("message", user="Bot", offset=1)["message"] == {"text": "ü"}
        ann.send({"type": "subscribe", "topic": "orders.new"})
        ann.expect("subscribed")
        published = api.publish("orders.new", [1, None], event="order_created")
        assert isinstance(published.position, Position)
        assert ann.expect("order_created", data=[1, None])["from"] == "server"
        assert api.publish("orders.new", 1, to_role="staff").position is None


def test_to_everybody_to_users_and_to_roles(server, api):
    with server.client() as ann:
        api.announce("Back at five")
        ann.expect("announcement", text="Back at five")
    assert api.send_to_user("nobody/here", "hello") == {"connections": 0}
    assert api.send_to_role("staff", "hello") == 0


def test_order(server, api):
    with server.member("court") as ann:
        who = ann.connection["connection_id"]
        assert api.mute("court", 5, connection_id=who) == 1
        assert api.kick("court", connection_id=who, reason="Enough") == 1
        ann.expect("left", reason="Enough")
        ann.send({"type": "join", "room": "court"})
        ann.expect("joined")
        assert api.close_room("court", reason="Late") == 1
        ann.expect("left", reason="Late")
    assert api.disconnect("u1", reason="Enough") == 0
    assert api.deny_token("a-jti", 1) == 0
    api.ban("192.0.2.0/24", 60)
    assert [each["address"] for each in api.bans()] == ["192.0.2.0/24"]
    api.lift_ban("192.0.2.0/24")
    assert list(api.bans()) == []


def test_looking(server, api):
    with server.member("poll/lunch time".replace(" ", "-"), "Ann"):
        assert api.presence(room="poll/lunch-time").users[0]["user"] == "Ann"
        assert api.room("poll/lunch-time")["members"] == 1
    for number in range(5):
        api.say("talk", number)
    page = api.history(room="talk", limit=2, before=5)
    assert [each.content for each in page.messages] == [2, 3]
    assert (page.more, page.position.offset) == (True, 5)
    api.publish("kept", "data")
    assert api.history(topic="kept").messages[0].content == "data"
    assert api.topic("kept")["offset"] == 1
    assert api.stats()["server"] == "Troupe"


def test_all_pages():
    with Server("--limits-names-made-per-minute", 0) as server, Api(server.url(), API_KEY) as api:
        for number in range(1203):
            api.say(f"r{number:04}", 1)
        assert [each["room"] for each in api.rooms()] == [f"r{number:04}" for number in range(1203)]


def test_errors_have_codes(server, api):
    with raises("invalid_name", 400):
        api.publish("a..b", 1)
    with raises("not_found", 404):
        api.kick("nowhere", user_id="u1")
    with raises("msg_id_reused", 422):
        for data in (1, 2):
            api.publish("t", data, msg_id="the same")
    with Api(server.url(), "not the key") as stranger, raises("insufficient_permissions", 401):
        stranger.stats()
    with pytest.raises(ValueError, match="room or a topic"):
        api.history()
    with pytest.raises(ValueError, match="JSON compliant"):
        api.publish("t", float("nan"))


@pytest.mark.parametrize("url", ["127.0.0.1:8081", "ftp://h", "http://"])
def test_what_is_no_url(url):
    with pytest.raises(ValueError, match="not a URL"):
        Api(url, API_KEY)


def accepted(proxy):
    return proxy.do({"do": "connections"})["accepted"]


def test_one_connection_for_all(proxy, behind_proxy):
    for number in range(20):
        behind_proxy.say("lobby", number)
    assert accepted(proxy) == 1


def test_a_connection_that_the_server_has_ended(proxy, behind_proxy):
    """Even what may not be repeated gets through: it is not said on a connection that has ended."""
    for fault in (proxy.cut, proxy.reset):
        behind_proxy.announce("one")
        fault()
        until_ended(behind_proxy)
        behind_proxy.announce("two")


def until_ended(api):
    """The end has arrived on this side."""
    plain = api._exchange._connection.sock
    with contextlib.suppress(ConnectionResetError):
        while plain.recv(1, socket.MSG_PEEK):
            pass


def test_said_once_however_often_it_is_tried(proxy, behind_proxy, api):
    """The answer does not come; it is asked for again with the same msg_id."""
    behind_proxy.say("once", 0)
    proxy.stall("down")
    said = behind_proxy.say("once", 1)
    assert said.position.offset == 2
    assert [each.content for each in api.history(room="once").messages] == [0, 1]


def test_what_may_have_been_carried_out_is_not_repeated(proxy, behind_proxy, server):
    with server.client() as ann:
        behind_proxy.stats()
        proxy.stall("down")
        with raises("timeout"):
            behind_proxy.announce("once")
        ann.expect("announcement", text="once")
        proxy.heal()
        behind_proxy.announce("twice")
        ann.expect("announcement", text="twice")


def test_a_server_that_is_away(proxy):
    proxy.refuse()
    begun = time.monotonic()
    with Api(f"http://127.0.0.1:{proxy.port}", API_KEY, patience=0.5) as api, raises("offline"):
        api.publish("t", 1)
    assert time.monotonic() - begun < 2


def test_a_server_that_comes_back(proxy, behind_proxy):
    proxy.refuse()
    threading.Timer(0.3, proxy.accept).start()
    behind_proxy.announce("nobody has heard this twice")
    assert accepted(proxy) == 1


def test_429_is_waited_out():
    """Even by what may not be repeated: it has not been carried out."""
    with Server("--limits-refused-requests-per-minute", 60) as server:
        with Api(server.url(), "not the key", patience=0) as stranger:
            for _ in range(200):
                with pytest.raises(TroupeError) as refused:
                    stranger.stats()
                if refused.value.status != 401:
                    break
        assert (refused.value.code, refused.value.status) == ("rate_limited", 429)
        assert refused.value.retry_after_ms >= 1000
        with Api(server.url(), API_KEY) as patient, server.client() as ann:
            patient.announce("after all")
            ann.expect("announcement")


def test_a_slow_server_is_not_waited_for_for_ever(proxy):
    proxy.stall("both", newcomers=True)
    begun = time.monotonic()
    with Api(f"http://127.0.0.1:{proxy.port}", API_KEY, timeout=0.1, patience=0.5) as api, raises("timeout"):
        api.stats()
    assert time.monotonic() - begun < 2


def test_it_needs_neither_threads_nor_packages(server):
    """In an interpreter of its own, without the packages of this environment."""
    program = f"""
import sys, threading
sys.path.insert(0, {str(ROOT / "clients/python")!r})
from troupe_client.api import Api
with Api("http://127.0.0.1:{server.port}", "{API_KEY}") as api:
    api.publish("t", 1)
    assert threading.active_count() == 1
print([name for name in ("websockets", "asyncio") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    assert "websockets" not in json.loads(done.stdout.replace("'", '"'))
