"""What is held at each close, and what that earns and costs (docs/method.md, section 6)."""

from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.costs import Rates, charge, flat_rates, rate_at
from plumbline.engine.lanes import EIGHT, ONE, load, splat, store
from plumbline.engine.types import Floats, Ints

BLOCK = 8  # sessions at a time: their rows stay in cache


@njit(cache=True, nogil=True)
def add_rows(values, first, rows, out):
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
        add_rows(gross, base, rows, earned)
        add_rows(cost, base, rows, paid)
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


@njit(cache=True, nogil=True)
def _weigh_streams(acting, gross, cost, out):
    assets = acting.shape[1]
    net = np.empty((BLOCK, assets))
    for first in range(0, out.size, BLOCK):
        rows = min(BLOCK, out.size - first)
        for r in range(rows):
            for i in range(assets):
                net[r, i] = acting[first + r, i] * (gross[first + r, i] + cost[first + r, i])
        add_rows(net, 0, rows, out[first:])


def weigh_streams(acting: Floats, gross: Floats, cost: Floats) -> Floats:
    """Return the sum over the assets of ``acting * (gross + cost)``, (sessions, assets) each, (sessions,)."""
    out = np.empty(len(acting))
    _weigh_streams(acting, gross, cost, out)
    return out
