"""From asset streams to the portfolio: weights, leverage, returns (docs/method.md, section 6).

A weighting is a function ``(view, parameters, streams) -> weights`` before cap and sum.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.costs import Rates, charge, flat_rates, rate_at, rates_of
from plumbline.engine.folds import portfolio_age
from plumbline.engine.lanes import EIGHT, ONE, load, splat, store
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


BLOCK = 8  # sessions at a time: their rows stay in cache


@njit(cache=True, nogil=True)
def _add_rows(values, first, rows, out):
    """Add the values of each of `rows` rows, from `first` on, in the order of the assets.

    Four rows at a time, for an addition waits for the one before it.
    """
    assets, row = values.shape[1], 0
    while row + 4 <= rows:
        t = first + row
        a, b, c, d = 0.0, 0.0, 0.0, 0.0
        for i in range(assets):
            a += values[t, i]
            b += values[t + 1, i]
            c += values[t + 2, i]
            d += values[t + 3, i]
        out[row], out[row + 1], out[row + 2], out[row + 3] = a, b, c, d
        row += 4
    for r in range(row, rows):
        total = 0.0
        for i in range(assets):
            total += values[first + r, i]
        out[r] = total


@njit(cache=True, nogil=True)
def _capped_weights(raw, is_session, max_weight, exact, weight):
    sessions, assets = raw.shape
    total = np.empty(BLOCK)
    for first in range(0, sessions, BLOCK):
        rows = min(BLOCK, sessions - first)
        for t in range(first, first + rows):
            for i in range(assets):
                weight[t, i] = raw[t, i] if is_session[t] & (raw[t, i] > 0.0) else 0.0
        _add_rows(weight, first, rows, total)
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
    _add_rows(values, 0, len(values), out)
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


class Sized(NamedTuple):
    """What is held without leverage, ``weight * exposure``, and what it earns and costs; (sessions, assets).

    `age`, (sessions,), counts the portfolio's sessions, 0 on those that are not its own.
    """

    weight: Floats
    exposure: Floats
    ret: Floats
    age: Ints
    rates: Rates


@njit(cache=True, nogil=True)
def _size(weight, exposure, source, lever, holding, place, lanes):
    size = splat(lever, lanes) * load(weight, source, lanes) * load(exposure, source, lanes)
    store(holding, place, size)


@njit(cache=True, nogil=True)
def _settle(holding, before, place, goes_on, ret, trade, short, at, gross, cost, lanes):
    """Write both parts of a session's result: `at` is its place in what is given, `place` in what is kept."""
    held = load(holding, before, lanes) if goes_on else splat(0.0, lanes)
    paid = charge(
        load(holding, place, lanes), held, rate_at(trade, at, lanes), rate_at(short, at, lanes), lanes
    )
    store(gross, place, held * load(ret, at, lanes))
    store(cost, place, paid)


@njit(cache=True, nogil=True)
def _hold(weight, exposure, ret, age, trade, short, leverage, delay, holding, gross, cost, net):
    kept, assets = holding.shape
    earned, paid = np.empty(BLOCK), np.empty(BLOCK)
    flat_holding, flat_gross, flat_cost = holding.ravel(), gross.ravel(), cost.ravel()
    wide = assets - assets % len(EIGHT)
    for first in range(0, age.size, BLOCK):
        rows, base = min(BLOCK, age.size - first), first % kept
        for t in range(first, first + rows):
            row, source = (base + t - first) * assets, max(t - delay, 0)
            if age[t] > delay:
                for i in range(0, wide, len(EIGHT)):
                    _size(
                        weight, exposure, source * assets + i, leverage[source], flat_holding, row + i, EIGHT
                    )
                for i in range(wide, assets):
                    _size(weight, exposure, source * assets + i, leverage[source], flat_holding, row + i, ONE)
            else:
                flat_holding[row : row + assets] = 0.0
            if age[t] > 0:
                before = row - assets if row else (kept - 1) * assets
                at, goes_on = t * assets, age[t] > 1
                for i in range(0, wide, len(EIGHT)):
                    _settle(
                        flat_holding,
                        before + i,
                        row + i,
                        goes_on,
                        ret,
                        trade,
                        short,
                        at + i,
                        flat_gross,
                        flat_cost,
                        EIGHT,
                    )
                for i in range(wide, assets):
                    _settle(
                        flat_holding,
                        before + i,
                        row + i,
                        goes_on,
                        ret,
                        trade,
                        short,
                        at + i,
                        flat_gross,
                        flat_cost,
                        ONE,
                    )
            else:
                flat_gross[row : row + assets] = 0.0
                flat_cost[row : row + assets] = 0.0
        _add_rows(gross, base, rows, earned)
        _add_rows(cost, base, rows, paid)
        for r in range(rows):
            net[first + r] = earned[r] + paid[r]


def hold(
    sized: Sized, leverage: Floats, delay: int = 0, kept: int | None = None
) -> tuple[Floats, Floats, Floats, Floats]:
    """Hold what is sized, levered, and split what that earns each session.

    Parameters
    ----------
    sized
        What is held, and what it earns.
    leverage : ndarray of shape (sessions,)
    delay : int
        Sessions by which holdings lag behind what was decided.
    kept : int
        Rows that are returned of the first three: `BLOCK` where only the last matters, all if not given.

    Returns
    -------
    holding, gross, cost : ndarray of shape (sessions, assets)
    net : ndarray of shape (sessions,)
        The sum of gross and cost over the assets.
    """
    sessions, assets = sized.weight.shape
    parts = [np.empty((sessions if kept is None else kept, assets)) for _ in range(3)]
    net = np.empty(sessions)
    flat = (values.ravel() for values in (sized.weight, sized.exposure, sized.ret))
    _hold(*flat, sized.age, *flat_rates(sized.rates), leverage, delay, *parts, net)
    return *parts, net


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
    age, rates = portfolio_age(market, variant), rates_of(market, variant)
    raw = _delayed(weigh(market, variant, streams), streams.age, execution.stale)
    weight = capped_weights(raw, variant.max_weight, variant.cap, age > 0)
    sized = Sized(weight, streams.exposure, market.ret, age, rates)
    if variant.cost_basis in ("strategy", "switching"):
        acting = lagged(weight, age[:, None], variant.weight_lag)
        gross, cost = acting * streams.gross, acting * streams.cost
        unlevered = sum_assets(acting * (streams.gross + streams.cost))
    elif variant.cost_basis == "weights":
        _, gross, cost, unlevered = hold(sized, np.ones(len(age)))
    else:
        unlevered = hold(sized, np.ones(len(age)), kept=BLOCK)[-1]
    leverage = lagged(target_leverage(unlevered, age, variant), age, execution.stale)
    if variant.cost_basis == "net":
        holding, gross, cost, net = hold(sized, leverage, execution.delay)
    else:
        holding = leverage[:, None] * weight * streams.exposure
        levered = lagged(leverage, age, variant.leverage_lag)
        gross, cost = levered[:, None] * gross, levered[:, None] * cost
        net = levered * unlevered
    return Portfolio(age, weight, holding, gross, cost, unlevered, leverage, net)


def _delayed(values: Floats, age: Ints, sessions: int) -> Floats:
    """Return what was known that many sessions before, NaN where nothing was; itself for none."""
    return np.where(age > sessions, lagged(values, age, sessions), np.nan) if sessions else values
