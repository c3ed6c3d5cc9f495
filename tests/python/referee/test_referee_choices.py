"""What choosing is worth: over halves of a history, among shuffled choices, and among neighbours."""

from itertools import combinations
from math import sqrt

import numpy as np
import pytest
from panels import make_market, random_raws, weekdays
from scipy.stats import kstest
from worlds import PAIR, at_random, random_walk

from plumbline.components.allocators.rule import RULE
from plumbline.engine import skill
from plumbline.engine.line import legs_of, run_line
from plumbline.engine.overfitting import choice_gains
from plumbline.engine.perturbations import Draws, joint_values, neighbour_values, one_at_a_time
from plumbline.engine.registry import allocator
from plumbline.engine.variants import used

SESSIONS = weekdays("2015-02-02", 800)


def ratio(returns: np.ndarray) -> float:
    return returns.mean() / returns.std() * sqrt(252)


@pytest.mark.parametrize(("blocks", "sessions"), [(4, 83), (6, 240), (8, 801)])
def test_gains_of_choosing_are_those_of_the_best_in_each_half(blocks, sessions):
    """Each half of the blocks once; of either family the best in it, held in the other half."""
    generator = np.random.default_rng(blocks)
    returns = generator.normal(0.0002, 0.01, (sessions, 7))
    families = np.array([0, 1, 0, 0, 1, 1, 0])
    length = sessions // blocks
    cut = returns[sessions - blocks * length :].reshape(blocks, length, 7)
    known = []
    for inside in combinations(range(blocks), blocks // 2):
        outside = [block for block in range(blocks) if block not in inside]
        here, there = (np.concatenate(cut[list(chosen)]) for chosen in (inside, outside))
        held = []
        for family in (0, 1):
            trials = np.flatnonzero(families == family)
            best = max(trials, key=lambda trial: ratio(here[:, trial]))
            held.append(ratio(there[:, best]))
        known.append(held[1] - held[0])
    np.testing.assert_allclose(
        np.sort(choice_gains(returns, families, blocks)), np.sort(known), rtol=0, atol=1e-9
    )


def test_a_family_that_is_the_other_one_gains_nothing():
    returns = np.random.default_rng(1).normal(0.0, 0.01, (160, 3))
    twice = np.column_stack([returns, returns])
    assert not choice_gains(twice, np.repeat([0, 1], 3), 8).any()
    assert len(choice_gains(returns[:15], np.array([0, 1, 1]), 8)) == 0


def probabilities(short, chooser: str, draws: int = 99) -> np.ndarray:
    """Return how often shuffled choices do as well, in 200 worlds with drift and without skill."""
    variant, found = short("baseline", allocator=chooser, cost_bps=0.0, **PAIR), []
    for world in range(200):
        at_random("up", world, 0.15, 5)
        at_random("down", world, 0.25, 3)
        market = random_walk(world)
        legs = legs_of(run_line(market, variant).streams)
        own, permuted = skill.permuted_sharpes(market, variant, legs, draws, 63, world)
        found.append((1 + (permuted >= own).sum()) / (1 + draws))
    return np.array(found)


@pytest.fixture
def choosers(registered: dict) -> None:
    """Register allocators without skill: one draws runs of states, one follows whichever strategy holds."""
    up, down = RULE[:2]

    @allocator("drawn", up, down)
    def draws(view, parameters, legs):
        """Follow either, or none, at random, for forty sessions or so."""
        generator = np.random.default_rng(int(view.volume[0, 0]))
        runs = np.cumsum(generator.random(view.ret.shape) < 1 / 40, axis=0)
        return np.take_along_axis(generator.integers(0, 3, view.ret.shape), runs, axis=0)

    @allocator("busy", up, down)
    def follows(view, parameters, legs):
        """Follow the first strategy that holds."""
        return np.where(legs[0].position > 0, 1, np.where(legs[1].position > 0, 2, 0))


def test_the_probability_of_random_states_is_even_where_assets_drift(short, choosers):
    assert kstest(probabilities(short, "drawn"), "uniform").pvalue > 0.01


def test_holding_more_does_not_speak_for_an_allocator_where_assets_drift(short, choosers, monkeypatch):
    """Shuffled, its choices meet fewer entries and hold less; with drift that was as good as skill."""
    error = sqrt(1 / 12 / 200)
    found = probabilities(short, "busy")
    assert found.mean() == pytest.approx(0.5, abs=4 * error)
    assert (found <= 0.05).mean() <= 0.05
    monkeypatch.setattr(skill, "without_drift", lambda market, variant: market)
    assert probabilities(short, "busy").mean() < 0.5 - 6 * error


@pytest.mark.parametrize("name", ["baseline", "allocator_blend", "allocator_gated"])
def test_fewer_neighbours_are_the_first_of_more(short, name):
    market = make_market(random_raws(95, SESSIONS), SESSIONS)
    base = short(name)
    few, more = (neighbour_values(base, market, Draws(draws, 9)) for draws in (32, 200))
    assert few.keys() == more.keys()
    for parameter, values in few.items():
        np.testing.assert_array_equal(values, more[parameter][:32])


def test_every_window_moves_among_neighbours_and_nowhere_else(short):
    market = make_market(random_raws(95, SESSIONS), SESSIONS)
    base = short("baseline")
    windows = {parameter.name for parameter in used(base) if parameter.move == "window"}
    assert {"trend_return_window", "trend_horizon", "rule_slow_window"} <= windows
    assert not windows & joint_values(base, market, Draws(8, 9)).keys()
    assert not windows & {each.parameter for each in one_at_a_time(base, market)}
    near = neighbour_values(base, market, Draws(200, 9))
    assert windows < near.keys()
    for name in windows:
        steps = base.values[name] * np.array([0.8, 0.9, 1.0, 1.1, 1.2])
        assert set(near[name]) == set(np.rint(steps).astype(int)), name
