"""`troupe tail`: what goes by on a subject of NATS."""

import json
import signal
import subprocess

import pytest
from harness import BINARY, DEADLINE, environment
from nats_raw import RawNats
from nats_server import NatsServer

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


def test_it_says_why_it_cannot(nats):
    tries = [
        (["a b", "--nats", nats.url], "not a subject"),
        (["a", "--nats", "nats://user:hunter2@127.0.0.1:1"], "cannot listen to NATS"),
    ]
    for arguments, reason in tries:
        why = tail_fails(*arguments)
        assert reason in why
        assert "hunter2" not in why
