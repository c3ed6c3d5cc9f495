"""The meta-allocator: which strategy an asset follows today (docs/method.md, sections 5 and 6)."""

from collections.abc import Mapping
from math import sqrt
from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.features import SESSIONS_PER_YEAR, Features
from plumbline.engine.market import Market, in_folds, stream_age
from plumbline.engine.strategies import earn
from plumbline.engine.types import Bools, Floats, Ints
from plumbline.engine.variants import Variant
from plumbline.engine.windows import lagged, rolling_std

CASH, TREND, MEANREV = range(3)
STATES = ("CASH", "TREND", "MEANREV")

# What the alternative allocators add to the rule (docs/method.md, alternatives).
CONFIRM_SESSIONS = 3  # hysteresis: sessions in a row that must name a new state
BLEND_SESSIONS = 10  # blend: sessions over which a state's share is taken
GATE_VOL20_MAX = 0.40  # gated: TREND only below this annual volatility
GATE_MOM60_MIN = -0.10  # gated: MEANREV only above this 60-session return


class Leg(NamedTuple):
    """The strategy a state follows: its positions and its stream in two parts, (sessions, assets)."""

    position: Floats
    gross: Floats
    cost: Floats


class Allocation(NamedTuple):
    """The allocator's rows, shape (sessions, assets).

    `age` counts the sessions of the asset stream; `is_reported` is true inside the asset's folds;
    `state` indexes `STATES`; `exposure` is 0 or 1, in between under `blend`; `gross` and `cost` add up
    to the asset stream m.
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


@njit(cache=True, nogil=True)
def _confirm(named, age, sessions):
    state = np.full(named.shape, CASH, np.int8)
    for i in range(named.shape[1]):
        held, candidate, seen = CASH, CASH, 0
        for t in range(named.shape[0]):
            if age[t, i] <= 1:
                held, candidate, seen = CASH, CASH, 0
            if age[t, i] == 0:
                continue
            seen = seen + 1 if named[t, i] == candidate else 1
            candidate = named[t, i]
            if seen >= sessions:
                held = candidate
            state[t, i] = held
    return state


def confirmed_state(named: np.ndarray, age: Ints) -> np.ndarray:
    """Return the state that was last named on `CONFIRM_SESSIONS` sessions in a row, CASH before.

    Parameters
    ----------
    named : integer ndarray of shape (sessions, assets)
        What the rule says of each close.
    age : integer ndarray of shape (sessions, assets)
        Sessions since the history starts, 0 where the asset has no row.
    """
    return _confirm(named, age, CONFIRM_SESSIONS)


def gated_state(named: np.ndarray, features: Features) -> np.ndarray:
    """Return the state named, CASH where the regime is hostile to its strategy; (sessions, assets)."""
    hostile = ((named == TREND) & ~(features.vol_20 < GATE_VOL20_MAX)) | (
        (named == MEANREV) & ~(features.mom_60 > GATE_MOM60_MIN)
    )
    return np.where(hostile, CASH, named).astype(np.int8)


def state_shares(state: np.ndarray, age: Ints, code: int) -> Floats:
    """Return the share of the last `BLEND_SESSIONS` sessions in state `code`; none before a start counts.

    Shapes as in `confirmed_state`.
    """
    share = np.zeros(state.shape)
    is_code = (state == code).astype(np.float64)
    for k in range(BLEND_SESSIONS - 1, -1, -1):
        share += lagged(is_code, age, k)
    return share / BLEND_SESSIONS


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


def _state(market: Market, variant: Variant) -> np.ndarray:
    features = market.features(variant.warm_up)
    named = choose_state(features, variant)
    if variant.allocator == "hysteresis":
        return confirmed_state(named, market.age(variant.warm_up))
    if variant.allocator == "gated":
        return gated_state(named, features)
    return named


def allocate(
    market: Market, variant: Variant, legs: Mapping[int, Leg], state: np.ndarray | None = None
) -> Allocation:
    """Choose a state for each asset and session and follow the strategy that it names.

    Parameters
    ----------
    market, variant
        What it runs on, and with which parameters.
    legs
        The strategy that each state follows, by state.
    state : integer ndarray of shape (sessions, assets), optional
        What to follow instead of the allocator's own choice.
    """
    age = stream_age(market, variant)
    is_reported = in_folds(market, variant)
    state = _state(market, variant) if state is None else state
    if variant.allocator == "blend":
        shares = {code: state_shares(state, market.age(variant.warm_up), code) for code in legs}
        exposure = sum((shares[code] * leg.position for code, leg in legs.items()), np.zeros(state.shape))
        exposure = np.where(is_reported, exposure, 0.0)
    else:
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
