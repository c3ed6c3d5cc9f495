"""What is held at each close, and what that earns and costs (docs/method.md, section 6)."""

import numpy as np
from numba import njit

from plumbline.engine.costs import Rates, flat_rates, settle_row
from plumbline.engine.types import Floats, Ints

BLOCK = 16  # sessions at a time: their rows stay in cache


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


@njit(cache=True, nogil=True)
def _earned_by(weight, exposure, ret, age, trade, short, net):
    assets = weight.size // max(age.size, 1)
    # Rows are added up when a block of them is made, and then written over.
    size, gross, cost = np.zeros((BLOCK, assets)), np.zeros((BLOCK, assets)), np.zeros((BLOCK, assets))
    flat_size, flat_gross, flat_cost = size.ravel(), gross.ravel(), cost.ravel()
    earned, paid = np.empty(BLOCK), np.empty(BLOCK)
    for first in range(0, age.size, BLOCK):
        rows = min(BLOCK, age.size - first)
        for r in range(rows):
            row, at = r * assets, (first + r) * assets
            before = (row if r else BLOCK * assets) - assets
            for i in range(assets):
                flat_size[row + i] = weight[at + i] * exposure[at + i]
            settle_row(
                flat_size, before, row, assets, age[first + r], ret, trade, short, at, flat_gross, flat_cost
            )
        add_rows(gross, 0, rows, earned)
        add_rows(cost, 0, rows, paid)
        for r in range(rows):
            net[first + r] = earned[r] + paid[r]


def earned_by(weight: Floats, exposure: Floats, ret: Floats, age: Ints, rates: Rates) -> Floats:
    """Return what holding ``weight * exposure`` earns each session over all assets, net of costs.

    Parameters
    ----------
    weight, exposure, ret : ndarray of shape (sessions, assets)
    age : integer ndarray of shape (sessions,)
        Sessions since the start; 0 is earned where it is 0.
    rates
        What is charged.

    Returns
    -------
    ndarray of shape (sessions,)
        The sum of the gross parts of `earn` plus the sum of its costs, added in the order of the assets.
    """
    net = np.empty(len(age))
    flat = (values.ravel() for values in (weight, exposure, ret))
    _earned_by(*flat, age, *flat_rates(rates), net)
    return net


@njit(cache=True, nogil=True)
def _hold(weight, exposure, leverage, age, delay, out):
    for t in range(out.shape[0]):
        decided = max(t - delay, 0)
        lever, is_held = leverage[decided], age[t] > delay
        for i in range(out.shape[1]):
            size = lever * weight[decided, i] * exposure[decided, i]
            out[t, i] = size if is_held else 0.0


def hold(weight: Floats, exposure: Floats, leverage: Floats, age: Ints, delay: int) -> Floats:
    """Return ``leverage * weight * exposure`` of `delay` sessions ago, 0 before the start.

    Shapes (sessions, assets), `leverage` and `age` (sessions,).
    """
    out = np.empty(weight.shape)
    _hold(weight, exposure, leverage, age, delay, out)
    return out


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
