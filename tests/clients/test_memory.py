"""What is given back is gone: flat memory, and no timers."""

from test_handles import MANY

BATCH = 500


def cycles(client, first, count):
    """Each name is heard, and given back as soon as it is confirmed."""
    for begin in range(first, first + count, BATCH):
        names = [f"t{number}" for number in range(begin, begin + BATCH)]
        for do in ("hear", "unhear"):
            for each in client.start_all([{"do": do, "topic": name} for name in names]):
                each.result()
        client.answers.clear()


def idle(stage, client, names):
    """Its memory when the last of so many names is out."""
    stage.front.until(lambda: sum(len(each["topics"]) if "topics" in each else 1
                                  for each in stage.front.said("unsubscribe")) >= names, "all have left")
    client.stays(lambda: True, 0.2, "")
    return client.memory()


def test_10000_subscribe_and_unsubscribe(setting):
    with setting(*MANY) as stage:
        client = stage.client(leave_ms=1, reset_ms=1)
        cycles(client, 0, 2000)
        before = idle(stage, client, 2000)
        cycles(client, 2000, 10_000)
        after = idle(stage, client, 12_000)
        grown = after["heap"] - before["heap"]
        print(f"grown by {grown} of {before}")
        assert grown < 400_000, f"{grown} bytes more than before, of {before['heap']}"
        assert after["timers"] <= before["timers"], f"{before} {after}"


def test_200_reconnects(stage):
    """Whatever a connection had is gone with it."""
    client = stage.client(base_ms=2, max_ms=4, reset_ms=1)
    client.do("hear", topic="news")

    def cut(times):
        for _ in range(times):
            since = client.mark()
            stage.proxy.reset()
            client.next("position", since, on="topic:news")
        client.stays(lambda: True, 0.2, "")  # what it does behind that is done
        return client.memory()

    before = cut(100)
    after = cut(200)
    grown = after["heap"] - before["heap"]
    print(f"grown by {grown} of {before}")
    assert grown < 400_000, f"{grown} bytes more than before, of {before['heap']}"
    assert after["timers"] <= before["timers"], f"{before} {after}"
