"""Rooms and topics as handles: counted, in frames of many, and brought back."""

import json

import pytest

MANY = ("--limits-topics-per-connection-max", 2000, "--limits-names-made-per-minute", 100_000_000,
        "--limits-connection-share", 100, "--limits-user-share", 100, "--limits-address-share", 100)


def names_of(frame):
    return frame.get("topics") or [frame["topic"]]


def check_portions(visit, names):
    """All names come once, at most 128 and 16 KiB a frame, and in no more frames than that takes."""
    frames = visit.frames("subscribe")
    portions = [names_of(each) for each in frames]
    assert sorted(sum(portions, [])) == sorted(names)
    assert max(map(len, portions)) <= 128
    sizes = [size for size, (_, each) in zip(visit.sizes, visit.said) if each["type"] == "subscribe"]
    assert max(sizes) <= 16384, sizes
    room_for = min(128, 16384 // max(len(json.dumps(frame)) // len(names_of(frame)) + 1 for frame in frames))
    assert len(frames) <= -(-len(names) // room_for) + 2, f"{len(frames)} frames for {len(names)} names"


def test_the_second_subscriber_sends_nothing(stage):
    client = stage.client()
    client.disordered = {"topic:news", "room:lobby"}
    for held in ({"topic": "news"}, {"room": "lobby"}):
        client.do("hear", **held)
        client.do("hear", **held)
        client.do("unhear", **held)
    stage.publish("news", 1)
    stage.say("lobby", 1)
    client.until_heard("topic:news", 1)
    client.until_heard("room:lobby", 1)
    client.stays(lambda: not stage.front.said("unsubscribe") and not stage.front.said("leave"), 0.3, "left")
    assert (len(stage.front.said("subscribe")), len(stage.front.said("join"))) == (1, 1)


def test_the_last_to_leave_leaves_after_a_while(stage):
    client = stage.client(leave_ms=300)
    client.do("hear", topic="news")
    client.do("hear", room="lobby")
    begun = client.start_all([{"do": "unhear", "topic": "news"}, {"do": "unhear", "room": "lobby"}])
    for each in begun:
        each.result()
    stage.until_said("unsubscribe")
    stage.until_said("leave")
    came = {each["type"]: at for at, each in stage.visits[0].said}
    assert came["leave"] - came["join"] >= 0.28
    assert came["unsubscribe"] - came["subscribe"] >= 0.28


def test_who_is_back_in_time_has_not_left(stage):
    client = stage.client(leave_ms=400)
    client.disordered = {"topic:news"}
    for held in ({"topic": "news"}, {"room": "lobby"}):
        client.do("hear", **held)
        for each in client.start_all([{"do": "unhear", **held}, {"do": "hear", **held}]):
            each.result()
    stage.publish("news", "still there")
    client.until_heard("topic:news", "still there")
    client.stays(lambda: not stage.front.said("unsubscribe") and not stage.front.said("leave"), 0.8, "left")
    assert (len(stage.front.said("subscribe")), len(stage.front.said("join"))) == (1, 1)


@pytest.mark.parametrize("length", [12, 128])
def test_many_subscribes_go_in_portions(setting, length):
    """Those of one tick, and those that come back."""
    names = [f"t{number}".ljust(length, "x") for number in range(300)]
    with setting(*MANY) as stage:
        client = stage.client()
        for each in client.start_all([{"do": "hear", "topic": name} for name in names]):
            each.result()
        assert len(stage.visits[0].frames("subscribe")) < 30, "not one tick's together"
        since = client.mark()
        stage.proxy.cut()
        client.until(lambda: len(client.of("position", since)) >= 300, "all positions")
        visit = stage.visits[-1]
        check_portions(visit, names)
        for name in (names[0], names[299]):
            stage.publish(name, 1)
            client.until_heard(f"topic:{name}", 1)


def test_what_was_given_up_does_not_come_back(stage):
    client = stage.client()
    for topic in ("a", "b"):
        client.do("hear", topic=topic)
    client.do("unhear", topic="a")
    stage.until_said("unsubscribe")
    since = client.mark()
    stage.proxy.cut()
    client.next("position", since, on="topic:b")
    assert sum(map(names_of, stage.visits[-1].frames("subscribe")), []) == ["b"]


def test_given_up_while_away(stage):
    client = stage.client()
    for topic in ("a", "b"):
        client.do("hear", topic=topic)
    client.do("hear", room="r")
    since = client.mark()
    stage.proxy.kill()
    client.state("waiting", since)
    client.do("unhear", topic="a")
    client.do("unhear", room="r")
    client.stays(lambda: True, 0.2, "")  # until they are left
    stage.proxy.accept()
    client.next("position", since, on="topic:b")
    client.do("publish", topic="b", data=1)
    assert sum(map(names_of, stage.visits[-1].frames("subscribe")), []) == ["b"]
    assert not stage.visits[-1].frames("join")


def test_lost_before_it_was_confirmed(stage):
    client = stage.client()
    stage.proxy.stall("down")
    replies = [client.start("hear", topic="news"), client.start("hear", room="lobby")]
    stage.until_said("join")
    stage.until_said("subscribe")
    stage.proxy.reset()
    for each in replies:
        each.result()
    stage.publish("news", 1)
    stage.say("lobby", 1)
    client.until_heard("topic:news", 1)
    client.until_heard("room:lobby", 1)


def test_heard_first_while_away(stage):
    """It is confirmed as soon as there is a connection."""
    stage.proxy.refuse()
    client = stage.client(wait=False)
    replies = client.start_all([{"do": "hear", "topic": "news"}, {"do": "hear", "room": "lobby"}])
    client.times("waiting", 2)
    stage.proxy.accept()
    for each in replies:
        each.result()
    stage.say("lobby", 1)
    client.until_heard("room:lobby", 1)


def test_what_is_refused_is_told_with_its_code(stage):
    client = stage.client()
    bad, good = client.start_all([{"do": "hear", "topic": "no..name"}, {"do": "hear", "room": "lobby"}])
    assert bad.code() == "invalid_name"
    good.result()


def test_patterns(stage):
    client = stage.client()
    client.do("hear", pattern="orders.*")
    client.do("hear", topic="orders.new")
    stage.publish("orders.new", 1)
    stage.publish("orders.old", 2)
    client.until_heard("pattern:orders.*", 2)
    client.until_heard("topic:orders.new", 1)
    assert client.contents("pattern:orders.*") == [1, 2]
    assert client.contents("topic:orders.new") == [1]
    since = client.mark()
    stage.proxy.reset()
    assert client.next("position", since, on="pattern:orders.*")["recovered"] is False
    assert client.next("position", since, on="topic:orders.new")["recovered"] is True
    stage.publish("orders.new", 3)
    client.until_heard("pattern:orders.*", 3)
    client.until_heard("topic:orders.new", 3)
    client.do("unhear", pattern="orders.*")
    stage.until_said("unsubscribe", topics=["orders.*"])
    stage.publish("orders.new", 4)
    client.until_heard("topic:orders.new", 4)
    assert 4 not in client.contents("pattern:orders.*")


def test_presence_comes_back(stage):
    client = stage.client()
    client.do("hear", room="lobby", presence=True)
    client.until(lambda: client.heard("room:lobby", "presence"), "who is there")
    since = client.mark()
    stage.proxy.cut()
    client.until(lambda: client.heard("room:lobby", "presence", since), "who is there, again")
    with stage.other() as ann:
        ann.send({"type": "join", "room": "lobby", "user": "Ann"})
        client.until(lambda: any(entry["user"] == "Ann" for diff in client.heard("room:lobby", "presence_diff", since)
                                 for entry in diff.get("joins", [])), "Ann")
        client.do("set_presence", room="lobby", state={"away": True})
        page = client.do("presence", room="lobby")
        assert page["count"] == 2
        assert {"away": True} in [each.get("state") for each in page["users"]]


def test_signals(stage):
    """They reach the others, and never wait."""
    client = stage.client()
    client.do("hear", room="lobby")
    with stage.other() as ann:
        ann.send({"type": "join", "room": "lobby"})
        ann.until("joined")
        client.do("signal", room="lobby", data={"typing": True})
        assert ann.until("signal")["data"] == {"typing": True}
        ann.send({"type": "signal", "room": "lobby", "data": "back"})
        client.until(lambda: client.heard("room:lobby", "signal"), "the signal")
    since = client.mark()
    stage.proxy.kill()
    client.state("waiting", since)
    assert client.start("signal", room="lobby", data="too late").code() in ("offline", "connection_lost", None)
    stage.proxy.accept()
    client.state("open", since)
    client.do("say", room="lobby", message="later")
    assert [each["data"] for each in stage.front.said("signal")] == [{"typing": True}]
