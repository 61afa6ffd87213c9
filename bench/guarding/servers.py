"""Runs the two servers in turns over the cases, and says of each what its pairs tell.

All cases come round once before any comes a second time: what a machine does for some minutes then
reaches a few pairs of each case, and not all the pairs of one.
"""

from comparison.cases import CASES
from comparison.measure import measure
from comparison.outcome import cost, fault
from comparison.peers import PEERS

from .verdict import judge, orders

GUARDED = [case for case in CASES if case.guard]
SEED = 1


class Incomplete(Exception):
    """A run whose figure means nothing: something was lost, or nothing was measured."""


def figure(run: dict, who: str):
    """What the run cost. Raises Incomplete."""
    why = fault(run)
    if why:
        raise Incomplete(f"{who}: {why}")
    found = cost(run)
    if found.value <= 0:
        raise Incomplete(f"{who}: cost the server nothing, so nothing was measured")
    return found


def flags(case, smoke: bool) -> list:
    return case.smoke if smoke else case.guard


def one_pair(case, order: tuple, builds: dict, generator, smoke: bool, run_once=measure) -> dict:
    """{"old": Cost, "new": Cost}, measured in this order."""
    troupe = next(peer for peer in PEERS if peer.name == "troupe")
    return {side: figure(run_once(troupe, case, flags(case, smoke), builds[side],
                                  generator=generator), f"{case.name}, {side}")
            for side in order}


def compare(cases: list, pairs: int, builds: dict, generator, smoke: bool, save) -> dict:
    """{case: [(old, new)]}; save() gets what there is after every pair."""
    found = {case.name: [] for case in cases}
    for number, order in enumerate(orders(pairs, SEED)):
        for case in cases:
            pair = one_pair(case, order, builds, generator, smoke)
            old, new = pair["old"], pair["new"]
            found[case.name].append((old.value, new.value))
            print(f"pair {number + 1:2}  {case.name:12} {old.value:.3f} -> {new}, "
                  f"{new.value / old.value:.3f}", flush=True)
            save(found)
    return found


def verdicts(found: dict) -> dict:
    return {name: judge(pairs) for name, pairs in found.items() if pairs}


def table(judged: dict) -> str:
    """The closing lines, one a case; the costs are in the units that are printed on the way."""
    lines = [f"{'case':12} {'old':>8} {'new':>8} {'new/old':>8}  95 % interval"]
    lines += [f"{name:12} {one.old:8.3f} {one.new:8.3f} {one.ratio:8.3f}  "
              f"{one.spans:14}  {one.word}" for name, one in judged.items()]
    return "\n".join(lines)
