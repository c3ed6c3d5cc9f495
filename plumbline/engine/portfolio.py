"""From asset streams to the portfolio: weights, leverage, returns (docs/method.md, section 6).

A weighting is a function ``(view, parameters, streams) -> weights`` before cap and sum.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.costs import earn, rates_of
from plumbline.engine.folds import portfolio_age
from plumbline.engine.holding import BLOCK, add_rows, earned_by, hold, weigh_streams
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
def _capped_weights(raw, is_session, max_weight, exact, weight):
    sessions, assets = raw.shape
    total = np.empty(BLOCK)
    for first in range(0, sessions, BLOCK):
        rows = min(BLOCK, sessions - first)
        for t in range(first, first + rows):
            for i in range(assets):
                weight[t, i] = raw[t, i] if is_session[t] & (raw[t, i] > 0.0) else 0.0
        add_rows(weight, first, rows, total)
        for r in range(rows):
            if total[r] > 0.0:
                above = _divide(weight[first + r], total[r], max_weight)
                if not exact:
                    _clip_and_renormalise(weight[first + r], max_weight)
                elif above:
                    _cap_exactly(weight[first + r], max_weight)


@njit(cache=True, nogil=True, error_model="numpy")
def _divide(weight, total, max_weight):
    """Divide weights by their total; return how many are above the cap."""
    above = 0
    for i in range(weight.size):
        weight[i] /= total
        above += weight[i] > max_weight
    return above


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


def sum_assets(values: Floats) -> Floats:
    """Add each session's values in the order of the assets: (sessions, assets) to (sessions,)."""
    out = np.empty(len(values))
    add_rows(values, 0, len(values), out)
    return out


def capped_weights(raw: Floats, max_weight: float, cap: str, is_session: Bools | None = None) -> Floats:
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
    is_session : ndarray of shape (sessions,)
        Where there are weights at all; everywhere, if not given.

    Returns
    -------
    ndarray of shape (sessions, assets)
        All 0 on a session without an asset that takes part.
    """
    weight = np.empty(raw.shape)
    every = np.ones(len(raw), bool) if is_session is None else is_session
    _capped_weights(raw, every, max_weight, cap == "exact", weight)
    return weight


@njit(cache=True, nogil=True, error_model="numpy")
def _inverse(values, out):
    for j in range(values.size):
        out[j] = 1.0 / values[j] if values[j] > 0.0 else np.nan


def inverse(volatility: Floats) -> Floats:
    """Return 1 / volatility, NaN where it is unknown or 0; any shape."""
    out = np.empty(volatility.shape)
    _inverse(volatility.ravel(), out.ravel())
    return out


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
    column, exposure = age[:, None], streams.exposure
    weight = capped_weights(
        _delayed(weigh(market, variant, streams), streams.age, execution.stale),
        variant.max_weight,
        variant.cap,
        age > 0,
    )
    acting = None
    if variant.cost_basis in ("strategy", "switching"):
        acting = lagged(weight, column, variant.weight_lag)
        gross, cost = streams.gross, streams.cost
        unlevered = weigh_streams(acting, gross, cost)
    elif variant.cost_basis == "weights":
        gross, cost = earn(weight * exposure, ret, column, rates)
        unlevered = sum_assets(gross) + sum_assets(cost)
    else:
        unlevered = earned_by(weight, exposure, ret, age, rates)
    leverage = lagged(target_leverage(unlevered, age, variant), age, execution.stale)
    if variant.cost_basis == "net":
        holding = hold(weight, exposure, leverage, age, execution.delay)
        gross, cost = earn(holding, ret, column, rates)
        net = sum_assets(gross) + sum_assets(cost)
    else:
        holding = leverage[:, None] * weight * exposure
        levered = lagged(leverage, age, variant.leverage_lag)
        gross, cost = (_levered(acting, part, levered) for part in (gross, cost))
        net = levered * unlevered
    return Portfolio(age, weight, holding, gross, cost, unlevered, leverage, net)


def _levered(acting: Floats | None, part: Floats, leverage: Floats) -> Floats:
    """Return one part of what each asset contributes: weighed by what acts, if anything does, and levered."""
    weighed = part if acting is None else acting * part
    return np.multiply(weighed, leverage[:, None], out=None if acting is None else weighed)


def _delayed(values: Floats, age: Ints, sessions: int) -> Floats:
    """Return what was known that many sessions before, NaN where nothing was; itself for none."""
    return np.where(age > sessions, lagged(values, age, sessions), np.nan) if sessions else values
