"""Clients whose connections break come back and have everything, or are told what they have not."""

import json
import os
import sys
import time

import pytest
from harness import API_KEY, DEADLINE, RawClient, Server
from nats_figures import is_connected, until
from nats_raw import RawNats
from nats_server import NatsServer
from recovery_storm import CONFIG, SOURCE_DIR, history, storm

sys.path.insert(0, str(SOURCE_DIR / "tests/tools"))
from fault_proxy import FaultProxy  # noqa: E402

KEEPS = ("--defaults-topic-history-messages", 1000, "--defaults-topic-history-seconds", 600,
         "--defaults-history-bytes", 16 << 20)


def through(proxy, server):
    client = RawClient(proxy.port)
    client.connection = client.expect("connection")
    return client


def subscribe(client, topic, seen=None):
    client.send({"type": "subscribe", "topic": topic, "recover": {topic: seen} if seen else {}})
    return client.until("subscribed")["positions"][topic]


def publish(server, topic, data):
    status, answer = server.api("/api/v1/publish", {"topic": topic, "data": data})
    assert status == 200
    return answer


@pytest.fixture(scope="module")
def keeping_server():
    with Server(*KEEPS) as running:
        yield running


@pytest.mark.parametrize("fault", ["cut", "reset", "half_open", "kill"])
def test_who_comes_back_gets_what_it_missed_and_then_what_is_said(keeping_server, fault):
    server, topic = keeping_server, f"news.{fault}"
    with FaultProxy(server.port) as proxy, through(proxy, server) as client:
        at = subscribe(client, topic)
        publish(server, topic, 1)
        at["offset"] = client.expect("publication", data=1)["offset"]
        getattr(proxy, fault)()
        for data in (2, 3):
            publish(server, topic, data)
        proxy.accept()
        with through(proxy, server) as back:
            told = subscribe(back, topic, at)
            assert told == {**at, "recovered": True, "top": 3}
            back.expect("publication", data=2, offset=2)
            back.expect("publication", data=3, offset=3)
            publish(server, topic, 4)
            back.expect("publication", data=4, offset=4)


def test_a_replay_that_nobody_takes_ends_with_4409_and_others_get_theirs():
    with Server(*KEEPS, "--limits-replay-stall-seconds", 1) as server:
        for number in range(200):
            published = publish(server, "long", [number, "x" * 50_000])
        at = {"epoch": published["epoch"], "offset": 0}
        with FaultProxy(server.port, receive_buffer=4096) as proxy:
            with through(proxy, server) as stalled, through(proxy, server) as slow:
                proxy.stall("down", client_port=stalled.socket.getsockname()[1])
                stalled.send({"type": "subscribe", "topic": "long", "recover": {"long": at}})
                assert subscribe(slow, "long", at)["recovered"]
                for offset in range(1, 201):
                    slow.expect("publication", offset=offset)
                until_closed(server, 4409, 1)
                proxy.heal()
                closed, messages = stalled.read_to_close()
                assert closed.code == 4409
                assert messages[-1]["type"] == "disconnect"
                offsets = [each["offset"] for each in messages if each["type"] == "publication"]
                assert offsets == list(range(1, len(offsets) + 1)), "up to there nothing is missing"


def until_closed(server, code, count):
    """So many connections were closed with this code."""
    line = f'troupe_connections_closed_total{{code="{code}"}} {count}\n'
    wait_for(lambda: line in server.http("GET", "/metrics")[2].decode())


def wait_for(true):
    give_up_at = time.monotonic() + DEADLINE
    while not (found := true()):
        assert time.monotonic() < give_up_at
        time.sleep(0.01)
    return found


def test_who_comes_back_into_the_room_for_all():
    with Server("--server-default-room", "all") as server, server.client("/chat/all") as ann:
        with server.client("/ws") as ben:
            seen = {"epoch": ben.connection["epoch"], "offset": ben.connection["offset"]}
            assert (ben.connection["room"], "recovered" in ben.connection) == ("all", False)
        for number in (1, 2):
            ann.send({"type": "message", "message": number})
        ann.until("message", message=2)
        with server.client(f"/ws?epoch={seen['epoch']}&offset={seen['offset']}") as ben:
            assert [ben.connection[key] for key in ("offset", "recovered", "top")] == [seen["offset"], True, 2]
            ann.send({"type": "message", "message": 3})
            assert [ben.expect("message")["message"] for _ in range(3)] == [1, 2, 3]
        with server.client("/ws?epoch=another&offset=1") as ben:
            assert (ben.connection["offset"], ben.connection["recovered"]) == (3, False)


def test_a_position_without_a_room_for_all_is_ignored():
    with Server() as server, server.client("/ws?epoch=another&offset=1") as client:
        assert not {"room", "epoch", "offset", "recovered"} & set(client.connection)
        client.send({"type": "join", "room": "r"})
        assert client.expect("joined")["offset"] == 0


def none_exists(server):
    status, _, body = server.http("GET", "/api/v1/stats", key=API_KEY)
    stats = json.loads(body)
    return status == 200 and stats["rooms"] == 0 and stats["topics"] == 0


def test_everybody_was_away_until_the_actors_were_gone(tmp_path):
    config = tmp_path / "troupe.toml"
    config.write_text(CONFIG)
    soon = ("--limits-topic-idle-timeout-seconds", 0.05, "--limits-room-idle-timeout-seconds", 0.05)
    with NatsServer() as nats, Server("--nats-url", nats.url, "--config", config, *soon) as server, \
            RawNats(nats.port) as service:
        until(server, is_connected)
        with server.client() as client:
            topic = subscribe(client, "storm.t2")
            client.send({"type": "join", "room": "storm.r2"})
            room = client.until("joined")
            publish(server, "storm.t2", ["first"])
            topic["offset"] = client.expect("publication")["offset"]
            client.send({"type": "message", "message": ["first"]})
            room["offset"] = client.expect("message")["offset"]
            client.close()
        wait_for(lambda: none_exists(server))

        for number in range(50):
            service.send("storm.topic.t2", ["nats", number])
            service.send("storm.room.r2", ["nats", number])
            service.flush()
        for kind, name in (("topics", "storm.t2"), ("rooms", "storm.r2")):
            wait_for(lambda: len(history(server, kind, name)[0][0]) == 51)  # noqa: B023
        wait_for(lambda: none_exists(server))

        with server.client() as client:
            assert subscribe(client, "storm.t2", topic)["recovered"]
            on_topic = [client.read_frame()[1] for _ in range(50)]
            seen = {"epoch": room["epoch"], "offset": room["offset"]}
            client.send({"type": "join", "room": "storm.r2", "recover": seen})
            assert client.expect("joined")["recovered"]
            in_room = [client.read_frame()[1] for _ in range(50)]
        path = f"/chat/storm.r2?epoch={room['epoch']}&offset={room['offset']}"
        with server.client(path) as client:
            assert client.connection["recovered"]
            assert [client.read_frame()[1] for _ in range(50)] == in_room
        for frames in (on_topic, in_room):
            assert [json.loads(each)["data"] for each in frames] == [["nats", n] for n in range(50)]
        for kind, name, frames in (("topics", "storm.t2", on_topic), ("rooms", "storm.r2", in_room)):
            [(_, kept)] = history(server, kind, name)
            assert kept.endswith(b",".join(frames))


def test_in_a_storm_nobody_misses_anything_unknowingly(tmp_path):
    """Larger with these variables: scripts/test --long publishes 100,000 times to 200 clients."""
    publishes = int(os.environ.get("TROUPE_STORM_PUBLISHES", 5_000))
    clients = int(os.environ.get("TROUPE_STORM_CLIENTS", 40))
    seconds = float(os.environ.get("TROUPE_STORM_SECONDS", 10))
    seed = os.environ.get("TROUPE_STORM_SEED", "1")
    outcome = storm(tmp_path, publishes, clients, seconds, seed)
    print("\n".join(outcome.lines()))

    assert outcome.complaints == []
    assert outcome.counts["missing and not told"] == 0
    assert outcome.counts["twice"] == 0
    assert outcome.behind == 0, "rooms and topics of which somebody never saw the end"
    assert outcome.counts["recovered"] > clients, "hardly anybody came back: this proves nothing"
    assert outcome.counts["recovered messages"] > clients
    assert sum(outcome.published.values()) == publishes
    for name, pages in outcome.pages.items():
        kept = [message for messages, _ in pages for message in messages]
        assert b",".join(found for _, found in pages) == b",".join(outcome.frames[name][-len(kept) :])
        most = 100 if name.startswith("storm.r") else 1000
        assert len(kept) == min(most, len(outcome.frames[name]))
