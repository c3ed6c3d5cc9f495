"""Whether strategies time, and whether the allocator chooses: against what chance and exposure would earn."""

from collections.abc import Mapping

import numpy as np
from numba import njit

from plumbline.engine.allocator import Allocation, Choice, Leg, allocate, choose
from plumbline.engine.costs import FREE, earn, rates_of
from plumbline.engine.features import NAMED
from plumbline.engine.folds import in_folds, portfolio_age
from plumbline.engine.line import hold_allocation
from plumbline.engine.market import Market, before_year, taking_over
from plumbline.engine.measures import sharpe
from plumbline.engine.registry import component
from plumbline.engine.shocks import has_return, mean_known
from plumbline.engine.strategies import Span, Streams, say_positions
from plumbline.engine.sweep_portfolio import MEASURES
from plumbline.engine.sweep_tiles import PORTFOLIO, Book, best_form, why_not_held
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant
from plumbline.engine.windows import lagged

VOLATILITY = NAMED["vol_20"]


def timing_returns(market: Market, streams: Mapping[str, Streams]) -> Floats:
    """Return what timing earned each session, beyond holding each asset at the same mean exposure.

    For each strategy and asset, net return less mean holding times the asset's return, over the sessions
    of its folds, in units of the volatility of 20 sessions as it was known the day before: a wild year
    would drown the others. The mean holding is weighted in the same way, so that whatever is held all the
    time is worth exactly 0. Then the mean over all that have one. A strategy without skill earns less than
    nothing: its costs.

    Returns
    -------
    ndarray of shape (T,)
        The sessions on which any strategy has a stream in a fold.
    """
    total, count = np.zeros(len(market.ret)), np.zeros(len(market.ret))
    age = market.age("continuous")
    volatility = lagged(market.feature(VOLATILITY, "continuous"), age, 1)
    for stream in streams.values():
        inside = stream.is_reported & (stream.age > 1) & (volatility > 0.0)
        weight = np.where(inside, 1.0 / np.where(inside, volatility, 1.0), 0.0)
        held = lagged(stream.positions.position, stream.age, 1)
        exposure = (weight * held).sum(axis=0) / np.where(inside.any(axis=0), weight.sum(axis=0), 1.0)
        excess = stream.gross + stream.cost - exposure * market.ret
        total += (weight * excess).sum(axis=1)
        count += inside.sum(axis=1)
    return total[count > 0] / count[count > 0]


def in_sample_sharpes(market: Market, variant: Variant, strategy: str) -> Floats:
    """Return a strategy's Sharpe ratio on each training set, by the forecast that was fitted on it.

    Returns
    -------
    ndarray of shape (years, assets)
        Annual; NaN where the year is no fold of the asset, or nothing varies.
    """
    out = np.full((len(market.years), len(market.panel.symbols)), np.nan)
    folds = in_folds(market, variant)
    continuous = variant.changed(warm_up="continuous")
    for year, first in enumerate(market.first_of_year):
        is_fold = folds[market.year_of == year].any(axis=0)
        if not is_fold.any():
            continue
        before = before_year(market, year)
        age, panel = before.age("continuous"), before.panel
        span = Span(age, panel.is_live & ~panel.is_filled)
        position = say_positions(component("strategy", strategy), before, continuous, span).position
        gross, cost = earn(position, before.ret, age, rates_of(before, continuous))
        for asset in np.flatnonzero(is_fold):
            out[year, asset] = sharpe((gross + cost)[panel.is_live[:first, asset], asset])
    return out


def followed_returns(
    market: Market, variant: Variant, legs: tuple[Leg, ...], choice: Choice | None = None
) -> Floats:
    """Return the portfolio's net returns where `choice` is followed instead of the allocator's own, (T,)."""
    return _returns(market, variant, allocate(market, variant, legs, choice))


def always(market: Market, code: int) -> Choice:
    """Return the choice of one strategy on every session of every asset."""
    return Choice(np.full(market.ret.shape, code, np.int8))


def in_equal_parts(market: Market, legs: tuple[Leg, ...]) -> Choice:
    """Return the choice of all strategies at once, in equal parts."""
    shares = np.full((len(legs), *market.ret.shape), 1.0 / len(legs))
    return Choice(np.zeros(market.ret.shape, np.int8), shares)


def _returns(market: Market, variant: Variant, allocation: Allocation) -> Floats:
    portfolio = hold_allocation(market, variant, allocation)
    return portfolio.net_return[portfolio.age > 0]


def permuted_sharpes(
    market: Market, variant: Variant, legs: tuple[Leg, ...], draws: int, block: int, seed: int
) -> tuple[float, Floats]:
    """Return the Sharpe ratio of the allocator, and those with its choices shuffled in blocks.

    Before costs: shuffling adds switches at the seams, which would speak for any allocator. Without drift:
    shuffled choices meet fewer entries, so that they hold less, and in a market that rises whoever holds
    more earns more; each asset's mean return over the portfolio's sessions is taken from what is earned,
    not from what the choices are made on. The blocks of all assets move together.

    Parameters
    ----------
    market, variant, legs
        What the allocator chooses from; cost_basis of the variant is not `strategy`.
    draws, block, seed
        How many permutations, of how many sessions a block, and where they start.
    """
    free = variant.changed(cost=FREE)
    choice = choose(market, free, legs)
    market = without_drift(market, free)
    own = allocate(market, free, legs, choice)
    inside = np.flatnonzero(own.is_reported.any(axis=1))
    if not len(inside):
        return np.nan, np.full(draws, np.nan)
    span = inside[0], inside[-1] + 1
    generator = np.random.default_rng(seed)
    orders = np.array([generator.permutation(len(range(*span, block))) for _ in range(draws)])
    # Eight strategies have a bit each.
    is_whole = len(legs) <= 8 and all(np.isin(leg.position, (0.0, 1.0)).all() for leg in legs)
    if is_whole and choice.shares is None and not why_not_held(free):
        found = _permuted_in_tiles(market, free, own, legs, orders, span, block)
    else:
        found = [
            sharpe(followed_returns(market, free, legs, _shuffled(choice, order, *span, block)))
            for order in orders
        ]
    return sharpe(_returns(market, free, own)), np.array(found)


def without_drift(market: Market, variant: Variant) -> Market:
    """Return the market with mean returns of 0 over the portfolio's sessions, and features as they are."""
    own = portfolio_age(market, variant) > 0
    flat = taking_over(market, market.panel)
    known = has_return(market) & own[:, None]
    vars(flat)["ret"] = np.where(known, market.ret - mean_known(market.ret, known), market.ret)
    return flat


def _shuffled(choice: Choice, order: np.ndarray, first: int, last: int, block: int) -> Choice:
    blocks = np.arange(first, last, block)
    source = np.arange(len(choice.state))
    source[first:last] = np.concatenate([np.arange(b, min(b + block, last)) for b in blocks[order]])
    return Choice(choice.state[source], None if choice.shares is None else choice.shares[:, source])


def _permuted_in_tiles(
    market: Market,
    variant: Variant,
    own: Allocation,
    legs: tuple[Leg, ...],
    orders: np.ndarray,
    span: tuple[int, int],
    block: int,
) -> Floats:
    """Return the Sharpe ratio of each permutation, (draws,): the portfolios of many at once."""
    book = Book(market, variant, best_form())
    start, draws = book.start, len(orders)
    # Which strategies hold 1, and which one is followed: a bit each.
    holding = sum((leg.position[start:] > 0.0).astype(np.uint8) << k for k, leg in enumerate(legs))
    holding = np.where(book.reported, holding, 0).astype(np.uint8)
    followed = np.where(own.state[start:] > 0, 1 << (own.state[start:] - 1), 0).astype(np.uint8)
    windows = np.full(draws, variant.vol_window)
    portfolios = book.portfolios({name: np.full(draws, variant.values[name]) for name in PORTFOLIO})
    found = np.empty(draws)
    for raw, lanes in book.tiles(windows):
        for tiles in np.split(lanes, range(book.batch, len(lanes), book.batch)):
            words = book.words(len(tiles))
            _expose(holding.T, followed.T, orders[tiles], span[0] - start, span[1] - start, block, words)
            measures, _ = book.hold(raw, words, portfolios, windows, tiles, keep=False)
            found[tiles] = measures[..., MEASURES.index("sharpe")]
    return found


@njit(cache=True, nogil=True)
def _expose(holding, followed, orders, first, last, block, words):
    """Write what is exposed where the states from `first` to `last` stand in blocks of another order.

    `holding` and `followed`, (assets, sessions), have a bit a strategy; `orders`, (tiles, lanes, blocks).
    """
    sources = np.arange(holding.shape[1])
    for tile in range(orders.shape[0]):
        for lane in range(orders.shape[1]):
            t = first
            for number in orders[tile, lane]:
                begin = first + number * block
                for source in range(begin, min(begin + block, last)):
                    sources[t] = source
                    t += 1
            for i in range(holding.shape[0]):
                for t in range(holding.shape[1]):
                    exposed = (holding[i, t] & followed[i, sources[t]]) != 0
                    words[tile, i, t + 1] |= np.uint32(exposed) << np.uint32(lane)
