"""Shocks of the bars, so that the whole line can be run again on what did not happen (docs/robustness.md).

Each takes a panel and returns one; a shock of size zero returns the very same numbers. Returns are changed
and prices compounded from them again, so that every feature sees the shock.
"""

import numpy as np

from plumbline.engine.market import Market
from plumbline.engine.measures import mean_correlation
from plumbline.engine.panel import Panel
from plumbline.engine.types import Bools, Floats

LOWEST_RETURN = -0.95  # no shock makes a price negative; a bar that lost more by itself stands


def with_returns(market: Market, shocked: Floats) -> Panel:
    """Return the panel whose returns are `shocked`, (sessions, assets), and whose first prices stand."""
    lowest = np.minimum(market.ret, LOWEST_RETURN)
    ratio = (1.0 + np.maximum(shocked, lowest)) / (1.0 + market.ret)
    return market.panel._replace(price=market.panel.price * np.cumprod(ratio, axis=0))


def scale_volatility(market: Market, factor: float) -> Panel:
    """Spread each asset's returns about their mean: r' = r + (factor - 1)(r - mean)."""
    known = _has_return(market)
    deviation = np.where(known, market.ret - _mean(market.ret, known), 0.0)
    return with_returns(market, market.ret + (factor - 1.0) * deviation)


def add_gap(market: Market, session: int, assets: Bools, size: float) -> Panel:
    """Let the price of some assets jump by `size` in one session: r' = (1 + r)(1 + size) - 1."""
    shocked = market.ret.copy()
    hit = assets & market.panel.is_live[session]
    shocked[session, hit] = (1.0 + shocked[session, hit]) * (1.0 + size) - 1.0
    return with_returns(market, shocked)


def raise_correlation(market: Market, target: float) -> Panel:
    """Mix every asset's standardised return with the mean of all, until their mean correlation is `target`.

    z' = (1 - λ) z + λ c, standardised again, with c the mean of z over the assets of the session; means and
    volatilities stay, and λ is found by bisection. Returns that are as correlated already stay as they are.
    """
    known = _has_return(market)
    centre = _mean(market.ret, known)
    spread = np.sqrt(_mean((market.ret - centre) ** 2, known))
    moving = known & (spread > 0.0)
    z = np.where(moving, (market.ret - centre) / np.where(spread > 0.0, spread, 1.0), 0.0)
    common = z.sum(axis=1, keepdims=True) / np.maximum(moving.sum(axis=1, keepdims=True), 1)

    def mixed(share: float) -> Floats:
        blend = (1.0 - share) * z + share * common
        blend = np.where(moving, blend - _mean(blend, moving), 0.0)
        deviation = np.sqrt(_mean(blend**2, moving))
        return blend / np.where(deviation > 0.0, deviation, 1.0)

    balanced = (moving | ~moving.any(axis=0)).all(axis=1)  # one that never moves has no correlation
    if balanced.sum() < 2 or mean_correlation(z[balanced]) >= target:
        return market.panel
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2.0
        low, high = (middle, high) if mean_correlation(mixed(middle)[balanced]) < target else (low, middle)
    return with_returns(market, np.where(moving, centre + spread * mixed(high), market.ret))


def drop_sessions(market: Market, share: float, seed: int) -> Panel:
    """Lose a share of all bars, each asset's at random: they are carried (section 8), never two in a row."""
    panel = market.panel
    lost = np.random.default_rng(seed).random(panel.price.shape) < share
    lost &= _has_return(market) & ~panel.is_filled
    lost[1:] &= ~(lost | panel.is_filled)[:-1]
    lost[:-1] &= ~panel.is_filled[1:]
    price = panel.price.copy()
    price[1:] = np.where(lost[1:], price[:-1], price[1:])
    return panel._replace(
        price=price, volume=np.where(lost, 0.0, panel.volume), is_filled=panel.is_filled | lost
    )


def reverse_after(market: Market, entries: Bools, sessions: int) -> Panel:
    """Turn every rise in the sessions after an entry into a fall of that size: r' = -|r|."""
    hit = np.zeros_like(entries)
    for k in range(1, sessions + 1):
        hit[k:] |= entries[:-k]
    return with_returns(market, np.where(hit, -np.abs(market.ret), market.ret))


def end_asset(market: Market, asset: int, session: int, carried: int) -> Panel:
    """Let an asset have no bar after `session`: its last is carried for `carried` sessions, then gone."""
    panel = market.panel
    price, volume = panel.price.copy(), panel.volume.copy()
    is_live, is_filled = panel.is_live.copy(), panel.is_filled.copy()
    last_bar = np.flatnonzero((is_live & ~is_filled)[: session + 1, asset])[-1]
    after = slice(session + 1, None)
    last = slice(session + 1, last_bar + 1 + carried)
    price[after, asset], volume[after, asset] = np.nan, np.nan
    is_live[after, asset], is_filled[after, asset] = False, False
    price[last, asset], volume[last, asset] = panel.price[session, asset], 0.0
    is_live[last, asset], is_filled[last, asset] = True, True
    return panel._replace(price=price, volume=volume, is_live=is_live, is_filled=is_filled)


def resample(market: Market, source: np.ndarray) -> Panel:
    """Let session t have the returns and volumes of session ``source[t]``, all assets together.

    An asset trades when it did; where it has no return in the source, it does not move.
    """
    panel, known = market.panel, _has_return(market)
    drawn = np.where(known[source], market.ret[source], 0.0)
    drawn = np.where(known, drawn, 0.0)
    first = np.nanmax(np.where(panel.is_live & ~known, panel.price, np.nan), axis=0)
    price = np.where(panel.is_live, first * np.cumprod(1.0 + drawn, axis=0), np.nan)
    volume = np.where(known[source] & np.isfinite(panel.volume[source]), panel.volume[source], panel.volume)
    return panel._replace(
        price=price,
        volume=np.where(panel.is_live, volume, np.nan),
        is_filled=panel.is_live & known & known[source] & panel.is_filled[source],
    )


def _has_return(market: Market) -> Bools:
    return market.age("continuous") > 1


def _mean(values: Floats, known: Bools) -> Floats:
    return np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
