"""Tokens: who is asked for one, when, how often; and when a client must give up."""

import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from harness import DEADLINE, Closed, RawClient
from stage import token

REQUIRED = ("--auth-required", "true", "--auth-leeway-seconds", 0)


class Provider:
    """Answers every `token_wanted` with what `make(number, reason)` returns; None: not by itself."""

    def __init__(self, stage, make, **options):
        self.make = make
        self.wanted = []
        self.client = stage.adapter()
        self.client.open(stage.url, provider=self, **options)

    def __call__(self, wanted):
        self.wanted.append(wanted)
        answer = self.make(len(self.wanted), wanted["reason"])
        if answer is not None:
            self.client.give(wanted, **(answer if isinstance(answer, dict) else {"token": answer}))

    @property
    def reasons(self):
        return [each["reason"] for each in self.wanted]


@pytest.fixture
def closed_stage(setting):
    with setting(*REQUIRED, keyed=True) as standing:
        yield standing


def test_a_bad_token_is_asked_for_once_more(closed_stage):
    provider = Provider(closed_stage, lambda number, _: token(key="x" * 40) if number == 1 else token())
    provider.client.state("open")
    assert provider.reasons == ["connect", "invalid"]
    assert len(closed_stage.visits) == 2


def test_two_bad_tokens_in_a_row_are_the_end(closed_stage):
    provider = Provider(closed_stage, lambda *_: token(key="x" * 40))
    last = provider.client.state("closed")
    assert (last["code"], last["reason"]) == (1008, "Invalid token")
    provider.client.stays(lambda: len(closed_stage.visits) == 2, 0.6, "came again")
    assert provider.reasons == ["connect", "invalid"]


def test_a_text_that_is_no_good_token_is_the_end(closed_stage):
    client = closed_stage.client(wait=False, token=token(key="x" * 40))
    last = client.state("closed")
    assert (last["code"], last["reason"]) == (1008, "Invalid token")
    client.stays(lambda: len(closed_stage.visits) == 1, 0.6, "came again")


def test_without_a_token_where_one_is_required(closed_stage):
    client = closed_stage.client(wait=False)
    last = client.state("closed")
    assert (last["code"], last["reason"]) == (1008, "Token required")
    client.stays(lambda: len(closed_stage.visits) == 1, 0.6, "came again")


def test_an_expired_token(closed_stage):
    """4401: a new one is asked for, and the client comes back."""
    provider = Provider(closed_stage, lambda number, _: token(-60) if number == 1 else token())
    provider.client.state("open")
    assert provider.reasons == ["connect", "expired"]
    assert "closed" not in provider.client.states


def test_failed_handshakes_ask_for_a_new_token(closed_stage):
    """The client may not be told why: two in a row, and the token may be the reason."""
    closed_stage.proxy.refuse()
    provider = Provider(closed_stage, lambda *_: token(), base_ms=10, max_ms=40)
    provider.client.times("waiting", 9)
    assert 4 <= len(provider.wanted) <= 10, provider.reasons
    closed_stage.proxy.accept()
    provider.client.state("open")


def test_keys_rotate(setting, tmp_path):
    """The key with which the client's token was signed is gone; nothing is lost but the connection."""
    keys = {name: ed25519.Ed25519PrivateKey.generate() for name in ("old", "new")}
    file = tmp_path / "keys.json"

    def publish(*names):
        listed = [{**jwt.get_algorithm_by_name("EdDSA").to_jwk(keys[name].public_key(), as_dict=True),
                   "kid": name, "use": "sig", "alg": "EdDSA"} for name in names]
        for each in listed:
            each.pop("key_ops", None)
        file.write_text(json.dumps({"keys": listed}))

    def signed(name):
        return jwt.encode({"sub": "u1", "exp": 4e9}, keys[name], "EdDSA", headers={"kid": name})

    publish("old")
    with setting("--auth-required", "true", "--auth-jwks-file", file) as stage:
        provider = Provider(stage, lambda _, reason: signed("new" if reason == "invalid" else "old"))
        client = provider.client
        client.state("open")
        client.do("hear", topic="news")
        stage.publish("news", 1)
        client.until_heard("topic:news", 1)
        publish("new")
        until_rotated(stage, signed("new"))
        since = client.mark()
        stage.proxy.cut()
        stage.publish("news", 2)
        client.state("open", since)
        client.until_heard("topic:news", 2)
        assert provider.reasons[-1] == "invalid"
        assert client.contents("topic:news") == [1, 2]


def until_rotated(stage, good):
    """The server looks at the file while tokens come in."""
    give_up_at = time.monotonic() + DEADLINE
    while True:
        with RawClient(stage.server.port, f"/ws?token={good}") as probe:
            try:
                return probe.expect("connection")
            except Closed:
                assert time.monotonic() < give_up_at, "the new keys are not read"
                time.sleep(0.05)


def check_refreshed_in_time(visit, number=0):
    """At a random 75 to 90 % of its time; a busy machine may be a little late."""
    told = [each for each in visit.told if each[1]["type"] == "authenticated"][number]
    said = [at for at, each in visit.said if each["type"] == "refresh"][number]
    took, whole = said - told[0], told[1]["expires_in"]
    assert 0.74 * whole <= took <= 0.9 * whole + 0.6, f"after {took:.2f} s of {whole}"


def test_a_token_is_refreshed_in_its_place(closed_stage):
    """On the same connection."""
    provider = Provider(closed_stage, lambda *_: token(2.5))
    provider.client.state("open")
    closed_stage.until_said("refresh")
    check_refreshed_in_time(closed_stage.visit(1))
    assert provider.reasons == ["connect", "refresh"]
    assert provider.client.states.count("open") == 1


def test_a_clock_that_is_wrong_by_minutes(closed_stage):
    """`expires_in` is measured by a clock that nobody sets: ten minutes fast, and then slow."""
    provider = Provider(closed_stage, lambda *_: token(2.5))
    client = provider.client
    client.state("open")
    for number, minutes in enumerate((10, -20)):
        client.do("clock", shift_ms=minutes * 60_000)
        closed_stage.until_said("refresh", number + 1)
        check_refreshed_in_time(closed_stage.visit(1), number)
        closed_stage.front.until(lambda: len(closed_stage.visit(1).answers("authenticated")) > number + 1,  # noqa: B023
                                 "the new token's time")
    assert client.states.count("open") == 1 and "waiting" not in client.states


def test_a_provider_that_fails(closed_stage):
    """It is asked again, ever later, and the client never ends for it."""
    seconds, good = 1.2, []
    provider = Provider(closed_stage, lambda *_: token() if good else {"fail": "no network"}, base_ms=20, max_ms=200)
    provider.client.stays(lambda: "closed" not in provider.client.states, seconds, "gave up")
    asked = len(provider.wanted)
    assert 3 <= asked <= seconds * 1000 / 40, f"asked {asked} times in {seconds} s"
    assert len(closed_stage.visits) == 0, "came without a token"
    good.append(True)
    provider.client.state("open")


def test_a_provider_that_is_slow(closed_stage):
    """Nobody asks twice meanwhile, and nothing is tried without a token."""
    provider = Provider(closed_stage, lambda *_: None, attempt_ms=400)
    client = provider.client
    client.next("token_wanted")
    client.stays(lambda: len(provider.wanted) == 1 and not closed_stage.visits, 1.2, "was not patient")
    client.give(provider.wanted[0], token())
    client.state("open")
    assert len(provider.wanted) == 1


@pytest.mark.long
def test_providers_that_fail_and_are_slow_for_five_minutes(closed_stage):
    """Two clients, with the usual delays."""
    good = []
    usual = {"base_ms": 1000, "max_ms": 30_000, "attempt_ms": 10_000}
    failing = Provider(closed_stage, lambda *_: token() if good else {"fail": "no network"}, **usual)
    slow = Provider(closed_stage, lambda *_: None, **usual)
    failing.client.stays(lambda: not closed_stage.visits and len(slow.wanted) <= 1, 300, "was not patient")
    asked = len(failing.wanted)
    print(f"\n{closed_stage.name}: a provider that fails for five minutes is asked {asked} times")
    assert 10 <= asked <= 60
    good.append(True)
    slow.client.give(slow.wanted[0], token())
    slow.client.state("open")
    failing.client.state("open", seconds=40)


def test_one_call_of_the_provider_at_a_time(closed_stage):
    """A refresh is in hand when the connection ends: what is answered serves the next one, or nobody."""
    provider = Provider(closed_stage, lambda number, _: token(2.5) if number == 1 else None)
    client = provider.client
    client.next("token_wanted", reason="refresh")
    since = client.mark()
    closed_stage.proxy.reset()
    client.state("waiting", since)
    client.stays(lambda: len(provider.wanted) == 2, 0.7, "asked twice at once")
    provider.make = lambda *_: token()
    client.give(provider.wanted[1], token())
    client.state("open", since)
    assert len(provider.wanted) <= 3


def test_a_provider_that_fails_to_refresh(closed_stage):
    """The connection stays, and it is asked again."""
    provider = Provider(closed_stage, lambda number, _: token(2.5) if number != 2 else {"fail": "no network"},
                        base_ms=50, max_ms=200)
    client = provider.client
    client.state("open")
    closed_stage.until_said("refresh")
    assert provider.reasons[:3] == ["connect", "refresh", "refresh"]
    assert client.states.count("open") == 1 and "waiting" not in client.states


def test_a_refresh_that_the_server_refuses(closed_stage):
    """It changes nothing: the connection stays, and another token is asked for, without haste."""
    bad = [True]
    provider = Provider(closed_stage, lambda number, _: token(key="x" * 40) if bad and number > 1 else token(2.5),
                        base_ms=100, max_ms=400)
    client = provider.client
    client.state("open")
    closed_stage.until_said("refresh", 2)
    assert len(closed_stage.front.said("refresh")) <= 4
    bad.clear()
    visit = closed_stage.visit(1)
    closed_stage.front.until(lambda: len(visit.answers("authenticated")) == 2, "a token that is good")
    assert client.states.count("open") == 1 and "waiting" not in client.states


@pytest.mark.parametrize("when", ["at first", "later"])
def test_a_provider_ends_the_client(closed_stage, when):
    """By StopError alone: he is logged out."""
    stops = [when == "at first"]
    provider = Provider(closed_stage, lambda number, _: {"stop": True} if stops[0] else token(-60 if number == 2 else 600))
    client = provider.client
    if when == "later":
        client.state("open")
        stops[0] = True
        closed_stage.proxy.cut()
        client.until(lambda: client.states[-1] in ("closed", "open") and len(client.states) > 2, "what it does")
        if client.states[-1] == "open":  # it had kept its token
            return
    client.state("closed")
    visits, asked = len(closed_stage.visits), len(provider.wanted)
    client.stays(lambda: len(closed_stage.visits) == visits and len(provider.wanted) == asked, 0.6, "went on")


def test_an_anonymous_client_is_the_same_by_its_session(stage):
    client = stage.client()
    session = stage.visit(1).answers("connection")[0]["session"]
    stage.proxy.cut()
    client.times("open", 2)
    assert stage.visit(2).offered("session") == session
    stage.proxy.cut()
    client.times("open", 3)
    assert stage.visit(3).offered("session") == session
