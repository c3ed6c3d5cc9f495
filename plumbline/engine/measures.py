"""What a stream of daily returns amounts to (docs/method.md, section 7)."""

from math import sqrt
from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.features import SESSIONS_PER_YEAR
from plumbline.engine.types import Floats


class Equity(NamedTuple):
    """`equity` starts from 1 before the first session; `drawdown` (≤ 0) is below its running peak."""

    equity: Floats
    drawdown: Floats


@njit(cache=True, nogil=True)
def mean(returns):
    """Return the mean of `returns`, added in order; NaN without any."""
    total = 0.0
    for value in returns:
        total += value
    return total / returns.size if returns.size else np.nan


@njit(cache=True, nogil=True)
def population_std(returns):
    """Return the population standard deviation (ddof 0) in two passes, exactly 0 for equal values."""
    if returns.size == 0:
        return np.nan
    center = mean(returns)
    squares = 0.0
    equal = True
    for value in returns:
        deviation = value - center
        squares += deviation * deviation
        equal = equal and value == returns[0]
    return 0.0 if equal else sqrt(squares / returns.size)


@njit(cache=True, nogil=True)
def sharpe(returns):
    """Return √252 · mean / population sd of daily returns, NaN where that sd is 0."""
    deviation = population_std(returns)
    return sqrt(SESSIONS_PER_YEAR) * mean(returns) / deviation if deviation > 0.0 else np.nan


@njit(cache=True, nogil=True)
def total_return(returns):
    """Return the compounded return; NaN without any session."""
    growth = 1.0
    for value in returns:
        growth *= 1.0 + value
    return growth - 1.0 if returns.size else np.nan


@njit(cache=True, nogil=True)
def annual_return(returns):
    """Return the compounded return at a yearly rate, NaN without sessions or when all is lost."""
    growth = 1.0 + total_return(returns)
    return growth ** (SESSIONS_PER_YEAR / returns.size) - 1.0 if returns.size and growth > 0.0 else np.nan


@njit(cache=True, nogil=True)
def annual_volatility(returns):
    """Return the population standard deviation of daily returns times √252."""
    return population_std(returns) * sqrt(SESSIONS_PER_YEAR)


@njit(cache=True, nogil=True, error_model="numpy")  # 0/0, where all is lost, is unknown
def max_drawdown(returns, start=1.0):
    """Return the deepest fall below the running peak, as a fraction ≤ 0; NaN without any session.

    The peak starts at `start` times the equity before the first session; 0 leaves that out, as
    the yearly tables do.
    """
    equity, peak, deepest = 1.0, start, 0.0
    for value in returns:
        equity *= 1.0 + value
        peak = max(peak, equity)
        deepest = min(deepest, equity / peak - 1.0)
    return deepest if returns.size else np.nan


@njit(cache=True, nogil=True)
def time_under_water(returns):
    """Return the most sessions in a row below the running peak of equity, which starts from 1."""
    level, peak, run, longest = 1.0, 1.0, 0, 0
    for value in returns:
        level *= 1.0 + value
        run = run + 1 if level < peak else 0
        peak = max(peak, level)
        longest = max(longest, run)
    return longest


@njit(cache=True, nogil=True, error_model="numpy")
def equity_curve(returns):
    """Return `Equity` of daily returns, each array of their shape (sessions,)."""
    equity = np.empty(returns.size)
    drawdown = np.empty(returns.size)
    level, peak = 1.0, 1.0
    for t in range(returns.size):
        level *= 1.0 + returns[t]
        peak = max(peak, level)
        equity[t] = level
        drawdown[t] = level / peak - 1.0
    return Equity(equity, drawdown)


@njit(cache=True, nogil=True, error_model="numpy")
def measure_groups(returns, offsets):
    """Measure consecutive groups of daily returns, one a year of one stream.

    Parameters
    ----------
    returns : ndarray of shape (rows,)
    offsets : integer ndarray of shape (groups + 1,)
        Group g is ``returns[offsets[g]:offsets[g + 1]]``.

    Returns
    -------
    sharpe, total_return, max_drawdown, max_drawdown_from_one : ndarray of shape (groups,)
        The peak of the drawdown starts with the group's first equity; that of the last one from 1 before it,
        so that a loss on the first session counts.
    """
    groups = offsets.size - 1
    out = np.empty((4, groups))
    for g in range(groups):
        group = returns[offsets[g] : offsets[g + 1]]
        out[0, g] = sharpe(group)
        out[1, g] = total_return(group)
        out[2, g] = max_drawdown(group, 0.0)
        out[3, g] = max_drawdown(group, 1.0)
    return out


@njit(cache=True, nogil=True)
def group_means(values, offsets):
    """Return the mean of each group of `values`; `offsets` as in `measure_groups`."""
    out = np.empty(offsets.size - 1)
    for g in range(out.size):
        out[g] = mean(values[offsets[g] : offsets[g + 1]])
    return out


@njit(cache=True, nogil=True)
def annual_turnover(holding, starts):
    """Return the yearly sum of |change of holding|.

    Parameters
    ----------
    holding : ndarray of shape (sessions, assets)
    starts : bool ndarray of shape (sessions,)
        Where the holding before is 0: the first session, and each one on which all starts afresh.
    """
    traded = 0.0
    for t in range(holding.shape[0]):
        for i in range(holding.shape[1]):
            traded += abs(holding[t, i] - (0.0 if starts[t] else holding[t - 1, i]))
    return traded * SESSIONS_PER_YEAR / holding.shape[0] if holding.shape[0] else np.nan


def mean_correlation(ret: Floats) -> float:
    """Return the mean correlation over all pairs of columns that move; NaN without a pair.

    The variance of the sum of n standardised columns is n + n(n - 1) times it.
    """
    moving = ret[:, ret.std(axis=0) > 0.0]
    assets = moving.shape[1]
    if assets < 2:
        return np.nan
    standard = (moving - moving.mean(axis=0)) / moving.std(axis=0)
    return float((standard.sum(axis=1).var() - assets) / (assets * (assets - 1)))


def group_offsets(*keys: np.ndarray) -> np.ndarray:
    """Return where rows sorted by `keys` change group, with 0 and the row count at the ends."""
    rows = len(keys[0])
    changes = np.zeros(max(rows - 1, 0), bool)
    for key in keys:
        changes |= key[1:] != key[:-1]
    return np.concatenate([[0], np.flatnonzero(changes) + 1, [rows]] if rows else [[0]])
