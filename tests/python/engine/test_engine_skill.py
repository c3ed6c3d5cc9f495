"""What timing earned, what was known in sample, and the allocator against others and against chance."""

from itertools import pairwise
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from panels import aligned_market, random_raws, run_layers, seed_draws, weekdays
from twin import REGRESSORS, Twin, hold
from twin_portfolio import measures

from plumbline.components.allocators.rule import DOWN as MEANREV
from plumbline.components.allocators.rule import UP as TREND
from plumbline.engine.allocator import Choice, choose
from plumbline.engine.folds import fold_years
from plumbline.engine.line import legs_of, run_line
from plumbline.engine.market import Market
from plumbline.engine.skill import (
    always,
    followed_returns,
    in_equal_parts,
    in_sample_sharpes,
    permuted_sharpes,
    timing_returns,
    without_drift,
)
from plumbline.engine.stress import own_returns
from plumbline.engine.variants import Variant

SESSIONS = weekdays("2015-02-02", 800)
PERMUTED_BLOCK = seed_draws()["permutation"]["block"]


@pytest.fixture(scope="module")
def twin() -> Twin:
    return Twin(random_raws(95, SESSIONS, late=200, early_death=80), SESSIONS)


@pytest.fixture(scope="module")
def market(twin) -> Market:
    return aligned_market(twin.bars, SESSIONS)


def test_timing_is_what_is_earned_beyond_the_same_mean_exposure(market, short):
    """From the strategies' table, by pandas: net - mean(held) * return, all in units of yesterday's risk."""
    rows = run_layers(market, [short("baseline")])["strategies"].to_pandas()
    rows["session_date"] = pd.to_datetime(rows["session_date"])
    streams = rows.groupby(["symbol", "strategy"])
    rows["position_before"] = streams["position"].shift()
    rows = rows[streams.cumcount() > 0].copy()  # nothing can be earned on a stream's first session
    asset = [market.panel.symbols.index(symbol) for symbol in rows["symbol"]]
    session = np.searchsorted(market.panel.sessions, rows["session_date"].to_numpy("datetime64[D]"))
    rows["ret"] = (market.panel.price[1:] / market.panel.price[:-1] - 1)[session - 1, asset]
    price = pd.DataFrame(market.panel.price)
    risk = (price.pct_change(fill_method=None).rolling(20).std() * sqrt(252)).to_numpy()
    rows["weight"] = 1 / risk[session - 1, asset]
    rows["held"] = rows["position_before"]
    rows["weighted"] = rows["weight"] * rows["held"]
    sums = rows.groupby(["symbol", "strategy"])[["weighted", "weight"]].transform("sum")
    excess = (rows["net_return"] - sums["weighted"] / sums["weight"] * rows["ret"]) * rows["weight"]
    known = excess.groupby(rows["session_date"]).mean()
    found = timing_returns(market, run_line(market, short("baseline")).streams)
    np.testing.assert_allclose(found, known, rtol=0, atol=1e-12)


def test_always_long_has_no_timing(market, short):
    """Whatever the market did; what is left is one entry an asset."""
    streams = run_line(market, short("baseline", cost_bps=0.0)).streams
    always = {
        name: stream._replace(
            positions=stream.positions._replace(position=np.where(stream.is_reported, 1.0, 0.0)),
            gross=np.where(stream.age > 1, market.ret, 0.0),
        )
        for name, stream in streams.items()
    }
    assert np.abs(timing_returns(market, always)).max() < 1e-15


@pytest.mark.parametrize("strategy", ["trend", "meanrev"])
def test_in_sample_each_strategy_runs_on_its_own_training_set(twin, market, short, strategy):
    """Against the twin: the year's fit on the years before it, from the asset's first bar on."""
    variant, reads = short("baseline"), REGRESSORS if strategy == "trend" else ("ret_5d", "vol_20")
    found = in_sample_sharpes(market, variant, strategy)
    is_fold = fold_years(market, variant)
    assert np.array_equal(np.isfinite(found), is_fold)
    assert is_fold.sum() >= 5
    for year, asset in np.argwhere(is_fold):
        symbol, first = market.panel.symbols[asset], twin.year.index(int(market.years[year]))
        bars, features = twin.bars[symbol], twin.features[symbol, "continuous"]
        _, fit = twin.fits[symbol, int(market.years[year])]
        live = [t for t in range(first) if bars.price[t] is not None]
        entry = [False] * first
        for t in live:
            x = {name: features[name][t] for name in reads}
            if bars.is_filled[t] or None in x.values():
                continue
            if strategy == "trend":
                entry[t] = fit @ np.array([1.0, *x.values()]) > 0 and x["ret_20d"] > 0
            else:
                entry[t] = x["ret_5d"] < -0.02 and x["vol_20"] < 0.40
        begin = [live[0] if t in set(live) else None for t in range(first)]
        position = hold(entry, begin, {"trend": 5, "meanrev": 3}[strategy])
        net = [0.0]
        for before, t in pairwise(live):
            earned = position[before] * (bars.price[t] / bars.price[before] - 1)
            net.append(earned - 0.0005 * abs(position[t] - position[before]))
        assert found[year, asset] == pytest.approx(measures(net)["sharpe"], rel=1e-8)


def test_the_allocators_own_states_give_its_own_returns(market, short):
    for name in ("baseline", "weighting_equal"):
        legs = legs_of(run_line(market, short(name)).streams)
        line = run_line(market, short(name))
        for code, strategy in ((TREND, "trend"), (MEANREV, "meanrev")):
            assert np.array_equal(legs[code - 1].position, line.streams[strategy].positions.position)
        assert len(legs) == 2
        for choice in (None, Choice(line.allocation.state)):
            found = followed_returns(market, short(name), legs, choice)
            assert np.array_equal(found, own_returns(line))


def test_always_one_strategy_holds_its_positions_and_half_of_each_holds_their_mean(market, short):
    """Unlevered and equally weighted, so that the returns can be told by hand."""
    variant = short("weighting_equal", cost_bps=0.0, target_volatility=100.0, max_weight=1.0)
    line = run_line(market, variant)
    legs = legs_of(run_line(market, variant).streams)
    own = line.portfolio.age > 0
    inside, age = line.allocation.is_reported, line.allocation.age
    part = (age >= 20) / np.maximum((age >= 20).sum(axis=1, keepdims=True), 1)
    levered = (line.portfolio.age >= 20)[:, None]
    trend, meanrev = (line.streams[name].positions.position for name in ("trend", "meanrev"))

    def known(position: np.ndarray) -> np.ndarray:
        held = np.where(inside, position, 0.0) * part * levered
        return (held[:-1] * market.ret[1:]).sum(axis=1)[own[1:]]

    for code, position in ((TREND, trend), (MEANREV, meanrev)):
        found = followed_returns(market, variant, legs, always(market, code))
        np.testing.assert_allclose(found[1:], known(position)[-len(found) + 1 :], rtol=0, atol=1e-14)
    found = followed_returns(market, variant, legs, in_equal_parts(market, legs))
    np.testing.assert_allclose(found[1:], known((trend + meanrev) / 2)[-len(found) + 1 :], rtol=0, atol=1e-14)


def plain_sharpe(returns: np.ndarray) -> float:
    return returns.mean() / returns.std() * sqrt(252)


def flat(market: Market, variant: Variant) -> Market:
    """Return the market whose assets earned nothing on average while the portfolio lasted."""
    price, own = market.panel.price.copy(), np.flatnonzero(run_line(market, variant).portfolio.age > 0)
    for asset, column in enumerate(price.T):
        live = np.flatnonzero(np.isfinite(column))
        ret = dict(zip(live[1:], column[live[1:]] / column[live[:-1]] - 1, strict=True))
        mean = np.mean([ret[t] for t in own if t in ret])
        for before, t in pairwise(live):
            price[t, asset] = price[before, asset] * (1 + ret[t] - (mean if t in set(own) else 0.0))
    return Market(market.panel._replace(price=price))


def reordered(generator: np.random.Generator, first: int, last: int) -> np.ndarray:
    """Return the sessions of one permutation of blocks."""
    blocks = [np.arange(b, min(b + PERMUTED_BLOCK, last)) for b in range(first, last, PERMUTED_BLOCK)]
    return np.concatenate([blocks[k] for k in generator.permutation(len(blocks))])


@pytest.mark.parametrize("name", ["baseline", "allocator_blend"])
def test_shuffled_choices_are_the_allocators_own_in_another_order(market, short, name):
    """Blocks of the sessions in folds trade places, all assets together; nothing else moves.

    What they earn is without drift, and without costs. An allocator that follows several strategies at once
    has its shares shuffled.
    """
    variant, draws = short(name, cost_bps=0.0), 30 if name == "baseline" else 5
    line = run_line(market, variant)
    legs, level = legs_of(line.streams), flat(market, variant)
    state, shares = choose(market, variant, legs)
    assert (shares is not None) == (name == "allocator_blend")
    own, found = permuted_sharpes(market, short(name), legs, draws, PERMUTED_BLOCK, 5)
    known = plain_sharpe(followed_returns(level, variant, legs, Choice(state, shares)))
    assert own == pytest.approx(known, rel=1e-9)
    inside = np.flatnonzero(line.allocation.is_reported.any(axis=1))
    first, last = inside[0], inside[-1] + 1
    generator = np.random.default_rng(5)
    for sharpe in found:
        source = np.arange(len(state))
        source[first:last] = reordered(generator, first, last)
        assert sorted(source) == list(range(len(state)))
        parts = None if shares is None else shares[:, source]
        known = plain_sharpe(followed_returns(level, variant, legs, Choice(state[source], parts)))
        assert sharpe == pytest.approx(known, rel=1e-9)
    assert len(set(found)) == draws


def test_drift_is_taken_from_what_is_earned_and_from_nothing_else(market, short):
    variant = short("baseline")
    own = run_line(market, variant).portfolio.age > 0
    level = without_drift(market, variant)
    for asset, live in enumerate((market.panel.is_live & own[:, None]).T):
        ret = market.ret[live, asset]
        np.testing.assert_allclose(level.ret[live, asset], ret - ret.mean(), rtol=0, atol=1e-16)
    assert not level.ret[~market.panel.is_live].any()
    assert np.array_equal(level.ret[~own], market.ret[~own])
    assert np.array_equal(level.panel.price, market.panel.price, equal_nan=True)
    for name in ("trend", "meanrev"):
        one, two = (run_line(each, variant).streams[name].positions for each in (market, level))
        assert np.array_equal(one.position, two.position)


def test_shuffling_leaves_costs_out_and_is_seeded(market, short):
    """Seams add switches, whose cost would speak for any allocator."""
    legs = legs_of(run_line(market, short("baseline")).streams)
    own, found = permuted_sharpes(market, short("baseline"), legs, 5, PERMUTED_BLOCK, 1)
    dear, costly = permuted_sharpes(market, short("baseline", cost_bps=50.0), legs, 5, PERMUTED_BLOCK, 1)
    assert own == dear
    assert np.array_equal(found, costly)
    assert not np.array_equal(
        found, permuted_sharpes(market, short("baseline"), legs, 5, PERMUTED_BLOCK, 2)[1]
    )


def test_without_a_fold_there_is_nothing_to_shuffle(market, short):
    never = short("baseline", min_train_sessions=9999)
    legs = legs_of(run_line(market, never).streams)
    own, found = permuted_sharpes(market, never, legs, 3, PERMUTED_BLOCK, 1)
    assert np.isnan(own)
    assert np.isnan(found).all()
