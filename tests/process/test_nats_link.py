"""The connection to NATS: events come through in order and none is lost, NATS may go and come back,
and the server counts what it did not deliver. A real nats-server on the other side."""

import json
import signal
import socket
import threading
import time

import pytest
from harness import DEADLINE, SANITIZED, HonestPair, Server
from nats_figures import Shop, Streams, figures, is_away, is_connected, readyz, subscriber, until, with_config
from nats_raw import RawNats, listen
from nats_server import NatsServer

EVENTS, SUBSCRIBERS = (10_000, 20) if SANITIZED else (100_000, 100)
OUTWARD = ("buffer_full", "unconfirmed", "too_large", "invalid_subject", "refused", "stopped")


# -- inward ------------------------------------------------------------------------------------------


def test_events_reach_subscribers_in_order():
    with NatsServer() as nats, Server("--nats-url", nats.url) as server, RawNats(nats.port) as shop:
        clients = [subscriber(server) for _ in range(3)]
        listen(server, shop, clients)
        shop.publish_many("order.created", [b'{"n":%d}' % n for n in range(2000)])
        offsets = set()
        for client in clients:
            first = None
            for n in range(2000):
                event = client.expect("order_update", topic="order.update", data={"n": n})
                first = event["offset"] if first is None else first
                assert event["offset"] == first + n
            offsets.add(first)
        assert len(offsets) == 1


def test_a_flood_reaches_all_subscribers_in_order_none_twice_none_lost():
    options = ("--limits-outbox-bytes-max", 256 << 20, "--server-heartbeat-seconds", 600)
    with NatsServer() as nats, Server("--nats-url", nats.url, *options) as server:
        with RawNats(nats.port) as shop:
            clients = [subscriber(server) for _ in range(SUBSCRIBERS)]
            listen(server, shop, clients)
            streams = Streams(clients)
            payloads = [b'{"n":%d}' % n for n in range(1, EVENTS + 1)]
            publishing = threading.Thread(target=shop.publish_many, args=("order.created", payloads))
            publishing.start()
            streams.read_until(b'"n":%d}' % EVENTS)
            publishing.join(DEADLINE)
            assert len(set(streams.sums)) == 1, "some client has heard something else"
            numbers = [message["data"]["n"] for message in streams.messages()]
            assert numbers == list(range(1, EVENTS + 1))
            now = figures(server)
            assert now["nats_dropped_total:slow"] == now["nats_dropped_total:closed"] == 0


def test_what_comes_too_fast_is_counted():
    """A server with room for one event at a time, and a queue for ten: not all can come through."""
    options = ("--nats-in-flight-max", 1, "--nats-pending-messages-max", 10)
    with NatsServer() as nats, Server("--nats-url", nats.url, *options) as server:
        with RawNats(nats.port) as shop, subscriber(server) as client:
            listen(server, shop, [client])
            before = figures(server)
            shop.publish_many("order.created", [b'{"n":%d}' % n for n in range(EVENTS)])

            def accounted(now):
                got = now["nats_received_total"] - before["nats_received_total"]
                lost = now["nats_dropped_total:slow"] - before["nats_dropped_total:slow"]
                return got + lost == EVENTS

            now = until(server, accounted)
            assert now["nats_dropped_total:slow"] > 0
            server.wait_for_log("events from NATS are lost")
            got = int(now["nats_received_total"] - before["nats_received_total"])
            numbers = [client.expect("order_update")["data"]["n"] for _ in range(got)]
            assert numbers == sorted(set(numbers)), "out of order, or twice"


# -- outward -----------------------------------------------------------------------------------------

ROOMS_OUTWARD = """
[[bridge.publish]]
from = "room:>"
subject = "rooms.{name}"
"""


def spoken(server, client, number, text=""):
    for n in range(number):
        client.send({"type": "message", "message": [n, text]})
        client.until("message")


def test_messages_go_out_in_order(tmp_path):
    config = with_config(tmp_path, ROOMS_OUTWARD)
    with NatsServer() as nats, Server("--nats-url", nats.url, *config) as server:
        until(server, is_connected)
        with RawNats(nats.port) as listener, server.member("r", "Ann") as ann:
            listener.subscribe("rooms.r")
            spoken(server, ann, 200)
            for n in range(200):
                _, payload = listener.next_message()
                assert json.loads(payload)["message"] == [n, ""]
            until(server, lambda now: now["nats_published_total"] >= 200)


@pytest.mark.parametrize("when_full", ["drop", "refuse"])
def test_while_nats_is_away_so_much_is_kept_and_the_rest_counted(tmp_path, when_full):
    config = with_config(tmp_path, ROOMS_OUTWARD)
    options = ("--nats-publish-buffer-bytes-max", 65536, "--nats-when-full", when_full)
    with NatsServer() as nats, Server("--nats-url", nats.url, *options, *config) as server:
        until(server, is_connected)
        nats.kill()
        until(server, is_away)
        with server.member("r", "Ann") as ann:
            spoken(server, ann, 100, "x" * 2000)
            now = until(server, lambda now: now["bridge_published_total"] >= 100)
            assert 0 < now["nats_outbox_bytes"] <= 65536
            assert now["nats_dropped_total:buffer_full"] >= 100 - 65536 / 2000
            nats.start()
            now = until(server, lambda now: is_connected(now) and now["nats_outbox_bytes"] == 0)
            now = until(server, everything_outward_is_accounted_for)
            assert now["nats_published_total"] >= 20
            assert now["nats_dropped_total:unconfirmed"] == 0


def everything_outward_is_accounted_for(now):
    """What was handed to the link was taken by NATS, or dropped for a reason, or is still there."""
    lost = sum(now[f"nats_dropped_total:{reason}"] for reason in OUTWARD)
    return now["nats_published_total"] + lost == now["bridge_published_total"]


class Chatter:
    """Two members that talk all the time; the longest that one message took."""

    def __init__(self, server):
        self.pair = HonestPair(server)
        self.longest = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self):
        last, since = self.pair.offset, time.monotonic()
        while not self._stop.is_set():
            now = time.monotonic()
            if self.pair.offset != last:
                last, since = self.pair.offset, now
            self.longest = max(self.longest, now - since)
            time.sleep(0.001)

    def stop(self):
        self._stop.set()
        self._thread.join(DEADLINE)
        self.pair.stop()


def test_nats_is_killed_five_times_under_load(tmp_path):
    config = with_config(
        tmp_path,
        ROOMS_OUTWARD
        + """
[[bridge.rule]]
subject = "order.*"
topic = "order.update"
type = "order_update"
""",
    )
    options = ("--nats-reconnect-wait-seconds", 0.1, "--limits-outbox-bytes-max", 64 << 20)
    with NatsServer() as nats, Server("--nats-url", nats.url, *options, *config) as server:
        client = subscriber(server)
        until(server, is_connected)
        chat, shop = Chatter(server), Shop(nats)
        heard = [client.until("order_update")["data"]["n"]]
        for times in range(1, 6):
            talked = chat.pair.offset
            nats.kill()
            until(server, is_away)
            assert readyz(server) == (200, "ok, nats away\n")
            while chat.pair.offset < talked + 20:
                assert chat.pair.failure is None, chat.pair.failure
                time.sleep(0.001)
            nats.start()
            now = until(server, lambda now: now["nats_reconnects_total"] >= times)
            assert readyz(server) == (200, "ok\n")
            # Events come again, in order and none twice; those that NATS had when it died are gone.
            newer = shop.sent
            while heard[-1] < newer + 100:
                heard.append(client.until("order_update")["data"]["n"])
        shop.stop()
        while heard[-1] < shop.sent:
            heard.append(client.until("order_update")["data"]["n"])
        assert heard == sorted(set(heard)), "out of order, or twice"
        chat.stop()
        assert chat.longest < 2.0, "the chat stood still"
        now = until(server, lambda now: now["nats_outbox_bytes"] == 0)
        now = until(server, everything_outward_is_accounted_for)
        assert now["nats_published_total"] > 0
        assert now["nats_reconnects_total"] == 5
        # Of what the server got, all has reached the client, or was dropped for a reason.
        for name in ("received", "forwarded"):
            assert now[f"bridge_{name}_total:1 order.*"] == len(heard)
        assert now["bridge_unheard_total"] == 0


def test_nats_need_not_be_there_at_the_start():
    with NatsServer() as nats:
        nats.stop()
        with Server("--nats-url", nats.url, "--nats-reconnect-wait-seconds", 0.05) as server:
            server.wait_for_log("cannot connect to NATS, trying again")
            assert readyz(server) == (200, "ok, nats away\n")
            client = subscriber(server)
            nats.start()
            until(server, is_connected)
            with RawNats(nats.port) as shop:
                listen(server, shop, [client])
            assert server.log().count("cannot connect to NATS") == 1, "said once, tried often"


def test_where_nats_is_required_readyz_says_503():
    options = ("--nats-required", "true", "--nats-reconnect-wait-seconds", 0.05)
    with NatsServer() as nats, Server("--nats-url", nats.url, *options) as server:
        until(server, is_connected)
        assert readyz(server) == (200, "ok\n")
        nats.kill()
        until(server, is_away)
        assert readyz(server) == (503, "nats away\n")
        assert b"\ntroupe_ready 0\n" in server.http("GET", "/metrics")[2]
        assert server.http("GET", "/healthz")[0] == 200
        with server.client():
            pass
        nats.start()
        until(server, is_connected)
        assert readyz(server) == (200, "ok\n")


def test_a_nats_that_hangs_does_not_hold_up_the_end():
    with NatsServer() as nats:
        with Server("--nats-url", nats.url) as server:
            until(server, is_connected)
            nats.process.send_signal(signal.SIGSTOP)
            try:
                begun = time.monotonic()
                server.stop()
                assert time.monotonic() - begun < 10
            finally:
                nats.process.send_signal(signal.SIGCONT)


def test_an_address_where_nobody_answers_does_not_hold_up_the_end():
    with socket.create_server(("127.0.0.1", 0), backlog=1) as mute:
        with Server("--nats-url", f"nats://127.0.0.1:{mute.getsockname()[1]}") as server:
            begun = time.monotonic()
            server.stop()
            assert time.monotonic() - begun < 10
