"""What a portfolio has to beat, against pandas, and the one number of it that is known on real bars."""

import numpy as np
import pandas as pd
import pytest
from panels import make_market, random_raws, weekdays

from plumbline.engine.benchmarks import benchmark_returns
from plumbline.engine.folds import in_folds, portfolio_age
from plumbline.engine.line import run_line
from plumbline.engine.market import Market
from plumbline.engine.measures import sharpe
from plumbline.engine.variants import Variant

SESSIONS = weekdays("2015-02-02", 800)
COST = 5 / 10_000


@pytest.fixture(scope="module")
def market() -> Market:
    """Return assets of which one is listed late and one dies early, both within the portfolio's sessions."""
    return make_market(random_raws(91, SESSIONS, late=400, early_death=150), SESSIONS)


def prices(market: Market) -> pd.DataFrame:
    return pd.DataFrame(
        market.panel.price, index=pd.DatetimeIndex(market.panel.sessions), columns=market.panel.symbols
    )


def own_sessions(market: Market, variant: Variant) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(market.panel.sessions[portfolio_age(market, variant) > 0])


def earned(weights: pd.DataFrame, market: Market, own: pd.DatetimeIndex) -> pd.Series:
    """Let the weights of each close earn the next session's return, and charge their changes."""
    weights = weights.loc[own]
    returns = prices(market).pct_change(fill_method=None).fillna(0.0).loc[own]
    traded = weights.diff().fillna(weights.iloc[[0]]).abs()
    return (weights.shift(fill_value=0.0) * returns - COST * traded).sum(axis=1)


def test_cash_earns_nothing_and_every_benchmark_covers_the_sessions_of_the_portfolio(market, short):
    found = benchmark_returns(market, short("baseline"))
    own = run_line(market, short("baseline")).portfolio.age > 0
    assert set(found) == {
        "cash",
        "equal_weight",
        "always_long",
        *(f"buy_and_hold_ASSET{i}" for i in range(3)),
    }
    assert all(len(returns) == own.sum() for returns in found.values())
    assert not found["cash"].any()


def test_an_asset_held_grows_like_its_price_less_the_entry(market, short):
    found = benchmark_returns(market, short("baseline"))
    own = own_sessions(market, short("baseline"))
    held = prices(market).loc[own, "ASSET1"]
    grown = np.prod(1 + found["buy_and_hold_ASSET1"])
    assert grown == pytest.approx((1 - COST) * held.iloc[-1] / held.iloc[0], rel=1e-12)


def test_an_asset_is_held_from_its_listing_to_its_end(market, short):
    found = benchmark_returns(market, short("baseline"))
    own = own_sessions(market, short("baseline"))
    for name in market.panel.symbols:
        weight = prices(market)[[name]].notna().astype(float)
        known = earned(weight, market, own)
        np.testing.assert_allclose(found[f"buy_and_hold_{name}"], known, rtol=0, atol=1e-14)
    assert (found["buy_and_hold_ASSET0"] == -COST).sum() >= 2, "bought once and sold once"


def test_equal_weights_are_those_of_what_trades(market, short):
    found = benchmark_returns(market, short("baseline"))["equal_weight"]
    own = own_sessions(market, short("baseline"))
    trading = prices(market).notna().astype(float)
    weights = trading.div(trading.sum(axis=1), axis=0)
    assert set(weights.loc[own].max(axis=1).round(6)) == {0.5, 0.333333}
    np.testing.assert_allclose(found, earned(weights, market, own), rtol=0, atol=1e-14)


def test_always_long_is_in_equal_parts_of_the_folds_under_the_volatility_target(market, short):
    """By pandas: the leverage of section 6 on equal parts, charged for what it really trades."""
    variant = short("baseline")
    own = own_sessions(market, variant)
    folds = pd.DataFrame(in_folds(market, variant), index=prices(market).index, columns=market.panel.symbols)
    weights = folds.astype(float).div(folds.sum(axis=1).clip(lower=1), axis=0)
    assert 0 < folds.loc[own, "ASSET2"].mean() < 1, "one joins later"
    volatility = earned(weights, market, own).rolling(20).std() * np.sqrt(252)
    leverage = (0.10 / volatility).clip(upper=1.0).fillna(0.0)
    known = earned(weights.loc[own].mul(leverage, axis=0), market, own)
    found = benchmark_returns(market, variant)["always_long"]
    np.testing.assert_allclose(found, known, rtol=0, atol=1e-12)
    assert (found[:19] == 0).all()
    later = found[20:]
    assert np.std(later) * np.sqrt(252) == pytest.approx(0.10, rel=0.2)


def test_benchmarks_know_nothing_of_later_bars(market, short):
    full = benchmark_returns(market, short("baseline"))
    panel = market.panel
    for count in (500, 655, 731):
        arrays = (getattr(panel, name)[:count] for name in panel._fields[2:])
        found = benchmark_returns(
            Market(type(panel)(panel.sessions[:count], panel.symbols, *arrays)), short("baseline")
        )
        for name, returns in found.items():
            assert returns.tobytes() == full[name][: len(returns)].tobytes(), name


def test_always_long_has_the_known_sharpe_ratio_on_real_bars(three_symbols, variant):
    """Docs/method.md, section 9: what a good quant would say of `baseline`."""
    found = benchmark_returns(three_symbols, variant("baseline"))["always_long"]
    assert len(found) == 3520
    assert sharpe(found) == pytest.approx(1.22, abs=0.005)
