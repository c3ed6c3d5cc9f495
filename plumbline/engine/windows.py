"""Rolling windows, bit for bit equal to the SQL macros of their names (docs/method.md, section 2).

A window's terms are added oldest first and deviations are taken in a second pass; no running
sum, no reassociation. Arrays of shape (sessions, assets) are walked flat: the value one session
ago lies `assets` places back, so each loop below vectorises over sessions and assets alike.
"""

from math import isnan, sqrt

import numpy as np
from numba import njit

from plumbline.engine.types import Floats, Ints

BLOCK = 2048  # values a block holds: its few work arrays stay in the first-level cache


@njit(cache=True, nogil=True)
def _window_sum(x, stride, n, first, out):
    """Write to `out` the sum of the `n` values that end at each place of a block, oldest first."""
    out[:] = 0.0
    for k in range(n):
        start = first - (n - 1 - k) * stride
        term = x[start : start + out.size]  # a slice, so that the loop below vectorises
        for j in range(out.size):
            out[j] += term[j]


@njit(cache=True, nogil=True)
def _rolling_mean(x, stride, n):
    out = np.full(x.size, np.nan)
    for first in range((n - 1) * stride, x.size, BLOCK):
        block = out[first : first + BLOCK]
        _window_sum(x, stride, n, first, block)
        for j in range(block.size):
            block[j] /= n
    return out


@njit(cache=True, nogil=True)
def _rolling_std(x, stride, n):
    out = np.full(x.size, np.nan)
    mean = np.empty(BLOCK)
    squares = np.empty(BLOCK)
    equal = np.ones(x.size, np.int32)  # how many values up to here are equal in a row
    for j in range(stride, x.size):
        if x[j] == x[j - stride]:
            equal[j] = equal[j - stride] + 1
    for first in range((n - 1) * stride, x.size, BLOCK):
        size = min(BLOCK, x.size - first)
        _window_sum(x, stride, n, first, mean[:size])
        for j in range(size):
            mean[j] /= n
            squares[j] = 0.0
        for k in range(n):
            start = first - (n - 1 - k) * stride
            term = x[start : start + size]
            for j in range(size):
                deviation = term[j] - mean[j]
                squares[j] += deviation * deviation
        for j in range(size):
            # Equal values give exactly 0: their mean may differ from them in the last bit.
            out[first + j] = 0.0 if equal[first + j] >= n else sqrt(squares[j] / (n - 1))
    return out


@njit(cache=True, nogil=True)
def _rolling_max(x, stride, n):
    # The maximum of 2w values is that of two neighbouring runs of w; runs may overlap.
    out = x.copy()
    width = 1
    while width < n:
        step = min(width, n - width) * stride
        for j in range(out.size - 1, step - 1, -1):
            earlier = out[j - step]
            out[j] = earlier if earlier > out[j] or isnan(earlier) else out[j]
        width = min(2 * width, n)
    return out


def _known(values: Floats, age: Ints, n: int) -> Floats:
    """Return `values`, in place, with NaN where fewer than `n` observations stand behind them."""
    values[age < n] = np.nan
    return values


def rolling_mean(x: Floats, age: Ints, n: int) -> Floats:
    """Return the mean of the last `n` values.

    Parameters
    ----------
    x : ndarray of shape (sessions, assets) or (sessions,)
    age : integer ndarray of the same shape
        Observations that the window may use.
    n : int
        Window length in sessions.

    Returns
    -------
    ndarray of the shape of `x`
        NaN where ``age < n`` or a value of the window is NaN.
    """
    stride = x.shape[1] if x.ndim == 2 else 1
    return _known(_rolling_mean(x.ravel(), stride, n).reshape(x.shape), age, n)


def rolling_std(x: Floats, age: Ints, n: int) -> Floats:
    """Return the sample standard deviation (ddof 1) of the last `n` values, in two passes.

    Parameters and NaN rule as in `rolling_mean`. A window of equal values gives exactly 0.
    """
    stride = x.shape[1] if x.ndim == 2 else 1
    return _known(_rolling_std(x.ravel(), stride, n).reshape(x.shape), age, n)


def rolling_max(x: Floats, age: Ints, n: int) -> Floats:
    """Return the maximum of the last `n` values. Parameters and NaN rule as in `rolling_mean`."""
    stride = x.shape[1] if x.ndim == 2 else 1
    return _known(_rolling_max(x.ravel(), stride, n).reshape(x.shape), age, n)


def change(x: Floats, age: Ints, k: int) -> Floats:
    """Return ``x[t] / x[t - k] - 1``, NaN where ``age <= k``. Shapes as in `rolling_mean`."""
    out = np.full(x.shape, np.nan)
    if len(x) > k:
        with np.errstate(divide="ignore", invalid="ignore"):
            out[k:] = x[k:] / x[:-k] - 1.0
    return _known(out, age, k + 1)


def lagged(x: np.ndarray, age: Ints, k: int) -> np.ndarray:
    """Return ``x[t - k]``, and 0 where that lies before the start (``age <= k``).

    `age` may be of shape (sessions, 1) where all assets start together.
    """
    out = np.zeros_like(x)
    if len(x) > k:
        out[k:] = x[: len(x) - k]
    return np.where(age > k, out, x.dtype.type(0))
