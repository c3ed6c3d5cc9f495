"""Panels at the edge of what is possible: nothing breaks, and what the method promises holds."""

import itertools
from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from panels import CAPS, COST_BASES, Raws, make_market, random_raws, run, trend_forecast, weekdays

from plumbline.engine.features import NAMED
from plumbline.engine.line import Line
from plumbline.engine.trades import find_trades
from plumbline.engine.variants import WARM_UPS, Variant

SESSIONS = weekdays("2015-02-02", 700)


def settings_of_switches() -> list[dict]:
    return [
        {"cost_basis": basis, "warm_up": warm_up, "cap": cap}
        for basis, warm_up, cap in itertools.product(COST_BASES, WARM_UPS, CAPS)
    ]


def assert_sound(line: Line, variant: Variant) -> None:
    """Hold what is true of every line, whatever the bars."""
    portfolio, allocation = line.portfolio, line.allocation
    for name, values in portfolio._asdict().items():
        assert np.isfinite(values).all(), name
    for name in ("exposure", "gross", "cost"):
        assert np.isfinite(getattr(allocation, name)).all(), name
    if variant.warm_up == "year":
        assert np.isfinite(allocation.leverage).all()
        assert np.isfinite(allocation.target_return).all()
    for streams in line.streams.values():
        assert set(np.unique(streams.positions.position)) <= {0.0, 1.0}
        assert np.isfinite(streams.gross + streams.cost).all()
        assert not np.isinf(streams.positions.prediction).any()
    assert set(np.unique(allocation.exposure)) <= {0.0, 1.0}
    assert (portfolio.weight >= 0).all()
    assert (portfolio.weight.sum(axis=1) <= 1 + 1e-12).all()
    if variant.cap == "exact":
        assert (portfolio.weight <= variant.max_weight).all()
    assert (portfolio.leverage >= 0).all()
    assert (portfolio.leverage <= variant.max_leverage).all()
    parts = (portfolio.gross + portfolio.cost).sum(axis=1)
    np.testing.assert_allclose(parts, portfolio.net_return, rtol=0, atol=1e-12)


def constant(sessions: Sequence[date], assets: int = 2, price: float = 0.1) -> Raws:
    return {f"FLAT{i}": dict.fromkeys(sessions, (price, 1000.0)) for i in range(assets)}


@given(
    seed=st.integers(0, 10_000),
    assets=st.integers(1, 4),
    count=st.sampled_from([20, 70, 300, 700]),
    late=st.integers(0, 720),
    early_death=st.integers(0, 400),
    changes=st.sampled_from(settings_of_switches()),
)
def test_every_panel_gives_a_sound_line(short, seed, assets, count, late, early_death, changes):
    sessions = SESSIONS[:count]
    raws = random_raws(seed, sessions, late=late, early_death=min(early_death, count), assets=assets)
    variant = short("baseline", **changes)
    assert_sound(run(raws, sessions, variant), variant)


@pytest.mark.parametrize("changes", settings_of_switches(), ids=lambda c: " ".join(c.values()))
def test_constant_prices_are_never_traded_and_lever_to_the_limit(short, changes):
    variant = short("published" if changes["warm_up"] == "year" else "baseline", **changes, **lags(changes))
    line = run(constant(SESSIONS), SESSIONS, variant)
    assert_sound(line, variant)
    for streams in line.streams.values():
        starts = np.arange(len(SESSIONS)) == 0
        stream = (streams.gross + streams.cost)[:, 0]
        assert len(find_trades(streams.positions.position[:, 0].copy(), stream, starts).entry) == 0
    portfolio = line.portfolio
    assert (portfolio.age > 0).any()
    full = portfolio.age >= variant.vol_window
    assert (portfolio.leverage[full] == variant.max_leverage).all()
    assert (portfolio.leverage[~full] == 0).all()
    assert (portfolio.weight == 0).all()
    assert (portfolio.net_return == 0).all()


def lags(changes: dict) -> dict:
    return (
        dict.fromkeys(("state_lag", "weight_lag", "leverage_lag"), 1) if changes["warm_up"] == "year" else {}
    )


@pytest.mark.parametrize("name", ["published", "baseline"])
@pytest.mark.parametrize("count", [0, 1, 2, 20])
def test_panels_too_short_for_a_fold_have_no_portfolio(short, name, count):
    raws = random_raws(1, SESSIONS)
    few = {symbol: {day: raw[day] for day in SESSIONS[:count] if day in raw} for symbol, raw in raws.items()}
    line = run(few if count else {}, SESSIONS, short(name))
    assert_sound(line, short(name))
    assert (line.portfolio.age == 0).all()
    assert line.portfolio.holding.shape == (count, 3 if count else 0)


@pytest.mark.parametrize("name", ["published", "baseline"])
def test_an_asset_alone_gets_the_cap_or_everything(short, name):
    line = run(random_raws(2, SESSIONS, assets=1), SESSIONS, short(name))
    assert_sound(line, short(name))
    known = short(name).max_weight if name == "baseline" else 1.0
    weight = line.portfolio.weight
    assert set(np.unique(weight)) == {0.0, known}


def test_an_asset_listed_years_later_leaves_the_years_before_it_as_they_are(short):
    raws = random_raws(3, SESSIONS, late=300)
    without = {symbol: raw for symbol, raw in raws.items() if symbol != "ASSET2"}
    line = run(raws, SESSIONS, short("baseline"))
    alone = run(without, SESSIONS, short("baseline"))
    joins = int((line.allocation.age[:, 2] > 0).argmax())
    assert joins > 300
    assert (line.portfolio.weight[joins : joins + 19, 2] == 0).all()
    assert (line.portfolio.weight[joins + 19 :, 2] > 0).any()
    assert np.array_equal(line.portfolio.net_return[:joins], alone.portfolio.net_return[:joins])


def test_an_asset_that_dies_early_is_gone_on_the_sixth_missing_session(short):
    line = run(random_raws(4, SESSIONS, early_death=150), SESSIONS, short("baseline"))
    raws = random_raws(4, SESSIONS, early_death=150)
    last = max(t for t, day in enumerate(SESSIONS) if day in raws["ASSET0"])
    market = make_market(raws, SESSIONS)
    assert market.panel.is_filled[last + 1 : last + 6, 0].all()
    assert market.panel.is_live[: last + 6, 0][-1]
    assert not market.panel.is_live[last + 6 :, 0].any()
    for values in (line.allocation.exposure, line.portfolio.weight, line.portfolio.holding):
        assert (values[last + 6 :, 0] == 0).all()
    assert (market.ret[last + 1 :, 0] == 0).all()
    assert (line.portfolio.gross[last + 1 :, 0] == 0).all()


def test_weeks_without_volume_are_no_fault(short):
    raws = random_raws(5, SESSIONS)
    for day in SESSIONS[300:330]:
        if day in raws["ASSET1"]:
            raws["ASSET1"][day] = (raws["ASSET1"][day][0], 0.0)
    market = make_market(raws, SESSIONS)
    assert np.isnan(market.feature(NAMED["rvol_10"], "continuous")[320, 1])
    for name in ("published", "baseline"):
        assert_sound(run(raws, SESSIONS, short(name)), short(name))


def test_an_unknown_volume_silences_the_forecast_and_nothing_else(short):
    raws = random_raws(6, SESSIONS)
    day = SESSIONS[600] if SESSIONS[600] in raws["ASSET0"] else SESSIONS[606]
    t = SESSIONS.index(day)
    raws["ASSET0"][day] = (raws["ASSET0"][day][0], None)
    market = make_market(raws, SESSIONS)
    rvol_10, vol_20 = (market.feature(NAMED[name], "continuous") for name in ("rvol_10", "vol_20"))
    prediction = market.prediction(trend_forecast(short("baseline")), "continuous")
    assert np.isnan(rvol_10[t : t + 10, 0]).all()
    assert np.isfinite(rvol_10[[t - 1, t + 10], 0]).all()
    assert np.isnan(prediction[t : t + 10, 0]).all()
    assert np.isfinite(vol_20[t : t + 10, 0]).all()
    for name in ("published", "baseline"):
        assert_sound(run(raws, SESSIONS, short(name)), short(name))
