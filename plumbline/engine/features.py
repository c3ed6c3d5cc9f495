"""Features of an asset at the close of a session, by name and window (docs/method.md, section 2)."""

from collections.abc import Callable
from math import sqrt
from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.types import Floats, Ints
from plumbline.engine.windows import (
    BLOCK,
    change,
    change_between,
    mask_young,
    max_between,
    mean_between,
    start,
    std_between,
)

SESSIONS_PER_YEAR = 252


class Feature(NamedTuple):
    """A feature by its name in `FEATURES` and its window in sessions."""

    name: str
    window: int


def momentum(price: Floats, volume: Floats, age: Ints, window: int) -> Floats:
    """Return the change of the price over `window` sessions, as a fraction."""
    return change(price, age, window)


@njit(cache=True, nogil=True)
def _volatility(price, age, stride, n, scale, out):
    # The returns of a block, and of the sessions that its windows reach back to, are made on the way.
    reach = (n - 1) * stride
    block = max(BLOCK, reach)
    returns = np.empty(min(block + reach + stride, price.size))
    for first in range(0, price.size, block):
        last = min(first + block, price.size)
        begin = start(out, first, last, n * stride)
        if begin < last:
            origin = begin - reach - stride
            known, seen = price[origin:last], age[origin:last]
            change_between(known, seen, stride, 1, stride, last - origin, returns)
            std_between(returns, begin - origin, stride, n, out, begin, last)
        for j in range(begin, last):
            out[j] *= scale
        mask_young(out, age, n + 1, first, last)


def volatility(price: Floats, volume: Floats, age: Ints, window: int) -> Floats:
    """Return the annual standard deviation of daily returns over `window` sessions, as a fraction."""
    out = np.empty(price.shape)
    scale = sqrt(SESSIONS_PER_YEAR)
    _volatility(price.ravel(), age.ravel(), price.shape[1], window, scale, out.ravel())
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _drawdown(price, age, stride, n, out):
    reach = (n - 1) * stride
    block = max(BLOCK, reach)
    work = np.empty(min(block + reach, price.size))
    for first in range(0, price.size, block):
        last = min(first + block, price.size)
        max_between(price, age, stride, n, first, last, work, out)
        highest, now = out[first:last], price[first:last]
        for j in range(now.size):
            highest[j] = now[j] / highest[j] - 1.0


def drawdown(price: Floats, volume: Floats, age: Ints, window: int) -> Floats:
    """Return how far the price lies below its highest of `window` sessions, a fraction ≤ 0."""
    out = np.empty(price.shape)
    _drawdown(price.ravel(), age.ravel(), price.shape[1], window, out.ravel())
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _relative_volume(volume, age, stride, n, out):
    for first in range(0, volume.size, BLOCK):
        last = min(first + BLOCK, volume.size)
        mean_between(volume, age, stride, n, first, last, out)
        mean, now = out[first:last], volume[first:last]
        for j in range(now.size):
            mean[j] = now[j] / (np.nan if mean[j] == 0.0 else mean[j])


def relative_volume(price: Floats, volume: Floats, age: Ints, window: int) -> Floats:
    """Return the volume over its mean of `window` sessions, unknown where that is 0."""
    out = np.empty(volume.shape)
    _relative_volume(volume.ravel(), age.ravel(), volume.shape[1], window, out.ravel())
    return out


FEATURES: dict[str, Callable[[Floats, Floats, Ints, int], Floats]] = {
    function.__name__: function for function in (momentum, volatility, drawdown, relative_volume)
}

# The columns of fct_features_daily, which SQL computes; the tests hold them to the functions above.
NAMED = {
    "ret_1d": Feature("momentum", 1),
    "ret_5d": Feature("momentum", 5),
    "ret_10d": Feature("momentum", 10),
    "ret_20d": Feature("momentum", 20),
    "rvol_10": Feature("relative_volume", 10),
    "mom_20": Feature("momentum", 20),
    "mom_60": Feature("momentum", 60),
    "vol_20": Feature("volatility", 20),
    "drawdown_60": Feature("drawdown", 60),
}


def compute_feature(feature: Feature, price: Floats, volume: Floats, age: Ints) -> Floats:
    """Compute one feature.

    Parameters
    ----------
    feature
        Which one.
    price, volume : ndarray of shape (sessions, assets)
        Adjusted close and shares traded; NaN where unknown.
    age : integer ndarray of the same shape
        Sessions since history starts, 0 where the asset has no row.

    Returns
    -------
    ndarray of the same shape
        NaN where a window is not full or holds an unknown.

    Raises
    ------
    ValueError
        There is no feature of that name, or the window is not a whole number of sessions, 1 or more
        (2 for `volatility`).
    """
    if feature.name not in FEATURES:
        raise ValueError(f"no feature '{feature.name}'; there are {', '.join(sorted(FEATURES))}")
    least = 2 if feature.name == "volatility" else 1
    if int(feature.window) != feature.window or feature.window < least:
        raise ValueError(
            f"the window of {feature.name} must be a whole number of {least} or more, is {feature.window}"
        )
    return FEATURES[feature.name](price, volume, age, int(feature.window))
