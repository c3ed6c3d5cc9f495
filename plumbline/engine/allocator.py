"""The meta-allocator: which strategy an asset follows today (docs/method.md, sections 5 and 6)."""

from collections.abc import Mapping
from math import sqrt
from typing import NamedTuple

import numpy as np

from plumbline.engine.features import SESSIONS_PER_YEAR, Features
from plumbline.engine.market import Market, in_folds, stream_age
from plumbline.engine.strategies import earn
from plumbline.engine.types import Bools, Floats, Ints
from plumbline.engine.variants import Variant
from plumbline.engine.windows import lagged, rolling_std

CASH, TREND, MEANREV = range(3)
STATES = ("CASH", "TREND", "MEANREV")


class Leg(NamedTuple):
    """The strategy a state follows: its positions and its stream in two parts, (sessions, assets)."""

    position: Floats
    gross: Floats
    cost: Floats


class Allocation(NamedTuple):
    """The allocator's rows, shape (sessions, assets).

    `age` counts the sessions of the asset stream; `is_reported` is true inside the asset's folds;
    `state` indexes `STATES`; `exposure` is 0 or 1; `gross` and `cost` add up to the asset stream m.
    `leverage` and `target_return` are the asset's own volatility targeting, NaN unless the variant
    warms up by `year`.
    """

    age: Ints
    is_reported: Bools
    state: np.ndarray
    exposure: Floats
    gross: Floats
    cost: Floats
    leverage: Floats
    target_return: Floats


def choose_state(features: Features, variant: Variant) -> np.ndarray:
    """Return the state of every close as an index into `STATES`, shape (sessions, assets)."""
    is_trend = (features.mom_60 > variant.trend_mom60_min) & (features.mom_20 > variant.trend_mom20_min)
    is_meanrev = (
        (features.mom_20 < variant.meanrev_mom20_max)
        & (features.drawdown_60 < variant.meanrev_dd60_max)
        & (features.vol_20 < variant.meanrev_vol20_max)
    )
    is_known = np.isfinite(features.mom_20 + features.mom_60 + features.vol_20 + features.drawdown_60)
    chosen = np.where(is_trend, TREND, np.where(is_meanrev, MEANREV, CASH))
    return np.where(is_known, chosen, CASH).astype(np.int8)


def target_leverage(returns: Floats, age: Ints, variant: Variant) -> Floats:
    """Return the leverage that brings recent volatility to the target.

    Parameters
    ----------
    returns : ndarray of shape (sessions, assets) or (sessions,)
    age : integer ndarray of the same shape
        Observations at hand.
    variant
        Gives `target_volatility` (annual), `max_leverage` and `vol_window`.

    Returns
    -------
    ndarray of the same shape
        0 before the window is full, `max_leverage` where nothing moved in it.
    """
    volatility = rolling_std(returns, age, variant.vol_window)
    daily_target = variant.target_volatility / sqrt(SESSIONS_PER_YEAR)
    with np.errstate(divide="ignore"):
        leverage = np.minimum(variant.max_leverage, daily_target / volatility)
    return np.where(age < variant.vol_window, 0.0, leverage)


def _follow(state: np.ndarray, values: Mapping[int, Floats], rows: Bools) -> Floats:
    """Pick each session's value from the strategy its state names, 0 in CASH and outside `rows`."""
    out = np.zeros(state.shape)
    for code, value in values.items():
        np.copyto(out, value, where=rows & (state == code))
    return out


def allocate(market: Market, variant: Variant, legs: Mapping[int, Leg]) -> Allocation:
    """Choose a state for each asset and session and follow the strategy that it names.

    Parameters
    ----------
    market, variant
        What it runs on, and with which parameters.
    legs
        The strategy that each state follows, by state.
    """
    age = stream_age(market, variant)
    is_reported = in_folds(market, variant)
    state = choose_state(market.features(variant.warm_up), variant)
    exposure = _follow(state, {code: leg.position for code, leg in legs.items()}, is_reported)
    if variant.cost_basis == "strategy":
        known = lagged(state, market.age(variant.warm_up), variant.state_lag)
        earning = age > 1
        gross = _follow(known, {code: leg.gross for code, leg in legs.items()}, earning)
        cost = _follow(known, {code: leg.cost for code, leg in legs.items()}, earning)
    else:
        gross, cost = earn(exposure, market.ret, age, variant.cost)
        gross, cost = np.where(age > 0, gross, 0.0), np.where(age > 0, cost, 0.0)
    leverage = target_return = np.full(state.shape, np.nan)
    if variant.warm_up == "year":
        leverage = target_leverage(gross + cost, age, variant)
        target_return = leverage * (gross + cost)
    return Allocation(age, is_reported, state, exposure, gross, cost, leverage, target_return)
