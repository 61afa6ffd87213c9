"""Connections that break in every way: everybody comes back, and has everything once and in order."""

import random

import pytest
from answers import silence

QUICK = {"ping_ms": 400, "dead_ms": 400}


def hears(client, topic="news", room="lobby"):
    client.do("hear", topic=topic)
    client.do("hear", room=room)


def says(stage, contents):
    stage.publish("news", *contents)
    stage.say("lobby", *contents)


def has_heard(client, contents):
    for on in ("topic:news", "room:lobby"):
        client.until_heard(on, contents[-1])
        assert client.contents(on) == contents, client.told()


@pytest.mark.parametrize("fault", ["cut", "reset", "half_open", "stall", "kill"])
def test_comes_back_with_what_was_missed_after(stage, fault):
    client = stage.client(**QUICK)
    hears(client)
    says(stage, [1, 2])
    has_heard(client, [1, 2])
    since = client.mark()
    getattr(stage.proxy, fault)()
    client.next("state", since, state="waiting")
    says(stage, [3, 4])
    stage.proxy.accept()
    client.state("open", since)
    says(stage, [5])
    has_heard(client, [1, 2, 3, 4, 5])
    for on in ("topic:news", "room:lobby"):
        assert client.next("position", since, on=on)["recovered"] is True
    assert "closed" not in client.states


def test_a_lost_end_is_found_by_asking(stage):
    """Nothing is heard for `ping_ms`: `ping` is sent; nothing for `dead_ms` more: the connection is lost."""
    client = stage.client(**QUICK)
    client.do("hear", topic="news")
    stage.proxy.stall("down")
    since = client.mark()
    stage.publish("news", 1)
    stage.until_said("ping")
    asked_at = stage.visits[0].said[-1][0]
    lost = client.state("waiting", since)
    assert 0.3 < lost["at"] - asked_at < 1.5, client.told()
    client.state("open", since)
    client.until_heard("topic:news", 1)


def test_who_is_heard_is_asked_nothing(stage):
    """As long as something comes, the watch-dog has nothing to do."""
    client = stage.client(ping_ms=500, dead_ms=500)
    client.do("hear", topic="news")
    for number in range(12):
        stage.publish("news", number)
        client.until_heard("topic:news", number)
        client.stays(lambda: client.states[-1] == "open", 0.1, "open")
    assert len(stage.front.said("ping")) <= 1, "asked although something was heard"


def test_a_delay_is_no_loss(stage):
    client = stage.client(ping_ms=600, dead_ms=600)
    hears(client)
    stage.proxy.delay(0.25)
    says(stage, list(range(20)))
    has_heard(client, list(range(20)))
    assert client.do("say", room="lobby", message=20)["offset"] == 21
    client.stays(lambda: client.states[-1] == "open", 1.5, "a slow connection is not a lost one")
    assert client.states.count("open") == 1


def test_an_attempt_ends_by_itself(stage):
    """Nobody answers the handshake: the attempt is given up after `attempt_ms`."""
    stage.front.play(silence, silence)
    client = stage.client(wait=False, attempt_ms=400)
    first = client.state("connecting")
    lost = client.state("waiting")
    assert 0.35 < lost["at"] - first["at"] < 1.5
    client.state("open")
    assert len(stage.visits) >= 3


def test_refused_connections(stage):
    stage.proxy.refuse()
    client = stage.client(wait=False, base_ms=20, max_ms=160)
    client.times("waiting", 8)
    stage.proxy.accept()
    client.state("open")
    assert len(stage.visits) == 1


def test_the_server_crashes_and_starts_again(stage):
    client = stage.client()
    hears(client)
    says(stage, list(range(5)))
    has_heard(client, list(range(5)))
    since = client.mark()
    stage.stop_server()
    client.state("waiting", since)
    stage.start_server()
    client.state("open", since)
    for on in ("topic:news", "room:lobby"):
        assert client.next("position", since, on=on)["recovered"] is False
    # Offsets begin anew, and are not taken for old ones.
    says(stage, ["new", "newer"])
    for on in ("topic:news", "room:lobby"):
        client.until_heard(on, "newer")
        assert client.contents(on, since) == ["new", "newer"]


def test_the_server_drains(setting):
    """It says when to come back, and has spread that over all clients already: nothing is added."""
    with setting("--server-drain-seconds", 1) as stage:
        client = stage.client()
        hears(client)
        since = client.mark()
        stage.replace_server()
        waiting = client.state("waiting", since)
        after = stage.visits[0].answers("disconnect")[0]["after_ms"]
        assert abs(waiting["delay_ms"] - after) <= 60, f"{after} was asked for\n{client.told()}"
        client.state("open", since)
        for on in ("topic:news", "room:lobby"):
            assert client.next("position", since, on=on)["recovered"] is False


def test_a_storm(stage):
    """400 messages by two ways, while connections break in every way about four times a second."""
    random.seed(7)
    client = stage.client(ping_ms=300, dead_ms=200, base_ms=20, max_ms=100)
    hears(client)
    for number in range(200):
        says(stage, [number])
        if number % 15 == 14:
            fault = random.choice(["cut", "reset", "half_open", "stall", "delay"])
            stage.proxy.do({"do": fault, **({"seconds": 0.05} if fault == "delay" else {})})
            client.stays(lambda: True, 0.1, "")
    has_heard(client, list(range(200)))
    assert client.states.count("open") > 3, "it has not been cut off often enough"
