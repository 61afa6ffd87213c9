"""Positions: what is recovered, what is not, and what is told of it to the handlers of that room or topic."""

import pytest
from answers import plays

EPOCH = "k3x9-1"


def test_more_was_missed_than_is_kept(setting):
    short = ("--defaults-topic-history-messages", 3, "--defaults-topic-history-seconds", 600,
             "--defaults-room-history-messages", 3)
    with setting(*short, keeps=()) as stage:
        client = stage.client()
        client.do("hear", topic="news")
        client.do("hear", room="lobby")
        stage.publish("news", 0)
        stage.say("lobby", 0)
        for on in ("topic:news", "room:lobby"):
            client.until_heard(on, 0)
        since = client.mark()
        stage.proxy.kill()
        client.state("waiting", since)
        stage.publish("news", *range(1, 10))
        stage.say("lobby", *range(1, 10))
        stage.proxy.accept()
        for on in ("topic:news", "room:lobby"):
            told = client.next("position", since, on=on)
            assert (told["recovered"], told["offset"]) == (False, 10)
        stage.publish("news", "next")
        stage.say("lobby", "next")
        for on in ("topic:news", "room:lobby"):
            client.until_heard(on, "next")
            assert client.contents(on, since) == ["next"]


def test_asks_from_where_it_stands(stage):
    """`recover` names the position of the last frame, for rooms and topics; what was never heard has none."""
    client = stage.client()
    client.do("hear", topic="news")
    client.do("hear", room="lobby")
    last = stage.publish("news", *range(7))
    in_room = stage.say("lobby", *range(5))
    client.until_heard("topic:news", 6)
    client.until_heard("room:lobby", 4)
    first = stage.visits[0]
    assert all("recover" not in each or not each["recover"] for each in first.frames("subscribe"))
    stage.proxy.cut()
    client.times("open", 2)
    [again] = stage.until_said("subscribe", 2)[1:]
    assert again["recover"] == {"news": {"epoch": last["epoch"], "offset": 7}}
    [joined] = stage.until_said("join", 2)[1:]
    assert joined["recover"] == {"epoch": in_room["epoch"], "offset": 5}


def test_a_frame_that_comes_twice_is_heard_once(stage):
    """At the seam of two connections, say."""
    def publication(offset):
        return {"type": "publication", "topic": "d", "data": offset, "from": "server", "offset": offset,
                "timestamp": "2026-01-31T12:00:00.000Z"}

    async def script(talk):
        talk.tell(talk.greeting())
        asked = await talk.hear("subscribe")
        talk.tell(subscribed(asked, 0))
        for offset in (1, 2, 2, 1, 3):
            talk.tell(publication(offset))
        await talk.close(1011)

    async def again(talk):
        talk.tell(talk.greeting())
        asked = await talk.hear("subscribe")
        assert asked["recover"] == {"d": {"epoch": EPOCH, "offset": 3}}, asked
        talk.tell(subscribed(asked, 3, recovered=True, top=4))
        for offset in (3, 4, 4, 5):
            talk.tell(publication(offset))
        await talk.to_the_end()

    stage.front.play(plays(script), plays(again))
    client = stage.client(wait=False)
    client.do("hear", topic="d")
    client.until_heard("topic:d", 5)
    assert client.contents("topic:d") == [1, 2, 3, 4, 5]


def test_lost_in_the_middle_of_what_was_missed(stage):
    """What had come counts, and not what was promised."""
    def publication(offset):
        return {"type": "publication", "topic": "d", "data": offset, "from": "server", "offset": offset,
                "timestamp": "2026-01-31T12:00:00.000Z"}

    def script(stands, frames, ends):
        async def play(talk):
            talk.tell(talk.greeting())
            talk.tell(subscribed(await talk.hear("subscribe"), stands, **({"recovered": True, "top": 9} if stands else {})))
            for offset in frames:
                talk.tell(publication(offset))
            await (talk.close(1011) if ends else talk.to_the_end())
        return plays(play)

    stage.front.play(script(0, (1, 2), True), script(2, (3, 4, 5), True), script(5, (6, 7, 8, 9, 10), False))
    client = stage.client(wait=False)
    client.do("hear", topic="d")
    client.until_heard("topic:d", 10)
    assert client.contents("topic:d") == list(range(1, 11))
    asked = [each["recover"]["d"]["offset"] for each in stage.until_said("subscribe", 3)[1:]]
    assert asked == [2, 5]


def test_frames_that_nobody_knows(stage):
    """A newer server may say more; and an `event` is as good as a publication."""
    async def script(talk):
        talk.tell(talk.greeting())
        talk.tell({"type": "weather", "rain": True})
        talk.tell({"type": "weather", "room": "somewhere else", "rain": True})
        talk.tell({**subscribed(await talk.hear("subscribe"), 0), "more": [1]})
        talk.tell({"type": "order_created", "topic": "d", "data": 1, "from": "server", "offset": 1, "new": {}})
        await talk.to_the_end()

    stage.front.play(plays(script))
    client = stage.client()
    client.do("hear", topic="d")
    client.until_heard("topic:d", 1)
    assert client.heard("topic:d", "order_created")[0]["new"] == {}
    assert "waiting" not in client.states


def subscribed(asked, offset, **more):
    answer = {"type": "subscribed", "topics": ["d"],
              "positions": {"d": {"epoch": EPOCH, "offset": offset, "recovered": False, **more}}}
    return {**answer, "id": asked["id"]} if "id" in asked else answer


def test_a_gap_of_a_slow_reader(setting, tmp_path):
    """It reaches the handler in its place; what follows is in order, and the position is the gap's."""
    config = tmp_path / "troupe.toml"
    config.write_text('[[namespace]]\nmatch = ">"\nsubscribe = "anyone"\njoin = "anyone"\npublish = "anyone"\n'
                      'slow_consumer = "drop_oldest"\n')
    with setting("--config", config, "--limits-outbox-bytes-max", 65536, receive_buffer=4096) as stage:
        client = stage.client(ping_ms=20_000)
        client.do("hear", topic="news")
        stage.publish("news", 0)
        client.until_heard("topic:news", 0)
        stage.proxy.stall("down")
        long = "x" * 4000
        stage.publish("news", *[[number, long] for number in range(400)])
        stage.proxy.heal()
        gap = client.next("gap", on="topic:news")["frame"]
        assert gap["dropped"] > 0
        stage.publish("news", "last")
        client.until_heard("topic:news", "last")
        heard = [each["offset"] for each in client.heard("topic:news")]
        assert heard == sorted(set(heard)) and len(heard) + gap["dropped"] >= 402 - 400


def test_messages_that_are_gone_are_a_gap(stage):
    """While it was away, one has expired: the rest comes, and the hole is told."""
    client = stage.client()
    client.do("hear", topic="news")
    stage.publish("news", 1)
    client.until_heard("topic:news", 1)
    since = client.mark()
    stage.proxy.kill()
    client.state("waiting", since)
    stage.api("publish", {"topic": "news", "data": "gone", "ttl_ms": 1})
    stage.publish("news", 3)
    stage.proxy.accept()
    client.until_heard("topic:news", 3)
    assert client.contents("topic:news") == [1, 3]
    gap = client.next("gap", since, on="topic:news")["frame"]
    assert (gap["expired"], gap["offset"]) == (True, 2)


# Durable topics, which number what is on a whole stream: the transcript of one, as the protocol will have it.
DURABLE = [
    {"type": "publication", "topic": "d", "data": "a", "offset": 40, "prev": 37},
    {"type": "publication", "topic": "d", "data": "b", "offset": 41},
    {"type": "publication", "topic": "d", "data": "c", "offset": 52, "prev": 41},
    {"type": "publication", "topic": "d", "data": "c", "offset": 52, "prev": 41},
    {"type": "publication", "topic": "d", "data": "d", "offset": 60, "prev": 52},
]


@pytest.mark.parametrize("with_position", [False, True])
def test_durable_topics(stage, with_position):
    """`prev` says what a frame follows; `position` moves the place without a message."""
    stands = 75 if with_position else 60

    async def script(talk):
        talk.tell(talk.greeting())
        talk.tell(subscribed(await talk.hear("subscribe"), 37))
        for frame in DURABLE:
            talk.tell({**frame, "from": "server", "timestamp": "2026-01-31T12:00:00.000Z"})
        if with_position:
            talk.tell({"type": "position", "topic": "d", "epoch": EPOCH, "offset": 75})
        talk.tell({"type": "ping"})
        await talk.hear("publish")
        await talk.close(1011)

    async def again(talk):
        talk.tell(talk.greeting())
        asked = await talk.hear("subscribe")
        talk.tell(subscribed(asked, asked["recover"]["d"]["offset"], recovered=True, top=90))
        talk.tell({"type": "publication", "topic": "d", "data": "e", "offset": 90, "prev": stands,
                   "from": "server", "timestamp": "2026-01-31T12:00:00.000Z"})
        await talk.to_the_end()

    stage.front.play(plays(script), plays(again))
    client = stage.client(wait=False)
    client.do("hear", topic="d")
    client.until_heard("topic:d", "d")
    if with_position:
        told = client.until(lambda: client.of("position", on="topic:d", offset=75), "the position")[0]
        assert told["epoch"] == EPOCH
    client.start("publish", topic="d", data="go on")
    client.until_heard("topic:d", "e")
    assert client.contents("topic:d") == ["a", "b", "c", "d", "e"]
    assert not client.of("gap"), "nothing was missing"
    [again] = stage.until_said("subscribe", 2)[1:]
    assert again["recover"] == {"d": {"epoch": EPOCH, "offset": stands}}
