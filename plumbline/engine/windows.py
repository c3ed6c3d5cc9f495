"""Rolling windows, bit for bit equal to the SQL macros of their names (docs/method.md, section 2).

A window's terms are added oldest first and deviations are taken in a second pass; no running
sum, no reassociation. Arrays of shape (sessions, assets) are walked flat: the value one session
ago lies `assets` places back, so windows that end side by side, of one asset or of several, go
through the same operations in the lanes of a vector. Results are written once, with their NaN.
"""

import numpy as np
from numba import njit

from plumbline.engine.lanes import ONE, THIRTY_TWO, load, root, select, splat, store
from plumbline.engine.types import Floats, Ints

WIDE = len(THIRTY_TWO)


@njit(cache=True, nogil=True)
def mask_young(out, age, least, first, last):
    """Write NaN to the places `first` to `last` where fewer than `least` observations stand behind them."""
    known, seen = out[first:last], age[first:last]
    for j in range(known.size):
        known[j] = known[j] if seen[j] >= least else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def window_mean(x, place, stride, n, lanes):
    """Return the mean of the `n` values that end at a place, and at those after it in the other lanes."""
    total = splat(0.0, lanes)
    for k in range(n - 1, -1, -1):
        total = total + load(x, place - k * stride, lanes)
    return total / splat(float(n), lanes)


@njit(cache=True, nogil=True, error_model="numpy")
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
def _start(out, stride, n):
    """Write NaN where no window of `n` has room; return the first place where one has."""
    first = min((n - 1) * stride, out.size)
    out[:first] = np.nan
    return first


@njit(cache=True, nogil=True)
def _rolling_mean(x, age, stride, n, out):
    place = _start(out, stride, n)
    while place + WIDE <= x.size:
        store(out, place, window_mean(x, place, stride, n, THIRTY_TWO))
        mask_young(out, age, n, place, place + WIDE)
        place += WIDE
    for j in range(place, x.size):
        out[j] = window_mean(x, j, stride, n, ONE) if age[j] >= n else np.nan


@njit(cache=True, nogil=True)
def rolling_std_of(x, age, stride, n, least, scale, out):
    """Write `scale` times the deviation of `n` values to `out`, NaN where ``age < least``; all flat."""
    place = _start(out, stride, n)
    while place + WIDE <= x.size:
        store(out, place, window_std(x, place, stride, n, THIRTY_TWO) * splat(scale, THIRTY_TWO))
        mask_young(out, age, least, place, place + WIDE)
        place += WIDE
    for j in range(place, x.size):
        out[j] = window_std(x, j, stride, n, ONE) * scale if age[j] >= least else np.nan


@njit(cache=True, nogil=True)
def _larger(out, place, earlier, lanes):
    """Return the larger of two places, the later one of two equal ones, and NaN if one is NaN."""
    now, before = load(out, place, lanes), load(out, earlier, lanes)
    return select(before <= now, now, select(now == now, before, now))


@njit(cache=True, nogil=True)
def _rolling_max(x, age, stride, n, out):
    out[:] = x
    # The maximum of 2w values is that of two neighbouring runs of w; runs may overlap. From the last
    # place down, so that what a place reads is still of the width before.
    width = 1
    while width < n:
        step = min(width, n - width) * stride
        place = out.size
        while place - WIDE >= step:
            place -= WIDE
            store(out, place, _larger(out, place, place - step, THIRTY_TWO))
        for j in range(place - 1, step - 1, -1):
            out[j] = _larger(out, j, j - step, ONE)
        width = min(2 * width, n)
    _start(out, stride, n)
    mask_young(out, age, n, 0, out.size)


@njit(cache=True, nogil=True, error_model="numpy")
def _change(x, age, stride, k, out):
    reach = min(k * stride, x.size)
    out[:reach] = np.nan
    now, before, seen, later = x[reach:], x[: x.size - reach], age[reach:], out[reach:]
    for j in range(now.size):
        change = now[j] / before[j] - 1.0
        later[j] = change if seen[j] > k else np.nan


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
    flat, seen, stride = _flat(x, age)
    rolling_std_of(flat, seen, stride, n, n, 1.0, out.ravel())
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
