"""The Python programs of docs/examples, as they stand but for ports, with their own configurations."""

import contextlib
import json
import queue
import subprocess
import sys
import threading

import nats
import pytest
from harness import API_KEY, DEADLINE, SOURCE_DIR, Server, environment, run_troupe
from nats_server import NatsServer
from nats_services import loop, wait_for_service  # noqa: F401

EXAMPLES = SOURCE_DIR / "docs/examples"
SECRET = "a-secret-of-32-bytes-for-examples"


@contextlib.contextmanager
def example(name, **moved):
    """A running example; `moved` says which port stands for the one that it names."""
    program = (EXAMPLES / name).read_text()
    for old, new in moved.items():
        old = old.replace("port_", "127.0.0.1:")
        assert old in program, f"{name} does not name {old}"
        program = program.replace(old, f"127.0.0.1:{new}")
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", program],
        env={**environment(), "PYTHONPATH": str(SOURCE_DIR / "clients/python"), "TROUPE_API_KEY": API_KEY},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = queue.Queue()
    reader = threading.Thread(target=lambda: [lines.put(line.rstrip("\n")) for line in process.stdout], daemon=True)
    reader.start()
    process.line = lambda: lines.get(timeout=DEADLINE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        reader.join(DEADLINE)
        process.stdin.close()
        process.stdout.close()


def send_line(process, text):
    process.stdin.write(text + "\n")
    process.stdin.flush()


def token(user):
    return run_troupe("token", "--secret", SECRET, "--user", user).stdout.strip()


def test_the_notifier_tells_users():
    options = ("--auth-secret", SECRET, "--server-inbox", "user.{user_id}", "--limits-http-body-bytes-max", 128)
    with Server(*options) as server, example("notifier.py", port_8081=server.port) as notifier:
        with server.client(f"/ws?token={token('u1')}") as ann:
            ann.until("authenticated")
            send_line(notifier, "u1 Your order is on its way")
            assert ann.until("notification")["message"] == "Your order is on its way"
            assert notifier.line().startswith("u1: heard by 1")
        send_line(notifier, "u2 You were away")
        assert notifier.line() == "u2: heard by 0, and it waits for the others"
        send_line(notifier, f"u2 {'long ' * 50}")
        assert notifier.line().startswith("u2: bad_request: ")
        send_line(notifier, "u2 And goes on")
        assert notifier.line() == "u2: heard by 0, and it waits for the others"
        notifier.stdin.close()
        assert notifier.wait(DEADLINE) == 0


@pytest.fixture
def bus(loop):  # noqa: F811
    """A NATS server, a client of it, and what waits for what the client does."""
    with NatsServer() as running:
        client = loop.run(nats.connect(running.url))
        yield running, client, loop.run
        loop.run(client.close())


async def until_there_are(count, service, client):
    """Until so many of one service answer, each by its own id."""
    inbox = client.new_inbox()
    answers = await client.subscribe(inbox)
    ids = set()
    while len(ids) < count:
        await client.publish(f"$SRV.PING.{service}", reply=inbox)
        with contextlib.suppress(nats.errors.TimeoutError):
            while answer := (await answers.next_msg(0.1)).data:  # empty: nobody is there
                ids.add(json.loads(answer)["id"])


def test_the_bot_answers_once_however_many_there_are(bus):
    running, client, wait = bus
    with (
        Server("--config", EXAMPLES / "bot.toml", "--nats-url", running.url) as server,
        example("bot.py", port_4222=running.port),
        example("bot.py", port_4222=running.port),
        server.member("games.table-1", "Ann") as ann,
    ):
        wait_for_service(running.url)
        wait(until_there_are(2, "dice", client))
        ann.send({"type": "message", "room": "games.table-1", "message": "hello"})
        ann.send({"type": "message", "room": "games.table-1", "message": "!roll"})
        answer = ann.until("message", user="Dice")
        assert answer["message"] in [f"Ann rolls {number}" for number in range(1, 7)]
        about = json.loads(wait(client.request("$SRV.INFO.dice", timeout=DEADLINE)).data)
        assert about["endpoints"][0]["subject"] == "troupe.rooms.>"
        ann.send({"type": "message", "room": "games.table-1", "message": "!roll"})
        offsets = [ann.until("message", user="Dice")["offset"]]
        assert offsets == [answer["offset"] + 2], "one answer each"


def test_the_bot_has_14_lines():
    assert len([line for line in (EXAMPLES / "bot.py").read_text().splitlines() if line]) == 14


def test_the_guides_client_hears_and_comes_back(bus):
    running, services, wait = bus
    options = ("--config", EXAMPLES / "from-the-guide.toml", "--nats-url", running.url)
    server = Server(*options)
    with example("guide_client.py", port_8081=server.port) as client:
        with server:
            assert client.line() == "live"
            wait_for_service(running.url)
            wait(services.publish("order.created", b'{"order_id":7,"amount":5}'))
            wait(services.publish("payment.completed", b'{"order_id":7,"amount":5}'))
            assert {client.line(), client.line()} == {"order 7", "order 7 is paid: 5"}
        assert client.line() == "closed: 1001 Server is going away"
        with Server(*options, "--port", server.port):
            while (line := client.line()) != "live":
                assert line.startswith("closed: 1006"), line


def test_the_guides_client_stays_away_when_it_is_told_to():
    options = ("--auth-secret", SECRET, "--auth-required", "true")
    with Server(*options) as server, example("guide_client.py", port_8081=server.port) as client:
        assert client.line() == "closed: 1008 Token required"
        assert client.wait(DEADLINE) == 0


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.toml")), ids=lambda file: file.name)
def test_the_configurations_are_right(file):
    checked = run_troupe("check", file)
    assert checked.returncode == 0, checked.stdout
