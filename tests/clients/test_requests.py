"""Requests: answered, said again exactly once, waiting while there is no connection, or refused."""

import pytest
from waiting import poll


def away(stage, **how):
    """A client that was open once and waits for its server."""
    client = stage.client(**how)
    client.do("hear", room="lobby")
    since = client.mark()
    stage.proxy.kill()
    client.state("waiting", since)
    return client


def test_answers_carry_positions_and_errors_codes(stage):
    client = stage.client()
    client.do("hear", room="lobby")
    first = client.do("say", room="lobby", message="one")
    second = client.do("say", room="lobby", message="two")
    assert (first["offset"], second["offset"]) == (1, 2) and first["epoch"] == second["epoch"]
    assert client.do("publish", topic="news", data=1, event="order_created")["offset"] == 1
    assert client.start("history", topic="never.heard.of").code() == "not_found"
    assert client.start("publish", topic="no..name", data=1).code() == "invalid_name"
    page = client.do("history", room="lobby", limit=1)
    assert [each["message"] for each in page["messages"]] == ["two"] and page["more"] is True
    ids = [each["id"] for each in stage.front.said() if "id" in each]
    assert len(ids) == len(set(ids)) and all(isinstance(each, int) for each in ids), ids


def test_options_of_a_message(stage):
    client = stage.client()
    client.do("hear", room="lobby")
    client.disordered.add("room:lobby")  # one's own has a place there, and does not come
    client.do("say", room="lobby", message="not to me", options={"except_me": True})
    client.do("say", room="lobby", message="to me")
    client.until_heard("room:lobby", "to me")
    assert client.contents("room:lobby") == ["to me"]
    assert not client.of("gap"), "nothing is missing: its answer took its place"
    client.do("say", room="lobby", message="not to me either", options={"except_me": True})
    stage.proxy.cut()
    assert stage.until_said("join", 2)[1]["recover"]["offset"] == 3


@pytest.mark.parametrize("kind", ["say", "publish"])
def test_an_unanswered_request_is_said_again_once(stage, kind):
    """Under the same `msg_id`, so that it is carried out once; `session` makes that so without a token."""
    client = stage.client()
    client.do("hear", room="lobby")
    stage.proxy.stall("down")
    fields = {"room": "lobby", "message": "once"} if kind == "say" else {"topic": "news", "data": "once"}
    reply = client.start(kind, **fields)
    frame = "message" if kind == "say" else "publish"
    stage.until_said(frame)
    kept = ("rooms", "lobby") if kind == "say" else ("topics", "news")
    poll(lambda: stage.history(*kept), "the server has it")
    stage.proxy.reset()
    position = reply.result()
    said = stage.front.said(frame)
    assert len(said) == 2, said
    assert said[0]["msg_id"] == said[1]["msg_id"] and len(said[0]["msg_id"]) >= 8
    assert position["offset"] == 1
    assert len(stage.history(*kept)) == 1, "carried out twice"


def test_one_that_never_arrived_is_said_again_too(stage):
    client = stage.client(ping_ms=300, dead_ms=300)
    client.do("hear", room="lobby")
    stage.proxy.half_open()
    reply = client.start("say", room="lobby", message="once")
    assert reply.result()["offset"] == 1
    client.until_heard("room:lobby", "once")
    assert len(stage.history("rooms", "lobby")) == 1


def test_said_again_in_order(stage):
    """What was said first comes first, and each once."""
    client = stage.client(ping_ms=300, dead_ms=300)
    client.do("hear", room="lobby")
    stage.proxy.stall("up")
    replies = client.start_all([{"do": "say", "room": "lobby", "message": number} for number in range(20)])
    client.until(lambda: client.states.count("open") == 2, "back")
    assert [each.result()["offset"] for each in replies] == list(range(1, 21))
    client.until_heard("room:lobby", 19)
    assert client.contents("room:lobby") == list(range(20))


def test_ids_are_random(stage):
    """Nobody's `msg_id` may meet another's."""
    ids = set()
    for _ in range(2):
        client = stage.client()
        client.do("publish", topic="news", data=1)
        client.do("publish", topic="news", data=1)
    ids = {each["msg_id"] for each in stage.until_said("publish", 4)}
    assert len(ids) == 4
    assert len(stage.history("topics", "news")) == 4


@pytest.mark.parametrize("do", ["history", "presence", "set_presence"])
def test_others_end_with_connection_lost(stage, do):
    client = stage.client()
    client.do("hear", room="lobby")
    stage.proxy.stall("down")
    fields = {"state": {}} if do == "set_presence" else {}
    reply = client.start(do, room="lobby", **fields)
    stage.until_said(do)
    stage.proxy.reset()
    assert reply.code() == "connection_lost"
    client.times("open", 2)
    client.do("say", room="lobby", message="after that")
    assert len(stage.front.said(do)) == 1


def test_waiting_for_a_connection(stage):
    """What waits is sent once, in order, when there is one."""
    client = away(stage)
    replies = client.start_all([{"do": "say", "room": "lobby", "message": number} for number in range(10)])
    client.stays(lambda: not any(each.is_there() for each in replies), 0.3, "was not patient")
    stage.proxy.accept()
    assert [each.result()["offset"] for each in replies] == list(range(1, 11))
    assert [each["message"] for each in stage.front.said("message")] == list(range(10))


def test_only_so_many_wait(stage):
    client = away(stage, waiting_max=3)
    replies = client.start_all([{"do": "say", "room": "lobby", "message": number} for number in range(5)])
    assert [each.code() for each in replies[3:]] == ["too_many_waiting"] * 2
    stage.proxy.accept()
    assert [each.result()["offset"] for each in replies[:3]] == [1, 2, 3]
    client.do("say", room="lobby", message="last")
    assert [each["message"] for each in stage.front.said("message")] == [0, 1, 2, "last"], "one was sent after all"


def test_only_so_long(stage):
    client = away(stage, deadline_ms=300)
    reply = client.start("say", room="lobby", message="too late")
    assert reply.code(2) == "timeout"
    stage.proxy.accept()
    client.times("open", 2)
    client.do("say", room="lobby", message="last")
    assert [each["message"] for each in stage.front.said("message")] == ["last"], "it was sent after all"


def test_rejecting_while_away(stage):
    client = away(stage, offline="reject")
    for do, fields in (("say", {"room": "lobby", "message": 1}), ("publish", {"topic": "t", "data": 1}),
                       ("history", {"room": "lobby"})):
        assert client.start(do, **fields).code(1) == "offline"
    stage.proxy.accept()
    client.times("open", 2)
    client.do("say", room="lobby", message="last")
    assert [each["message"] for each in stage.front.said("message")] == ["last"]
    assert not stage.front.said("publish") and not stage.front.said("history")
