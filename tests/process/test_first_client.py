"""docs/first-client.md: its conversation, played to the server, and its client, whose connection breaks."""

import json
import queue
import re
import subprocess
import sys
import threading

from harness import DEADLINE, SOURCE_DIR, RawClient, Server, environment

sys.path.insert(0, str(SOURCE_DIR / "tests/tools"))
from fault_proxy import FaultProxy  # noqa: E402

TEXT = (SOURCE_DIR / "docs/first-client.md").read_text()
BEFORE, AWAY, END = re.findall(r"^```\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
(LISTING,) = re.findall(r"^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
EPOCH = "k3x9-7"


def ben_says(server, what):
    assert server.api("/api/v1/rooms/lobby/message", {"message": what, "user": "Ben"})[0] == 200


def play(part, client, epochs):
    """Sends what the client sends, and expects what the server does."""
    for line in part.splitlines():
        text = line[2:].replace(EPOCH, epochs.get(EPOCH, EPOCH))
        if line.startswith("> "):
            client.send_text(text)
            continue
        told, seen = json.loads(text), client.read_message()
        if told["type"] == "joined" and not epochs:
            epochs[EPOCH] = told["epoch"] = seen["epoch"]
        assert told.keys() == seen.keys(), seen
        for field, value in told.items():
            assert value in ("..", seen[field]) or field == "after_ms", f"{field}: {seen}"
        yield seen


def test_the_conversation_is_so():
    with Server() as server:
        epochs = {}
        with RawClient(server.port, "/ws?user=Ann") as ann:
            session = list(play(BEFORE, ann, epochs))[0]["session"]
        ben_says(server, "Are you there?")
        with RawClient(server.port, f"/ws?user=Ann&session={session}") as ann:
            assert list(play(AWAY, ann, epochs))[0]["session"] == session
            server.terminate()
            (goodbye,) = play(END, ann, epochs)
            ann.assert_closed_with(goodbye["close_code"])


class Running:
    """The listing as a program of its own."""

    def __init__(self, port):
        program = LISTING.replace("127.0.0.1:8081", f"127.0.0.1:{port}")
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", program], env={**environment(), "no_proxy": "127.0.0.1"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        self.lines = queue.Queue()
        threading.Thread(target=lambda: [self.lines.put(line.strip()) for line in self.process.stdout], daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def says(self, line):
        assert self.lines.get(timeout=DEADLINE).startswith(line)


def test_the_client_comes_back_and_misses_nothing(server):
    with FaultProxy(server.port) as proxy, Running(proxy.port) as client:
        client.says("Ann says Hello!")
        proxy.refuse()
        proxy.reset()
        client.says("not connected: ")
        ben_says(server, "Are you there?")
        proxy.accept()
        while (line := client.lines.get(timeout=DEADLINE)).startswith("not connected: "):
            pass
        assert line == "Ben says Are you there?"
        ben_says(server, "Good")
        client.says("Ben says Good")


def test_the_client_goes_where_it_is_not_wanted():
    with Server("--auth-secret", "a-secret-of-64-bytes-as-openssl-makes-it-for-the-test-of-a-page", "--auth-required", "true") as server:
        with Running(server.port) as client:
            client.says("not connected: received 1008")
            assert client.process.wait(DEADLINE) == 0
