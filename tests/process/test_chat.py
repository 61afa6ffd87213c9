"""`troupe chat` at a real server, by somebody in a pipe and somebody on a terminal."""

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
        assert ann.line() == "* 1 here: Ann"
        with chat(server, "talk", "Ben") as ben:
            assert "2 here" in ben.line()
            assert ann.line() == "* Ben is here"
            ben.type("Hello!\n//slash\n")
            for each in (ann, ben):
                assert each.line().endswith(" Ben: Hello!")
                assert each.line().endswith(" Ben: /slash")
            ann.type("/who\n")
            assert "Ann" in ann.until("2 here")
            ann.type("Hi\nBen\n")
            assert [ben.line().split(" ", 1)[1] for _ in range(2)] == ["Ann: Hi", "Ann: Ben"]
            ann.until("Ann: Ben")
            assert ben.close_input() == 0
        assert ann.line() == "* Ben has left"
        assert ann.signal() == 0


def test_what_was_said_before(server):
    for n in range(25):
        assert server.api("/api/v1/rooms/past/message", {"message": f"m{n}"})[0] == 200
    with chat(server, "past", "Ann") as ann:
        said = [ann.line() for _ in range(20)]
        assert said[0].endswith(" server: m5")
        assert said[-1].endswith(" server: m24")
        assert ann.line() == "* 1 here: Ann"
        ann.type("now\n")
        assert ann.line().endswith(" Ann: now")
        assert ann.signal(signal.SIGTERM) == 0


def test_words_from_a_pipe(server):
    code, printed, said = run("chat", server.url(), "pipe", given="one\ntwo")
    assert (code, said) == (0, "")
    assert [line.split(": ")[1] for line in printed.splitlines()[1:]] == ["one", "two"]


def test_json_lines(server):
    with chat(server, "frames", "Ann", "--json") as ann:
        assert ann.json()["type"] == "presence"
        ann.type("Hello!\n")
        heard = ann.json()
        assert (heard["type"], heard["user"], heard["message"]) == ("message", "Ann", "Hello!")
        assert server.api("/api/v1/announce", {"text": "Back soon"})[0] == 200
        assert ann.json()["text"] == "Back soon"
        assert ann.close_input() == 0


def test_it_comes_back(server):
    with FaultProxy(server.port) as proxy:
        with Command("chat", f"ws://127.0.0.1:{proxy.port}", "back", "--user", "Ann") as ann:
            assert ann.line() == "* 1 here: Ann"
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
        assert ann.line() == "* 1 here: Ann"
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
