"""What NATS refuses, long absences, clusters, and services that mean harm: what is lost is counted, and
why is told."""

import json
import socket
import time

import nats
import pytest
from harness import DEADLINE, Server
from nats_figures import Streams, figures, is_away, is_connected, subscriber, until, with_config
from nats_raw import RawNats, listen
from nats_server import NatsServer
from nats_services import call, loop, nats_url, wait_for_service

QUICKLY = ("--nats-reconnect-wait-seconds", 0.02)
EVENTS = 80_000


def test_what_had_come_is_passed_on_however_long_nats_is_away():
    """A server with room for one event at a time, which takes seconds for what NATS hands over in a
    moment: many of them wait when NATS dies."""
    roomy = ("--limits-outbox-bytes-max", 64 << 20, "--server-heartbeat-seconds", 600)
    options = ("--nats-in-flight-max", 1, *roomy, *QUICKLY)
    with NatsServer() as nats, Server("--nats-url", nats.url, *options) as server:
        with RawNats(nats.port) as shop, subscriber(server) as client:
            listen(server, shop, [client])
            before = figures(server)["nats_received_total"]
            streams = Streams([client])
            sent = 0

            def all_have_come(now):
                return now["nats_received_total"] - before + now["nats_pending_messages"] >= sent

            waiting = 0
            while waiting == 0:  # once more where the server was quicker than it is told here
                numbers = range(sent + 1, sent + EVENTS + 1)
                shop.publish_many("order.created", [b'{"n":%d}' % n for n in numbers])
                sent += EVENTS
                waiting = until(server, all_have_come)["nats_pending_messages"]
            nats.kill()
            until(server, is_away)
            streams.read_until(b'"n":%d}' % sent)
            numbers = [message["data"]["n"] for message in streams.messages()]
            assert numbers == list(range(1, sent + 1))
            server.wait_for_log("gave up a connection to NATS")
            assert "events_lost=0" in server.log()
            now = figures(server)
            assert now["nats_dropped_total:slow"] == now["nats_dropped_total:closed"] == 0


def test_what_nats_does_not_permit_is_told_and_counted(tmp_path):
    allowed = tmp_path / "nats.conf"
    allowed.write_text("""
authorization {
  users = [{user: troupe, password: secret,
            permissions: {publish: "said.>", subscribe: ["order.*", "_INBOX.>"]}}]
}""")
    config = with_config(tmp_path, """
[[bridge.publish]]
from = "room:loud.*"
subject = "said.{1}"
[[bridge.publish]]
from = "room:quiet.*"
subject = "hidden.{1}"
""")
    options = ("--nats-user", "troupe", "--nats-password", "secret", *config)
    with NatsServer("--config", allowed) as nats, Server("--nats-url", nats.url, *options) as server:
        server.wait_for_log('Permissions Violation for Subscription to \\"payment.completed\\"')
        server.wait_for_log('Permissions Violation for Subscription to \\"troupe.rpc.*\\"')
        for room in ("loud.a", "quiet.a"):
            with server.member(room, "Ann") as ann:
                for n in range(3):
                    ann.send({"type": "message", "message": n})
                    ann.until("message")
        server.wait_for_log('Permissions Violation for Publish to \\"hidden.a\\"')
        now = until(server, lambda now: now["nats_refused_total:publish"] == 3)
        assert now["nats_refused_total:subscribe"] > 2
        until(server, lambda now: now["nats_published_total"] == 6)  # NATS has got them all
        assert server.log().count("hidden.a") == 1, "and tells each kind once a minute"


def test_why_nats_closes_a_connection_is_told(tmp_path):
    limited = tmp_path / "nats.conf"
    limited.write_text("max_subscriptions: 3\n")
    with NatsServer("--config", limited) as nats:
        with Server("--nats-url", nats.url, *QUICKLY) as server:
            server.wait_for_log('why="maximum subscriptions exceeded"')
            now = figures(server)
            assert now["nats_connected"] == now["nats_reconnects_total"] == 0
            limited.write_text("max_subscriptions: 100\n")
            nats.kill()
            nats.start()
            until(server, is_connected)


def test_a_call_that_nats_does_not_take_is_told_at_once(tmp_path):
    limited = tmp_path / "nats.conf"
    limited.write_text("max_payload: 4096\n")
    allow = '[[rpc.allow]]\nservice = "shop"\nmethod = "*"\nanonymous = true\ntimeout_seconds = 60\n'
    with NatsServer("--config", limited) as nats:
        with Server("--nats-url", nats.url, *with_config(tmp_path, allow)) as server:
            until(server, is_connected)
            with server.client() as client:
                params = {"text": "x" * 5_000}
                call = {"type": "rpc", "service": "shop", "method": "m", "params": params, "id": 1}
                client.send(call)
                client.expect("error", code="unavailable", id=1)
            assert figures(server)["nats_dropped_total:too_large"] == 1


def cluster_port(nats):
    file = next(nats.folder.glob("*.ports"))
    return json.loads(file.read_text())["cluster"][0].rpartition(":")[2]


def clustered(nats, number):
    """Returns when this server tells its clients of so many."""
    give_up_at = time.monotonic() + DEADLINE
    while True:
        with socket.create_connection(("127.0.0.1", nats.port), DEADLINE) as link:
            info = json.loads(link.makefile("rb").readline().removeprefix(b"INFO "))
        if len(info.get("connect_urls", [])) == number:
            return
        assert time.monotonic() < give_up_at, info
        time.sleep(0.02)


def test_the_rest_of_a_cluster_is_remembered():
    """The configuration names one server of two."""
    names = ("--cluster_name", "c", "--cluster")
    with NatsServer(*names, "nats://127.0.0.1:-1") as first:
        routes = ("--routes", f"nats://127.0.0.1:{cluster_port(first)}")
        with NatsServer(*names, "nats://127.0.0.1:-1", *routes) as second:
            clustered(first, 2)
            with Server("--nats-url", first.url, *QUICKLY) as server:
                until(server, is_connected)
                first.kill()
                until(server, lambda now: is_connected(now) and now["nats_reconnects_total"] >= 1)
                second.kill()
                until(server, is_away)
                server.wait_for_log("gave up a connection to NATS")
                second.start()  # and the first stays away
                until(server, is_connected)


# -- services that mean harm ---------------------------------------------------------------------------


@pytest.fixture
def called(loop, nats_url, tmp_path):
    """A server whose clients may call a service, and a plain NATS client."""
    config = with_config(tmp_path, """
[[rpc.allow]]
service = "raw"
method = "echo"
anonymous = true
per_minute = 0
""")
    with Server("--nats-url", nats_url, *config) as server:
        wait_for_service(nats_url)
        bus = loop.run(nats.connect(nats_url))
        yield server, bus
        loop.run(bus.close())


def test_nobody_but_the_service_can_answer_a_call(called, loop):
    """Each call has an inbox that nobody can guess, who was called before least of all."""
    server, bus = called
    inboxes = []

    async def answer(message):
        inboxes.append(message.reply)
        # What a service might try that wants to answer others' calls: the inboxes before and after
        # this one, and its own again.
        head, last = message.reply.rsplit(".", 1)
        for guess in (*inboxes[:-1], head, f"{head}.{len(inboxes)}", f"{head}.{len(inboxes) + 1}", head + ".x"):
            await bus.publish(guess, b'{"result":"forged"}')
        await message.respond(json.dumps({"result": len(inboxes)}).encode())
        await message.respond(b'{"result":"again"}')

    listening = loop.run(bus.subscribe("raw.rpc.echo", cb=answer))
    loop.run(bus.flush())
    with server.client() as guest:
        for id in range(1, 21):
            call(guest, "raw", "echo", id=id)
            guest.expect("rpc_result", id=id, result=id)
    loop.run(listening.unsubscribe())
    lasts = {inbox.rsplit(".", 1)[1] for inbox in inboxes}
    assert len(lasts) == 20 and all(len(each) >= 22 for each in lasts)
    for at in range(22):
        assert len({each[at] for each in lasts}) > 1, "no part of it is the same for all, or counts"


def test_the_server_answers_where_an_inbox_is_and_nowhere_else(called, loop):
    server, bus = called
    heard = []

    async def listen(message):
        heard.append(message.subject)

    listening = [loop.run(bus.subscribe(s, cb=listen)) for s in ("pay.rpc.charge", "_INBOX_mine.>")]
    subjects = ["$SRV.PING", "$SRV.INFO.troupe", "$SRV.STATS", "troupe.describe", "troupe.rpc.stats"]
    for subject in subjects:
        loop.run(bus.publish(subject, b"{}", reply="pay.rpc.charge"))
        loop.run(bus.publish(subject, b"{}", reply="_INBOX_mine.1"))
        assert loop.run(bus.request(subject, b"{}", timeout=DEADLINE)).data
    loop.run(bus.flush())
    give_up_at = time.monotonic() + DEADLINE
    while heard.count("_INBOX_mine.1") < len(subjects):
        assert time.monotonic() < give_up_at, heard
        time.sleep(0.005)
    for each in listening:
        loop.run(each.unsubscribe())
    assert "pay.rpc.charge" not in heard
    server.wait_for_log("pay.rpc.charge")
