"""`close()` in every state: all is over within a second, nothing comes again, and no timer is left."""

import pytest
from answers import closes, silence
from stage import token

STATES = ["connecting", "asked for a token", "open", "with requests", "waiting", "long waiting", "joining", "refreshing",
          "closing by the server", "half open", "closed by 4403", "just now"]


def bring(stage, state):
    """A client in this state, and the requests that are in hand."""
    plain = {"connecting": "connecting", "waiting": "waiting", "long waiting": "waiting"}
    if state == "connecting":
        stage.front.play_always(silence)
    if state in ("waiting", "long waiting"):
        stage.proxy.refuse()
    if state in plain:
        slow = {"base_ms": 60_000, "max_ms": 60_000} if state == "long waiting" else {}
        client = stage.client(wait=False, **slow)
        client.state(plain[state])
        return client, [client.start("say", room="r", message=1), client.start("hear", topic="t")]
    if state == "closed by 4403":
        stage.front.play_always(closes(4403, "Kicked"))
        client = stage.client(wait=False)
        client.state("closed")
        return client, []
    if state == "just now":
        return stage.client(wait=False), []
    if state == "asked for a token":
        client = stage.client(wait=False, provider=True)
        client.next("token_wanted")
        return client, []
    return bring_open(stage, state)


def bring_open(stage, state):
    if state == "refreshing":
        client = stage.client(wait=False, provider=True)
        client.give(client.next("token_wanted"), token(2.2))
        client.next("token_wanted", reason="refresh")
        return client, []
    client = stage.client()
    client.do("hear", room="r")
    if state == "open":
        return client, []
    if state == "half open":
        stage.proxy.half_open()
        return client, []
    if state == "closing by the server":
        stage.proxy.stall("down")
        stage.replace_server()
        return client, []
    stage.proxy.stall("down")
    if state == "joining":
        return client, [client.start("hear", room="s"), client.start("hear", topic="s")]
    return client, client.start_all([{"do": "say", "room": "r", "message": 1}, {"do": "history", "room": "r"}])


@pytest.mark.parametrize("state", STATES)
def test_close_while(setting, state):
    with setting(keyed=True) as stage:
        client, replies = bring(stage, state)
        took = client.close()
        assert took < 1.0, f"took {took:.2f} s"
        assert client.states[-1] == "closed"
        assert client.states.count("closed") == 1, "told twice"
        assert [each.code(1) for each in replies] == ["closed"] * len(replies)
        assert client.memory()["timers"] in (0, -1)
        client.stays(lambda: True, 0.1, "")  # a connection on its way arrives
        stage.proxy.accept()
        visits, events = len(stage.visits), client.mark()
        client.stays(lambda: len(stage.visits) == visits and client.mark() == events, 0.3, "went on")
        assert client.start("say", room="r", message=1).code(1) == "closed"
        assert client.close() < 1.0, "once more"


def test_the_server_is_told(stage):
    """An end of one's own is a close frame with 1000."""
    client = stage.client()
    client.do("hear", room="lobby")
    with stage.other() as ann:
        ann.send({"type": "join", "room": "lobby"})
        ann.until("joined")
        client.close()
        ann.until("user_left")
    stage.front.until(lambda: stage.visits[0].ended_at, "its end")
    assert stage.visits[0].close_code == 1000
    last = client.of("state")[-1]
    assert (last["state"], last["code"]) == ("closed", 1000)
