"""The engine and its twin agree: the same method, written twice, gives the same numbers.

Panels are random but seeded, with late listings, early ends, gaps and weeks without volume.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from compare import compare_market, differences
from panels import CAPS, COST_BASES, aligned_market, random_raws, trend_forecast, weekdays
from twin import Twin

from plumbline.engine.market import Market
from plumbline.engine.variants import LAG_ACTS, WARM_UPS, Variant

SWITCHES = ("state_lag", "weight_lag", "leverage_lag", "warm_up", "cap")


class Pair(NamedTuple):
    """One panel as the engine sees it and as the twin does."""

    market: Market
    twin: Twin


def make_pair(seed: int, count: int, **troubles: int) -> Pair:
    """Build both from the same raw bars; they share the aligned bars, which the twin makes."""
    sessions = weekdays("2015-02-02", count)
    twin = Twin(random_raws(seed, sessions, **troubles), sessions)
    return Pair(aligned_market(twin.bars, sessions), twin)


PANELS = {
    "all live to the end": {"seed": 1, "count": 900},
    "one listed late, one dead early": {"seed": 2, "count": 1050, "late": 300, "early_death": 100},
    "the calendar ends with a year": {"seed": 3, "count": 760, "early_death": 20},
    "many assets, some at the cap": {"seed": 4, "count": 900, "assets": 5, "late": 200},
}


@pytest.fixture(scope="module", params=PANELS.values(), ids=PANELS.keys())
def pair(request: pytest.FixtureRequest) -> Pair:
    return make_pair(**request.param)


def bridge(published: Variant, baseline: Variant) -> Iterator[dict]:
    """Yield what each step of the bridge from `published` to `baseline` has changed so far."""
    changed: dict = {}
    yield {}
    for name in SWITCHES:
        changed[name] = getattr(baseline, name)
        yield dict(changed)
    for basis in COST_BASES[1:]:
        changed["cost_basis"] = basis
        yield dict(changed)


def combinations() -> Iterator[dict]:
    """Yield every legal setting of the six switches, lags 0 to 2 where they act."""
    for basis, warm_up, cap in itertools.product(COST_BASES, WARM_UPS, CAPS):
        lags = [range(3) if basis in acts else (1,) for acts in LAG_ACTS.values()]
        for values in itertools.product(*lags):
            yield {
                "cost_basis": basis,
                "warm_up": warm_up,
                "cap": cap,
                **dict(zip(LAG_ACTS, values, strict=True)),
            }


@pytest.mark.parametrize("warm_up", WARM_UPS)
def test_features_and_predictions_agree_with_the_twin(pair, short, warm_up):
    found = compare_market(pair.market, pair.twin, short("baseline", warm_up=warm_up))
    assert not {name: text for name, text in found.items() if text}


def test_every_step_of_the_bridge_agrees_with_the_twin(pair, short):
    published, baseline = short("published"), short("baseline")
    for step, changes in enumerate(bridge(published, baseline)):
        # Years too short to test in have a test of their own, below.
        variant = short("published", min_test_sessions=baseline.min_test_sessions, **changes)
        assert not differences(*pair, variant), f"step {step}"


def test_published_and_baseline_agree_with_the_twin_as_they_stand(pair, short):
    for name in ("published", "baseline"):
        assert not differences(*pair, short(name)), name


def test_every_legal_combination_of_switches_agrees_with_the_twin(short):
    pair = make_pair(5, 640, late=130, early_death=50)
    every = list(combinations())
    assert len(every) == 160
    for changes in every:
        assert not differences(*pair, short("baseline", **changes)), changes


@pytest.mark.parametrize(
    "changes",
    [
        {"trend_hold": 9, "meanrev_hold": 7},  # held into the sixth missing session
        {"vol_window": 5, "max_leverage": 3.0, "target_volatility": 0.25},
        {"max_weight": 0.30},  # three assets cannot take it all: some stays in cash
        {"max_weight": 0.30, "cap": "renormalise"},
        {"cost_bps": 0.0, "prediction_threshold": 0.002, "trend_ret20_min": 0.01},
        {"min_train_rows": 400},  # the first folds have no model
        {"meanrev_ret5_max": 0.0, "meanrev_entry_vol20_max": 0.2, "meanrev_vol20_max": 0.2},
    ],
    ids=lambda changes: ", ".join(f"{name} {value}" for name, value in changes.items()),
)
@pytest.mark.parametrize("name", ["published", "baseline"])
def test_other_parameters_agree_with_the_twin(short, name, changes):
    pair = make_pair(6, 800, late=100, early_death=60)
    assert not differences(*pair, short(name, **changes))


@pytest.mark.parametrize("name", ["published", "baseline"])
def test_minimums_are_met_exactly_where_they_are_met(short, name):
    """As many sessions or rows as a minimum asks for are enough; one fewer is not."""
    pair = make_pair(8, 640)
    year, asset = 1, 0
    exact = {
        "min_train_sessions": int(pair.market.train_sessions[year, asset]),
        "min_train_rows": int(pair.market.fits(trend_forecast(short(name))).rows[year, asset]),
        "min_test_sessions": int(pair.market.test_sessions[year, asset]),
    }
    if name == "baseline":
        del exact["min_test_sessions"]  # years too short under `continuous` have the test below
    for column, value in exact.items():
        for off in (0, 1):
            variant = short(name, **{"min_test_sessions": 1, column: value + off})
            found = differences(*pair, variant)
            assert not found, (column, off)


def test_continuous_streams_do_not_stop_in_a_last_year_too_short_to_be_a_fold(short):
    """`continuous` resets nothing: outside the folds the exposure is 0, but streams and windows run on."""
    published, baseline = short("published"), short("baseline")
    pair = make_pair(7, 810)
    for step, changes in enumerate(bridge(published, baseline)):
        variant = short("published", **changes)
        assert not differences(*pair, variant), f"step {step}"


@pytest.mark.parametrize("name", ["published", "baseline"])
def test_sessions_carried_over_new_year_are_sessions_of_that_year(short, name):
    """A filled session counts as it stands: an asset that ends at Christmas is carried into January."""
    # 760 weekdays reach to the end of 2017; the first asset's last bar is two sessions earlier.
    pair = make_pair(3, 900, early_death=142)
    assert not differences(*pair, short(name))
