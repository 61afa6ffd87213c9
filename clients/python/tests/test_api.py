"""The synchronous API of a back end, over real HTTP and through broken connections."""

import contextlib
import http.server
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


@pytest.mark.parametrize("url", ["127.0.0.1:8081", "ftp://h", "http://", 8081, None])
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


@contextlib.contextmanager
def answering(*answers):
    """A server that gives these answers, the last one to all that follow. Gives its URL and what it was asked."""
    asked = []

    class Answers(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append(self.path)
            status, body, headers = answers[min(len(asked), len(answers)) - 1]
            self.send_response(status)
            for name, value in {"Content-Length": len(body), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_DELETE = do_GET

        def log_message(self, *parts):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as front:
        front.daemon_threads, front.block_on_close = True, False
        threading.Thread(target=front.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{front.server_port}", asked
        finally:
            front.shutdown()


def saying(body, status=200, **headers):
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return status, text, {name.replace("_", "-"): value for name, value in headers.items()}


CALLS = {
    "publish": lambda api: api.publish("t", 1),
    "say": lambda api: api.say("r", 1),
    "announce": lambda api: api.announce("x"),
    "send_to_user": lambda api: api.send_to_user("u", 1),
    "send_to_role": lambda api: api.send_to_role("r", 1),
    "kick": lambda api: api.kick("r", user_id="u"),
    "lift_ban": lambda api: api.lift_ban("192.0.2.1"),
    "rooms": lambda api: list(api.rooms()),
    "history": lambda api: api.history(room="r"),
    "presence": lambda api: api.presence(room="r"),
    "stats": lambda api: api.stats(),
    "drain": lambda api: api.drain(),
}
NO_ANSWERS = [b'{"epo', b"<html>", b"", b"[1]", b"null", b"\xff{", b"[" * 100_000]


@pytest.mark.parametrize("body", NO_ANSWERS, ids=lambda body: repr(body[:8]))
def test_what_is_no_answer_is_no_success(body):
    """A proxy may say 200, and an answer may be cut off."""
    with answering(saying(body)) as (url, asked), Api(url, API_KEY, patience=0) as api:
        for call in CALLS.values():
            with raises("internal", 200):
                call(api)
        assert len(asked) == len(CALLS)


@pytest.mark.parametrize(
    "call, body",
    [
        ("publish", {}),
        ("publish", {"epoch": "e", "offset": float("nan"), "listeners": 1}),
        ("publish", {"epoch": "e", "offset": 1, "listeners": "x"}),
        ("send_to_user", {}),
        *((call, {"connections": odd}) for call in ("send_to_role", "kick") for odd in ("x", None, [], True)),
        ("kick", {}),
        ("rooms", {}),
        ("rooms", {"rooms": 5}),
        ("rooms", {"rooms": [1]}),
        ("rooms", {"rooms": [], "next": {}}),
        ("history", {}),
        ("history", {"messages": "x"}),
        ("presence", {}),
        ("presence", {"count": "x", "users": []}),
    ],
)
def test_fields_that_are_not_what_they_should_be(call, body):
    with (
        answering(saying(body)) as (url, _),
        Api(url, API_KEY) as api,
        pytest.raises(TroupeError, match="not an answer"),
    ):
        CALLS[call](api)


def test_pages_without_an_end():
    with answering(saying({"rooms": [{"room": "a"}], "next": "a"})) as (url, asked), Api(url, API_KEY) as api:
        with pytest.raises(TroupeError, match="next"):
            list(api.rooms())
        assert len(asked) == 2


REFUSED = {"code": "rate_limited", "message": "Rate limit exceeded"}


@pytest.mark.parametrize("said", ["soon", None, [], -99999, True, float("nan")])
def test_a_refusal_that_does_not_say_when(said):
    """It is tried again as if it had said nothing."""
    refusal = saying({"error": {**REFUSED, "retry_after_ms": said}}, 429)
    with answering(refusal, saying({"connections": 3})) as (url, _), Api(url, API_KEY) as api:
        assert api.send_to_role("r", 1) == 3


@pytest.mark.parametrize("header", ["1e9", "99999999999", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_refusal_for_very_long(header):
    """It is not waited for, nor asked again."""
    with answering(saying({}, 429, Retry_After=header)) as (url, asked), Api(url, API_KEY, patience=1) as api:
        with raises("unavailable", 429):
            api.stats()
        assert len(asked) == 1


@pytest.mark.parametrize("body", [b"[" * 100_000, {"error": "x"}, {"error": {"code": {}, "message": []}}])
def test_a_refusal_that_says_nothing(body):
    with answering(saying(body, 400)) as (url, _), Api(url, API_KEY) as api, raises("internal", 400):
        api.stats()


@pytest.mark.parametrize("key", [None, 5, "a\r\nX-Injected: 1", "\u00fc"])
def test_what_is_no_key(key):
    with pytest.raises(ValueError, match="key"):
        Api("http://127.0.0.1:8081", key)


@pytest.mark.parametrize("name", [None, 1.5, b"r", True])
def test_what_is_no_name(api, name):
    for call in (lambda: api.send_to_user(name, 1), lambda: api.send_to_role(name, 1), lambda: api.connection(name)):
        with raises("invalid_name"):
            call()
