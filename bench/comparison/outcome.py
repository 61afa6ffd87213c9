"""Reads one run of the load generator: what it cost the server, and what went wrong. Pure."""

from dataclasses import dataclass


@dataclass
class Cost:
    value: float
    unit: str

    def __str__(self) -> str:
        return f"{self.value:.3f} {self.unit}"


# By mode of the generator: the figure that counts, what to divide it by, the unit it is in then.
FIGURES = {
    "fanout": ("cpu_us_per_delivery", 1, "us/delivery"),
    "rooms": ("cpu_us_per_delivery", 1, "us/delivery"),
    "connect": ("setup_us", 1, "us/set-up"),
    "idle": ("rss_per_connection", 1024, "KiB/connection"),
}


def cost(run: dict) -> Cost:
    key, divisor, unit = FIGURES[run["mode"]]
    return Cost(run.get("server", {}).get(key, 0) / divisor, unit)


def fault(run: dict) -> str:
    """Why the run is worthless; empty when everything arrived once, in order, where it belongs."""
    if "error" in run:
        return run["error"]
    if run.get("passed"):
        return ""
    lost = {name: run.get(name, 0) for name in ("missing", "doubled", "disordered", "strayed")}
    counted = ", ".join(f"{n} {name}" for name, n in lost.items() if n)
    return "; ".join([*run.get("problems", []), counted]).strip("; ") or "failed"
