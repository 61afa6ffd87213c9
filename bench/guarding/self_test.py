"""The guard's own tests: `bench/guard --self-test`. Nothing is timed and no server runs."""

import random
import unittest
from math import comb
from pathlib import Path

from comparison.outcome import cost, fault
from comparison.peers import PEERS
from comparison.texts import GUARDING, METHOD

from . import counts, instructions, servers, verdict

PAGE = Path(__file__).resolve().parents[2] / "docs/benchmarks.md"
FLAT = next(case for case in servers.GUARDED if case.name == "fanout-flat")


def pairs(factor: float, spread: float, count: int = verdict.PAIRS_MIN, seed: int = 1) -> list:
    """Runs of a server and one that takes `factor` times as long; all lie within `spread`."""
    chance = random.Random(seed)

    def run(true):
        return true * (1 + spread * (chance.random() - 0.5))
    return [(run(3.0), run(3.0 * factor)) for _ in range(count)]


def run_of(mode="fanout", **changed) -> dict:
    return {"mode": mode, "passed": True, "problems": [], "delivered": 100_000, "missing": 0,
            "server": {"cpu_us_per_delivery": 3.5, "setup_us": 11.0, "rss_per_connection": 1208.0},
            **changed}


class Intervals(unittest.TestCase):
    def test_ranks_are_the_binomial_table_s(self):
        self.assertEqual([verdict.rank(n) for n in (1, 5, 6, 9, 15, 20, 30)],
                         [1, 1, 1, 2, 4, 6, 10])

    def test_covers_95_percent_and_is_no_wider_than_needed(self):
        for n in range(6, 60):
            k = verdict.rank(n)
            outside = [2 * sum(comb(n, i) for i in range(ends)) / 2**n for ends in (k, k + 1)]
            self.assertLessEqual(outside[0], 0.05, n)
            self.assertGreater(outside[1], 0.05, n)

    def test_takes_the_ends_from_the_sorted_values(self):
        values = list(range(1, 16))
        random.Random(7).shuffle(values)
        self.assertEqual(verdict.interval(values), (4, 12))


class Verdicts(unittest.TestCase):
    def test_finds_five_percent_under_small_noise(self):
        for seed in range(200):
            found = verdict.judge(pairs(1.05, spread=0.02, seed=seed))
            self.assertTrue(found.slower, found)
            self.assertEqual(found.word, "SLOWER")

    def test_is_not_fooled_by_noise_alone(self):
        for seed in range(200):
            found = verdict.judge(pairs(1.0, spread=0.13, seed=seed))
            self.assertFalse(found.slower, found)
            self.assertEqual(found.word, "ok")

    def test_a_bare_median_would_be_fooled(self):
        medians = [verdict.judge(pairs(1.0, spread=0.13, seed=seed)).ratio for seed in range(200)]
        self.assertGreater(max(medians), verdict.RATIO_MAX)

    def test_a_gain_and_two_percent_are_no_slow_down(self):
        self.assertFalse(verdict.judge(pairs(0.8, spread=0.02)).slower)
        self.assertFalse(verdict.judge(pairs(1.02, spread=0.01)).slower)

    def test_what_all_runs_share_cancels_out(self):
        drifting = [(old * i, new * i) for i, (old, new) in enumerate(pairs(1.05, 0.01), 1)]
        self.assertTrue(verdict.judge(drifting).slower)

    def test_few_pairs_give_no_verdict(self):
        found = verdict.judge(pairs(2.0, spread=0.01, count=verdict.PAIRS_MIN - 1))
        self.assertEqual((found.slower, found.word), (False, "no verdict"))
        self.assertEqual(verdict.judge([(1.0, 2.0)] * 5).spans, "-")
        self.assertEqual(verdict.judge([(1.0, 2.0)] * 6).spans, "2.000 to 2.000")

    def test_exit_codes(self):
        fine, slow = (verdict.judge(pairs(factor, spread=0.02)) for factor in (1.0, 1.1))
        few = verdict.judge(pairs(1.0, spread=0.02, count=3))
        for judged, smoke, code in (([fine], False, 0), ([fine, slow], False, 1), ([few], True, 0),
                                    ([few], False, 2), ([fine, few], False, 2), ([], False, 2)):
            self.assertEqual(verdict.exit_code(judged, smoke), code, (judged, smoke))


class Orders(unittest.TestCase):
    def test_each_goes_first_as_often(self):
        for count in (15, 16):
            first = [order[0] for order in verdict.orders(count, servers.SEED)]
            self.assertLessEqual(abs(first.count("old") - first.count("new")), count % 2)

    def test_the_seed_decides(self):
        self.assertEqual(verdict.orders(15, 1), verdict.orders(15, 1))
        self.assertNotEqual(verdict.orders(15, 1), verdict.orders(15, 2))
        self.assertNotEqual(verdict.orders(15, 1), [("old", "new"), ("new", "old")] * 7
                            + [("old", "new")])


class Runs(unittest.TestCase):
    def test_reads_what_a_run_cost(self):
        for mode, text in (("fanout", "3.500 us/delivery"), ("rooms", "3.500 us/delivery"),
                           ("connect", "11.000 us/set-up"), ("idle", "1.180 KiB/connection")):
            self.assertEqual(str(cost(run_of(mode))), text)

    def test_an_incomplete_run_is_an_error(self):
        for run, why in ((run_of(passed=False, missing=3), "3 missing"),
                         (run_of(passed=False, problems=["the server died"]), "the server died"),
                         ({"error": "took longer than 400 s"}, "took longer"),
                         (run_of(server={}), "nothing was measured")):
            with self.assertRaisesRegex(servers.Incomplete, "fanout, new.*" + why):
                servers.figure(run, "fanout, new")
        self.assertEqual(fault(run_of()), "")

    def test_runs_a_pair_in_its_order(self):
        ran = []

        def run_once(peer, case, flags, build, generator):
            ran.append((peer.name, case.name, build, generator))
            return run_of(server={"cpu_us_per_delivery": 2.0 if build == "A" else 3.0})
        builds = {"old": "A", "new": "B"}
        pair = servers.one_pair(FLAT, ("new", "old"), builds, "G", False, run_once)
        self.assertEqual([build for _, _, build, _ in ran], ["B", "A"])
        self.assertEqual({(peer, generator) for peer, _, _, generator in ran}, {("troupe", "G")})
        self.assertEqual((pair["old"].value, pair["new"].value), (2.0, 3.0))
        self.assertIn("troupe", [peer.name for peer in PEERS])


class Instructions(unittest.TestCase):
    def test_reads_a_part_of_callgrind_s(self):
        self.assertEqual(instructions.totals("summary: 12\n\nfn=(1)\n1 12\n\ntotals: 12\n"), 12)
        self.assertIsNone(instructions.totals("summary: 12\n\nfn=(1)\n"))

    def test_an_iteration_is_the_difference_of_two_stages(self):
        begins, each = 4711, 250
        stages = tuple(begins + each * n for n in instructions.STAGES)
        self.assertEqual(instructions.per_iteration(stages), each)

    def test_more_than_one_percent_is_told_unless_allowed(self):
        counted = {"read/1": (1000.0, 1010.0), "read/64": (1000.0, 1011.0), "find": (50.0, 40.0)}

        def more(*allowed):
            return [one.name for one in counts.growths(counted, counts.allowances(allowed))
                    if one.more]
        self.assertEqual(more(), ["read/64"])
        self.assertEqual(more("read/64=2"), [])
        self.assertEqual(more("read/*=0.5"), ["read/1", "read/64"])
        self.assertEqual(more("read/*=0.5", "read/1=2"), ["read/64"])

    def test_refuses_allowances_that_mean_nothing(self):
        for text in ("find", "=3", "find=much"):
            with self.assertRaises(ValueError):
                counts.allowances([text])
        self.assertEqual(counts.unknown({"fnid": 2.0, "f*": 3.0}, ["find"]), ["fnid"])

    def test_names_of_one_side_are_listed(self):
        self.assertEqual(counts.only_in_one({"a": 1, "b": 1}, {"b": 1, "c": 1}),
                         ["a: only in the old build", "c: only in the new build"])


class Page(unittest.TestCase):
    def test_tells_what_would_be_written(self):
        page = PAGE.read_text(encoding="utf-8")
        self.assertIn(GUARDING, page)
        self.assertIn(METHOD.partition("{rounds}")[0], page)
