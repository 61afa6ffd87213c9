"""The parts that know no socket, each by itself."""

import json
from math import inf

import pytest

from troupe_client import Gap, Options, Position, TroupeError, amounts
from troupe_client.audience import Audience, overflow
from troupe_client.backoff import Backoff
from troupe_client.mailbox import Ended, Mailbox
from troupe_client.names import check, matches
from troupe_client.portions import BYTES_MAX, NAMES_MAX, subscribes
from troupe_client.presence import PresenceList
from troupe_client.retry_after import seconds_of
from troupe_client.stand import Stand
from troupe_client.wire import refusal


def highest(low, high):
    return high


def test_delays_double_up_to_the_longest():
    backoff = Backoff(Options(base=1, max=10), highest)
    assert [backoff.next() for _ in range(6)] == [1, 2, 4, 8, 10, 10]
    backoff.reset()
    assert backoff.next() == 1


def test_delays_have_a_floor_and_are_spread():
    backoff = Backoff(Options(base=1, max=30))
    delays = [backoff.next() for _ in range(2000)]
    assert min(delays) >= 0.1
    assert max(delays) <= 30
    later = delays[10:]
    assert 13 < sum(later) / len(later) < 17


def test_what_the_server_asks_for_comes_first():
    backoff = Backoff(Options(base=1, max=10), highest)
    assert backoff.next(after=42.5, retry_after=3) == 42.5
    assert backoff.next(retry_after=60) == 61
    assert backoff.next(retry_after=1e9) == 3601
    assert backoff.next(after=0) == 8, "says nothing"


@pytest.mark.parametrize("asked", [{"after": 0.5}, {"retry_after": 5}])
def test_an_attempt_that_the_server_has_set_is_the_first_one(asked):
    backoff = Backoff(Options(base=1, max=10), highest)
    backoff.next(**asked)
    assert backoff.next() == 2
    backoff.reset()
    assert backoff.next() == 1


@pytest.mark.parametrize(
    "header, seconds",
    [
        *(("5", 5), ("0", 0), ("-3", 0), (None, None), ("soon", None), ("1e9", 3600), ("9" * 999, 3600), ("nan", None)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600),
    ],
)
def test_retry_after(header, seconds):
    assert seconds_of(header) == seconds


NO_NUMBERS = ["x", None, True, [], {}, float("nan")]


def test_numbers_that_a_server_says():
    assert [amounts.number(each) for each in NO_NUMBERS] == [None] * len(NO_NUMBERS)
    assert [amounts.number(each) for each in (3, -1.5, 10**400, -(10**400))] == [3, -1.5, inf, -inf]
    assert [amounts.wait(each) for each in (3, -1.5, 10**400, 1e300, -inf)] == [3, 0, 3600, 3600, 0]


@pytest.mark.parametrize("said, told", [("soon", None), (-9, 0), (1e300, 3_600_000), (float("nan"), None), (250, 250)])
def test_when_to_try_again_is_a_number(said, told):
    assert TroupeError.of({"code": "rate_limited", "retry_after_ms": said}).retry_after_ms == told


def test_a_date_that_is_over():
    assert seconds_of("Wed, 21 Oct 2015 07:28:00 GMT") == 0


def standing(offset):
    stand = Stand()
    stand.place(Position("e", offset))
    return stand


def test_each_message_counts_once():
    stand = standing(3)
    assert [stand.take({"type": "message", "offset": each}) for each in (4, 4, 3, 5)] == [0, None, None, 0]
    assert stand.recover() == {"epoch": "e", "offset": 5}


def test_previous_says_what_a_message_follows():
    stand = standing(37)
    assert stand.take({"type": "publication", "offset": 40, "prev": 37}) == 0
    assert stand.take({"type": "publication", "offset": 52, "prev": 45}) == 5
    assert stand.take({"type": "publication", "offset": 55}) == 2
    assert stand.take({"type": "publication", "offset": 52, "prev": 45}) is None


def test_what_has_no_number_of_its_own():
    stand = standing(3)
    for frame in ({"type": "user_joined"}, {"type": "history", "offset": 1}, {"type": "signal", "data": 1}):
        assert stand.take(frame) == 0
    assert stand.position == Position("e", 3)


def test_an_answer_counts_only_if_it_is_the_next():
    stand = standing(3)
    stand.said(Position("e", 5))
    stand.said(Position("other", 4))
    assert stand.position == Position("e", 3)
    stand.said(Position("e", 4))
    assert stand.position == Position("e", 4)


def test_a_gap_moves_on_and_never_back():
    stand = standing(3)
    assert (stand.skip(7), stand.skip(7), stand.skip(2)) == (True, False, False)
    assert stand.position == Position("e", 7)


async def test_a_queue_tells_what_it_dropped():
    box = Mailbox(3, overflow)
    for number in range(5):
        box.put(number)
    assert [await box.get() for _ in range(4)] == [Gap("queue_full", 2), 2, 3, 4]
    box.put(5)
    box.end()
    box.put(6)
    assert await box.get() == 5
    with pytest.raises(Ended):
        await box.get()


@pytest.mark.parametrize(
    "pattern, topic, does",
    [
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("a.*", "a.b.c", False),
        ("a.>", "a.b.c", True),
        ("a.>", "a", False),
        (">", "a", True),
        ("*.b", "a.b", True),
        ("*.b", "a.c", False),
        ("*", "a.b", False),
    ],
)
def test_patterns(pattern, topic, does):
    assert matches(pattern, topic) is does


@pytest.mark.parametrize(
    "kind, name", [("room", "poll/a:b@c-d_e"), ("topic", "a.b"), ("pattern", "*.a.>"), ("room", "x" * 128)]
)
def test_good_names(kind, name):
    check(kind, name)


@pytest.mark.parametrize("kind, name", [("room", "a.*"), ("topic", ">"), ("pattern", ">.a"), ("pattern", "a*.b")])
def test_bad_names(kind, name):
    with pytest.raises(TroupeError):
        check(kind, name)


@pytest.mark.parametrize("length", [5, 100, 128])
def test_portions(length):
    """Many in one frame, and no frame too long, with positions too."""
    topics = [Audience("topic", f"t{number:04}".ljust(length, "x")) for number in range(1000)]
    for topic in topics[::2]:
        topic.stand.place(Position("k3x9-7", 10**9))
    frames = [frame for frame, _ in subscribes(topics)]
    assert [name for frame in frames for name in frame["topics"]] == [topic.name for topic in topics]
    assert max(len(frame["topics"]) for frame in frames) <= NAMES_MAX
    assert max(len(json.dumps(frame)) for frame in frames) <= BYTES_MAX
    assert len(frames) <= 8 if length == 5 else len(frames) <= 20


def test_presence_goes_by_itself():
    topics = [Audience("topic", name) for name in "abc"]
    topics[1].presence = True
    assert [frame for frame, _ in subscribes(topics)] == [
        {"type": "subscribe", "topics": ["a", "c"]},
        {"type": "subscribe", "topics": ["b"], "presence": True},
    ]


def test_a_list_of_people():
    people = PresenceList()
    ann, ben = {"user": "Ann", "user_id": 1, "connections": 1}, {"user": "Ben", "from": "c", "connections": 1}
    people.take({"type": "presence", "count": 1, "users": [ann]})
    people.take({"type": "presence_diff", "count": 2, "joins": [ben], "updates": [{**ann, "state": {"away": True}}]})
    assert people.entries == [{**ann, "state": {"away": True}}, ben]
    people.take({"type": "presence_diff", "count": 1, "leaves": [{"user": "Ann", "user_id": 1}, {"from": "nobody"}]})
    assert (people.entries, people.count) == ([ben], 1)
    assert people.frame("room", "r") == {"type": "presence", "room": "r", "count": 1, "users": [ben]}


def test_what_is_known_of_an_attempt_that_failed():
    assert refusal(ConnectionRefusedError(111, "refused")).reason == "ConnectionRefusedError: [Errno 111] refused"
    assert refusal(TimeoutError()).reason == "TimeoutError"
