"""What is measured: one entry a case, in the order of the page's tables."""

import sys
from dataclasses import dataclass


@dataclass
class Case:
    name: str
    title: str
    mode: str  # of the load generator
    flags: list
    smoke: list | None = None  # flags of the short version; None: not part of the smoke run
    guard: list | None = None  # flags of many short runs (bench/guard); None: not guarded
    once: bool = False  # slow and steady: measured in the first round only
    growth: str = ""  # which curve it is a point of ...
    x: float = 0  # ... and where
    paced: bool = False  # latency means something


CASES = [
    Case("fanout-flat", "1,000 subscribers, flat out (64 broadcasts outstanding)", "fanout",
         ["-n", "1000", "--window", "64", "--duration", "4", "--warmup", "1"],
         smoke=["-n", "100", "--window", "16", "--duration", "1", "--warmup", "0"],
         guard=["-n", "1000", "--window", "64", "--duration", "2", "--warmup", "0.5"]),
    Case("fanout-50", "1,000 subscribers, 50 broadcasts/s", "fanout",
         ["-n", "1000", "--rate", "50", "--duration", "6", "--warmup", "1"], paced=True,
         smoke=["-n", "100", "--rate", "20", "--duration", "1", "--warmup", "0"],
         guard=["-n", "1000", "--rate", "50", "--duration", "3", "--warmup", "0.5"]),
    Case("fanout-10k", "10,000 subscribers, 2 broadcasts/s", "fanout",
         ["-n", "10000", "--rate", "2", "--duration", "8", "--warmup", "1"], paced=True,
         guard=["-n", "10000", "--rate", "2", "--duration", "4", "--warmup", "1"]),
    Case("rooms", "2,000 clients in rooms of 20, 1 message/s each", "rooms",
         ["-n", "2000", "--room-size", "20", "--rate", "1", "--duration", "6", "--warmup", "1"],
         paced=True, smoke=["-n", "100", "--room-size", "10", "--rate", "2", "--duration", "1",
                            "--warmup", "0"],
         guard=["-n", "2000", "--room-size", "20", "--rate", "1", "--duration", "3",
                "--warmup", "0.5"]),
    Case("connect", "connection set-up", "connect", ["-n", "2000", "--cycles", "4"],
         smoke=["-n", "100", "--cycles", "2"], guard=["-n", "2000", "--cycles", "6"]),
    Case("idle-10k", "10,000 idle connections", "idle", ["-n", "10000", "--duration", "2"],
         smoke=["-n", "200", "--duration", "0.5"],
         guard=["-n", "10000", "--duration", "0.1"]),
    Case("idle-19k", "19,000 idle connections, 65 s", "idle", ["-n", "19000", "--duration", "65"],
         once=True),
]


def chosen(names: str | None, everything: list, what: str) -> list:
    """Those of `everything` that are named, separated by commas; all when there are no names."""
    if not names:
        return everything
    wanted = names.split(",")
    unknown = [name for name in wanted if name not in {one.name for one in everything}]
    if unknown:
        print(f"no such {what}: {', '.join(unknown)}", file=sys.stderr)
        sys.exit(2)
    return [one for one in everything if one.name in wanted]


def growth_cases():
    """Points of the curves that show how costs grow, for the project's own server and the floor."""
    cases = []

    def add(curve, x, mode, flags):
        cases.append(Case(f"{curve}-{x}", f"{curve} {x:,}", mode,
                          [*flags, "--duration", "4", "--warmup", "1"], once=True, growth=curve,
                          x=x, paced=True))

    for members in (10, 100, 1_000, 5_000, 10_000, 19_000):
        add("subscribers", members, "fanout",
            ["-n", str(members), "--rate", str(max(1, 40_000 // members))])
    for rooms in (1, 10, 100, 1_000, 9_500):
        add("rooms", rooms, "rooms",
            ["-n", str(2 * rooms), "--room-size", "2",
             "--rate", str(max(0.2, min(1_000, 5_000 / rooms)))])
    for size in (10, 30, 100, 300, 1_000):
        add("members of a room", size, "rooms",
            ["-n", str(3 * size), "--room-size", str(size), "--talkers", "1",
             "--rate", str(10_000 / size)])
    for size in (64, 256, 1_024, 4_096, 16_384, 60_000):
        add("bytes of a message", size, "fanout",
            ["-n", "200", "--payload", str(size), "--rate", "50"])
    return cases
