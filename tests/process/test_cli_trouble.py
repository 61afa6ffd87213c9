"""`troupe chat`, `sub` and `pub`, where others write odd things, and the shell or the disk is not as it should be."""

import json
import subprocess
import time

import pytest
from commands import Command, listening, run
from harness import BINARY, DEADLINE, Server, environment

BEYOND = '{"price":1e400,"cost":-1e400}'
MOST = '{"cost":-1.7976931348623157e+308,"price":1.7976931348623157e+308}'
EVIL = "A\u009b2JB\x7fC\u202eD\u2028E\u2066F"
CONTROLS = ("\u009b", "\x7f", "\u202e", "\u2028", "\u2066")


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


def shell(command, *arguments):
    """By a shell, whose redirections are in `command`: (exit code, what it said beside)."""
    done = subprocess.run(["sh", "-c", f'exec "$0" "$@" {command}', BINARY, *map(str, arguments)],
                          env=environment(), stderr=subprocess.PIPE, text=True, timeout=DEADLINE)
    return done.returncode, done.stderr


def says(server, *frames):
    """With all characters as they are."""
    with server.client() as client:
        for each in frames:
            client.send_text(json.dumps({**each, "id": 1}, ensure_ascii=False, separators=(",", ":")))
            while client.read_message().get("id") != 1:
                pass


def test_numbers_that_no_double_holds(server):
    with Command("chat", server.url(), "beyond", "--user", "Ann") as ann:
        ann.until_said("1 here")
        with server.client("/chat/beyond?user=Ben") as ben:
            for message in ('"before"', BEYOND, '"after"'):
                ben.send_text('{"type":"message","message":%s}' % message)
            assert ann.until("Ben: before")
            assert ann.line().endswith(f" Ben: {MOST}")
            assert ann.line().endswith(" Ben: after")
    begun = time.monotonic()
    code, printed, _ = run("chat", server.url(), "beyond", given="Hello!\n")  # it has a past now
    assert code == 0
    assert MOST in printed
    assert printed.splitlines()[-1].endswith(": Hello!")
    assert time.monotonic() - begun < 10


def test_pub_takes_numbers_as_they_are(server):
    with listening(server.url(), "beyond", "--count", 2) as sub:
        assert run("pub", server.url(), "beyond", given=f"{BEYOND}\n1e400 or so\n") == (0, "", "")
        assert f'"data":{BEYOND}' in sub.line()
        assert sub.json()["data"] == "1e400 or so"


@pytest.mark.parametrize("line, why", [
    ('{"a":1,"a":2}', "second time"),
    ("[" * 64 + "]" * 64, "nested too deeply"),
    ("1" * 65, "number too long")])
def test_pub_ends_at_a_line_that_is_refused(server, line, why):
    code, printed, said = run("pub", server.url(), "refused", "--json", given=f"1\n{line}\n2\n")
    assert (code, len(printed.splitlines())) == (1, 1)
    assert "not published: bad_json" in said
    assert why in said


def test_pub_does_not_repeat_what_is_too_long(server):
    code, printed, said = run("pub", server.url(), "long", "--json", given="1\n" + "x" * 70_000 + "\n2\n")
    assert (code, len(printed.splitlines())) == (1, 1)
    assert said.count("1009") == 1
    assert "not published: limit_exceeded: Message too big" in said


@pytest.mark.parametrize("command", ["<&-", "<&- >&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("name", ["pub", "chat"])
def test_standard_descriptors_that_are_closed(server, name, command):
    assert shell(command, name, server.url(), "closed")[0] == 0


@pytest.mark.parametrize("target", [">/dev/full", ">&-", "| true"])
def test_output_that_is_lost(server, target):
    arguments = ("chat", server.url(), "lost")
    assert server.api("/api/v1/rooms/lost/message", {"message": "before"})[0] == 200
    if target == "| true":
        with subprocess.Popen([BINARY, *arguments], env=environment(), stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as chat:
            assert b"before" in chat.stdout.readline()
            chat.stdout.close()
            chat.stdin.write(b"Hello!\n")
            chat.stdin.flush()
            code, said = chat.wait(DEADLINE), chat.stderr.read().decode()
    else:
        code, said = shell(f"</dev/null {target}", *arguments)
    assert code == 1
    assert said.count("cannot write") == 1


def test_a_token_in_the_url_is_not_printed():
    for command in ("chat", "sub", "pub"):
        for host in ("127.0.0.1:1", "no-such-host.invalid"):
            code, printed, said = run(command, f"ws://{host}/ws?token=SECRET#SECRET", "t", given="1\n")
            assert (code, printed) == (1, "")
            assert f"ws://{host}/ws" in said
            assert "SECRET" not in said


@pytest.mark.parametrize("url, token, why", [
    ("ws://127.0.0.1:65536", "", "the port in the URL must be 1 to 65535"),
    ("ws://127.0.0.1:0", "", "the port in the URL must be 1 to 65535"),
    ("ws://127.0.0.1:1", "bad\r\nX-Injected: yes", "no token has"),
])
def test_what_cannot_be_connected_with(url, token, why):
    code, _, said = run("sub", url, "t", TROUPE_TOKEN=token)
    assert (code, why in said) == (1, True), said


@pytest.mark.parametrize("more", [(), ("--json",)], ids=["text", "json"])
def test_nobody_writes_over_a_terminal(server, more):
    topic = f"evil.{len(more)}"
    with (Command("chat", server.url(), topic, *more, terminal=True, TERM="xterm", NO_COLOR="1") as chat,
          Command("sub", server.url(), topic, *more, terminal=True, TERM="xterm", NO_COLOR="1") as sub):
        sub.until("listening")
        chat.until('"presence"' if more else "1 here")
        says(server, {"type": "join", "room": topic}, {"type": "message", "room": topic, "message": EVIL},
             {"type": "publish", "topic": topic, "data": EVIL})
        for command, field in ((chat, "message"), (sub, "data")):
            line = command.until("2J")
            assert not [each for each in CONTROLS if each in line], repr(line)
            if more:
                assert json.loads(line)[field] == EVIL
            else:
                assert "A?2JB?C?D?E?F" in line


def test_a_pipe_gets_the_bytes_as_they_are(server):
    with listening(server.url(), "bytes", "--count", 1) as sub:
        says(server, {"type": "publish", "topic": "bytes", "data": EVIL})
        assert f'"data":"{EVIL}"' in sub.line()
