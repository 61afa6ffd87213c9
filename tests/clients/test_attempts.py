"""How clients try again: inside the bounds, and exactly as long as they should. `rules.py` checks each delay."""

import time

import pytest
from adapters import SEES_STATUS
from answers import closes, reset, status
from stage import token

FAST = {"base_ms": 8, "max_ms": 32}


def delays(client, since=0):
    return [each["delay_ms"] for each in client.of("state", since, state="waiting")]


def test_accepted_and_closed_100_times(stage):
    """A connection that lives for a moment is no reason to begin with short delays again."""
    ways = [closes(greets=False), closes(), closes(1011, "Internal error"), closes(1000)]
    stage.front.play(*ways * 25)
    client = stage.client(wait=False, **FAST)
    stage.visit(101)
    client.until(lambda: client.states[-1] == "open", "open", 5)
    found = delays(client)
    assert len(found) == 100
    later = found[5:]
    mean = sum(later) / len(later)
    assert FAST["max_ms"] * 0.33 < mean < FAST["max_ms"] * 0.67, f"no full jitter: {mean:.1f} of {FAST['max_ms']}"
    assert len({round(each, 1) for each in later}) > 10, "always the same"
    assert "closed" not in client.states


def test_delays_begin_anew_only_after_a_while_open(stage):
    client = stage.adapter()
    stage.front.play(*[reset] * 7)
    client.open(stage.url, base_ms=10, max_ms=2000, reset_ms=400)
    client.state("open")
    client.stays(lambda: client.states[-1] == "open", 0.8, "open")
    since = client.mark()
    stage.proxy.cut()
    first = client.state("waiting", since)
    assert first["delay_ms"] <= 11, "n has not started over"
    client.state("open", since)


@pytest.mark.parametrize("where, user, why", [
    ("", "server", "'user' is a name of the server's own"), ("", "Ann ", "'user' must be"),
    ("/nowhere", None, "No such path"), ("/chat/a..b", None, "Not a valid room name"),
])
def test_what_the_server_does_not_take_is_the_end(stage, where, user, why):
    """It would be the same each time; and the reason is told."""
    client = stage.adapter()
    client.open(stage.url.removesuffix("/ws") + where, user=user)
    closed = client.state("closed")
    assert closed["code"] == 1008 and why in closed["reason"]
    assert len(stage.visits) == 1


def test_the_path_may_be_left_out(stage):
    client = stage.adapter()
    client.open(stage.url.removesuffix("/ws"))
    client.state("open")


def test_the_server_refuses_by_401(setting):
    """`auth.reject` says so. Two handshakes in a row that fail are a reason to ask for a new token."""
    with setting("--auth-required", "true", "--auth-reject", "http", keyed=True) as stage:
        asked = []

        def provide(wanted):
            asked.append(wanted["reason"])
            client.give(wanted, token() if len(asked) >= 2 else token(key="x" * 40))

        client = stage.adapter()
        client.open(stage.url, provider=provide)
        client.state("open")
        assert [each.status for each in stage.visits][:1] == [401]
        assert len(asked) == 2, f"asked {asked}"
        assert len(stage.visits) <= 4


def test_a_token_that_is_a_text_is_refused_by_401(setting):
    """Nobody can be asked for another: it is tried again, ever later."""
    with setting("--auth-required", "true", "--auth-reject", "http", keyed=True) as stage:
        client = stage.client(wait=False, token=token(key="x" * 40), **FAST)
        client.times("waiting", 10)
        assert "closed" not in client.states


def test_429_with_retry_after(setting):
    """The server's own, for an address that has made too many requests that it refused."""
    closed = ("--auth-required", "true", "--auth-reject", "http", "--limits-refused-requests-per-minute", 60)
    with setting(*closed, keyed=True) as stage:
        while stage.server.http("GET", "/nowhere")[0] != 429:
            pass
        asked = []

        def provide(wanted):
            asked.append(wanted["reason"])
            client.give(wanted, token() if len(stage.visits) else token(key="x" * 40))

        client = stage.adapter()
        client.open(stage.url, provider=provide)
        waiting = client.state("waiting")
        assert stage.visits[0].status == 429
        check_patience(stage, waiting)
        client.state("open")


def test_503_with_retry_after(setting):
    """The server's own, when it is full."""
    with setting("--limits-connections-max", 1) as stage:
        with stage.other() as occupant:
            client = stage.client(wait=False)
            waiting = client.state("waiting")
            assert stage.visits[0].status == 503
            check_patience(stage, waiting)
            if not SEES_STATUS[stage.name]:
                occupant.close()
                client.state("open")


def check_patience(stage, waiting):
    """A client that sees `Retry-After` obeys it."""
    asked = stage.visits[0].retry_after * 1000
    assert asked >= 1000
    if SEES_STATUS[stage.name]:
        assert waiting["delay_ms"] >= asked - 1, "did not obey Retry-After"


def test_answers_without_an_upgrade(stage):
    """From a proxy on the way, say; with a Retry-After that is longer than what the client would wait by itself."""
    stage.front.play(status(401), status(429, 1), status(503, 1))
    begun = time.monotonic()
    client = stage.client()
    if SEES_STATUS[stage.name]:
        assert time.monotonic() - begun > 1.9, "did not obey Retry-After"
    assert len(stage.visits) == 4
    assert len(client.of("state", state="waiting")) == 3


def test_comes_back_after_every_other_close(stage):
    """Also after a 1000 that it has not asked for."""
    codes = [1000, 1001, 1003, 1009, 1011, 1013, 4401, 4408, 4409, 4429, 4999]
    stage.front.play(*[closes(code, "Some reason") for code in codes])
    client = stage.client(wait=False, **FAST)
    stage.visit(len(codes) + 1)
    client.until(lambda: client.states[-1] == "open", "open")
    assert "closed" not in client.states


def test_waits_as_long_as_disconnect_says(stage):
    """The server has spread the times already: neither less, nor more, and longer than `max_ms` too."""
    stage.front.play(closes(1001, "Server is going away", disconnect={"reconnect": True, "after_ms": 900}))
    client = stage.client(wait=False, base_ms=20, max_ms=100)
    waiting = client.state("waiting")
    assert abs(waiting["delay_ms"] - 900) <= 60
    stage.visit(2)
    client.state("open", client.events.index(waiting))


def test_an_attempt_that_the_server_has_set_counts(stage):
    """As the first one does that the client has set: those who come when nobody is there spread out from then on."""
    asked = [closes(1001, "Server is going away", disconnect={"reconnect": True, "after_ms": 1})] * 16
    stage.front.play(*asked, reset)
    client = stage.client(wait=False, base_ms=8, max_ms=10**6)
    client.times("waiting", len(asked) + 1)
    assert delays(client)[-1] > 8, "the bound has not doubled"


@pytest.mark.parametrize("code, reason", [
    (1008, "Policy violation"), (1008, "Origin not allowed"), (4403, "Kicked"), (4403, "Revoked")])
def test_gives_up_after(stage, code, reason):
    """Although there is a provider, who could be asked for something."""
    asked = []

    def provide(wanted):
        asked.append(wanted["reason"])
        client.give(wanted, token())

    stage.front.play_always(closes(code, reason, disconnect={"reconnect": False}))
    client = stage.adapter()
    client.open(stage.url, provider=provide)
    last = client.state("closed")
    assert (last["code"], last["reason"]) == (code, reason)
    client.stays(lambda: len(stage.visits) == 1, 0.5, "came again")
    assert len(asked) <= 1
    assert client.start("say", room="lobby", message=1).code() == "closed"


def test_an_admin_puts_a_user_out(setting):
    with setting("--auth-required", "true", keyed=True) as stage:
        client = stage.client(token=token())
        client.do("hear", topic="news")
        stage.api("users/u1/disconnect", {"reason": "Enough"})
        last = client.state("closed")
        assert (last["code"], last["reason"]) == (4403, "Enough")
        client.stays(lambda: len(stage.visits) == 1, 0.5, "came again")
