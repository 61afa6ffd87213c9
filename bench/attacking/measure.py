"""One attack: on the server, with the honest pair beside it, and then as much of the same on a server
that throws everything away."""

import statistics
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from . import attacker, discarder, pair
from .attacks import Attack
from .processes import OTHERS, SERVER, Child
from .server import Server, between, cpu_seconds, longest, quantile

LATENCY_MAX = 0.005  # seconds: p99 from reading a message to having written it
TURN_MAX = 0.010


@dataclass(frozen=True)
class Setting:
    build: Path
    seconds: float
    baseline_seconds: float
    calm_seconds: float  # before the attack, and after it, before what has been left is looked at
    server_options: list = field(default_factory=list)


@dataclass
class Outcome:
    """Times in seconds, memory in KiB, CPU in percent of a processor."""

    name: str
    dials_per_second: float
    units_per_second: float
    attacker_cpu: float
    server_cpu: float
    kernel_cpu: float | None
    rss: tuple  # before, at most, after
    log_bytes: int
    latency: float | None  # p99
    turn: float | None  # the longest
    turns: list  # (upper end of a bucket, how many)
    round_trips: tuple  # p50, p99, of the pair
    messages: int
    errors: list

    def broken_bars(self) -> list:
        found = []
        if self.errors:
            found.append("errors")
        if self.latency is not None and self.latency > LATENCY_MAX:
            found.append("latency")
        if self.turn is not None and self.turn > TURN_MAX:
            found.append("turn")
        return found

    def as_json(self) -> dict:
        return {**asdict(self), "broken_bars": self.broken_bars()}


def measure(attack: Attack | None, setting: Setting) -> Outcome:
    """Without an attack: what all is when nobody attacks. Raises Failed."""
    tls, metrics_key = (attack.tls, attack.metrics_key) if attack else (False, False)
    prepared = attack.prepare() if attack else None
    with Server(setting.build, tls, metrics_key, setting.server_options) as server, \
            Child(OTHERS, pair.run, server.port) as honest:
        honest.hear()
        time.sleep(setting.calm_seconds)
        server.forget_peak()
        if prepared is None:
            before = server.sample()
            time.sleep(setting.seconds)
            done, after = attacker.Done(0, 0, setting.seconds, 0.0), server.sample()
        else:
            done, before, after = under_attack(prepared, server, setting.seconds)
        time.sleep(setting.calm_seconds)
        last = server.sample()
        honest.tell("stop")
        report = honest.hear()
    turns = between(before.turns, last.turns)
    return Outcome(
        name=attack.name if attack else "nobody",
        dials_per_second=done.dials / done.seconds,
        units_per_second=done.units / done.seconds,
        attacker_cpu=100 * done.cpu / done.seconds,
        server_cpu=100 * (after.cpu - before.cpu) / (after.when - before.when),
        kernel_cpu=kernel_share(prepared, done, setting.baseline_seconds) if prepared else None,
        rss=(before.rss_kib, after.rss_peak_kib, last.rss_kib),
        log_bytes=last.log_bytes - before.log_bytes,
        latency=quantile(between(before.latency, last.latency), 0.99),
        turn=longest(turns),
        turns=turns,
        round_trips=percentiles(report.round_trips),
        messages=report.said,
        errors=report.errors)


def under_attack(prepared: attacker.Prepared, server: Server, seconds: float) -> tuple:
    """What came of it, and how the server was before and after."""
    with Child(OTHERS, attacker.run, prepared, server.port, seconds, None) as eve:
        before = server.sample()
        eve.tell("go")
        return eve.hear(), before, server.sample()


def kernel_share(prepared: attacker.Prepared, done: attacker.Done, seconds: float) -> float:
    """What the kernel needs for as many dials and as much data, when nobody looks at it."""
    pace = attacker.Pace(done, prepared.connections)
    with Child(SERVER, discarder.run) as server, \
            Child(OTHERS, attacker.run, prepared, server.hear(), seconds, pace) as eve:
        _, before = cpu_seconds(server.pid)
        eve.tell("go")
        again = eve.hear()
        share = 100 * (cpu_seconds(server.pid)[1] - before) / again.seconds
        return share * max(1.0, done.rate() / max(again.rate(), 1))  # where it did not manage as much


def percentiles(times: list) -> tuple:
    if len(times) < 2:
        return (0.0, 0.0)
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return cuts[49], cuts[98]
