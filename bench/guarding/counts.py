"""What two counts of instructions say: the difference, and how much of it is allowed. Pure."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

PERCENT_MAX = 1.0


@dataclass
class Growth:
    name: str
    old: float
    new: float
    allowed: float

    @property
    def percent(self) -> float:
        return 100 * (self.new - self.old) / self.old

    @property
    def more(self) -> bool:
        return self.percent > self.allowed

    def __str__(self) -> str:
        word = "MORE" if self.more else "ok"
        if self.allowed != PERCENT_MAX:
            word += f" (allowed: {self.allowed:g} %)"
        return f"{self.name:36} {self.old:14,.1f} {self.new:14,.1f} {self.percent:+8.2f} %  {word}"


def allowances(given: list) -> dict:
    """{pattern: percent} of what --allow was told. Raises ValueError."""
    found = {}
    for text in given:
        name, _, percent = text.rpartition("=")
        if not name:
            raise ValueError(f"--allow {text}: NAME=PERCENT is wanted")
        found[name] = float(percent)
    return found


def unknown(allowed: dict, names) -> list:
    """The patterns that fit no benchmark: a misspelling would allow nothing, silently."""
    return [pattern for pattern in allowed
            if not any(fnmatchcase(name, pattern) for name in names)]


def growths(counts: dict, allowed: dict) -> list:
    """counts: {name: (old, new)}. Where several patterns fit a name the last one decides."""
    found = []
    for name, (old, new) in counts.items():
        percent = PERCENT_MAX
        for pattern, given in allowed.items():
            percent = given if fnmatchcase(name, pattern) else percent
        found.append(Growth(name, old, new, percent))
    return found


def only_in_one(old, new) -> list:
    return ([f"{name}: only in the old build" for name in old if name not in new]
            + [f"{name}: only in the new build" for name in new if name not in old])
