"""`troupe sub` and `troupe pub` at a real server: what goes in at one comes out at the other."""

import json
import signal
import subprocess
import sys
import time

import pytest
from commands import Command, listening, run
from harness import BINARY, DEADLINE, SOURCE_DIR, Server, environment
from tls_files import Certificate

sys.path.insert(0, str(SOURCE_DIR / "tests/tools"))
from fault_proxy import FaultProxy  # noqa: E402

SECRET = "a secret of more than thirty-two bytes"


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


def publish(server, topic, data, **more):
    assert server.api("/api/v1/publish", {"topic": topic, "data": data, **more})[0] == 200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_lines_of_a_topic_and_of_a_pattern(server, number):
    with listening(server.url(), "t.2", "other.*") as sub:
        publish(server, "t.2", {"n": 1}, event="e")
        publish(server, "elsewhere", 2)
        publish(server, "other.x", 3)
        first, second = sub.json(), sub.json()
        assert (first["type"], first["topic"], first["data"]) == ("e", "t.2", {"n": 1})
        assert (second["topic"], second["data"]) == ("other.x", 3)
        assert sub.signal(number) == 0
        assert sub.rest() == "troupe sub: listening"


def test_by_its_name_and_by_a_pattern_is_once(server):
    with listening(server.url(), "once.a", "once.*", "--count", 2) as sub:
        publish(server, "once.a", 1)
        publish(server, "once.a", 2)
        assert [sub.json()["data"] for _ in range(2)] == [1, 2]
        assert sub.wait() == 0


@pytest.mark.parametrize("form", ["127.0.0.1:{}", "http://127.0.0.1:{}/", "ws://127.0.0.1:{}/ws?user=Ada"])
def test_forms_of_a_url(server, form):
    with listening(form.format(server.port), "forms", "--count", 1) as sub:
        publish(server, "forms", 1)
        assert sub.json()["data"] == 1
        assert sub.wait() == 0


def test_each_line_is_a_publication(server):
    lines = '{"n":12345678901234567890123}\r\nplain text\n\n"a string"\nnull\nlast'
    with listening(server.url(), "lines", "--count", 5) as sub:
        code, printed, said = run("pub", server.url(), "lines", "--event", "line", "--json", given=lines)
        assert (code, said) == (0, "")
        assert [json.loads(line)["offset"] for line in printed.splitlines()] == [1, 2, 3, 4, 5]
        heard = [sub.line() for _ in range(5)]
        assert '"data":{"n":12345678901234567890123}' in heard[0]  # byte for byte
        assert [json.loads(line)["data"] for line in heard[1:]] == ["plain text", "a string", None, "last"]
        assert {json.loads(line)["type"] for line in heard} == {"line"}


def test_a_file_and_nothing_as_input(server, tmp_path):
    (tmp_path / "lines").write_text("1\n2\n")
    for source, count in ((tmp_path / "lines", 2), ("/dev/null", 0)):
        with open(source) as given:
            done = subprocess.run([BINARY, "pub", server.url(), "files", "--json"], env=environment(),
                                  stdin=given, capture_output=True, text=True, timeout=DEADLINE)
        assert (done.returncode, len(done.stdout.splitlines())) == (0, count), done.stderr


def test_it_comes_back_and_brings_what_was_missed():
    keeps = ("--defaults-topic-history-messages", 100, "--defaults-topic-history-seconds", 600)
    with Server(*keeps) as server, FaultProxy(server.port) as proxy:
        with listening(f"ws://127.0.0.1:{proxy.port}", "kept") as sub:
            publish(server, "kept", 1)
            assert sub.json()["data"] == 1
            proxy.refuse()
            proxy.reset()
            assert "trying again in" in sub.until_said("the connection is lost")
            publish(server, "kept", 2)
            proxy.accept()
            assert sub.json()["data"] == 2
            sub.until_said("connected again")
            assert sub.signal() == 0


def test_pub_says_again_what_got_no_answer():
    with Server() as server, FaultProxy(server.port) as proxy:
        with Command("pub", f"ws://127.0.0.1:{proxy.port}", "again", "--json") as pub:
            pub.type("1\n")
            assert pub.json()["offset"] == 1
            proxy.reset()
            pub.type("2\n3\n")
            assert [pub.json()["offset"] for _ in range(2)] == [2, 3]
            assert pub.close_input() == 0


def test_pub_waits_where_it_is_too_fast():
    with Server("--limits-messages-per-minute", 600, "--limits-messages-burst", 3) as server:
        begun = time.monotonic()
        code, printed, said = run("pub", server.url(), "slow", "--json", given="1\n" * 8)
        assert (code, len(printed.splitlines()), said) == (0, 8, "")
        assert time.monotonic() - begun > 0.3


def test_a_default_room_is_left():
    with Server("--server-default-room", "lobby") as server, server.client() as member:
        with listening(server.url(), "t.2") as sub:
            member.until("user_left")
            member.send({"type": "message", "room": "lobby", "message": "not for the topic"})
            publish(server, "t.2", 1)
            assert sub.json()["data"] == 1
            assert sub.signal() == 0


def test_over_tls(tmp_path):
    certificate = Certificate(tmp_path, "ours")
    trusting = {"SSL_CERT_FILE": str(certificate.certificate)}
    with Server(*certificate.options) as server:
        url = f"wss://127.0.0.1:{server.port}"
        with listening(url, "t.2", "--count", 1, **trusting) as sub:
            assert run("pub", url, "t.2", given="1\n", **trusting) == (0, "", "")
            assert sub.json()["data"] == 1
            assert sub.wait() == 0
        code, _, said = run("sub", url, "t.2")
        assert code == 1
        assert "certificate verify failed" in said
        assert "SSL_CERT_FILE" in said
        code, _, said = run("sub", f"wss://localhost:{server.port}", "t.2", **trusting)  # of another name
        assert (code, "certificate verify failed" in said) == (1, True)


def test_tokens():
    with Server("--auth-required", "true", variables={"TROUPE_AUTH_SECRET": SECRET}) as server:
        code, _, said = run("sub", server.url(), "t")
        assert code == 1
        assert "1008 Token required" in said
        assert "TROUPE_TOKEN" in said
        code, _, said = run("pub", server.url(), "t", TROUPE_TOKEN="nonsense-and-secret", given="1\n")
        assert (code, "1008 Invalid token" in said) == (1, True)
        assert "nonsense-and-secret" not in said
        token = subprocess.run([BINARY, "token", "--user", "u1"], env={**environment(), "TROUPE_AUTH_SECRET": SECRET},
                               capture_output=True, text=True, timeout=DEADLINE).stdout.strip()
        with listening(server.url(), "t", "--token", token) as sub:
            assert run("pub", server.url(), "t", TROUPE_TOKEN=token, given="1\n") == (0, "", "")
            assert sub.json()["user_id"] == "u1"
            assert server.api("/api/v1/users/u1/disconnect", {"reason": "Enough"})[0] == 200
            sub.until_said("the connection has ended: 4403 Enough")
            assert sub.wait() == 1


def test_what_is_only_for_some(tmp_path):
    file = tmp_path / "closed.toml"
    file.write_text('[[namespace]]\nmatch = "t.*"\nsubscribe = "nobody"\n')
    with Server("--config", file) as server:
        code, printed, said = run("sub", server.url(), "t.2")
        assert (code, printed) == (1, "")
        assert "insufficient_permissions" in said
        code, _, said = run("pub", server.url(), "t.2", given="1\n2\n")
        assert (code, said.count("not published")) == (1, 1)


@pytest.mark.parametrize("url, why, advice", [
    ("ws://127.0.0.1:1", "cannot connect", "troupe serve"),
    ("ftp://127.0.0.1", "the URL must be", "ws://127.0.0.1:8081"),
    ("ws://user@127.0.0.1:1", "the URL must be", "ws://127.0.0.1:8081"),
    ("TLS/ws", "wrong version number", "Try ws://127.0.0.1:"),
    ("SERVER/nowhere", "1008 No such path", "/ws"),
])
@pytest.mark.parametrize("command", ["sub", "pub"])
def test_it_says_why_it_cannot(server, command, url, why, advice):
    url = url.replace("SERVER", f"ws://127.0.0.1:{server.port}").replace("TLS", f"wss://127.0.0.1:{server.port}")
    code, printed, said = run(command, url, "a", given="1\n")
    assert (code, printed) == (1, "")
    assert why in said
    assert advice in said


def test_bad_names(server):
    for command in ("sub", "pub"):
        code, _, said = run(command, server.url(), "a b", given="1\n")
        assert (code, "invalid_name" in said) == (1, True)


def test_it_ends_when_nobody_reads(server):
    with subprocess.Popen([BINARY, "sub", server.url(), "unread"], env=environment(),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as sub:
        assert sub.stderr.readline() == b"troupe sub: listening\n"
        sub.stdout.close()
        publish(server, "unread", 1)
        assert sub.wait(DEADLINE) == 1


def test_on_a_terminal(server):
    with Command("sub", server.url(), "shown", terminal=True, TERM="xterm") as sub:
        sub.until("listening")
        publish(server, "shown", {"n": 1}, event="e")
        assert sub.until("shown").endswith('\x1b[36mshown\x1b[0m \x1b[1me\x1b[0m {"n":1}')
        assert sub.signal() == 0
    with Command("sub", server.url(), "shown", terminal=True, TERM="xterm", NO_COLOR="1") as sub:
        sub.until("listening")
        publish(server, "shown", "\x1b[2Jgone\x9b")
        line = sub.until("gone")
        assert "\x1b" not in line
        assert line.endswith("shown ?[2Jgone?")
        assert sub.signal() == 0
