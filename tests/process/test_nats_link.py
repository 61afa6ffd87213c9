"""The connection to NATS: events come through in order and none is lost, NATS may go and come back,
and what was not delivered is counted. A real nats-server on the other side."""

import json
import re
import selectors
import signal
import socket
import threading
import time
import zlib

import pytest
from harness import DEADLINE, SANITIZED, HonestPair, Server, run_troupe
from nats_raw import NKey, RawNats, listen
from nats_server import NatsServer
from tls_files import Certificate

EVENTS, SUBSCRIBERS = (10_000, 20) if SANITIZED else (100_000, 100)
SECRET = "wrong-pa55word"
OUTWARD = ("buffer_full", "unconfirmed", "too_large", "invalid_subject", "refused", "stopped")


def figures(server):
    """What /metrics says of NATS and the bridge, by name; of a reason: NAME:REASON."""
    found = {}
    text = server.http("GET", "/metrics")[2].decode()
    for name, label, value in re.findall(
        r'^troupe_((?:nats|bridge)_\w+)(?:\{\w+="([^"]*)"\})? (\S+)$', text, re.MULTILINE
    ):
        found[f"{name}:{label}" if label else name] = float(value)
    return found


def until(server, reached, within=DEADLINE):
    give_up_at = time.monotonic() + within
    while not reached(now := figures(server)):
        assert time.monotonic() < give_up_at, f"{now}\n{server.log()}"
        time.sleep(0.02)
    return now


def is_connected(now):
    return now["nats_connected"] == 1


def is_away(now):
    return now["nats_connected"] == 0


def readyz(server):
    status, _, body = server.http("GET", "/readyz")
    return status, body.decode()


def subscriber(server, topic="order.update"):
    client = server.client()
    client.send({"type": "subscribe", "topic": topic})
    client.until("subscribed")
    return client


def with_config(folder, text):
    file = folder / "troupe.toml"
    file.write_text(text)
    return ("--config", file)


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


class Streams:
    """Reads what comes to many clients: of the first, all of it; of the others, length and checksum,
    which must be the same, since the same frames come to all."""

    def __init__(self, clients):
        self.clients = clients
        self.first = bytearray(clients[0]._received)
        self.sums = [(len(c._received), zlib.crc32(c._received)) for c in clients]

    def read_until(self, end):
        """Until `end` has come to the first, and as much as that to all others."""
        selector = selectors.DefaultSelector()
        for number, client in enumerate(self.clients):
            client.socket.setblocking(False)
            selector.register(client.socket, selectors.EVENT_READ, number)
        give_up_at = time.monotonic() + 4 * DEADLINE
        whole = None
        while whole is None or any(length < whole for length, _ in self.sums):
            assert time.monotonic() < give_up_at, f"{whole}: {self.sums}"
            for key, _ in selector.select(1.0):
                try:
                    chunk = key.fileobj.recv(1 << 20)
                except BlockingIOError:
                    continue
                assert chunk, "closed"
                length, checksum = self.sums[key.data]
                self.sums[key.data] = (length + len(chunk), zlib.crc32(chunk, checksum))
                if key.data == 0:
                    self.first += chunk
                    if end in chunk[-300:] and chunk.endswith(b"}"):
                        whole = len(self.first)
        selector.close()
        for client in self.clients:
            client.socket.settimeout(DEADLINE)

    def messages(self):
        """Of the first client, decoded."""
        at, data = 0, bytes(self.first)
        while at < len(data):
            size, head = data[at + 1], 2
            if size == 126:
                size, head = int.from_bytes(data[at + 2 : at + 4], "big"), 4
            yield json.loads(data[at + head : at + head + size])
            at += head + size


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


# -- there and away ------------------------------------------------------------------------------------


class Shop:
    """Publishes events all the time, to whatever nats-server there is."""

    def __init__(self, nats):
        self.nats = nats
        self.sent = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        while not self._stop.is_set():
            try:
                with RawNats(self.nats.port) as link:
                    while not self._stop.is_set():
                        link.publish("order.created", {"n": self.sent + 1})
                        self.sent += 1
            except (OSError, AssertionError):
                self._stop.wait(0.01)

    def stop(self):
        self._stop.set()
        self._thread.join(DEADLINE)


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


# -- who it is for NATS ----------------------------------------------------------------------------------


USERS = ("--user", "troupe", "--pass", SECRET)


@pytest.mark.parametrize(
    ("nats_options", "options"),
    [
        (USERS, ("--nats-user", "troupe", "--nats-password", SECRET)),
        (USERS, ("in-url", f"troupe:{SECRET}@")),
        (("--auth", SECRET), ("--nats-token", SECRET)),
        (("--auth", SECRET), ("in-url", f"{SECRET}@")),
    ],
    ids=["user", "user in the URL", "token", "token in the URL"],
)
def test_secrets_let_the_server_in_and_are_not_told(nats_options, options):
    with NatsServer(*nats_options) as nats:
        url = nats.url
        if options[0] == "in-url":
            url, options = url.replace("nats://", f"nats://{options[1]}"), ()
        with Server("--nats-url", url, *options, "--log-level", "trace") as server:
            until(server, is_connected)
            nats.kill()
            until(server, is_away)
            nats.start()
            until(server, is_connected)
            assert SECRET.encode() not in server.http("GET", "/metrics")[2]
            server.stop()
            assert SECRET not in server.log()
            assert f"nats://127.0.0.1:{nats.port}" in server.log()


def serves_everything_else(server):
    with server.member("r", "Ann") as ann, server.member("r", "Ben") as ben:
        ann.until("user_joined")
        ann.send({"type": "message", "message": "hello"})
        ben.until("message", message="hello")


@pytest.mark.parametrize("where", ["key", "url"])
def test_a_wrong_password_is_told_without_it(where):
    with NatsServer("--user", "troupe", "--pass", "right") as nats:
        if where == "key":
            options = ("--nats-url", nats.url, "--nats-user", "troupe", "--nats-password", SECRET)
        else:
            options = ("--nats-url", nats.url.replace("nats://", f"nats://troupe:{SECRET}@"))
        with Server(*options, "--nats-reconnect-wait-seconds", 0.05) as server:
            server.wait_for_log("cannot connect to NATS")
            assert re.search(r"why=.*[Aa]uthorization", server.log()), server.log()
            serves_everything_else(server)
            assert readyz(server) == (200, "ok, nats away\n")
            server.stop()
            assert SECRET not in server.log()


def test_a_password_that_is_changed_under_way_is_told_and_mended(tmp_path):
    """nats.c gives such a connection up; the server does not."""
    accounts = tmp_path / "accounts.conf"

    def accept(password):
        accounts.write_text(f'authorization {{ user: troupe, password: "{password}" }}')

    accept(SECRET)
    with NatsServer("--config", accounts) as nats:
        options = ("--nats-user", "troupe", "--nats-password", SECRET)
        wait = ("--nats-reconnect-wait-seconds", 0.05)
        with Server("--nats-url", nats.url, *options, *wait) as server:
            until(server, is_connected)
            nats.kill()
            accept("another")
            nats.start()
            server.wait_for_log("Authorization Violation")
            nats.kill()
            accept(SECRET)
            nats.start()
            until(server, is_connected)
            client = subscriber(server)
            troupe_again = figures(server)["nats_reconnects_total"]
            assert troupe_again >= 1
            client.socket.close()
            assert SECRET not in server.log()


def test_an_nkey(tmp_path):
    key = NKey("user")
    (tmp_path / "seed").write_text(key.seed + "\n")
    (tmp_path / "nats.conf").write_text(f"authorization {{ users: [ {{ nkey: {key.public} }} ] }}")
    with NatsServer("--config", tmp_path / "nats.conf") as nats:
        with Server("--nats-url", nats.url, "--nats-nkey-seed-file", tmp_path / "seed") as server:
            until(server, is_connected)
            assert key.seed not in server.log()


def test_credentials(tmp_path):
    operator, account, user = NKey("operator"), NKey("account"), NKey("user")
    limits = {"subs": -1, "data": -1, "payload": -1, "conn": -1, "leaf": -1, "imports": -1,
              "exports": -1, "wildcards": True}
    (tmp_path / "nats.conf").write_text(
        f"operator: {operator.sign_jwt(operator.public, 'O', {'type': 'operator'})}\n"
        "resolver: MEMORY\nresolver_preload: {\n"
        f"  {account.public}: "
        + operator.sign_jwt(account.public, "A", {"type": "account", "limits": limits})
        + "\n}\n"
    )
    token = account.sign_jwt(
        user.public, "troupe", {"type": "user", "subs": -1, "data": -1, "payload": -1}
    )
    (tmp_path / "troupe.creds").write_text(
        f"-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{user.seed}\n------END USER NKEY SEED------\n"
    )
    with NatsServer("--config", tmp_path / "nats.conf") as nats:
        file = tmp_path / "troupe.creds"
        with Server("--nats-url", nats.url, "--nats-credentials-file", file) as server:
            until(server, is_connected)
            assert user.seed not in server.log()
            assert token not in server.log()


def tls_options(certificate):
    return ("--tls", "--tlscert", certificate.certificate, "--tlskey", certificate.key)


def test_tls_and_a_certificate_for_nats(tmp_path):
    theirs, ours = Certificate(tmp_path, "nats"), Certificate(tmp_path, "troupe")
    options = (*tls_options(theirs), "--tlsverify", "--tlscacert", ours.certificate)
    with NatsServer(*options) as nats:
        url = f"tls://127.0.0.1:{nats.port}"
        mine = ("--nats-tls-certificate-file", ours.certificate, "--nats-tls-key-file", ours.key)
        trust = ("--nats-tls-ca-file", theirs.certificate)
        with Server("--nats-url", url, *trust, *mine) as server:
            until(server, is_connected)
            nats.kill()
            until(server, is_away)
            nats.start()
            until(server, is_connected)
        with Server("--nats-url", url, *trust) as server:
            server.wait_for_log("cannot connect to NATS")
            serves_everything_else(server)


def test_a_certificate_that_nobody_trusts(tmp_path):
    theirs, other = Certificate(tmp_path, "nats"), Certificate(tmp_path, "other")
    with NatsServer(*tls_options(theirs)) as nats:
        url = f"tls://127.0.0.1:{nats.port}"
        for trust in ((), ("--nats-tls-ca-file", other.certificate)):
            with Server("--nats-url", url, *trust, "--nats-token", SECRET) as server:
                server.wait_for_log("cannot connect to NATS")
                assert re.search(r"why=.*certificate", server.log()), server.log()
                serves_everything_else(server)
                assert is_away(figures(server))
                server.stop()
                assert SECRET not in server.log()


def test_a_certificate_of_another_host(tmp_path):
    theirs = Certificate(tmp_path, "nats")  # for 127.0.0.1
    with NatsServer(*tls_options(theirs)) as nats:
        url = f"tls://localhost:{nats.port}"
        with Server("--nats-url", url, "--nats-tls-ca-file", theirs.certificate) as server:
            server.wait_for_log("cannot connect to NATS")
            assert is_away(figures(server))


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--nats-url", "localhost:4222"), "nats.url: expected nats://HOST:PORT"),
        (("--nats-url", f"nats://u:{SECRET}@h h"), "nats.url: expected nats://HOST:PORT"),
        (("--nats-tls-ca-file", "/nowhere"), 'nats.tls_ca_file "/nowhere"'),
        (("--nats-credentials-file", "/nowhere"), 'nats.credentials_file "/nowhere"'),
        (("--nats-nkey-seed-file", "/nowhere"), 'nats.nkey_seed_file "/nowhere"'),
        (("--nats-user", "u", "--nats-token", SECRET), "only one of them at a time"),
    ],
)
def test_what_cannot_work_is_refused_at_the_start(options, complaint):
    if "--nats-url" not in options:
        options = ("--nats-url", "nats://127.0.0.1:4222", *options)
    refused = run_troupe("serve", "--port", 0, *options)
    assert refused.returncode == 1
    assert complaint in refused.stdout
    assert SECRET not in refused.stdout
