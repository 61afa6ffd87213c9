"""A process that stands still for a while, as a laptop that is closed."""

import time

import pytest

QUICK = {"ping_ms": 500, "dead_ms": 500}


def test_what_waits_is_read_before_it_is_judged(stage):
    """All timers are late, and nothing was heard for long: but it is all there, and the connection is good."""
    client = stage.client(**QUICK)
    client.do("hear", topic="news")
    client.suspend()
    time.sleep(1)
    stage.publish("news", *range(50))
    time.sleep(1.5)
    since = client.mark()
    client.resume()
    client.until_heard("topic:news", 49)
    assert client.contents("topic:news") == list(range(50))
    client.stays(lambda: client.states[-1] == "open", 1.5, "declared dead")
    assert client.states.count("open") == 1, client.told()
    assert not client.of("state", since), client.told()


def test_an_answer_that_waits_is_read_before_it_is_judged(stage):
    """It had asked whether the server is there, and then stood still: the answer is there, only not read."""
    client = stage.client(**QUICK)
    client.do("hear", topic="news")
    stage.proxy.stall("down")
    stage.until_said("ping")
    client.suspend()
    stage.proxy.heal()
    stage.publish("news", *range(5))
    time.sleep(2.5)
    since = client.mark()
    client.resume()
    client.until_heard("topic:news", 4)
    client.stays(lambda: not client.of("state", since), 0.8, "declared dead")


def test_the_server_has_closed_meanwhile(setting):
    """4408: it comes back, and has everything."""
    with setting("--server-heartbeat-seconds", 1) as stage:
        client = stage.client(**QUICK)
        client.do("hear", topic="news")
        stage.publish("news", 1)
        client.until_heard("topic:news", 1)
        since = client.mark()
        client.suspend()
        stage.front.until(lambda: stage.visits[0].answers("disconnect"), "the end of patience")
        stage.publish("news", 2, 3)
        client.resume()
        client.state("open", since)
        client.until_heard("topic:news", 3)
        assert client.contents("topic:news") == [1, 2, 3]


@pytest.mark.long
def test_stopped_for_90_seconds(stage):
    """With the heartbeat of a real server, which has given the client up by then."""
    client = stage.client()
    client.do("hear", topic="news")
    stage.publish("news", 1)
    client.until_heard("topic:news", 1)
    since = client.mark()
    client.suspend()
    time.sleep(30)
    stage.publish("news", 2)
    time.sleep(60)
    stage.publish("news", 3)
    begun = time.monotonic()
    client.resume()
    client.until_heard("topic:news", 3)
    print(f"had everything {time.monotonic() - begun:.2f} s after it went on, {client.states}")
    assert client.contents("topic:news") == [1, 2, 3]
    assert len([each for each in client.of("state", since) if each["state"] == "open"]) <= 1
