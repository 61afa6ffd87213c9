"""What user code does must not hurt the client, nor others who listen."""


def test_a_listener_that_throws(stage):
    client = stage.client()
    for held in ({"topic": "news"}, {"room": "lobby"}):
        client.do("throw", **held)
        client.do("hear", **held)
    since = client.mark()
    stage.publish("news", 1, 2)
    stage.say("lobby", 1, 2)
    for on in ("topic:news", "room:lobby"):
        client.until_heard(on, 2)
        assert client.contents(on) == [1, 2]
    client.until(lambda: len(client.of("reported", since)) >= 4, "reported each time")
    stage.proxy.cut()
    client.times("open", 2)
    stage.publish("news", 3)
    client.until_heard("topic:news", 3)
    assert client.do("say", room="lobby", message=3)["offset"] == 3
    assert client.states.count("open") == 2 and "closed" not in client.states


def test_a_flood_is_heard_in_order(stage):
    """Two thousand messages in one go, on top of each other's requests."""
    client = stage.client()
    client.do("hear", topic="news")
    replies = client.start_all([{"do": "publish", "topic": "news", "data": number} for number in range(2000)])
    assert [each.result()["offset"] for each in replies] == list(range(1, 2001))
    client.until(lambda: len(client.events) >= 2000 and client.contents("topic:news")[-1] == 1999, "all")
    assert client.contents("topic:news") == list(range(2000))
