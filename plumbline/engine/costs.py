"""What trading and holding cost, and what is left of a day's return (docs/method.md, section 1)."""

from typing import NamedTuple

import numpy as np
from numba import njit, types
from numba.extending import overload

from plumbline.engine.lanes import EIGHT, ONE, load, select, size, splat, store
from plumbline.engine.market import Market
from plumbline.engine.registry import Component, ComponentError
from plumbline.engine.types import Floats, Ints
from plumbline.engine.variants import Variant, chosen
from plumbline.engine.view import View, as_floats, call, refuse_where


class Rates(NamedTuple):
    """What a cost model charges: a number, or an array of shape (sessions, assets) where it differs.

    `trade` is charged for trading one unit, `short` for being short one unit over a session; fractions ≥ 0.
    """

    trade: float | Floats
    short: float | Floats = 0.0


FREE = ""  # the cost model of a variant that nothing is charged for, in an experiment of ours


def rates_of(market: Market, variant: Variant) -> Rates:
    """Return the rates of the variant's cost model on a market.

    Raises
    ------
    ComponentError
        It returns anything but rates of 0 or more.
    """
    if variant.cost == FREE:
        return Rates(0.0)
    found = chosen(variant, "cost")
    # A model may look at features, which hang on the warm-up rule.
    key = (
        "rates",
        variant.warm_up,
        found.name,
        *(variant.values[parameter.name] for parameter in found.parameters),
    )
    return market.once(key, lambda: _rates(market, variant))


def _rates(market: Market, variant: Variant) -> Rates:
    found, view = chosen(variant, "cost"), View(market, variant)
    said = call(found, view, variant.of(found))
    if not isinstance(said, Rates):
        raise ComponentError(
            f"{found.place} returned {type(said).__name__}; it must return Rates(trade, short)"
        )
    return Rates(*(_checked(found, view, f"rate {name}", rate) for name, rate in said._asdict().items()))


def _checked(found: Component, view: View, what: str, rate: float | Floats) -> float | Floats:
    shape = view.ret.shape
    if np.ndim(rate) == 1 and np.shape(rate) == shape[1:]:
        rate = np.broadcast_to(rate, shape)
    values = as_floats(found, what, rate, () if np.ndim(rate) == 0 else shape)
    if values.ndim == 0 and 0.0 <= values < np.inf:
        return float(values)
    every = np.broadcast_to(values, shape)
    refuse_where(found, view, ~(every >= 0.0) | ~np.isfinite(every), every, what, "a fraction of 0 or more")
    return float(values) if values.ndim == 0 else values


def flat_rates(rates: Rates) -> tuple[float | Floats, float | Floats]:
    """Return both rates, flat where they are arrays."""
    return tuple(float(rate) if np.ndim(rate) == 0 else np.ravel(rate) for rate in rates)


def rate_at(rate: float | Floats, place: int, lanes: tuple) -> float:
    """Return a rate of `Rates`: itself, or what stands at a place of a flat array (a lane each)."""
    return rate if np.ndim(rate) == 0 else load(rate, place, lanes)


@overload(rate_at, inline="always")
def _(rate, place, lanes):
    if isinstance(rate, types.Array):
        return lambda rate, place, lanes: load(rate, place, lanes)
    return lambda rate, place, lanes: splat(rate, lanes)


@njit(cache=True, nogil=True, forceinline=True)
def charge(position, held, trade, short, lanes):
    """Return the cost (≤ 0) of a session: of trading to `position` from `held`, and of being short before."""
    none, minus = splat(0.0, lanes), splat(-1.0, lanes)
    owed = select(held < none, minus * held, none)
    return minus * trade * size(position - held) - short * owed


@njit(cache=True, nogil=True)
def _earn(position, ret, age, trade, short, gross, cost):
    sessions, assets = position.shape
    for t in range(sessions):
        before = max(t - 1, 0)
        for i in range(assets):
            held = position[before, i] if age[t, i] > 1 else 0.0
            at = t * assets + i
            paid = charge(position[t, i], held, rate_at(trade, at, ONE), rate_at(short, at, ONE), ONE)
            gross[t, i] = held * ret[t, i] if age[t, i] > 0 else 0.0
            cost[t, i] = paid if age[t, i] > 0 else 0.0


@njit(cache=True, nogil=True, forceinline=True)
def settle(position, before, place, goes_on, ret, trade, short, at, gross, cost, lanes):
    """Write both parts of a session's result: `at` is its place in returns and rates, `place` in the rest."""
    held = load(position, before, lanes) if goes_on else splat(0.0, lanes)
    paid = charge(
        load(position, place, lanes), held, rate_at(trade, at, lanes), rate_at(short, at, lanes), lanes
    )
    store(gross, place, held * load(ret, at, lanes))
    store(cost, place, paid)


@njit(cache=True, nogil=True, forceinline=True)
def settle_row(position, before, row, assets, age, ret, trade, short, at, gross, cost):
    """Write the result of all assets on a session, from `row` on; they all start on the same."""
    if age == 0:
        for i in range(row, row + assets):
            gross[i], cost[i] = 0.0, 0.0
        return
    wide = assets - assets % len(EIGHT)
    for i in range(0, wide, len(EIGHT)):
        settle(position, before + i, row + i, age > 1, ret, trade, short, at + i, gross, cost, EIGHT)
    for i in range(wide, assets):
        settle(position, before + i, row + i, age > 1, ret, trade, short, at + i, gross, cost, ONE)


@njit(cache=True, nogil=True)
def _earn_together(position, ret, age, trade, short, gross, cost):
    assets = position.size // max(age.size, 1)
    for t in range(age.size):
        row = t * assets
        before = max(row - assets, 0)
        settle_row(position, before, row, assets, age[t], ret, trade, short, row, gross, cost)


def earn(position: Floats, ret: Floats, age: Ints, rates: Rates) -> tuple[Floats, Floats]:
    """Split the result of holding `position` into its gross and its cost part.

    Parameters
    ----------
    position : ndarray of shape (sessions, assets)
        What is held at each close; below 0 where it is short.
    ret : ndarray of shape (sessions, assets)
        Return from the previous close to this one.
    age : integer ndarray, (sessions, assets) or (sessions, 1)
        Sessions since the start; the position before it is 0.
    rates
        What is charged.

    Returns
    -------
    gross, cost : ndarray of shape (sessions, assets)
        ``position[t-1] * ret[t]`` and
        ``-trade * |position[t] - position[t-1]| - short * max(-position[t-1], 0)``; 0 where `age` is 0.
    """
    gross, cost = np.empty(position.shape), np.empty(position.shape)
    if age.shape == position.shape:
        _earn(position, ret, age, *flat_rates(rates), gross, cost)
    else:
        flat = (values.ravel() for values in (position, ret, age))
        _earn_together(*flat, *flat_rates(rates), gross.ravel(), cost.ravel())
    return gross, cost
