"""Rolling windows, bit for bit equal to the SQL macros of their names (docs/method.md, section 2).

A window's terms are added oldest first and deviations are taken in a second pass; no running
sum, no reassociation. Arrays of shape (sessions, assets) are walked flat: the value one session
ago lies `assets` places back, so windows that end side by side, of one asset or of several, go
through the same operations in the lanes of a vector. Results are written once, with their NaN.
"""

import numpy as np
from numba import njit

from plumbline.engine.lanes import EIGHT, ONE, load, root, select, splat, store
from plumbline.engine.types import Floats, Ints

WIDE = len(EIGHT)


BLOCK = 1 << 15  # values that go through all steps of a kernel before the next ones: they stay in cache


@njit(cache=True, nogil=True)
def mask_young(out, age, least, first, last):
    """Write NaN to the places `first` to `last` where fewer than `least` observations stand behind them."""
    known, seen = out[first:last], age[first:last]
    for j in range(known.size):
        known[j] = known[j] if seen[j] >= least else np.nan


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def window_mean(x, place, stride, n, lanes):
    """Return the mean of the `n` values that end at a place, and at those after it in the other lanes."""
    total = splat(0.0, lanes)
    for k in range(n - 1, -1, -1):
        total = total + load(x, place - k * stride, lanes)
    return total / splat(float(n), lanes)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def window_std(x, place, stride, n, lanes):
    """Return the sample standard deviation of the `n` values that end at a place, as `window_mean`."""
    mean = window_mean(x, place, stride, n, lanes)
    newest = load(x, place, lanes)
    equal = newest == newest
    squares = splat(0.0, lanes)
    for k in range(n - 1, -1, -1):
        term = load(x, place - k * stride, lanes)
        deviation = term - mean
        squares = squares + deviation * deviation
        equal = equal & (term == newest)
    # Equal values give exactly 0: their mean may differ from them in the last bit.
    return select(equal, splat(0.0, lanes), root(squares / splat(float(n - 1), lanes)))


@njit(cache=True, nogil=True)
def start(out, first, last, reach):
    """Write NaN to the places before `reach` of a block; return the first of the others."""
    begin = max(first, min(reach, last))
    for j in range(first, begin):
        out[j] = np.nan
    return begin


@njit(cache=True, nogil=True)
def mean_between(x, age, stride, n, first, last, out):
    """Write the means of the windows that end at the places `first` to `last`, all flat."""
    place = start(out, first, last, (n - 1) * stride)
    while place + WIDE <= last:
        store(out, place, window_mean(x, place, stride, n, EIGHT))
        place += WIDE
    for j in range(place, last):
        out[j] = window_mean(x, j, stride, n, ONE)
    mask_young(out, age, n, first, last)


@njit(cache=True, nogil=True)
def std_between(x, place, stride, n, out, first, last):
    """Write the deviations of the windows that end at `place` and after it to `first` to `last` of `out`."""
    while first + WIDE <= last:
        store(out, first, window_std(x, place, stride, n, EIGHT))
        first, place = first + WIDE, place + WIDE
    for j in range(last - first):
        out[first + j] = window_std(x, place + j, stride, n, ONE)


@njit(cache=True, nogil=True, forceinline=True)
def _larger(values, place, earlier, lanes):
    """Return the larger of two places, the later one of two equal ones, and NaN if one is NaN."""
    now, before = load(values, place, lanes), load(values, earlier, lanes)
    return select(before <= now, now, select(now == now, before, now))


@njit(cache=True, nogil=True)
def max_between(x, age, stride, n, first, last, work, out):
    """Write the maxima of the windows that end at the places `first` to `last`, all flat.

    `work` is room for these places and for what their windows reach back to.
    """
    reach = (n - 1) * stride
    begin = start(out, first, last, reach)
    if begin == last:
        return
    size = last - begin + reach
    for j in range(size):  # compiled in a tenth of the time that an assignment of a slice takes
        work[j] = x[begin - reach + j]
    # The maximum of 2w values is that of two neighbouring runs of w; runs may overlap. From the last
    # place down, so that what a place reads is still of the width before.
    width = 1
    while width < n:
        step = min(width, n - width) * stride
        place = size
        while place - WIDE >= step:
            place -= WIDE
            store(work, place, _larger(work, place, place - step, EIGHT))
        for j in range(place - 1, step - 1, -1):
            work[j] = _larger(work, j, j - step, ONE)
        width = min(2 * width, n)
    for j in range(last - begin):
        out[begin + j] = work[reach + j]
    mask_young(out, age, n, first, last)


@njit(cache=True, nogil=True, error_model="numpy")
def change_between(x, age, stride, k, first, last, out):
    """Write ``x[t] / x[t - k] - 1`` to the places `first` to `last`, all flat, NaN where ``age <= k``."""
    begin = start(out, first, last, k * stride)
    now, before = x[begin:last], x[begin - k * stride : last - k * stride]
    seen, later = age[begin:last], out[begin:last]
    for j in range(now.size):
        change = now[j] / before[j] - 1.0
        later[j] = change if seen[j] > k else np.nan


@njit(cache=True, nogil=True)
def _rolling_mean(x, age, stride, n, out):
    mean_between(x, age, stride, n, 0, x.size, out)


@njit(cache=True, nogil=True)
def _rolling_std(x, age, stride, n, out):
    for first in range(0, x.size, BLOCK):
        last = min(first + BLOCK, x.size)
        begin = start(out, first, last, (n - 1) * stride)
        std_between(x, begin, stride, n, out, begin, last)
        mask_young(out, age, n, first, last)


@njit(cache=True, nogil=True)
def _rolling_max(x, age, stride, n, out):
    reach = (n - 1) * stride
    block = max(BLOCK, reach)
    work = np.empty(min(block + reach, x.size))
    for first in range(0, x.size, block):
        max_between(x, age, stride, n, first, min(first + block, x.size), work, out)


@njit(cache=True, nogil=True)
def _change(x, age, stride, k, out):
    change_between(x, age, stride, k, 0, x.size, out)


def _flat(x: Floats, age: Ints) -> tuple[Floats, Ints, int]:
    """Return `x` and `age` in one dimension, and how far back the session before lies."""
    return x.ravel(), age.ravel(), x.shape[1] if x.ndim == 2 else 1


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
    out = np.empty(x.shape)
    _rolling_mean(*_flat(x, age), n, out.ravel())
    return out


def rolling_std(x: Floats, age: Ints, n: int) -> Floats:
    """Return the sample standard deviation (ddof 1) of the last `n` values, in two passes.

    Parameters and NaN rule as in `rolling_mean`. A window of equal values gives exactly 0.
    """
    out = np.empty(x.shape)
    _rolling_std(*_flat(x, age), n, out.ravel())
    return out


def rolling_max(x: Floats, age: Ints, n: int) -> Floats:
    """Return the maximum of the last `n` values. Parameters and NaN rule as in `rolling_mean`."""
    out = np.empty(x.shape)
    _rolling_max(*_flat(x, age), n, out.ravel())
    return out


def change(x: Floats, age: Ints, k: int) -> Floats:
    """Return ``x[t] / x[t - k] - 1``, NaN where ``age <= k``. Shapes as in `rolling_mean`."""
    out = np.empty(x.shape)
    _change(*_flat(x, age), k, out.ravel())
    return out


def lagged(x: np.ndarray, age: Ints, k: int) -> np.ndarray:
    """Return ``x[t - k]``, and 0 where that lies before the start (``age <= k``).

    `age` may be of shape (sessions, 1) where all assets start together.
    """
    out = np.zeros_like(x)
    if len(x) > k:
        np.copyto(out[k:], x[: len(x) - k], where=age[k:] > k)
    return out
