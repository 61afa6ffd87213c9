"""What a server may be configured to do: greet, compress, ask in its own rhythm, put somebody out of a room."""

import pytest


def test_a_greeting(setting, tmp_path):
    """Who comes is sent what was said last, as a frame of its own."""
    config = tmp_path / "troupe.toml"
    config.write_text('[[namespace]]\nmatch = ">"\nsubscribe = "anyone"\njoin = "anyone"\npublish = "anyone"\n'
                      'history = "anyone"\ngreet = 5\n')
    with setting("--config", config) as stage:
        stage.say("lobby", *range(8))
        stage.publish("news", *range(8))
        client = stage.client()
        for held, on in (({"room": "lobby"}, "room:lobby"), ({"topic": "news"}, "topic:news")):
            client.do("hear", **held)
            client.until(lambda: client.heard(on, "history"), "the greeting")  # noqa: B023
            [page] = client.heard(on, "history")
            assert [each["offset"] for each in page["messages"]] == [4, 5, 6, 7, 8]
        # A page is no message: what follows is number nine.
        stage.say("lobby", "next")
        client.until_heard("room:lobby", "next")
        assert client.contents("room:lobby") == ["next"]


def test_compression(setting):
    """Where the server offers it, a client may take it or not; both work."""
    with setting("--deflate-enabled", "true", receive_buffer=65536) as stage:
        client = stage.client()
        client.do("hear", topic="news")
        long = [[number, "all work and no play " * 200] for number in range(50)]
        stage.publish("news", *long)
        client.until_heard("topic:news", long[-1])
        assert client.contents("topic:news") == long


@pytest.mark.long
def test_the_watch_dog_keeps_the_heartbeat_of_the_server(setting):
    """Without an option of its own: nothing was heard for longer than `heartbeat`."""
    with setting("--server-heartbeat-seconds", 1) as stage:
        client = stage.adapter()
        del client.options["ping_ms"]
        client.open(stage.url)
        client.state("open")
        client.stays(lambda: client.states[-1] == "open", 6, "heartbeats were heard")
        assert not stage.front.said("ping")
        stage.proxy.stall("down")
        [asked] = stage.until_said("ping")
        assert asked["type"] == "ping"
