"""Who is told what in a room, and that a member is gone however it went."""

import asyncio
import json
import subprocess
import sys
import unicodedata
import urllib.parse
from pathlib import Path

import pytest
from edge_clients import refused_socket
from harness import API_KEY, DEADLINE, ISO_MILLISECONDS, PING, PONG, Server, environment
from websockets.asyncio.client import connect

HEARTBEAT_SECONDS = 0.5


def test_join_tells_the_others_and_not_oneself(server):
    with server.member("joins", "Ann") as ann, server.client("/ws?user=Ben") as ben:
        ben.send({"type": "join", "room": "joins", "id": 7})
        ben.expect("joined", room="joins", id=7)
        told = ann.expect("user_joined", room="joins", user="Ben")
        assert told["message"] == "User joined room joins"
        assert ISO_MILLISECONDS.fullmatch(told["timestamp"])

        ben.send({"type": "message", "message": "first"})
        ben.expect("message", message="first", user="Ben", offset=1)
        ann.expect("message", message="first", user="Ben", offset=1)


def test_leave_tells_the_others_and_not_oneself(server):
    with server.member("leaves", "Ann") as ann, server.member("leaves", "Ben") as ben:
        ann.expect("user_joined", user="Ben")
        ben.send({"type": "leave", "room": "leaves", "id": "bye"})
        ben.expect("left", room="leaves", id="bye")
        told = ann.expect("user_left", room="leaves", user="Ben")
        assert told["message"] == "User left the room"
        assert ISO_MILLISECONDS.fullmatch(told["timestamp"])

        ben.send({"type": "message", "message": "still here?", "room": "leaves", "id": 2})
        ben.expect("error", code="not_in_room", id=2)
        ann.send({"type": "message", "message": "alone"})
        ann.expect("message", message="alone")


def test_leaving_a_room_one_is_not_in(server):
    with server.client() as client:
        client.send({"type": "leave", "room": "never-joined", "id": 1})
        client.expect("error", code="not_in_room", id=1)


def test_joining_twice_is_one_membership(server):
    with server.member("twice", "Ann") as ann, server.member("twice", "Ben") as ben:
        ann.expect("user_joined", user="Ben")
        ben.send({"type": "join", "room": "twice", "id": 1})
        ben.expect("joined", room="twice", id=1)
        ben.send({"type": "message", "message": "once"})
        ben.expect("message", message="once", offset=1)
        ben.send({"type": "message", "message": "again"})
        ben.expect("message", message="again", offset=2)
        ann.expect("message", message="once", offset=1)


def leave_by_closing(client):
    client.close()


def leave_by_end_of_stream(client):
    client.socket.close()


def leave_by_reset(client):
    client.reset()


@pytest.mark.parametrize("leave", [leave_by_closing, leave_by_end_of_stream, leave_by_reset])
@pytest.mark.parametrize("path", ["/ws", "/chat/gone"])
def test_the_others_hear_of_a_member_that_is_gone(server, leave, path):
    with server.member("gone", "Ann") as ann:
        ben = server.member("gone", "Ben") if path == "/ws" else server.client(path + "?user=Ben")
        ann.expect("user_joined", room="gone", user="Ben")
        leave(ben)
        ann.expect("user_left", room="gone", user="Ben")


def test_a_client_that_resets_right_after_its_handshake_leaves_no_member(server):
    with server.member("rush", "Ann") as ann:
        for _ in range(20):
            server.client("/chat/rush?user=Ben").reset()
            ann.expect("user_joined", user="Ben")
            ann.expect("user_left", user="Ben")


def test_kill_9_of_a_client(server):
    program = (
        "import sys\n"
        "from harness import RawClient\n"
        "client = RawClient(int(sys.argv[1]), '/chat/killed?user=Ben')\n"
        "while True: client.read_message()\n"
    )
    with server.member("killed", "Ann") as ann:
        ben = subprocess.Popen(
            [sys.executable, "-c", program, str(server.port)],
            cwd=Path(__file__).parent,
            env=environment(),
        )
        try:
            ann.expect("user_joined", room="killed", user="Ben")
        finally:
            ben.kill()
            ben.wait()
        ann.expect("user_left", room="killed", user="Ben")


def test_a_client_that_stays_silent_misses_its_heartbeat():
    """To the server it is like one whose network is gone: the socket stays open and says nothing."""
    with Server("--server-heartbeat-seconds", HEARTBEAT_SECONDS) as server:
        with server.member("hearts", "Ann") as ann, server.member("hearts", "Mute") as mute:
            mute.answers_pings = False
            assert mute.connection["heartbeat"] == HEARTBEAT_SECONDS
            ann.until("user_joined", user="Mute")
            ann.until("user_left", room="hearts", user="Mute")
            before = mute.assert_closed_with(4408)
            assert [message["type"] for message in before].count("ping") == 2
            assert before[-1]["type"] == "disconnect"
            assert before[-1]["close_code"] == 4408
            assert before[-1]["reconnect"] is True


LIFE = {
    "pong frame": lambda client: client.send({"type": "pong"}),
    "control pong": lambda client: client.send_frame(PONG),
    "control ping": lambda client: client.send_frame(PING, b"there?"),
    "any request": lambda client: client.send({"type": "message", "message": "alive"}),
    "any error": lambda client: client.send_text("not JSON"),
}


@pytest.mark.parametrize("sign_of_life", LIFE.values(), ids=LIFE.keys())
def test_any_traffic_counts_as_life(sign_of_life):
    """It keeps a client for longer than two missed beats would."""
    with Server("--server-heartbeat-seconds", HEARTBEAT_SECONDS) as server:
        with server.client("/chat/alive") as client:
            client.answers_pings = False
            beats = 0
            while beats < 5:
                if client.read_message()["type"] == "ping":
                    beats += 1
                    sign_of_life(client)
            client.send({"type": "message", "message": "the end"})
            client.until("message", message="the end")


def test_content_is_accepted_for_message(server):
    with server.member("content") as client:
        client.send({"type": "message", "content": "old name"})
        assert client.expect("message")["message"] == "old name"


def test_room_may_be_left_out_only_in_exactly_one(server):
    with server.member("one") as client:
        client.send({"type": "message", "message": "implied"})
        client.expect("message", room="one", message="implied")

        client.send({"type": "join", "room": "two"})
        client.expect("joined", room="two")
        client.send({"type": "message", "message": "which?", "id": 1})
        assert client.expect("error", id=1)["code"] in ("bad_request", "not_in_room")
        client.send({"type": "message", "message": "this", "room": "two"})
        client.expect("message", room="two", message="this", offset=1)

        client.send({"type": "leave", "room": "one"})
        client.expect("left", room="one")
        client.send({"type": "message", "message": "one again"})
        client.expect("message", room="two", message="one again", offset=2)

    with server.client() as client:
        client.send({"type": "message", "message": "nowhere", "id": 1})
        assert client.expect("error", id=1)["code"] in ("bad_request", "not_in_room")


def test_a_room_that_somebody_else_is_in_stays_closed_to_outsiders(server):
    with server.member("private", "Ann") as ann, server.client() as outsider:
        outsider.send({"type": "message", "message": "psst", "room": "private", "id": 1})
        outsider.expect("error", code="not_in_room", id=1)
        ann.send({"type": "message", "message": "quiet here"})
        ann.expect("message", message="quiet here", offset=1)


def test_two_hundred_members_get_everything_once_and_in_order(server):
    members, messages = 200, 100
    expected = [f"message {i}" for i in range(messages)]

    async def listen(url, ready, everybody_is_in):
        """Reads until the last message has come: what it got as (offset, message)."""
        got = []
        async with connect(url, compression=None, max_queue=None) as websocket:
            assert json.loads(await websocket.recv())["type"] == "connection"
            await websocket.send(json.dumps({"type": "join", "room": "crowd"}))
            async for text in websocket:
                frame = json.loads(text)
                if frame["type"] == "joined":
                    ready.release()
                    await everybody_is_in.wait()
                elif frame["type"] == "message":
                    got.append((frame["offset"], frame["message"]))
                    if frame["message"] == "the end":
                        return got
        raise AssertionError(f"closed after {len(got)} messages")

    async def publish(url):
        async with connect(url, compression=None, max_queue=None) as websocket:
            assert json.loads(await websocket.recv())["type"] == "connection"
            for text in expected + ["the end"]:
                await websocket.send(json.dumps({"type": "message", "message": text}))
            got = []
            async for text in websocket:
                frame = json.loads(text)
                if frame["type"] == "message":
                    got.append((frame["offset"], frame["message"]))
                    if frame["message"] == "the end":
                        return got
        raise AssertionError(f"closed after {len(got)} messages")

    async def crowd():
        ready, everybody_is_in = asyncio.Semaphore(0), asyncio.Event()
        async with asyncio.timeout(3 * DEADLINE), asyncio.TaskGroup() as group:
            listeners = [
                group.create_task(listen(server.url(), ready, everybody_is_in))
                for _ in range(members)
            ]
            for _ in range(members):
                await ready.acquire()
            everybody_is_in.set()
            publisher = group.create_task(publish(server.url("/chat/crowd")))
        return [task.result() for task in [*listeners, publisher]]

    wanted = [(i + 1, text) for i, text in enumerate(expected + ["the end"])]
    for got in asyncio.run(crowd()):
        assert got == wanted


def test_rooms_do_not_mix(server):
    with server.member("left-room") as one, server.member("right-room") as other:
        one.send({"type": "message", "message": "for the left"})
        other.send({"type": "message", "message": "for the right"})
        one.expect("message", room="left-room", message="for the left", offset=1)
        other.expect("message", room="right-room", message="for the right", offset=1)


def test_a_member_of_two_rooms_hears_both(server):
    with server.member("both-a", "Ann") as ann, server.member("both-b", "Ben") as ben:
        with server.member("both-a", "Cid") as cid:
            ann.expect("user_joined", room="both-a", user="Cid")
            cid.send({"type": "join", "room": "both-b"})
            cid.expect("joined", room="both-b")
            ben.expect("user_joined", room="both-b", user="Cid")
            ann.send({"type": "message", "message": "from a"})
            cid.expect("message", room="both-a", message="from a")
            ben.send({"type": "message", "message": "from b"})
            cid.expect("message", room="both-b", message="from b")
        ann.expect("message", room="both-a")
        ann.expect("user_left", room="both-a", user="Cid")
        ben.expect("message", room="both-b")
        ben.expect("user_left", room="both-b", user="Cid")


def every_unseen_character():
    """All of Unicode that is a control or format character, or ends a line or paragraph."""
    return [chr(c) for c in range(0x110000) if unicodedata.category(chr(c)) in ("Cc", "Cf", "Zl", "Zp")]


def test_a_name_is_shown_as_it_was_given_or_refused(server):
    """By whatever way it comes: in a frame, by the address, over the API."""
    seen = ["Ada Lovelace", "Zoë 😀", "👩\u200d💻", "李小龍"]
    with server.member("named", "Ann") as ann:
        for name in seen:
            ann.send({"type": "message", "message": 1, "user": name})
            ann.until("message", user=name)
            assert server.api("/api/v1/rooms/named/message", {"message": 2, "user": name})[0] == 200
            ann.until("message", user=name)
            with server.client("/chat/named?" + urllib.parse.urlencode({"user": name})):
                ann.until("user_joined", user=name)
            ann.until("user_left", user=name)
        unseen = every_unseen_character()
        assert len(unseen) > 200
        for i, character in enumerate(unseen):
            kind = ("message", "join")[i % 2]
            ann.send({"type": kind, "room": "named", "message": 1, "user": f"A{character}nn", "id": i})
            assert "'user'" in ann.until("error", code="bad_request", id=i)["message"], hex(ord(character))
            ann.send({"type": "ping", "id": i})  # so that it is no bad frame in a row
            ann.until("pong", id=i)
        for character in unseen[::16]:
            name = f"A{character}nn"
            status, answer = server.api("/api/v1/rooms/named/message", {"message": 1, "user": name})
            assert (status, answer["error"]["code"]) == (400, "bad_request")
            code, reason = refused_socket(server.port, "/ws?user=" + urllib.parse.quote(name))
            assert code == 1008 and "'user'" in reason


@pytest.mark.parametrize("path", ["/ws?user=50%", "/chat/r?user=%zz", "/ws?user=%ff", "/ws?user=+",
                                  "/chat/50%", "/room/poll/%", "/chat/r?presence=yes", "/chat/r?presence=%"])
def test_what_is_broken_in_an_address_is_not_taken_for_absent(server, path):
    code, reason = refused_socket(server.port, path)
    assert code == 1008
    assert "'user'" in reason or "user" not in path


@pytest.mark.parametrize("path, why", [
    ("/ws?user=Ann%20", "'user'"), ("/ws?user=server", "'user'"), ("/ws?epoch=x", "'epoch' and 'offset'"),
    ("/chat/r?epoch=x&offset=-1", "'offset'"), ("/ws?inbox_epoch=x", "'inbox_epoch'"), ("/chat/r?presence=yes", "'presence'"),
    ("/ws?session=%", "'session'"), ("/chat/a%20b", "room name"), ("/room/nonsense/x", "rooms are of these types"),
    ("/wss", "did you mean /ws?"), ("/nowhere", "WebSockets are at /ws"),
])
def test_a_browser_is_told_what_it_named_wrongly(server, path, why):
    """It tells its page nothing of a status, and the page would try for ever."""
    code, reason = refused_socket(server.port, path)
    assert code == 1008
    assert why in reason
    assert len(reason.encode()) <= 123


def test_the_path_may_be_left_out(server):
    with server.client("/?user=Bare") as bare, server.member("bare") as other:
        assert "room" not in bare.connection
        bare.send({"type": "join", "room": "bare"})
        other.expect("user_joined", user="Bare")
    status, headers, _ = server.http("GET", "/")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("path, named", [
    ("/api/v1/rooms?limit=5%", "'limit'"), ("/api/v1/rooms?after=%f", "'after'"),
    ("/api/v1/connections?after=%", "'after'"), ("/api/v1/rooms/50%/presence", "room name"),
])
def test_what_is_broken_in_an_address_of_the_api_is_named(server, path, named):
    status, _, body = server.http("GET", path, key=API_KEY)
    assert status == 400 and named in json.loads(body)["error"]["message"]
