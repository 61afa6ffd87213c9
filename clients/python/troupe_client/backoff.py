"""How long to wait before the next attempt, so that clients neither hammer nor come as a herd."""

import random
from collections.abc import Callable

from .options import Options

RETRY_AFTER_MAX = 3600.0
EXPONENT_MAX = 30


class Backoff:
    """Full jitter: uniform in [0, min(max, base · 2ⁿ)), with a floor. n counts every attempt, and starts over by
    `reset` alone."""

    def __init__(self, options: Options, uniform: Callable[[float, float], float] = random.uniform) -> None:
        self._base, self._max = options.base, options.max
        self._floor = min(options.base / 10, options.max)
        self._uniform = uniform
        self._failures = 0

    def reset(self) -> None:
        self._failures = 0

    def next(self, after: float | None = None, retry_after: float | None = None) -> float:
        """`after` is what the server has spread already, and is obeyed as it is. `retry_after` is the same for
        everybody, so some jitter comes on top."""
        ceiling = min(self._max, self._base * 2 ** min(self._failures, EXPONENT_MAX))
        self._failures += 1
        if after:
            return after
        if retry_after is not None:
            return min(retry_after, RETRY_AFTER_MAX) + self._uniform(0, self._base)
        return max(self._floor, self._uniform(0, ceiling))
