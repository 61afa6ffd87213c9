"""Writes docs/benchmarks.md and its plots from the collected results."""

import os
import platform
from pathlib import Path
from statistics import median

from . import plot
from .outcome import fault
from .texts import ATTACKS, CROWDS, GUARDING, METHOD, MILLION


class Figures:
    """Looks values up in results: {peer: {case: [one JSON object a round]}}."""

    def __init__(self, results: dict):
        self.results = results

    def values(self, peer: str, case: str, *keys: str) -> list:
        found = []
        for run in self.results.get(peer, {}).get(case, []):
            value = run
            for key in keys:
                value = value.get(key) if isinstance(value, dict) else None
            if value is not None and run.get("passed"):
                found.append(value)
        return found

    def median(self, peer, case, *keys):
        found = self.values(peer, case, *keys)
        return median(found) if found else None

    def fault(self, peer, case) -> str:
        runs = self.results.get(peer, {}).get(case, [])
        if not runs:
            return "–"
        return next(filter(None, map(fault, runs)), "")


def amount(value: float) -> str:
    return f"{value:.3f}" if value < 1 else f"{value:.2f}" if value < 10 else f"{value:.0f}"


def with_ratio(figures, peer, case, keys, unit="") -> str:
    values = figures.values(peer, case, *keys)
    if not values:
        return figures.fault(peer, case)
    middle = median(values)
    base = figures.median("floor", case, *keys)
    text = f"{amount(middle)}{unit}"
    if len(values) > 1:
        text += f" ({amount(min(values))}–{amount(max(values))})"
    return text + (f", **{middle / base:.2f}×**" if base else "")


def table(head: list, rows: list) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def cost_table(figures, peers, cases) -> str:
    keys = ("server", "cpu_us_per_delivery")
    return table(["server", *(case.title for case in cases)],
                 [[peer.title, *(with_ratio(figures, peer.name, case.name, keys) for case in cases)]
                  for peer in peers])


def latency_cell(figures, peer, case) -> str:
    middle = figures.median(peer.name, case.name, "latency_us", "p50")
    if middle is None:
        return figures.fault(peer.name, case.name)
    tail = figures.median(peer.name, case.name, "latency_us", "p99")
    reads = figures.median(peer.name, case.name, "messages_per_read")
    base = figures.median("floor", case.name, "latency_us", "p99")
    ratio = f" (**{tail / base:.2f}×**)" if base else ""
    return f"{middle / 1e3:.2f} / {tail / 1e3:.2f} ms{ratio}, {reads:.2f} a read"


def flat_rows(figures, peers) -> list:
    rows = []
    for peer in peers:
        speed = figures.median(peer.name, "fanout-flat", "delivered_per_second")
        reads = figures.median(peer.name, "fanout-flat", "messages_per_read")
        if speed is not None:
            rows.append([peer.title, f"{speed:,.0f}", f"{reads:.1f}"])
    return rows


def connection_rows(figures, peers) -> list:
    rows = []
    for peer in peers:
        row = [peer.title]
        for case in ("idle-10k", "idle-19k"):
            found = figures.median(peer.name, case, "server", "rss_per_connection")
            row.append(f"{found / 1024:.2f} KiB" if found is not None
                       else figures.fault(peer.name, case))
        idle = figures.median(peer.name, "idle-19k", "server", "cpu_percent")
        row.append(f"{idle:.2f} %" if idle is not None else "–")
        row.append(with_ratio(figures, peer.name, "connect", ("server", "setup_us"), " µs"))
        row.append(with_ratio(figures, peer.name, "connect", ("server", "teardown_us"), " µs"))
        rows.append(row)
    return rows


def machine() -> str:
    processor = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            processor = line.split(":", 1)[1].strip()
            break
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    system = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    control = Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text(encoding="utf-8").strip()
    return (f"{os.cpu_count()} cores ({processor}), {pages / 2**30:.0f} GiB of memory, {system}, "
            f"Linux {platform.release().split('-')[0]}, TCP congestion control {control}")


def write_plots(folder: Path, figures, peers, cases, growth):
    folder.mkdir(parents=True, exist_ok=True)
    names = []

    def add(name, text):
        (folder / f"{name}.svg").write_text(text, encoding="utf-8")
        names.append(name)

    def bar_rows(case, keys, scale, unit):
        rows = []
        for peer in peers:
            found = [value * scale for value in figures.values(peer.name, case, *keys)]
            if found:
                rows.append((peer.name, plain(peer.title), median(found), min(found), max(found),
                             f"{amount(median(found))} {unit}"))
        return rows

    for case in cases:
        if case.mode in ("fanout", "rooms") and not case.growth:
            rows = bar_rows(case.name, ("server", "cpu_us_per_delivery"), 1, "µs")
            add(case.name, plot.bars(f"{case.title}\nserver CPU per delivered message", rows))
    add("memory", plot.bars("10,000 idle connections\nserver memory for each",
                            bar_rows("idle-10k", ("server", "rss_per_connection"), 1 / 1024,
                                     "KiB")))
    add("connect", plot.bars("Connection set-up\nserver CPU for each",
                             bar_rows("connect", ("server", "setup_us"), 1, "µs")))
    cost = ("server", "cpu_us_per_delivery")
    for curve in dict.fromkeys(case.growth for case in growth):
        series = {}
        for peer in peers:
            points = [(case.x, figures.median(peer.name, case.name, *cost))
                      for case in growth if case.growth == curve]
            points = [(x, y) for x, y in points if y is not None]
            if points:
                series[peer.name] = points
        if series:
            add("growth-" + curve.replace(" ", "-"),
                plot.lines(f"{curve.capitalize()}\nserver CPU per delivered message, µs", curve,
                           series))
    return names


def plain(title: str) -> str:
    return title.replace("*", "").replace("`", "")


def write(folder: Path, results: dict, peers: list, cases: list, growth: list, versions: dict,
          absent: dict, rounds: int):
    figures = Figures(results)
    shown = [peer for peer in peers if peer.name in results]
    names = write_plots(folder / "benchmarks", figures, shown, cases, growth)
    measured = {name for by_case in results.values() for name in by_case}
    costs = [case for case in cases if case.mode in ("fanout", "rooms") and case.name in measured]
    paced = [case for case in costs if case.paced]
    text = ["# Benchmarks\n",
            "Written by `bench/compare`; run it to get this page for your machine.\n",
            f"Machine: {machine()}.\n",
            "## Server CPU per delivered message, in µs\n"
            "Median (range), and the ratio to the floor.\n",
            cost_table(figures, shown, costs)]
    text += [f"![{case.title}](benchmarks/{case.name}.svg)\n" for case in costs]
    text += ["## Latency, p50 / p99\nIn brackets p99 against the floor's; messages per read at the "
             "receivers.\n",
             table(["server", *(case.title for case in paced)],
                   [[peer.title, *(latency_cell(figures, peer, case) for case in paced)]
                    for peer in shown if peer.cases is None])]
    if any(case.name == "fanout-flat" for case in costs):
        text += ["## Flat out\n"
                 "How many messages a second arrived, and how many came with one read: a server that\n"
                 "gathers messages sends many with one system call.\n",
                 table(["server", "deliveries/s", "messages a read"], flat_rows(figures, shown))]
    if measured & {"connect", "idle-10k", "idle-19k"}:
        text += ["## Connections\n",
                 table(["server", "memory each, of 10,000", "of 19,000", "idle CPU, 19,000",
                        "CPU per set-up", "per closing"],
                       connection_rows(figures, [peer for peer in shown if peer.cases is None])),
                 "![memory](benchmarks/memory.svg)\n\n![set-up](benchmarks/connect.svg)\n"]
    curves = [name for name in names if name.startswith("growth-")]
    if curves:
        text += ["## How costs grow\n"
                 "One thing grows, the rest stays.\n",
                 *(f"![{name}](benchmarks/{name}.svg)\n" for name in curves)]
    text += [METHOD.format(rounds=f"{rounds} rounds" if rounds > 1 else "one round"),
             MILLION,
             GUARDING,
             ATTACKS,
             CROWDS,
             "## The servers\n",
             table(["server", "version", "notes"],
                   [[peer.title, versions.get(peer.name) or "this tree", peer.note]
                    for peer in shown])]
    if absent:
        titles = {peer.name: plain(peer.title) for peer in peers}
        text += ["Not measured here: "
                 + "; ".join(f"{titles[name]} ({why})" for name, why in absent.items()) + ".\n"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "benchmarks.md").write_text("\n".join(text), encoding="utf-8")
