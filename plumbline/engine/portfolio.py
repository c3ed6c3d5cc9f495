"""From asset streams to the portfolio: weights, leverage, returns (docs/method.md, section 6).

A weighting is a function ``(view, parameters, streams) -> weights`` before cap and sum.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.costs import Rates, earn, rates_of
from plumbline.engine.folds import portfolio_age
from plumbline.engine.market import Market
from plumbline.engine.targeting import target_leverage
from plumbline.engine.types import Bools, Floats, Ints
from plumbline.engine.variants import Variant, chosen
from plumbline.engine.view import View, absent_symbols, as_floats, call, refuse_outside
from plumbline.engine.windows import lagged


class AssetStreams(NamedTuple):
    """What the portfolio is built from, shape (sessions, assets).

    `age` counts each stream's sessions (0 where it has none), `exposure` is what the allocator
    holds, `gross` and `cost` are the two parts of the asset stream m, 0 where there is none.
    """

    age: Ints
    exposure: Floats
    gross: Floats
    cost: Floats


class Portfolio(NamedTuple):
    """The portfolio.

    (sessions, assets): `weight`, `holding` (fraction of the capital that stands in the asset at
    the close), `gross` and `cost`, its contribution to the day's return. (sessions,): `age`, 0
    on sessions that are not the portfolio's; `unlevered_return`, `leverage`, `net_return`.
    """

    age: Ints
    weight: Floats
    holding: Floats
    gross: Floats
    cost: Floats
    unlevered_return: Floats
    leverage: Floats
    net_return: Floats


class Execution(NamedTuple):
    """How far trading lags behind deciding, in sessions; the method's own is no lag.

    `delay` shifts what is held, `stale` the volatilities behind weights and leverage.
    """

    delay: int = 0
    stale: int = 0


AT_ONCE = Execution()
HIGHEST = np.finfo(np.float64).max


@njit(cache=True, nogil=True)
def _capped_weights(raw, max_weight, exact):
    weight = np.zeros(raw.shape)
    for t in range(raw.shape[0]):
        total = 0.0
        for i in range(raw.shape[1]):
            if raw[t, i] > 0.0:
                weight[t, i] = raw[t, i]
                total += weight[t, i]
        if total == 0.0:
            continue
        for i in range(raw.shape[1]):
            weight[t, i] /= total
        if exact:
            _cap_exactly(weight[t], max_weight)
        else:
            _clip_and_renormalise(weight[t], max_weight)
    return weight


@njit(cache=True, nogil=True)
def _clip_and_renormalise(weight, max_weight):
    total = 0.0
    for i in range(weight.size):
        weight[i] = min(weight[i], max_weight)
        total += weight[i]
    for i in range(weight.size):
        weight[i] /= total


@njit(cache=True, nogil=True)
def _cap_exactly(weight, max_weight):
    # An asset once at the cap stays there, so each round caps one more or is the last.
    while True:
        excess = 0.0
        room = 0.0
        for i in range(weight.size):
            if weight[i] > max_weight:
                excess += weight[i] - max_weight
                weight[i] = max_weight
            elif weight[i] < max_weight:
                room += weight[i]
        if excess == 0.0 or room == 0.0:
            return
        for i in range(weight.size):
            if weight[i] < max_weight:
                weight[i] += excess * weight[i] / room


@njit(cache=True, nogil=True)
def sum_assets(values):
    """Add each session's values in the order of the assets: (sessions, assets) to (sessions,)."""
    out = np.zeros(values.shape[0])
    for t in range(values.shape[0]):
        for i in range(values.shape[1]):
            out[t] += values[t, i]
    return out


def capped_weights(raw: Floats, max_weight: float, cap: str) -> Floats:
    """Divide weights by their sum, up to a cap.

    Parameters
    ----------
    raw : ndarray of shape (sessions, assets)
        An asset takes part where it is known and above 0.
    max_weight : float
        The cap on one asset.
    cap : {"exact", "renormalise"}
        `exact` hands what exceeds the cap to the uncapped, pro rata, until none exceeds it; what
        nobody can take stays in cash. `renormalise` clips and divides by the sum, which can lift
        a weight over the cap again.

    Returns
    -------
    ndarray of shape (sessions, assets)
        All 0 on a session without an asset that takes part.
    """
    return _capped_weights(raw, max_weight, cap == "exact")


def inverse(volatility: Floats) -> Floats:
    """Return 1 / volatility, NaN where it is unknown or 0; any shape."""
    with np.errstate(divide="ignore"):
        return np.where(volatility > 0.0, 1.0 / volatility, np.nan)


def weigh(market: Market, variant: Variant, streams: AssetStreams) -> Floats:
    """Ask the variant's weighting for weights before cap and sum, NaN where an asset takes no part.

    Where a parameter names an asset that the panel lacks (a sweep leaves each out), none takes part.

    Raises
    ------
    ComponentError
        It fails, or returns something else than weights of 0 or more.
    """
    found, view = chosen(variant, "weighting"), View(market, variant)
    if absent_symbols(found, view):
        return np.full(market.ret.shape, np.nan)
    raw = as_floats(found, "weights", call(found, view, variant.of(found), streams), market.ret.shape)
    refuse_outside(found, view, raw, (0.0, HIGHEST), "weight", "0 or more, or NaN", may_be_unknown=True)
    return raw


def build_portfolio(
    market: Market, variant: Variant, streams: AssetStreams, execution: Execution = AT_ONCE
) -> Portfolio:
    """Weigh, lever and hold the asset streams.

    Parameters
    ----------
    market, variant
        What it runs on, and with which parameters.
    streams
        The allocator's result.
    execution
        A delay shifts the holdings where cost_basis is `net`; elsewhere it is one of the lags, which the
        variant says.
    """
    ret, age, rates = market.ret, portfolio_age(market, variant), rates_of(market, variant)
    column = age[:, None]
    is_session = column > 0
    raw = _delayed(weigh(market, variant, streams), streams.age, execution.stale)
    weight = capped_weights(raw, variant.max_weight, variant.cap) * is_session
    by_stream = variant.cost_basis in ("strategy", "switching")
    if by_stream:
        acting = lagged(weight, column, variant.weight_lag)
        gross, cost = acting * streams.gross, acting * streams.cost
        unlevered = sum_assets(acting * (streams.gross + streams.cost))
    else:
        gross, cost = _earn(weight * streams.exposure, ret, column, rates)
        unlevered = sum_assets(gross) + sum_assets(cost)
    leverage = lagged(target_leverage(unlevered, age, variant), age, execution.stale)
    holding = leverage[:, None] * weight * streams.exposure
    if variant.cost_basis == "net":
        holding = lagged(holding, column, execution.delay)
        gross, cost = _earn(holding, ret, column, rates)
        net = sum_assets(gross) + sum_assets(cost)
    else:
        levered = lagged(leverage, age, variant.leverage_lag)
        gross, cost = levered[:, None] * gross, levered[:, None] * cost
        net = levered * unlevered
    return Portfolio(age, weight, holding, gross, cost, unlevered, leverage, net)


def _delayed(values: Floats, age: Ints, sessions: int) -> Floats:
    """Return what was known that many sessions before, NaN where nothing was; itself for none."""
    return np.where(age > sessions, lagged(values, age, sessions), np.nan) if sessions else values


def _earn(holding: Floats, ret: Floats, age: Ints, rates: Rates) -> tuple[Floats, Floats]:
    gross, cost = earn(holding, ret, age, rates)
    is_session: Bools = age > 0
    return np.where(is_session, gross, 0.0), np.where(is_session, cost, 0.0)
