"""`troupe tail`: what goes by on a subject of NATS, or on a topic of a running server."""

import json
import signal
import subprocess
import time

import pytest
from harness import BINARY, DEADLINE, Server, environment
from nats_raw import RawNats
from nats_server import NatsServer
from tls_files import Certificate

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


class Tail:
    def __init__(self, *arguments, **variables):
        self.process = subprocess.Popen(
            [BINARY, "tail", *arguments],
            env={**environment(), **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.first = self.process.stderr.readline()

    def line(self):
        return json.loads(self.process.stdout.readline())

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, rest

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()


def tail_fails(*arguments, **variables):
    done = subprocess.run(
        [BINARY, "tail", *arguments],
        env={**environment(), **variables},
        capture_output=True,
        text=True,
        timeout=DEADLINE,
    )
    assert done.returncode == 1, arguments
    assert done.stdout == ""
    return done.stderr


@pytest.fixture(scope="module")
def nats():
    with NatsServer() as running:
        yield running


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


@SIGNALS
def test_a_subject(nats, number):
    with RawNats(nats.port) as shop, Tail("tail.>", TROUPE_NATS_URL=nats.url) as tail:
        assert tail.first == "troupe tail: listening\n"
        shop.publish("tail.a", b'{"n":\n1}')
        shop.publish("tail.b.c", b"text\n")
        shop.publish("tail.d", b"\xff\x00")
        shop.publish("other.a", b"{}")
        shop.publish("tail.e", b"")
        lines = [tail.line() for _ in range(4)]
        assert [line.pop("subject") for line in lines] == ["tail.a", "tail.b.c", "tail.d", "tail.e"]
        assert all(line.pop("time") for line in lines)
        assert lines == [{"data": {"n": 1}}, {"text": "text\n"}, {"base64": "/wA="}, {"text": ""}]
        assert tail.end(number) == (0, "")


def publications_are_printed(server, tail):
    assert tail.first == "troupe tail: listening\n"
    for n in (1, 2):
        body = {"topic": "t.2", "event": "e", "data": {"n": n}}
        assert server.api("/api/v1/publish", body)[0] == 200
        line = tail.line()
        assert (line["type"], line["topic"], line["data"]) == ("e", "t.2", {"n": n})


@SIGNALS
@pytest.mark.parametrize("name", ["t.2", "t.*"])
def test_a_topic(server, number, name):
    with Tail(name, "--url", f"ws://127.0.0.1:{server.port}") as tail:
        publications_are_printed(server, tail)
        assert tail.end(number) == (0, "")


def test_a_topic_and_nothing_else():
    with Server("--server-default-room", "lobby", "--log-level", "debug") as server:
        with server.client() as member, Tail("t.2", "--url", f"ws://127.0.0.1:{server.port}") as tail:
            publications_are_printed(server, tail)
            member.until("user_left")
            member.send({"type": "message", "room": "lobby", "message": "not for the tail"})
            assert server.api("/api/v1/announce", {"text": "nor this"})[0] == 200
            publications_are_printed(server, tail)
            assert tail.end(signal.SIGTERM) == (0, "")
            give_up_at = time.monotonic() + DEADLINE
            while 'why="by the client"' not in server.log():
                assert time.monotonic() < give_up_at, server.log()
                time.sleep(0.01)
            assert "why=lost" not in server.log()


def test_a_topic_over_tls(tmp_path):
    certificate = Certificate(tmp_path, "ours")
    with Server(*certificate.options) as server:
        url = f"wss://127.0.0.1:{server.port}"
        with Tail("t.2", "--url", url, SSL_CERT_FILE=str(certificate.certificate)) as tail:
            publications_are_printed(server, tail)
            assert tail.end() == (0, "")
        assert "certificate verify failed" in tail_fails("t.2", "--url", url)
        url = f"wss://localhost:{server.port}"  # of another name
        trusting = {"SSL_CERT_FILE": str(certificate.certificate)}
        assert "certificate verify failed" in tail_fails("t.2", "--url", url, **trusting)


def test_a_topic_that_is_only_for_some(tmp_path):
    file = tmp_path / "closed.toml"
    file.write_text('[[namespace]]\nmatch = "t.*"\nsubscribe = "nobody"\n')
    with Server("--config", file) as server:
        assert "insufficient_permissions" in tail_fails(
            "t.2", "--url", f"ws://127.0.0.1:{server.port}"
        )


def test_it_ends_when_the_server_does():
    with Server() as server, Tail("t.2", "--url", f"ws://127.0.0.1:{server.port}") as tail:
        assert tail.first == "troupe tail: listening\n"
        server.terminate()
        rest, why = tail.process.communicate(timeout=DEADLINE)
        assert (tail.process.returncode, rest) == (1, "")
        assert '"type":"disconnect"' in why


def test_it_says_why_it_cannot(server, nats):
    tries = [
        (["a b", "--nats", nats.url], "not a subject"),
        (["a", "--nats", "nats://user:hunter2@127.0.0.1:1"], "cannot listen to NATS"),
        (["a", "--url", "http://127.0.0.1"], "--url must be"),
        (["a", "--url", "ws://user@127.0.0.1:1"], "cannot listen at"),
        (["a*", "--url", f"ws://127.0.0.1:{server.port}"], "not the name of a topic"),
    ]
    for arguments, reason in tries:
        why = tail_fails(*arguments)
        assert reason in why
        assert "hunter2" not in why
