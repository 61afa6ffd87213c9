"""The outcomes as a table in Markdown."""

from .measure import Outcome

HEAD = ["the attacker", "it did, a second", "server CPU", "kernel alone", "memory, MiB", "log",
        "p99", "longest turn", "pair, p50 / p99", "errors"]


def count(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


def size(count_of_bytes: int) -> str:
    return f"{count_of_bytes} B" if count_of_bytes < 10_000 else f"{count_of_bytes / 1024:,.0f} KiB"


def milliseconds(seconds: float) -> str:
    return f"{1e3 * seconds:.2f}" if seconds < 0.01 else f"{1e3 * seconds:.0f}"


def at_most(end, marked: bool) -> str:
    if end is None:
        return "–"
    text = "> 2,500 ms" if end == float("inf") else f"≤ {1e3 * end:g} ms"
    return f"**{text}**" if marked else text


def deeds(outcome: Outcome, unit: str) -> str:
    found = []
    if unit:
        found.append(f"{count(outcome.units_per_second)} {unit}")
    if outcome.dials_per_second >= 0.1:
        found.append(f"{count(outcome.dials_per_second)} dials")
    return ", ".join(found) or "–"


def row(outcome: Outcome, title: str, unit: str) -> list:
    broken = outcome.broken_bars()
    errors = str(len(outcome.errors))
    kernel = outcome.kernel_cpu
    return [title, deeds(outcome, unit), f"{outcome.server_cpu:.1f} %",
            "–" if kernel is None else f"{kernel:.1f} %",
            " / ".join(f"{kib / 1024:.0f}" for kib in outcome.rss), size(outcome.log_bytes),
            at_most(outcome.latency, "latency" in broken), at_most(outcome.turn, "turn" in broken),
            " / ".join(map(milliseconds, outcome.round_trips)) + " ms",
            f"**{errors}**" if outcome.errors else errors]


def line(cells: list) -> str:
    return "| " + " | ".join(cells) + " |"


def head() -> str:
    return line(HEAD) + "\n|" + " --- |" * len(HEAD)
