"""A storm: messages are published in every way, while the connections of many clients break in every
way, and they come back. One client's connection never breaks: it is the witness of what was said."""

import http.client
import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from harness import API_KEY, DEADLINE, SOURCE_DIR, TEXT, Closed, Server, exchange
from nats_figures import is_connected, until
from nats_raw import RawNats
from nats_server import NatsServer
from recovery_retries import RetryingPublisher

sys.path.insert(0, str(SOURCE_DIR / "tests/tools"))
from fault_proxy import ProxyProcess  # noqa: E402

STEP = 0.02  # seconds
PROCESSES = 4
# More than a stalled connection holds: on the first the namespace drops messages, on the second it closes.
LONG = {"storm.t1": 8_000, "storm.r1": 8_000, "storm.t2": 8_000}
CONFIG = """
[defaults]
room_history_messages = 100
topic_history_messages = 1000
topic_history_seconds = 600
history_bytes = 67108864

[[namespace]]
match = ["storm.t1", "storm.r1"]
subscribe = "anyone"
join = "anyone"
publish = "anyone"
slow_consumer = "drop_oldest"

[[namespace]]
match = "storm.>"
subscribe = "anyone"
join = "anyone"
publish = "anyone"
history = "anyone"

[[bridge.rule]]
subject = "storm.topic.*"
topic = "storm.{1}"

[[bridge.rule]]
subject = "storm.room.*"
room = "storm.{1}"
"""


class Witness:
    """A member of all rooms and subscriber of all topics. Keeps every numbered frame as it came."""

    def __init__(self, server, topics, rooms):
        self.frames = {name: [] for name in (*topics, *rooms)}
        self.epochs = {}
        self.client = server.client()
        self.client.send({"type": "subscribe", "topics": topics})
        positions = self.client.until("subscribed")["positions"]
        self.epochs.update({name: at["epoch"] for name, at in positions.items()})
        for room in rooms:
            self.client.send({"type": "join", "room": room})
            self.epochs[room] = self.client.until("joined", room=room)["epoch"]
        self.count = 0
        self.failure = None
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def _read(self):
        try:
            while True:
                opcode, payload = self.client.read_frame()
                if opcode == TEXT:
                    self._take(payload)
        except (Closed, OSError, AssertionError) as why:
            self.failure = why

    def _take(self, payload):
        frame = json.loads(payload)
        name = frame.get("room") or frame.get("topic")
        if frame["type"] in ("message", "publication"):
            self.frames[name].append(payload)
            assert frame["offset"] == len(self.frames[name]), "the witness itself has missed something"
            self.count += 1
        elif frame["type"] == "error":
            raise AssertionError(frame)

    def wait_for(self, count):
        give_up_at = time.monotonic() + DEADLINE
        while self.count < count:
            assert self.failure is None, self.failure
            assert time.monotonic() < give_up_at, f"{self.count} of {count} were heard"
            time.sleep(0.01)

    def ends(self):
        return {name: {"epoch": self.epochs[name], "offset": len(frames)}
                for name, frames in self.frames.items()}

    def said(self, name):
        """[[way, number], ...] by offset."""
        found = map(json.loads, self.frames[name])
        return [(frame.get("message") or frame["data"])[:2] for frame in found]


class Publisher:
    """Says something on a topic or in a room: by frame, by HTTP or by NATS, or on a topic over
    connections that break. Each way counts its own."""

    def __init__(self, server, nats, ports):
        self.server = server
        self.http = http.client.HTTPConnection("127.0.0.1", server.port, timeout=DEADLINE)
        self.nats = RawNats(nats.port)
        self.retrying = RetryingPublisher(ports)
        self.client = None  # a member of all rooms
        self.counts = Counter()
        self.said = {}  # name: way: numbers

    def say(self, name, is_room):
        way = random.choices(("frame", "http", "nats", "retry"), (5, 2, 2, 0 if is_room else 2))[0]
        self.counts[way] += 1
        number = self.counts[way]
        self.said.setdefault(name, {}).setdefault(way, []).append(number)
        content = [way, number, "x" * random.randrange(LONG.get(name, 400))]
        getattr(self, "_by_" + way)(name, is_room, content)

    def _by_frame(self, name, is_room, content):
        self.client.send({"type": "message", "room": name, "message": content} if is_room else
                         {"type": "publish", "topic": name, "data": content})

    def _by_http(self, name, is_room, content):
        path, body = ((f"/api/v1/rooms/{name}/message", {"message": content}) if is_room else
                      ("/api/v1/publish", {"topic": name, "data": content}))
        status, _, answer = exchange(self.http, "POST", path, body, key=API_KEY)
        assert status == 200, answer

    def _by_nats(self, name, is_room, content):
        kind = "room" if is_room else "topic"
        self.nats.send(f"storm.{kind}.{name.rpartition('.')[2]}", content)

    def _by_retry(self, name, _, content):
        self.retrying.say(name, content[1], content)

    def finish(self):
        """All that was said is on its way from the server now."""
        self.retrying.finish()
        self.nats.flush()

    def close(self):
        self.http.close()
        self.nats.close()


class SwarmProcess:
    """A process full of clients: recovery_clients.py."""

    def __init__(self, ports, clients):
        program = str(Path(__file__).parent / "recovery_clients.py")
        self.process = subprocess.Popen(
            [sys.executable, program, json.dumps({"ports": ports, "clients": clients})],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def stop(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def finish(self, ends, seconds):
        self.process.stdin.write(json.dumps({"ends": ends, "seconds": seconds}) + "\n")
        self.process.stdin.flush()

    def report(self):
        return json.loads(self.process.stdout.readline())

    def kill(self):
        self.process.kill()
        self.process.wait(DEADLINE)
        self.process.stdin.close()
        self.process.stdout.close()


class Trouble:
    """What happens to the connections, step by step. It is all over after `end`."""

    def __init__(self, proxies, swarms, faults_per_step):
        self.proxies = proxies
        self.swarms = swarms
        self.rate = faults_per_step
        self.counts = Counter()
        self._later = []  # (at which step, what)
        self._step = 0
        self._dead = set()

    def step(self):
        self._step += 1
        due = [what for at, what in self._later if at <= self._step]
        self._later = [each for each in self._later if each[0] > self._step]
        for what in due:
            what()
        if random.random() < self.rate:
            self._break_one()
        if self._step % 100 == 50:
            self._stop_a_process()
        if self._step % 125 == 100:
            self._kill_a_proxy()

    def _in(self, seconds, what):
        self._later.append((self._step + int(seconds / STEP), what))

    def _break_one(self):
        proxy = random.choice(self.proxies)
        if proxy in self._dead:
            return
        there = [each["id"] for each in proxy.connections() if each["state"] == "open"]
        if not there:
            return
        fault = random.choices(("reset", "cut", "half_open", "stall"), (4, 3, 2, 2))[0]
        self.counts[fault] += 1
        which = {"connections": [random.choice(there)]}
        if fault == "stall":
            proxy.stall("down", **which)
            self._in(random.uniform(0.5, 2), lambda: proxy in self._dead or proxy.heal(**which))
        else:
            proxy.do({"do": fault, **which})

    def _stop_a_process(self):
        self.counts["process stopped"] += 1
        swarm = random.choice(self.swarms)
        swarm.stop()
        self._in(random.uniform(0.3, 3), swarm.go_on)

    def _kill_a_proxy(self):
        proxy = random.choice(self.proxies)
        if proxy in self._dead:
            return
        self.counts["proxy killed"] += 1
        self._dead.add(proxy)
        proxy.kill()

        def start():
            proxy.start()
            self._dead.discard(proxy)

        self._in(0.3, start)

    def end(self):
        for _, what in self._later:
            what()
        self._later = []


def storm(folder, publishes, clients, seconds, seed):
    """The whole of it, as an Outcome. The seed decides what is said and what breaks, not when."""
    print(f"seed {seed}")
    random.seed(seed)
    names = max(4, clients // 10)
    topics = [f"storm.t{i}" for i in range(1, names // 2 + 1)]
    rooms = [f"storm.r{i}" for i in range(1, names // 2 + 1)]
    config = folder / "troupe.toml"
    config.write_text(CONFIG)
    options = ("--config", config, "--server-heartbeat-seconds", 1, "--server-loops", 2,
               "--limits-outbox-bytes-max", 65536)
    with NatsServer() as nats, Server("--nats-url", nats.url, *options) as server, \
            ProxyProcess(server.port) as wide, \
            ProxyProcess(server.port, "--receive-buffer", 4096) as narrow:
        until(server, is_connected)
        each = [(random.sample(topics, 1), random.sample(rooms, 1)) for _ in range(clients)]
        swarms = [SwarmProcess([wide.port, narrow.port], each[i::PROCESSES])
                  for i in range(PROCESSES)]
        try:
            trouble = Trouble([wide, narrow], swarms, clients / 60)
            publisher = Publisher(server, nats, [wide.port, narrow.port])
            return Storm(server, publisher, topics, rooms, swarms, trouble).run(publishes, seconds)
        finally:
            for swarm in swarms:
                swarm.kill()


class Storm:
    def __init__(self, server, publisher, topics, rooms, swarms, trouble):
        self.server = server
        self.rooms = set(rooms)
        self.witness = Witness(server, topics, rooms)
        self.publisher = publisher
        self.publisher.client = self.witness.client
        self.swarms = swarms
        self.trouble = trouble

    def run(self, publishes, seconds):
        names = list(self.witness.frames)
        steps = max(1, int(seconds / STEP))
        begun, said = time.monotonic(), 0
        for step in range(1, steps + 1):
            while said < publishes * step // steps:
                name = random.choice(names)
                for _ in range(min(random.randint(1, 10), publishes - said)):  # as people do: in bursts
                    self.publisher.say(name, name in self.rooms)
                    said += 1
            self.trouble.step()
            time.sleep(max(0.0, begun + step * STEP - time.monotonic()))
        took = time.monotonic() - begun
        self.trouble.end()
        self.publisher.finish()
        self.witness.wait_for(said)
        outcome = Outcome(self, took)
        self.publisher.close()
        return outcome


class Outcome:
    """What everybody has seen, and what the server still knows of it."""

    def __init__(self, run, took):
        ends = run.witness.ends()
        for swarm in run.swarms:
            swarm.finish(ends, DEADLINE)
        reports = [swarm.report() for swarm in run.swarms]
        self.counts = sum((Counter(each["counts"]) for each in reports), Counter())
        self.behind = sum(each["behind"] for each in reports)
        self.complaints = [line for each in reports for line in each["complaints"]]
        self.complaints += self._differences(run.witness, reports)
        self.complaints += self._lost(run.witness, run.publisher)
        self.published = run.publisher.counts
        self.retries = run.publisher.retrying
        self.trouble = run.trouble.counts
        self.took = took
        self.frames = run.witness.frames
        self.pages = {name: history(run.server, "rooms" if name in run.rooms else "topics", name)
                      for name in self.frames}

    @staticmethod
    def _differences(witness, reports):
        """What a client was told otherwise than the witness."""
        for report in reports:
            for label, by_offset in report["contents"].items():
                name, epoch = label.split()
                if epoch != witness.epochs[name]:
                    yield f"{name} has another epoch, {epoch}"
                    continue
                said = witness.said(name)
                for offset, content in by_offset.items():
                    if said[int(offset) - 1] != content:
                        yield f"{name}: {offset} is {content}, and {said[int(offset) - 1]} was said"

    @staticmethod
    def _lost(witness, publisher):
        """Where what was heard is not what was said, once and in order."""
        for name, ways in publisher.said.items():
            heard = {way: [] for way in ways}
            for way, number in witness.said(name):
                heard[way].append(number)
            for way, numbers in ways.items():
                if heard[way] != numbers:
                    times = Counter(heard[way])
                    lost = [number for number in numbers if number not in times]
                    twice = [number for number, count in times.items() if count > 1]
                    yield (f"{name}, by {way}: lost {lost[:9]}, doubled {twice[:9]}, "
                           f"or in another order, of {len(numbers)}")

    def lines(self):
        def line(title, counts):
            return f"{title}: " + ", ".join(f"{counts[key]:,} {key}" for key in sorted(counts))

        asked = self.counts["recovered"] + self.counts["told that it is not recovered"]
        true = 100 * self.counts["recovered"] / max(1, asked)
        return [
            f"published in {self.took:.0f} s, {line('by way', self.published)}",
            f"the retrying publisher had {self.retries.connections} connections "
            f"and said {self.retries.repeated} messages again",
            line("done to connections", self.trouble),
            line("what clients saw", self.counts),
            f"asked to recover {asked:,} times, {true:.1f} % true",
        ]


def history(server, kind, name):
    """All that the server keeps of it, the oldest first, as the bytes of each page's `messages`."""
    pages, before = [], ""
    while True:
        status, _, body = server.http("GET", f"/api/v1/{kind}/{name}/history?limit=1000{before}",
                                      key=API_KEY)
        assert status == 200, body
        answer = json.loads(body)
        found = body.partition(b'"messages":[')[2].rpartition(b'],"more"')[0]
        pages.insert(0, (answer["messages"], found))
        if not answer["more"]:
            return pages
        before = f"&before={answer['messages'][0]['offset']}"
