"""What is measured of a claim: by plain twins, from tables and anew, in one process and in two."""

from math import sqrt

import numpy as np
import pandas as pd
import pytest
from panels import make_market, random_raws, seed_draws, weekdays

from plumbline.engine.failures import Rule
from plumbline.engine.line import run_line
from plumbline.engine.market import Market
from plumbline.engine.perturbations import Draws, joint_values, neighbour_values
from plumbline.engine.referee import (
    Ask,
    Claim,
    Neighbours,
    architectures,
    benchmark_series,
    measure_claim,
    run_neighbours,
)
from plumbline.engine.stress import own_returns
from plumbline.tables.benchmarks import benchmark_daily
from plumbline.tables.referee import Case, neighbours_of, placebo_metrics
from plumbline.tables.stability import perturbed_variants, stability_lines

SESSIONS = weekdays("2014-02-03", 900)
NEAR = Draws(12, 1)
FEW = {"draws": 19, "block": 63, "seed": 1}
RULES = [Rule("constant_exposure", "constant", None, 0.03, 0.5), Rule("whipsaw", "entered", None, 0.03, 0.2)]
ONE = ("timing_skill", "gain_over_benchmark", "volatility_on_target", "sharpe_kept", "rank_among_neighbours")
SEVERAL = ("allocator_permutation", "gain_over_single", "state_agreement")


@pytest.fixture(scope="module")
def market() -> Market:
    return make_market(random_raws(21, SESSIONS, early_death=60), SESSIONS)


@pytest.fixture
def alternatives(short) -> list:
    names = ("weighting_equal", "weighting_asset", "allocator_hysteresis", "allocator_blend")
    return [short(name) for name in names]


def measured(market, claim, alternatives, ask=None) -> dict:
    ask = ask or Ask(NEAR, FEW)
    found = list(measure_claim(market, claim, ask, RULES, alternatives))
    assert len({row[:2] for row in found}) == len(found)
    return {row[:2]: row for row in found}


def test_neighbours_from_the_tables_are_those_that_are_run_anew(market, short):
    base = short("baseline")
    draws = {**seed_draws(), "neighbour": {"draws": 12, "seed": 1}}
    sweeps = [{"base_variant_id": "baseline", "kind": "neighbour"}]
    perturbed = perturbed_variants(market, [base], sweeps, draws)
    lines = stability_lines(market, [base], perturbed, draws)
    stored = neighbours_of("baseline", perturbed, lines)
    anew = run_neighbours(market, base, run_line(market, base), NEAR)
    for one, two in zip(stored, anew, strict=True):
        assert np.array_equal(one, two)
    assert neighbours_of("published", perturbed, lines) is None


def test_neighbours_of_what_has_no_step_form_are_run_one_by_one(market, short):
    """A blend has none: each neighbour is a line of its own."""
    base = short("allocator_blend")
    found = run_neighbours(market, base, run_line(market, base), Draws(3, 1))
    values = neighbour_values(base, market, Draws(3, 1))
    for number, net in enumerate(found.net):
        own = {name: value[number].item() for name, value in values.items()}
        assert np.array_equal(net, own_returns(run_line(market, base.changed(**own))))
    assert ((found.agreement > 0) & (found.agreement <= 1)).all()


def test_windows_move_together_and_among_neighbours_alone(market, short):
    base = short("baseline")
    near, joint = neighbour_values(base, market, Draws(64, 1)), joint_values(base, market, Draws(64, 1))
    windows = {"rule_fast_window": 20, "rule_slow_window": 60, "trend_volume_window": 10}
    moves = [near[name] / length for name, length in windows.items()]
    assert not set(windows) & set(joint)
    assert {round(move, 2) for move in moves[1]} == {0.8, 0.9, 1.0, 1.1, 1.2}
    for move in moves:
        np.testing.assert_allclose(move, moves[1], atol=1e-12)
    fewer = neighbour_values(base, market, Draws(8, 1))
    assert all(np.array_equal(fewer[name], near[name][:8]) for name in near)


def test_a_share_of_windows_on_target_is_that_of_pandas(market, short, alternatives):
    variant = short("baseline", target_volatility=0.12)
    (found,) = [
        row
        for row in measured(market, Claim("c", variant, "cash"), alternatives).values()
        if row.metric == "volatility_on_target"
    ]
    own = pd.Series(own_returns(run_line(market, variant)))
    volatility = (own.rolling(63).std(ddof=0) * sqrt(252)).dropna()
    assert found.value == pytest.approx(volatility.between(0.09, 0.15).mean(), abs=1e-12)


def test_a_gain_is_the_difference_of_two_sharpe_ratios_that_the_tables_have(market, short, alternatives):
    variant = short("baseline")
    held = benchmark_daily(market, [variant]).to_pandas().groupby("benchmark_id")["net_return"]
    own = own_returns(run_line(market, variant))
    for benchmark_id in ("always_long", "buy_and_hold_ASSET1"):
        found = measured(market, Claim("c", variant, benchmark_id), alternatives)
        other = held.get_group(benchmark_id).to_numpy()
        assert np.array_equal(other, benchmark_series(market, variant, benchmark_id))
        ratios = [sqrt(252) * returns.mean() / returns.std() for returns in (own, other)]
        row = found["gain_over_benchmark", benchmark_id]
        assert row.value == pytest.approx(ratios[0] - ratios[1], abs=1e-12)
        assert row.reference == pytest.approx(ratios[1], abs=1e-12)
        assert np.isnan([row.lower, row.upper]).all()


def test_a_benchmark_that_is_not_there_is_unknown_and_stops_nothing(market, short, alternatives):
    found = measured(market, Claim("c", short("baseline"), "buy_and_hold_NONE"), alternatives)
    assert np.isnan(found["gain_over_benchmark", "buy_and_hold_NONE"].value)
    assert len(found) > 10


def test_who_follows_one_strategy_is_not_asked_about_choosing(market, short, alternatives):
    both = {m for m, _ in measured(market, Claim("c", short("baseline"), "always_long"), alternatives)}
    alone = short("baseline", allocator="always", follows="trend")
    one = {m for m, _ in measured(market, Claim("c", alone, "always_long"), alternatives)}
    assert set(ONE) - one <= {"sharpe_kept"}
    assert set(SEVERAL) <= both
    assert not set(SEVERAL) & one


def test_architectures_are_of_the_same_strategies_and_none_is_its_own(short, alternatives):
    base = short("baseline")
    changed = {each.variant_id: each for each in architectures(base, [base, *alternatives])}
    assert set(changed) == {each.variant_id for each in alternatives}
    for each in changed.values():
        same = each.changed(allocator=base.allocator, weighting=base.weighting)
        assert same.changed(base.variant_id) == base
    alone = short("baseline", allocator="always", follows="trend")
    assert [each.weighting for each in architectures(alone, alternatives)] == ["equal", "asset"]


def test_too_few_sessions_say_nothing(market, short, alternatives):
    late = short("baseline", min_train_sessions=9999)
    assert measured(market, Claim("c", late, "cash"), alternatives) == {}


def test_every_interval_holds_its_value(market, short, alternatives):
    ask = Ask(NEAR, FEW, {"draws": 99, "block": 20, "seed": 1})
    found = measured(market, Claim("c", short("baseline"), "always_long"), alternatives, ask)
    known = [row for row in found.values() if np.isfinite(row.lower + row.upper)]
    assert len(known) > 8
    for row in known:
        assert row.lower <= row.value <= row.upper, row


def test_placebos_are_the_same_however_the_worlds_are_cut(market, short, alternatives, monkeypatch):
    draws = {
        "placebo": {"draws": 2, "seed": 3},
        "placebo_neighbour": {"draws": 8, "seed": 1},
        "placebo_permutation": FEW,
    }
    claims = [
        Claim("one", short("baseline"), "always_long"),
        Claim("two", short("weighting_equal"), "cash"),
    ]
    tables = []
    for workers in ("1", "2"):
        monkeypatch.setenv("PLUMBLINE_WORKERS", workers)
        tables.append(placebo_metrics(market, Case(claims, RULES, alternatives, draws)))
    assert tables[0].equals(tables[1])
    keys = tables[0].select(["claim_id", "metric", "subject", "family", "world"]).to_pandas()
    assert not keys.duplicated().any()
    assert set(keys["family"]) == {"signs_flipped", "returns_shuffled"}
    assert set(keys["world"]) == {1, 2}
    assert set(keys["claim_id"]) == {"one", "two"}


def test_no_claim_asks_for_no_world(market, alternatives):
    case = Case([], RULES, alternatives, {"placebo": {"draws": 2, "seed": 3}})
    assert len(placebo_metrics(market, case)) == 0


def test_neighbours_without_a_value_say_nothing_of_stability(market, short, alternatives):
    own = own_returns(run_line(market, short("baseline")))
    flat = Neighbours(np.array([np.nan]), np.array([1.0]), np.zeros((1, len(own))))
    found = measure_claim(
        market, Claim("c", short("baseline"), "cash"), Ask(NEAR, FEW), RULES, alternatives, flat
    )
    assert not {"state_agreement", "rank_among_neighbours"} & {row.metric for row in found}
