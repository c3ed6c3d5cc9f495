"""Resampled histories: the draws of the stationary bootstrap, and what statistics are on them."""

import numpy as np
from numba import njit

from plumbline.engine.measures import sharpe
from plumbline.engine.types import Ints

_TILE = 64  # columns at a time: a history of ten years of them stays in the cache of a core


def stationary_sources(sessions: int, draws: int, block: float, seed: int) -> Ints:
    """Return the session that each session of each draw is taken from, (draws, sessions), from 0.

    Politis and Romano (1994), "The Stationary Bootstrap", section 2: blocks of geometric length, on from
    the last session to the first. Whatever shares these is resampled in pairs.

    Parameters
    ----------
    sessions, draws
        The length of the history, and how many are drawn from it.
    block
        Mean length of a block, in sessions.
    seed
        Of numpy's default generator.
    """
    # Imported here: it brings statsmodels, a second that no other layer should wait for.
    from arch.bootstrap import StationaryBootstrap

    sources = np.empty((draws, sessions), np.int32)
    bootstrap = StationaryBootstrap(block, np.arange(sessions), seed=seed)
    for draw, ((source,), _) in enumerate(bootstrap.bootstrap(draws)):
        sources[draw] = source
    return sources


@njit(cache=True, nogil=True)
def resampled_sharpes(returns, sources):
    """Return the annual Sharpe ratio of each draw, (draws,), NaN where its returns never differ.

    Parameters
    ----------
    returns : ndarray of shape (sessions,)
        Daily.
    sources : integer ndarray of shape (draws, sessions)
        As of `stationary_sources`.
    """
    out = np.empty(sources.shape[0])
    drawn = np.empty(sources.shape[1])
    for draw in range(sources.shape[0]):
        for t in range(drawn.size):
            drawn[t] = returns[sources[draw, t]]
        out[draw] = sharpe(drawn)
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def resampled_means(values, sources):
    """Return the mean of each column in each draw, (draws, columns), added in the order of the draw.

    Parameters
    ----------
    values : ndarray of shape (sessions, columns)
    sources : integer ndarray of shape (draws, sessions)
        As of `stationary_sources`.
    """
    sessions, columns = values.shape
    out = np.empty((sources.shape[0], columns))
    tile = np.zeros((sessions, _TILE))
    total = np.empty(_TILE)
    for first in range(0, columns, _TILE):
        width = min(_TILE, columns - first)
        for t in range(sessions):  # loops: what a sliced assignment may raise takes 2 s to compile
            for column in range(width):
                tile[t, column] = values[t, first + column]
        for draw in range(sources.shape[0]):
            total[:] = 0.0
            for t in range(sessions):
                row = tile[sources[draw, t]]
                for column in range(_TILE):  # all of them: a loop of fixed length is the faster one
                    total[column] += row[column]
            for column in range(width):
                out[draw, first + column] = total[column] / sessions
    return out
