"""What the referee says where the truth is known: of noise, and of edges that were planted in it.

Quick tests are of seeds below 10,000, on which worlds and their edges were made. The long runs, of seeds
from 10,000 upwards, judge: nothing was tuned on them, and nothing may be.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from math import sqrt

import numpy as np
import pytest
from asking import LONG, MODES, OF_PLACEBO, QUICK, RULES, Counts, Said, ask, ask_for
from judging import NO, YES, is_beyond
from simulated import EDGE, SESSIONS, Question, with_edge, with_reader, without_signal
from test_engine_executability import EXACT, portfolio_gap, stream_gap
from test_engine_truncation import Truncation, shorter

from plumbline.engine.line import run_line
from plumbline.engine.measures import sharpe
from plumbline.engine.referee import measure_claim
from plumbline.engine.stress import own_returns
from plumbline.engine.variants import Variant

ALTERNATIVES = (
    "weighting_asset",
    "weighting_equal",
    "allocator_hysteresis",
    "allocator_gated",
    "allocator_blend",
)
QUESTIONS = tuple(dict.fromkeys(rule.question_id for rule in RULES))
TRUE = {  # questions whose truth is yes, by the kind of world
    "edge": {"q1_generalise"},
    "reader": {"q1_generalise"},
    "turns": {"q1_generalise", "q2_select", "q5_stable", "c2_stable", "c3_architectural"},
    "sides": {"q1_generalise", "q3_allocate", "q5_stable"},
}
UNTOUCHED = 10_000  # the first seed that no one tuned on
WORTH = 0.6  # annual Sharpe ratio, of a planted edge


@pytest.fixture
def asked(variant: Callable[..., Variant], question: Callable[..., Question]) -> Callable[..., list[Said]]:
    """Return a function that asks about worlds of one kind."""
    alternatives = [variant(name) for name in ALTERNATIVES]

    def of(kind: str, seeds: Iterable[int], counts: Counts) -> list[Said]:
        put = question(kind)
        return [ask(put.world(seed), put.claim, alternatives, counts, seed) for seed in seeds]

    return of


def count(said: list[Said], answer: str) -> Counter:
    """Count the worlds with an answer, by question."""
    return Counter(question for each in said for question, found in each.answers.items() if found == answer)


def at_most(share: float, worlds: int) -> float:
    """Return how many worlds that is with two standard errors more."""
    return worlds * share + 2.0 * sqrt(worlds * share * (1.0 - share))


def test_noise_gets_no_yes(asked):
    said = asked("noise", range(3), QUICK)
    assert not count(said, YES)
    assert set(said[0].answers) == set(QUESTIONS)


@pytest.mark.parametrize(("kind", "questions"), TRUE.items())
def test_what_was_planted_gets_a_yes(asked, kind, questions):
    """In most worlds: see the long runs for how often."""
    found = count(asked(kind, range(3), QUICK), YES)
    assert questions <= {question for question in QUESTIONS if found[question] >= 2}


@pytest.mark.parametrize(("kind", "questions"), TRUE.items())
def test_the_truth_of_what_was_planted_is_a_yes(variant, question, kind, questions):
    """The mean of each metric over worlds, three standard errors less, lies where a yes lies."""
    put, found = question(kind), defaultdict(list)
    counts = OF_PLACEBO._replace(permutations=400)
    alternatives = [variant(name) for name in ALTERNATIVES]
    for seed in range(200, 212):
        for each in measure_claim(put.world(seed), put.claim, ask_for(counts), MODES, alternatives):
            found[each.metric, each.subject].append(each.value)
    asked = 0
    for rule in RULES:
        for (metric, subject), values in found.items():
            if rule.question_id in questions and metric == rule.metric and rule.subject in ("", subject):
                limit = max(rule.yes_at, put.claim.minimum_gain) if rule.is_gain else rule.yes_at
                error = 3.0 * np.std(values) / sqrt(len(values))
                less = np.mean(values) - (error if rule.better == "more" else -error)
                assert is_beyond(less, limit, rule.better), (metric, subject, less)
                asked += 1
    assert asked >= len(questions)


def test_the_edge_is_in_what_the_strategies_hold_and_worth_what_it_is_said_to_be(variant):
    """Its truth, from pairs of worlds of the same noise; drift and volatility of the assets stay."""
    baseline, gained, moved = variant("baseline"), [], []
    for seed in range(100, 160):
        market, held = with_edge(seed, baseline, EDGE)
        without = with_edge(seed, baseline, 0.0).market
        line = run_line(market, baseline)
        for own, stream in zip(held, line.streams.values(), strict=True):
            assert np.array_equal(own, stream.position)
        gained.append(sharpe(own_returns(line)) - sharpe(own_returns(run_line(without, baseline))))
        moved.append((market.ret.mean() - without.ret.mean(), market.ret.std() / without.ret.std() - 1.0))
    assert np.mean(gained) == pytest.approx(WORTH, abs=3.0 * np.std(gained) / sqrt(len(gained)))
    drift, volatility = np.mean(moved, axis=0)
    assert abs(252.0 * drift) < 0.005
    assert abs(volatility) < 0.01


def test_the_signal_is_worth_what_it_is_said_to_be(question):
    put, gained = question("reader"), []
    for seed in range(100, 160):
        ratios = [
            sharpe(own_returns(run_line(market, put.claim.variant)))
            for market in (put.world(seed), with_reader(seed, 0.0))
        ]
        gained.append(ratios[0] - ratios[1])
    assert np.mean(gained) == pytest.approx(WORTH, abs=3.0 * np.std(gained) / sqrt(len(gained)))


def test_without_an_edge_both_kinds_of_worlds_are_the_same(variant):
    market = without_signal(5)
    assert len(SESSIONS) == len(market.ret)
    np.testing.assert_array_equal(
        market.panel.price, with_edge(5, variant("baseline"), 0.0).market.panel.price
    )


@pytest.mark.parametrize("kind", ["edge", "reader", "turns", "sides"])
def test_the_edge_is_neither_a_leak_nor_of_the_same_session(question, kind):
    """It can be known at the close before, or these worlds would prove nothing."""
    put = question(kind)
    market, variant = put.world(1), put.claim.variant
    line = run_line(market, variant)
    assert stream_gap(line, market, variant) <= EXACT
    assert portfolio_gap(line, market, variant) <= EXACT
    truncation = Truncation(market, variant)
    for sessions in (1700, 2903):
        assert truncation.leaks(shorter(market, sessions)) == []


@pytest.mark.soak
def test_noise_gets_a_yes_in_one_world_of_twenty_at_most(asked):
    worlds = 400
    found = count(asked("noise", range(UNTOUCHED, UNTOUCHED + worlds), LONG), YES)
    assert all(found[question] <= at_most(0.05, worlds) for question in QUESTIONS), found


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["edge", "reader"])
def test_an_edge_of_six_tenths_gets_a_yes_in_four_worlds_of_five(asked, kind):
    worlds = 200
    said = asked(kind, range(UNTOUCHED, UNTOUCHED + worlds), LONG)
    assert count(said, YES)["q1_generalise"] >= 0.8 * worlds
    assert count(said, NO)["q1_generalise"] <= at_most(0.05, worlds)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["turns", "sides"])
def test_where_the_truth_is_yes_a_no_is_rare(asked, kind):
    worlds = 100
    found = count(asked(kind, range(UNTOUCHED, UNTOUCHED + worlds), LONG), NO)
    assert all(found[question] <= at_most(0.05, worlds) for question in TRUE[kind]), found
