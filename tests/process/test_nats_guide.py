"""The listings of the guide, docs/nats.md, as they stand there."""

import contextlib
import json
import re
import subprocess
import sys
import threading
import time

import nats
from harness import BINARY, DEADLINE, SOURCE_DIR, Server, environment
from nats_server import NatsServer
from nats_services import call, loop, wait_for_service


def listing(language, containing):
    """The one listing of docs/nats.md in this language that has this text in it."""
    guide = (SOURCE_DIR / "docs/nats.md").read_text()
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    (found,) = [block for block in blocks if containing in block]
    return found


def replaced(text, old, new):
    assert old in text, f"{old!r} is not in the listing any more"
    return text.replace(old, new)


@contextlib.contextmanager
def child(command):
    """A process whose output is read line by line; killed when the block ends."""
    process = subprocess.Popen(
        list(map(str, command)),
        cwd=SOURCE_DIR / "tests/process",
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    killer = threading.Timer(DEADLINE, process.kill)
    killer.start()
    try:
        yield process
    finally:
        killer.cancel()
        process.kill()
        process.communicate()


def test_the_guides_first_two_minutes():
    tail = replaced(listing("sh", "troupe sub --json ws://"), "build/release/bin/troupe", BINARY)
    publish = listing("sh", "/dev/tcp/")
    expected = json.loads(listing("json", '"amount":5'))
    with NatsServer() as running, Server("--nats-url", running.url) as server:
        wait_for_service(running.url)
        tail = replaced(tail, "127.0.0.1:8081", f"127.0.0.1:{server.port}")
        with child(["bash", "-c", f"exec {tail}"]) as subscriber:
            assert subscriber.stdout.readline() == "troupe sub: listening\n"
            done = subprocess.run(
                ["bash", "-euc", replaced(publish, "PORT", str(running.port))],
                capture_output=True,
                text=True,
                timeout=DEADLINE,
            )
            assert done.stdout == "PONG\n", done.stderr
            printed = json.loads(subscriber.stdout.readline())
        assert {**printed, "timestamp": None} == {**expected, "timestamp": None}


def test_the_guides_service_runs_and_announces():
    # `framework` makes it readable to a Python older than the guide asks for.
    program = "import framework\n" + listing("python", "class Shop")
    with NatsServer() as running, Server("--nats-url", running.url) as server:
        program = replaced(program, "nats://127.0.0.1:4222", running.url)
        program = replaced(program, 'name="shop"', 'name="shop", health_listener=False')
        wait_for_service(running.url)
        with server.client() as ann, child([sys.executable, "-c", program]):
            wait_for_service(running.url, "shop.rpc.close_shop")
            assert ann.expect("announcement")["text"] == "We close at eight"


def test_the_guides_permissions_are_enough(loop, tmp_path):
    file = tmp_path / "nats.conf"
    file.write_text(listing("conf", "authorization"))
    config = tmp_path / "troupe.toml"
    config.write_text(
        listing("toml", "[[bridge.publish]]")
        + '[[rpc.allow]]\nservice = "orders"\nmethod = "find"\nanonymous = true\n'
    )
    heard, refused = [], []

    async def hear(message):
        heard.append(message.subject)

    async def answer(message):
        await message.respond(b'{"result":7}')

    async def note(error):
        refused.append(str(error))

    def until(what, found):
        give_up_at = time.monotonic() + DEADLINE
        while not found():
            assert time.monotonic() < give_up_at, what
            time.sleep(0.005)

    with NatsServer("--config", file) as running:
        services = running.url.replace("//", "//services:another@")
        variables = {
            "TROUPE_NATS_URL": running.url,
            "TROUPE_NATS_USER": "troupe",
            "TROUPE_NATS_PASSWORD": "one of your own",
        }
        with Server("--config", config, variables=variables) as server:
            wait_for_service(services)
            bus = loop.run(nats.connect(services, error_cb=note))
            loop.run(bus.subscribe("troupe.rooms.>", cb=hear))
            loop.run(bus.subscribe("orders.rpc.find", cb=answer))
            for subject in ("troupe.describe", "$SRV.PING", "$SRV.INFO.troupe", "$SRV.STATS"):
                loop.run(bus.request(subject, b"", timeout=DEADLINE))
            with server.client("/chat/lobby") as ann:
                ann.send({"type": "subscribe", "topics": ["order.update", "payments"]})
                ann.until("subscribed")
                for subject, payload, frame in (
                    ("order.new", b'{"order_id":7}', "order_update"),
                    ("payment.completed", b'{"order_id":7}', "payment_completed"),
                    ("notification.new", b'{"message":"hi"}', "notification"),
                    ("troupe.async.send_announcement", b'{"text":"hi"}', "announcement"),
                ):
                    loop.run(bus.publish(subject, payload))
                    ann.until(frame)
                call(ann, "orders", "find")
                assert ann.until("rpc_result")["result"] == 7
                ann.send({"type": "message", "message": "hi"})
                ann.until("message")
                until("nothing was published", lambda: "troupe.rooms.lobby" in heard)
            # What clients may have the server call, a service may not call in its name.
            loop.run(bus.publish("orders.rpc.find", b"{}"))
            until("a service may call as the server does", lambda: refused)
            assert "orders.rpc.find" in refused[0].lower()
            loop.run(bus.close())
            assert "NATS reports an error" not in server.log()
