"""Numbers that a server says, of whatever type: none makes the client hammer it, wait for ever, or fail."""

import math

LONGEST = 3600.0
"""Seconds. Nothing that a server says makes a client wait longer."""


def number(said: object) -> float | None:
    """None for what is no number."""
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    try:
        made = float(said)
    except OverflowError:  # an integer may have any length
        return math.inf if said > 0 else -math.inf
    return None if math.isnan(made) else made


def wait(said: object, unit: float = 1.0) -> float | None:
    """As seconds, from none to the longest."""
    amount = number(said)
    return None if amount is None else min(max(amount * unit, 0.0), LONGEST)


def milliseconds(said: object) -> int | None:
    """The same as `retry_after_ms` of an error."""
    seconds = wait(said, 0.001)
    return None if seconds is None else round(seconds * 1000)
