"""`troupe chat` at a real server, by somebody in a pipe and somebody on a terminal."""

import json
import signal
import sys

import pytest
from commands import Command, run
from harness import SOURCE_DIR, Server

sys.path.insert(0, str(SOURCE_DIR / "tests/tools"))
from fault_proxy import FaultProxy  # noqa: E402


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


def chat(server, room, user, *more, **variables):
    return Command("chat", server.url(), room, "--user", user, *more, **variables)


def test_two_people_talk(server):
    with chat(server, "talk", "Ann") as ann:
        ann.until_said("troupe chat: 1 here: Ann")
        with chat(server, "talk", "Ben") as ben:
            ben.until_said("2 here")
            ann.until_said("troupe chat: Ben is here")
            ben.type("Hello!\n//slash\n")
            for each in (ann, ben):
                assert each.line().endswith(" Ben: Hello!")
                assert each.line().endswith(" Ben: /slash")
            ann.type("/who\n")
            assert "Ann" in ann.until_said("2 here")
            ann.type("Hi\nBen\n")
            assert [ben.line().split(" ", 1)[1] for _ in range(2)] == ["Ann: Hi", "Ann: Ben"]
            ann.until("Ann: Ben")
            assert ben.close_input() == 0
        ann.until_said("troupe chat: Ben has left")
        assert ann.signal() == 0


def test_what_was_said_before(server):
    for n in range(25):
        assert server.api("/api/v1/rooms/past/message", {"message": f"m{n}"})[0] == 200
    with chat(server, "past", "Ann") as ann:
        said = [ann.line() for _ in range(20)]
        assert said[0].endswith(" server: m5")
        assert said[-1].endswith(" server: m24")
        ann.until_said("1 here: Ann")
        ann.type("now\n")
        assert ann.line().endswith(" Ann: now")
        assert ann.signal(signal.SIGTERM) == 0


def test_words_from_a_pipe(server):
    code, printed, said = run("chat", server.url(), "pipe", given="one\ntwo")
    assert (code, said) == (0, "troupe chat: 1 here: Anonymous\n")
    assert [line.split(": ")[1] for line in printed.splitlines()] == ["one", "two"]


def test_json_lines(server):
    with chat(server, "frames", "Ann", "--json") as ann:
        assert ann.json()["type"] == "presence"
        ann.type("Hello!\n")
        heard = ann.json()
        assert (heard["type"], heard["user"], heard["message"]) == ("message", "Ann", "Hello!")
        assert server.api("/api/v1/announce", {"text": "Back soon"})[0] == 200
        assert ann.json()["text"] == "Back soon"
        ann.type("/who\n")
        ann.until_said("troupe chat: 1 here: Ann")
        assert ann.close_input() == 0


def test_json_lines_are_the_frames_as_they_came(server):
    for message in ({"zebra": 1.50, "ant": [12345678901234567890123]}, "m2"):
        assert server.api("/api/v1/rooms/as-they-came/message", {"message": message})[0] == 200
    with chat(server, "as-they-came", "Ann", "--json") as ann, server.client() as other:
        past = ann.line()
        other.send({"type": "join", "room": "as-they-came"})
        other.until("joined")
        other.send({"type": "history", "room": "as-they-came", "limit": 20, "id": json.loads(past)["id"]})
        while (text := other.read_frame()[1].decode()) and '"history"' not in text:
            pass
        assert past == text
        assert ann.json()["type"] == "presence"
        ann.type("/who\n")
        ann.until_said(" here: An")
        assert ann.close_input() == 0


def test_what_is_refused_is_no_json_line(tmp_path):
    file = tmp_path / "closed.toml"
    file.write_text('[[namespace]]\nmatch = "dim"\njoin = "anyone"\npublish = "anyone"\n')
    with Server("--config", file) as server:
        assert server.api("/api/v1/rooms/dim/message", {"message": "past"})[0] == 200
        code, printed, said = run("chat", server.url(), "dim", "--json", given="now")
        assert code == 0
        assert [json.loads(line)["type"] for line in printed.splitlines()] == ["message"]
        assert "permissions" in said


def test_it_comes_back(server):
    with FaultProxy(server.port) as proxy:
        with Command("chat", f"ws://127.0.0.1:{proxy.port}", "back", "--user", "Ann") as ann:
            ann.until_said("1 here: Ann")
            proxy.refuse()
            proxy.reset()
            ann.until_said("the connection is lost")
            assert server.api("/api/v1/rooms/back/message", {"message": "missed"})[0] == 200
            ann.type("said while away\n")
            proxy.accept()
            assert ann.until("missed").endswith(" server: missed")
            assert ann.line().endswith(" Ann: said while away")
            assert ann.signal() == 0


def test_out_of_the_room(server):
    with chat(server, "closing", "Ann") as ann:
        ann.until_said("1 here: Ann")
        assert server.api("/api/v1/rooms/closing/close", {"reason": "Good night"})[0] == 200
        ann.until_said("Good night")
        assert ann.wait() == 1


@pytest.mark.parametrize("arguments, why", [
    (("ws://127.0.0.1:1", "r"), "troupe serve"), (("SERVER", "a b"), "invalid_name")])
def test_it_says_why_it_cannot(server, arguments, why):
    code, printed, said = run("chat", *(each.replace("SERVER", server.url()) for each in arguments))
    assert (code, printed) == (1, "")
    assert why in said


def test_on_a_terminal(server):
    with chat(server, "tty", "Ann", terminal=True, TERM="xterm") as ann:
        ann.until("/who lists")
        ann.until("1 here: Ann")
        ann.type("Hello!\n")
        ann.until("Hello!")  # typed
        # and in its place, as everybody sees it
        assert "\x1b[1A\x1b[2K" in (line := ann.until("Hello!")) and "\x1b[32mAnn\x1b[0m" in line
        ann.type("/nonsense\n")
        ann.until("no such command")
        ann.type("\x04")  # the end of input
        assert ann.wait() == 0


def test_on_a_dumb_terminal(server):
    with chat(server, "dumb", "Ann", terminal=True, TERM="dumb") as ann:
        ann.until("1 here: Ann")
        ann.type("Hello!\n")
        ann.until("Hello!")  # as it was typed
        assert server.api("/api/v1/rooms/dumb/message", {"message": "\x1b[31mred"})[0] == 200
        line = ann.until("red")
        assert "\x1b" not in "".join(ann.said)
        assert sum("Hello!" in each for each in ann.said) == 1
        assert line.endswith(" server: ?[31mred")
        ann.type("/quit\n")
        assert ann.wait() == 0
