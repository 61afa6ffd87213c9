"""Two shows, which print figures: a thousand subscriptions that come back, and two thousand clients through a drain
and a restart. Only with --long."""

import collections
import json
import os
import subprocess
import time

import pytest
from adapters import NODE, client_module
from harness import SOURCE_DIR
from stage import Stage
from test_handles import MANY, check_portions
from waiting import DEADLINE, poll

pytestmark = pytest.mark.long


def test_1000_subscriptions_come_back_after_a_restart(setting):
    names = [f"orders.{number}" for number in range(1000)]
    with setting(*MANY) as stage:
        client = stage.client(base_ms=1000, max_ms=30_000)
        for each in client.start_all([{"do": "hear", "topic": name} for name in names]):
            each.result()
        since = client.mark()
        stage.stop_server()
        client.state("waiting", since)
        stage.start_server()
        restarted = time.monotonic()
        opened = client.state("open", since)["at"]
        client.until(lambda: len(client.of("position", since)) >= 1000, "all positions")
        positions = client.of("position", since)
        assert not any(each["recovered"] for each in positions)
        visit = stage.visits[-1]
        check_portions(visit, names)
        sent = visit.frames("subscribe")
        print(f"\n{stage.name}: 1,000 subscriptions are back {positions[-1]['at'] - opened:.3f} s after the connection, "
              f"{positions[-1]['at'] - restarted:.3f} s after the server; {len(sent)} subscribe of at most "
              f"{max(len(each['topics']) for each in sent)} names and {max(visit.sizes):,} bytes, "
              f"{len(visit.told)} frames back")
        stage.publish(names[999], "there")
        client.until_heard(f"topic:{names[999]}", "there")


CLIENTS = int(os.environ.get("TROUPE_CROWD", 2000))
PROCESSES = 4
DRAIN_SECONDS = 10


class Crowd:
    """A process full of clients: crowd.mjs."""

    def __init__(self, url, clients, first):
        what = {"module": client_module().as_uri(), "url": url, "clients": clients, "first": first}
        self.process = subprocess.Popen([NODE, str(SOURCE_DIR / "tests/clients/crowd.mjs"), json.dumps(what)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ready(self):
        assert json.loads(self.process.stdout.readline())["ready"]

    def report(self, line="report"):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.kill()
        self.process.wait(DEADLINE)
        self.process.stdin.close()
        self.process.stdout.close()


def per_second(times):
    return collections.Counter(int(each) for each in times)


@pytest.mark.parametrize("next_server", ["is there already", "starts when the old one is gone"])
def test_2000_clients_through_a_drain_and_a_restart(name, next_server):
    if name != "js":
        pytest.skip("a crowd of the JavaScript client")
    # The limits on rates are the server's own.
    usual = ("--limits-messages-per-minute", 6000, "--server-drain-seconds", DRAIN_SECONDS)
    with Stage(name, *usual) as stage:
        url = f"ws://127.0.0.1:{stage.front.port}/ws"
        crowds = [Crowd(url, CLIENTS // PROCESSES, index * CLIENTS // PROCESSES) for index in range(PROCESSES)]
        try:
            for each in crowds:
                each.ready()
            drain_and_restart(stage, crowds, next_server == "is there already")
        finally:
            for each in crowds:
                each.end()


def drain_and_restart(stage, crowds, overlapping):
    before, old = len(stage.visits), stage.server
    for each in crowds:
        each.report("drain")
    begun = time.monotonic()
    if overlapping:
        stage.replace_server()
    else:
        stage.api("drain")
    old.wait(DRAIN_SECONDS + DEADLINE)
    gone = time.monotonic() - begun
    if not overlapping:
        stage.start_server()
    poll(lambda: all(each.report()["open"] == CLIENTS // PROCESSES for each in crowds), "everybody is back", 120, 0.5)
    back = time.monotonic() - begun
    poll(lambda: sum(sum(each.report()["back"].values()) for each in crowds) >= 2 * CLIENTS, "everybody is told", DEADLINE, 0.5)
    reports = [each.report() for each in crowds]

    told = [(at, frame["after_ms"]) for visit in stage.visits[:before] for at, frame in visit.told
            if frame["type"] == "disconnect"]
    asked = per_second(at + after / 1000 - begun for at, after in told)
    came = [visit for visit in stage.visits[before:] if visit.path]
    tried = per_second(visit.came_at - begun for visit in came)
    accepted = per_second(visit.came_at - begun for visit in came if visit.status == 101)
    print(f"\n{CLIENTS} clients, and the next server {'is there' if overlapping else 'starts when the old one is gone'}: "
          f"the old one was gone after {gone:.1f} s, everybody was back after {back:.1f} s\n"
          f"in a second: after_ms asked for at most {max(asked.values())}; tried {max(tried.values())}, accepted "
          f"{max(accepted.values())}; {len(came)} attempts in all\n"
          f"accepted by second: {[accepted[second] for second in range(max(accepted) + 1)]}")
    assert len(told) == CLIENTS == sum(accepted.values())
    if overlapping:
        assert max(accepted.values()) <= 2 * max(asked.values())
    else:
        # Whose time came before there was a server has drawn short delays since, and comes besides the others.
        assert max(accepted.values()) <= 2 * CLIENTS / DRAIN_SECONDS
    check_nobody_was_hurt(stage, reports)


def check_nobody_was_hurt(stage, reports):
    assert sum(each["recovered"] for each in reports) == 0
    for kind in ("room", "topic"):
        assert sum(each["back"][kind] for each in reports) == CLIENTS, "somebody was not told recovered:false"
    assert [each["ended"] for each in reports] == [[]] * len(reports)
    assert [each["errors"] for each in reports] == [[]] * len(reports), "somebody was refused for his rate"
    codes = {frame["close_code"] for visit in stage.visits for _, frame in visit.told if frame["type"] == "disconnect"}
    assert codes == {1001}, codes
