"""/metrics: what it shows is documented, and each number moves when it should."""

import base64
import json
import os
import re
import threading
import time

import pytest
from harness import DEADLINE, SOURCE_DIR, TEXT, RawClient, Server

METRICS_KEY = "metrics-tests-key-0123456789"
SAMPLE = re.compile(r'([a-z_]+)(?:\{([^}]*)\})? (\S+)')
LABEL = re.compile(r'([a-z_]+)="([^"]*)"')


class Page:
    """One scrape: `types` by family, and the values by name and labels."""

    def __init__(self, text):
        self.text = text
        self.types = {}
        self.helps = {}
        self.samples = {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                assert name not in self.types, f"{name} comes twice"
                self.types[name] = kind
            elif line.startswith("# HELP "):
                _, _, name, words = line.split(" ", 3)
                self.helps[name] = words
            elif line:
                found = SAMPLE.fullmatch(line)
                assert found, f"no sample: {line!r}"
                name, labels, value = found.groups()
                key = (name, tuple(LABEL.findall(labels or "")))
                assert key not in self.samples, f"{key} comes twice"
                self.samples[key] = float(value)

    def value(self, name, **labels):
        return self.samples["troupe_" + name, tuple(labels.items())]

    def family(self, sample):
        """The family that a sample belongs to: its name without the endings of a histogram."""
        for ending in ("_bucket", "_sum", "_count"):
            family = sample.removesuffix(ending)
            if self.types.get(family) == "histogram":
                return family
        return sample


def scrape(server, key=None):
    status, headers, body = server.http("GET", "/metrics", key=key)
    assert status == 200, body
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return Page(body.decode())


def until(server, reached):
    """Scrapes until `reached(page)`: another loop's counters come a moment later."""
    give_up_at = time.monotonic() + DEADLINE
    while True:
        page = scrape(server)
        if reached(page):
            return page
        assert time.monotonic() < give_up_at, page.text


def dial(server, path="/ws", **headers):
    """An opening handshake over plain HTTP, for those that are refused: (status, headers, body)."""
    key = base64.b64encode(os.urandom(16)).decode()
    offer = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": key,
    }
    return server.http("GET", path, headers={**offer, **headers})


def documented():
    """Name, type and label of each metric in the table of the documentation."""
    text = (SOURCE_DIR / "docs/operations.md").read_text()
    rows = re.findall(r"^\| `(troupe_\w+)` \| (\w+) \| (?:`(\w+)`)? ?\|", text, re.MULTILINE)
    return {name: (kind, label) for name, kind, label in rows}


def test_what_is_shown_is_documented_and_the_reverse(server):
    page, told = scrape(server), documented()
    assert told, "no table found"
    assert set(page.types) == set(told)
    for name, (kind, label) in told.items():
        assert page.types[name] == kind, name
        for sample, labels in page.samples:
            if page.family(sample) == name:
                names = [key for key, _ in labels if key != "le"]
                assert names == ([label] if label else []), f"{sample}{labels}"


def test_reasons_are_documented(server):
    text = (SOURCE_DIR / "docs/operations.md").read_text()
    section = text[text.index("## Metrics") :].split("\n## ")[0]
    for name, labels in scrape(server).samples:
        if name in (
            "troupe_dropped_total",
            "troupe_connections_refused_total",
            "troupe_nats_dropped_total",
        ):
            assert f"`{labels[0][1]}`" in section, labels


def test_names_follow_the_conventions(server):
    page = scrape(server)
    for name, kind in page.types.items():
        assert re.fullmatch(r"troupe_[a-z_]+", name)
        assert name.endswith("_total") == (kind == "counter"), name
        assert page.helps[name], name
    for sample, _ in page.samples:
        assert page.family(sample) in page.types, sample


def test_histograms_add_up(server):
    with server.member("histograms") as client:
        client.send({"type": "message", "message": 1})
        client.until("message")
    page = until(server, lambda p: p.value("delivery_latency_seconds_count") > 0)
    for family in ("queue_delay_seconds", "delivery_latency_seconds", "turn_seconds"):
        buckets = [
            (float(dict(labels)["le"]), value)
            for (name, labels), value in page.samples.items()
            if name == f"troupe_{family}_bucket"
        ]
        assert len(buckets) > 10
        assert buckets == sorted(buckets), "not cumulative, or out of order"
        assert buckets[-1] == (float("inf"), page.value(f"{family}_count"))
        assert page.value(f"{family}_sum") > 0


def test_connections_come_and_go():
    with Server() as server:
        assert scrape(server).value("connections") == 0
        with server.client() as first, server.client("/chat/a") as second:
            page = scrape(server)
            assert page.value("connections") == 2
            assert page.value("connections_opened_total") == 2
            assert page.value("sockets_accepted_total") >= 3
            assert page.value("rooms") == 1
            assert page.value("actors") >= 1
            assert page.value("ready") == 1
            first.close()
            second.reset()
            page = until(server, lambda p: p.value("connections") == 0)
            assert page.value("connections_closed_total", code="client") == 1
            assert page.value("connections_closed_total", code="lost") == 1


def test_a_message_is_counted_all_the_way():
    with Server() as server:
        with server.member("r", "Ann") as ann, server.member("r", "Ben") as ben:
            ann.until("user_joined")
            before = scrape(server)
            text = "x" * 1000
            ann.send({"type": "message", "message": text})
            ann.until("message")
            ben.until("message")
            page = until(
                server,
                lambda p: p.value("sent_frames_total") >= before.value("sent_frames_total") + 2,
            )

            def grown(name):
                return page.value(name) - before.value(name)

            assert grown("received_frames_total") == 1
            assert grown("received_bytes_total") > 1000
            assert grown("sent_bytes_total") > 2000
            assert grown("deliveries_total") == 2
            assert grown("broadcasts_total") >= 1
            assert grown("delivery_latency_seconds_count") >= 1
            assert grown("queue_delay_seconds_count") >= 1


def test_errors_and_refusals_are_counted_by_code():
    with Server("--limits-bad-frames", 2) as server:
        with server.client() as client:
            client.send({"type": "message", "message": 1})
            client.expect("error", code="not_in_room")
            client.send_text("{")
            client.expect("error", code="bad_json")
            client.send_text("{")
            client.assert_closed_with(1008)
        page = until(server, lambda p: p.value("connections") == 0)
        assert page.value("errors_total", code="not_in_room") == 1
        assert page.value("errors_total", code="bad_json") == 2
        assert page.value("errors_total", code="internal") == 0
        assert page.value("dropped_total", reason="refused") == 1
        assert page.value("connections_closed_total", code="1008") == 1


def test_a_broken_frame_is_counted_by_its_close_code():
    with Server() as server:
        with server.client() as client:
            client.send_frame(TEXT, b"unmasked", masked=False)
            client.assert_closed_with(1002)
        page = until(server, lambda p: p.value("connections") == 0)
        assert page.value("connections_closed_total", code="1002") == 1
        assert page.value("connections_closed_total", code="client") == 0


def test_refused_handshakes_are_counted_by_reason():
    with Server("--limits-connections-max", 1) as server:
        assert dial(server, **{"Sec-WebSocket-Key": "short"})[0] == 400
        with server.client():
            assert dial(server)[0] == 503
            page = scrape(server)
            assert page.value("connections_refused_total", reason="full") == 1
            assert page.value("connections_refused_total", reason="bad_request") == 1
            assert page.value("http_responses_total", status="503") == 1
            assert page.value("http_responses_total", status="400") == 1


def test_a_refused_token_is_counted_and_audited():
    secret, token = "s" * 32, "eyJhbGciOiJub25lIn0.e30.c2lnbmF0dXJl"
    with Server("--auth-secret", secret, "--auth-required", "true") as server:
        with RawClient(server.port, f"/ws?token={token}") as client:
            client.assert_closed_with(1008)
        page = scrape(server)
        assert page.value("connections_refused_total", reason="token") == 1
        assert page.value("connections_opened_total") == 0
        server.stop()
        assert re.search(r"refused authentication audit=true", server.log())
        for hidden in (secret, *token.split(".")):
            assert hidden not in server.log()
            assert hidden not in page.text


def test_a_limited_client_is_counted():
    with Server("--limits-messages-per-minute", 1, "--limits-messages-burst", 1) as server:
        with server.client() as client:
            client.send({"type": "ping"})
            client.expect("pong")
            client.send({"type": "ping"})
            client.expect("error", code="rate_limited")
            page = scrape(server)
            assert page.value("rate_limited_total") == 1
            assert page.value("errors_total", code="rate_limited") == 1


def test_a_slow_consumer_is_counted():
    with Server("--limits-outbox-bytes-max", 65536) as server:
        with server.member("slow", "Speaker") as speaker:
            sleeper = server.client("/ws?user=Sleeper", receive_buffer=4096)
            sleeper.send({"type": "join", "room": "slow"})
            sleeper.expect("joined")
            speaker.expect("user_joined")
            text = "x" * 16_000
            waited = 0.0
            for _ in range(4000):
                speaker.send({"type": "message", "message": text})
                if speaker.read_message()["type"] == "user_left":
                    break
                page = scrape(server)
                waited = max(waited, page.value("outbox_bytes"))
                assert page.value("outboxes_waiting") <= 1
            else:
                raise AssertionError("still a member")
            page = scrape(server)
            assert page.value("connections_closed_total", code="4409") == 1
            assert page.value("dropped_total", reason="slow_consumer") >= 1
            assert 16_000 <= waited <= 65536
            sleeper.socket.close()


def test_nothing_that_a_client_chose_is_on_the_page():
    with Server() as server:
        with server.client("/ws?user=Zaphod") as client:
            client.send({"type": "join", "room": "heartofgold"})
            client.until("joined")
            client.send({"type": "subscribe", "topics": ["improbability"]})
            client.until("subscribed")
            server.http("GET", "/towel")
            text = scrape(server).text
            for word in ("Zaphod", "heartofgold", "improbability", "towel"):
                assert word not in text


def test_the_key_is_asked_for_and_never_shown():
    with Server("--metrics-key", METRICS_KEY) as server:
        for wrong in (None, "", "metrics-tests-key", METRICS_KEY + "x"):
            status, headers, body = server.http("GET", "/metrics", key=wrong)
            assert status == 401
            assert headers["WWW-Authenticate"] == "Bearer"
            assert json.loads(body)["error"]["code"] == "insufficient_permissions"
            assert b"troupe_" not in body
        assert METRICS_KEY not in scrape(server, key=METRICS_KEY).text
        assert server.http("GET", f"/metrics?token={METRICS_KEY}")[0] == 401
        server.stop()
        assert METRICS_KEY not in server.log()


def test_it_can_be_switched_off():
    with Server("--metrics-enabled", "false") as server:
        assert server.http("GET", "/metrics")[0] == 404


def test_methods(server):
    status, headers, body = server.http("HEAD", "/metrics")
    assert status == 200 and body == b"" and int(headers["Content-Length"]) > 1000
    status, headers, _ = server.http("POST", "/metrics")
    assert status == 405
    assert headers["Allow"] == "GET, HEAD"


def test_many_scrapes_at_once_while_others_talk(server):
    """None fails, and counters never shrink from one to the next."""
    failures = []

    def keep_scraping():
        try:
            before = scrape(server)
            for _ in range(20):
                page = scrape(server)
                for (name, labels), value in before.samples.items():
                    if before.types.get(name) == "counter":
                        assert page.samples[name, labels] >= value, name
                before = page
        except BaseException as failure:
            failures.append(failure)

    with server.member("busy") as client:
        threads = [threading.Thread(target=keep_scraping) for _ in range(6)]
        for thread in threads:
            thread.start()
        for i in range(300):
            client.send({"type": "message", "message": i})
            client.until("message", message=i)
        for thread in threads:
            thread.join()
    assert not failures, failures[0]


def dashboard():
    return json.loads((SOURCE_DIR / "docs/grafana.json").read_text())


def expressions(board):
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            assert target["datasource"]["uid"] == "${datasource}", panel["title"]
            yield target["expr"]


def test_the_dashboard_shows_every_metric_and_no_other():
    board = dashboard()
    told = documented()
    shown = set()
    for expression in expressions(board):
        for name in re.findall(r"\btroupe_\w+", expression):
            shown.add(name.removesuffix("_bucket"))
    assert shown == set(told)
    variables = {variable["name"]: variable for variable in board["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    assert variables["datasource"]["query"] == "prometheus"


def test_the_dashboard_groups_by_labels_that_there_are():
    told = documented()
    for expression in expressions(dashboard()):
        for label, name in re.findall(r"sum by \((\w+)\) \(rate\((troupe_\w+)", expression):
            kind, there = told[name.removesuffix("_bucket")]
            assert label == ("le" if kind == "histogram" else there), expression


@pytest.mark.parametrize("field", ["id", "gridPos"])
def test_no_two_panels_of_the_dashboard_collide(field):
    values = [json.dumps(panel[field], sort_keys=True) for panel in dashboard()["panels"]]
    assert len(set(values)) == len(values)
