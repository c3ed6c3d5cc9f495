"""Questions 1 and 2 in five years whose truth is known: noise gets no yes, a real edge gets one.

By intervals alone, which is what the strategies' own skill must show in so short a time; see
tests/python/referee for placebo worlds, the other questions and fifteen years.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np
import pytest
from panels import seed_draws
from referee.judging import INCONCLUSIVE, NO, YES, judge_metrics, read_rules
from scipy import stats
from test_engine_executability import EXACT, portfolio_gap, stream_gap
from test_engine_truncation import Truncation, shorter
from worlds import PAIR, at_random, by_volume, planted, random_walk

from plumbline.engine.line import legs_of, run_line
from plumbline.engine.market import Market
from plumbline.engine.perturbations import Draws
from plumbline.engine.referee import Ask, Claim, measure_claim
from plumbline.engine.skill import permuted_sharpes
from plumbline.engine.variants import Variant

DRAWN = {name: seed_draws()["permutation"][name] for name in ("block", "seed")}
ASK = Ask(Draws(2, 1), DRAWN | {"draws": 400}, DRAWN | {"draws": 400, "block": 20})
RULES = [
    rule._replace(is_skill=False)
    for rule in read_rules()
    if rule.question_id in ("q1_generalise", "q2_select")
]
METRICS = ("timing_skill", "allocator_permutation", "gain_over_single")


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


def said(market: Market, variant: Variant) -> dict[str, str]:
    """Return the weakest answer of each metric."""
    found = measure_claim(market, Claim("claimed", variant, "always_long"), ASK, [], [])
    judged = judge_metrics(RULES, found, 0.0, {})
    answers = {metric: [each.answer for each in judged if each.metric == metric] for metric in METRICS}
    return {
        metric: next(answer for answer in (NO, INCONCLUSIVE, YES) if answer in given)
        for metric, given in answers.items()
    }


def yes(answers: Iterable[dict[str, str]]) -> Counter:
    """Count the worlds with a yes, by metric."""
    return Counter(metric for each in answers for metric in METRICS if each[metric] == YES)


def in_noise(worlds: range, variant: Variant, noise) -> list[dict[str, str]]:
    """Return the answers in worlds of noise, strategies that enter at random anew in each."""
    found = []
    for world in worlds:
        noise(world)
        found.append(said(random_walk(world), variant))
    return found


def test_strategies_that_enter_at_random_get_no_yes(short, noise):
    """Long at random in markets that drift upwards: a fine Sharpe ratio, and no skill."""
    answers = in_noise(range(40), short("baseline", **PAIR), noise)
    assert max(yes(answers).values(), default=0) <= 2
    assert Counter(each["timing_skill"] for each in answers)[NO] > 0


def test_the_rules_themselves_get_no_yes_where_there_is_nothing_to_find(short):
    answers = [said(random_walk(seed), short("baseline")) for seed in range(20)]
    assert max(yes(answers).values(), default=0) <= 1


def test_a_planted_edge_gets_a_yes_from_every_metric(short, readers):
    for seed in range(10):
        assert set(said(planted(seed, in_turn=True), short("baseline", **PAIR)).values()) == {YES}


def test_an_edge_that_needs_no_choosing_says_yes_to_the_strategies_and_not_to_the_allocator(short, readers):
    """Both strategies are right at all times, so that it does not matter which is followed."""
    answers = [said(planted(seed, in_turn=False), short("baseline", **PAIR)) for seed in range(10)]
    assert yes(answers) == {"timing_skill": 10}


def test_the_planted_edge_is_neither_a_leak_nor_of_the_same_session(short, readers):
    """It can be known at the close before, or the worlds above would prove nothing."""
    market, variant = planted(1, in_turn=True), short("baseline", **PAIR)
    line = run_line(market, variant)
    assert stream_gap(line, market, variant) <= EXACT
    assert portfolio_gap(line, market, variant) <= EXACT
    truncation = Truncation(market, variant)
    for count in (700, 903, 1101):
        assert truncation.leaks(shorter(market, count)) == []


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["at random", "by the rules"])
def test_no_metric_says_yes_to_noise_more_often_than_it_promises(short, noise, kind):
    """Its interval leaves 2.5 % on either side, and costs make a false yes rarer still."""
    worlds = 400
    pair = PAIR if kind == "at random" else {}
    found = yes(in_noise(range(10_000, 10_000 + worlds), short("baseline", **pair), noise))
    assert max(found.values(), default=0) <= stats.binom.ppf(0.99, worlds, 0.025), found


@pytest.mark.soak
def test_the_probability_of_the_permutation_is_even_where_there_is_no_skill(short, noise):
    """It says how often it is exceeded by luck: as often as it says."""
    variant, found = short("baseline", **PAIR), []
    for world in range(300):
        noise(world)
        market = random_walk(world)
        own, permuted = permuted_sharpes(
            market, variant, legs_of(run_line(market, variant).streams), 99, **DRAWN
        )
        found.append((1 + (permuted >= own).sum()) / 100)
    assert stats.kstest(np.array(found), "uniform").pvalue > 0.01


@pytest.mark.soak
def test_a_planted_edge_gets_a_yes_in_nearly_every_world(short, readers):
    variant = short("baseline", **PAIR)
    answers = [said(planted(seed, in_turn=True), variant) for seed in range(10_000, 10_100)]
    assert sum(set(each.values()) == {YES} for each in answers) >= 95
