"""What pairs of runs say about two binaries: their order, the interval, the verdict. Pure.

A pair is one run of the old binary and one of the new one, next to each other in time, so what the
machine does meanwhile reaches both. What counts is the median of the pairs' ratios new/old.

Its 95 % interval assumes nothing about how runs scatter: it is made of order statistics. Each ratio
is above the true median with probability 1/2, so how many of n are is binomial, and the true median
lies between the k-th smallest and the k-th largest with a probability that follows from n and k. k
is the largest for which that is at least 95 %: the 4th of 15 (96.5 %), the 6th of 20 (95.9 %).
"""

import random
from dataclasses import dataclass
from math import comb
from statistics import median

PAIRS_MIN = 15  # with fewer the interval is too wide to find anything small
RATIO_MAX = 1.03
CONFIDENCE = 0.95


def orders(pairs: int, seed: int) -> list:
    """Who goes first in each pair: each as often as the other, in no rhythm that the machine may
    have too."""
    found = [("old", "new") if i % 2 == 0 else ("new", "old") for i in range(pairs)]
    random.Random(seed).shuffle(found)
    return found


def rank(count: int) -> int:
    """The k of the interval. 1, which is all there is, where even that is no 95 % (below 6)."""
    k, outside = 1, 2 / 2**count  # two tails: no value below the median, or none above
    while outside + 2 * comb(count, k) / 2**count <= 1 - CONFIDENCE:
        outside += 2 * comb(count, k) / 2**count
        k += 1
    return k


def interval(values: list) -> tuple:
    ordered = sorted(values)
    k = rank(len(ordered))
    return ordered[k - 1], ordered[-k]


@dataclass
class Verdict:
    old: float
    new: float
    ratio: float
    low: float
    high: float
    pairs: int

    @property
    def counts(self) -> bool:
        return self.pairs >= PAIRS_MIN

    @property
    def spans(self) -> str:
        """The interval as text; too few pairs have none."""
        enough = 2 / 2**self.pairs <= 1 - CONFIDENCE
        return f"{self.low:.3f} to {self.high:.3f}" if enough else "-"

    @property
    def slower(self) -> bool:
        """Surely slower, not just measured so: all of the interval is above the limit."""
        return self.counts and self.low > RATIO_MAX

    @property
    def word(self) -> str:
        return "SLOWER" if self.slower else "ok" if self.counts else "no verdict"


def judge(pairs: list) -> Verdict:
    """pairs: (old, new)."""
    ratios = [new / old for old, new in pairs]
    low, high = interval(ratios)
    return Verdict(old=median(old for old, _ in pairs), new=median(new for _, new in pairs),
                   ratio=median(ratios), low=low, high=high, pairs=len(pairs))


def exit_code(verdicts: list, smoke: bool) -> int:
    """0: none is slower; 1: one is; 2: too few pairs to tell, unless no verdict was wanted."""
    if any(verdict.slower for verdict in verdicts):
        return 1
    told = bool(verdicts) and all(verdict.counts for verdict in verdicts)
    return 0 if told or smoke else 2
