"""Questions 1 and 2 where the truth is known: noise gets no yes, a real edge gets one.

The answers are those of the table and thresholds that the verdicts read, with fewer draws.
In a world of noise a yes to any metric of the two questions counts as a false one.
"""

from collections import Counter

import numpy as np
import pytest
from scipy import stats
from test_engine_executability import EXACT, portfolio_gap, stream_gap
from test_engine_truncation import Truncation, shorter
from worlds import METRICS, PAIR, answer, at_random, by_volume, judge, measured, planted, random_walk, rules

from plumbline.engine.line import run_line


@pytest.fixture
def noise(registered: dict):
    """Return a function that lets both strategies enter at random, anew in each world."""

    def register(world: int) -> None:
        at_random("up", world, 0.15, 5)
        at_random("down", world, 0.25, 3)

    return register


@pytest.fixture
def readers(registered: dict) -> None:
    """Register the strategies that read a bit of the volume each."""
    by_volume("up", 0)
    by_volume("down", 1)


def false_yes(answers: list[dict[str, str]]) -> Counter:
    """Count the worlds with a yes, by metric and to any of them."""
    found = Counter(metric for each in answers for metric in METRICS if each[metric] == "yes")
    return found + Counter(any=sum("yes" in each.values() for each in answers))


def test_strategies_that_enter_at_random_get_no_yes(short, noise):
    """Long at random in markets that drift upwards: a fine Sharpe ratio, and no skill."""
    answers = judge(map(random_walk, range(100)), short("baseline", **PAIR), noise)
    assert false_yes(answers)["any"] <= 5
    said = Counter(each[metric] for each in answers for metric in METRICS)
    assert said["no"] > said["inconclusive"] > 0


def test_the_rules_of_the_project_get_no_yes_on_random_walks(short):
    """The same prices, the real strategies: momentum and drawdowns mean nothing here."""
    answers = judge(map(random_walk, range(40)), short("baseline"), lambda world: None)
    assert false_yes(answers)["any"] <= 2


def test_a_planted_edge_gets_a_yes_from_every_metric(short, readers):
    worlds = (planted(seed, in_turn=True) for seed in range(10))
    for answers in judge(worlds, short("baseline", **PAIR), lambda world: None):
        assert set(answers.values()) == {"yes"}


def test_an_edge_that_needs_no_choosing_says_yes_to_the_strategies_and_not_to_the_allocator(short, readers):
    """Both strategies are right at all times, so that it does not matter which is followed."""
    worlds = (planted(seed, in_turn=False) for seed in range(10))
    answers = judge(worlds, short("baseline", **PAIR), lambda world: None)
    assert {each["timing_skill"] for each in answers} == {"yes"}
    assert not Counter(each[metric] for each in answers for metric in METRICS[1:])["yes"]


def test_the_planted_edge_is_neither_a_leak_nor_of_the_same_session(short, readers):
    """It can be known at the close before, or the worlds above would prove nothing."""
    market, variant = planted(1, in_turn=True), short("baseline", **PAIR)
    line = run_line(market, variant)
    assert stream_gap(line, market, variant) <= EXACT
    assert portfolio_gap(line, market, variant) <= EXACT
    truncation = Truncation(market, variant)
    for count in (700, 903, 1101):
        assert truncation.leaks(shorter(market, count)) == []


@pytest.mark.parametrize(
    ("value", "yes_at", "no_at", "known"),
    [
        (0.95, 0.95, 0.5, "yes"),
        (0.94, 0.95, 0.5, "inconclusive"),
        (0.5, 0.95, 0.5, "no"),
        (0.01, 0.01, 0.2, "yes"),
        (0.02, 0.01, 0.2, "inconclusive"),
        (0.2, 0.01, 0.2, "no"),
        (None, 0.01, 0.2, "inconclusive"),
    ],
)
def test_a_threshold_that_is_reached_decides(value, yes_at, no_at, known):
    assert answer(value, yes_at, no_at) == known


def promised(metric: str) -> float:
    """Return how often noise may get a yes by the threshold of the seed; costs make it rarer still."""
    yes_at, _ = rules()[metric]
    return {"timing_skill": 1 - yes_at, "allocator_permutation": yes_at, "gain_over_single": 0.025}[metric]


@pytest.mark.soak
@pytest.mark.parametrize("cost_bps", [0.0, 5.0])
@pytest.mark.parametrize("kind", ["at random", "by the rules"])
def test_no_metric_says_yes_to_noise_more_often_than_it_promises(short, noise, kind, cost_bps):
    worlds = 400
    pair, before = (PAIR, noise) if kind == "at random" else ({}, lambda world: None)
    variant = short("baseline", cost_bps=cost_bps, **pair)
    found = false_yes(judge(map(random_walk, range(1000, 1000 + worlds)), variant, before))
    for metric in METRICS:
        assert found[metric] <= stats.binom.ppf(0.99, worlds, promised(metric)), found
    if cost_bps:
        assert found["any"] <= 0.05 * worlds, found


@pytest.mark.soak
def test_probabilities_are_even_where_there_is_neither_skill_nor_cost(short, noise):
    """Each says how often it is exceeded by luck: as often as it says."""
    found = []
    for world in range(300):
        noise(world)
        found.append(measured(random_walk(world), short("baseline", cost_bps=0.0, **PAIR)))
    for metric in ("timing_skill", "allocator_permutation"):
        values = np.array([each[metric] for each in found])
        assert stats.kstest(values, "uniform").pvalue > 0.01, metric


@pytest.mark.soak
def test_a_planted_edge_gets_a_yes_in_nearly_every_world(short, readers):
    worlds = (planted(seed, in_turn=True) for seed in range(100, 200))
    answers = judge(worlds, short("baseline", **PAIR), lambda world: None)
    assert sum(set(each.values()) == {"yes"} for each in answers) >= 95
