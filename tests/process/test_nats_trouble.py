"""What NATS refuses, long absences, and clusters: what is lost is counted, and why is told."""

import json
import socket
import time

from harness import DEADLINE, Server
from nats_figures import Streams, figures, is_away, is_connected, subscriber, until, with_config
from nats_raw import RawNats, listen
from nats_server import NatsServer

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
