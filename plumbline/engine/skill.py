"""Whether strategies time, and whether the allocator chooses: against what chance and exposure would earn."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from plumbline.engine.allocator import MEANREV, TREND, Allocation, Leg, allocate
from plumbline.engine.line import StrategyRow, hold_allocation
from plumbline.engine.market import Market, in_folds
from plumbline.engine.measures import sharpe
from plumbline.engine.panel import Panel
from plumbline.engine.regression import YearlyFits
from plumbline.engine.strategies import Span, Streams, earn, get_strategy
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant

PERMUTED_BLOCK = 63  # sessions, a quarter: long enough to keep runs of one state whole


def timing_returns(market: Market, streams: Mapping[str, Streams]) -> Floats:
    """Return what timing earned each session, beyond holding each asset at the same mean exposure.

    For each strategy and asset, net return less mean position times the asset's return, over the sessions
    of its folds; then the mean over all that have one. A strategy without skill earns less than nothing:
    its costs.

    Returns
    -------
    ndarray of shape (T,)
        The sessions on which any strategy has a stream in a fold.
    """
    total, count = np.zeros(len(market.ret)), np.zeros(len(market.ret))
    for stream in streams.values():
        inside = stream.is_reported & (stream.age > 1)
        position = np.where(inside, stream.positions.position, 0.0)
        exposure = position.sum(axis=0) / np.maximum(inside.sum(axis=0), 1)
        excess = stream.gross + stream.cost - exposure * market.ret
        total += np.where(inside, excess, 0.0).sum(axis=1)
        count += inside.sum(axis=1)
    return total[count > 0] / count[count > 0]


def in_sample_sharpes(market: Market, variant: Variant, row: StrategyRow) -> Floats:
    """Return each strategy's Sharpe ratio on its own training set, by the model that it was fitted on it.

    Returns
    -------
    ndarray of shape (years, assets)
        Annual; NaN where the year is no fold of the asset, or nothing varies.
    """
    out = np.full((len(market.years), len(market.panel.symbols)), np.nan)
    folds = in_folds(market, variant)
    for year, first in enumerate(market.first_of_year):
        is_fold = folds[market.year_of == year].any(axis=0)
        if not is_fold.any():
            continue
        before = _training(market, year)
        age, panel = before.age("continuous"), before.panel
        position = get_strategy(row.strategy)(
            before, replace(variant, warm_up="continuous"), Span(age, panel.is_live & ~panel.is_filled)
        ).position
        gross, cost = earn(position, before.ret, age, variant.cost)
        for asset in np.flatnonzero(is_fold):
            out[year, asset] = sharpe((gross + cost)[panel.is_live[:first, asset], asset])
    return out


def _training(market: Market, year: int) -> Market:
    """Return the market before a year, with the year's own fit in force throughout."""
    first = market.first_of_year[year]
    panel = Panel(
        market.panel.sessions[:first], market.panel.symbols, *(values[:first] for values in market.panel[2:])
    )
    features = type(market.features("continuous"))(*(v[:first] for v in market.features("continuous")))
    fits = YearlyFits(*(np.repeat(values[year : year + 1], year, axis=0) for values in market.fits))
    return Market(panel, features, fits)


def allocated_returns(
    market: Market, variant: Variant, legs: Mapping[int, Leg], state: np.ndarray | None = None
) -> Floats:
    """Return the portfolio's net returns where the allocator follows `state` instead of its own, (T,)."""
    return _returns(market, variant, allocate(market, variant, legs, state))


def mixed_returns(market: Market, variant: Variant, legs: Mapping[int, Leg]) -> Floats:
    """Return the portfolio's net returns where half is always in each of trend and mean reversion, (T,)."""
    half = 0.5 * (legs[TREND].position + legs[MEANREV].position)
    always = np.full(half.shape, TREND, np.int8)
    return allocated_returns(market, variant, {TREND: Leg(half, half, half)}, always)


def _returns(market: Market, variant: Variant, allocation: Allocation) -> Floats:
    portfolio = hold_allocation(market, variant, allocation)
    return portfolio.net_return[portfolio.age > 0]


def permuted_sharpes(
    market: Market, variant: Variant, legs: Mapping[int, Leg], draws: int, seed: int
) -> tuple[float, Floats]:
    """Return the Sharpe ratio of the allocator, and those with its states shuffled in blocks; before costs.

    Costs are left out: shuffling adds switches at the seams, which would speak for any allocator. The
    blocks of all assets move together.

    Parameters
    ----------
    market, variant, legs
        What the allocator chooses from; cost_basis of the variant is not `strategy`.
    draws, seed
        How many permutations, and where they start.
    """
    free = replace(variant, cost_bps=0.0)
    own = allocate(market, free, legs)
    inside = np.flatnonzero(own.is_reported.any(axis=1))
    if not len(inside):
        return np.nan, np.full(draws, np.nan)
    found = [
        sharpe(allocated_returns(market, free, legs, state))
        for state in _shuffled(own.state, inside[0], inside[-1] + 1, draws, seed)
    ]
    return sharpe(_returns(market, free, own)), np.array(found)


def _shuffled(state: np.ndarray, first: int, last: int, draws: int, seed: int) -> Iterator[np.ndarray]:
    generator = np.random.default_rng(seed)
    blocks = np.arange(first, last, PERMUTED_BLOCK)
    for _ in range(draws):
        order = generator.permutation(len(blocks))
        source = np.concatenate([np.arange(b, min(b + PERMUTED_BLOCK, last)) for b in blocks[order]])
        shuffled = state.copy()
        shuffled[first:last] = state[source]
        yield shuffled
