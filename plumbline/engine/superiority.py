"""Whether the best of many models beats a benchmark by more than the search among them explains."""

from math import log
from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.resampling import resampled_means
from plumbline.engine.types import Floats, Ints


class Superiority(NamedTuple):
    """The p-values of Hansen's test; lower and upper are those of a liberal and a conservative one."""

    lower: float
    consistent: float
    upper: float


def superior_predictive_ability(
    benchmark: Floats, models: Floats, sources: Ints, block: float
) -> Superiority:
    """Return how often resampled histories without skill show a model as far ahead as the best one is.

    Hansen (2005), "A Test for Superior Predictive Ability", sections 2 and 3, of means that are neither
    divided by their deviation nor cut at 0. The best mean, max d̄ over the models, d̄ of a model's returns
    less the benchmark's, is held against max (d̄* - g) of each draw: a history in which no model is ahead.
    g is d̄ (upper, as in White's reality check), max(d̄, 0) (lower), or d̄ down to -sqrt(ω²/n · 2 log log n)
    and 0 below, where a model is too far behind to matter (consistent); ω² is of `long_run_variance`.

    Parameters
    ----------
    benchmark : ndarray of shape (sessions,)
        Returns, three sessions at least.
    models : ndarray of shape (sessions, models)
        Returns.
    sources : integer ndarray of shape (draws, sessions)
        As of `stationary_sources`; one for all benchmarks.
    block
        Mean length of the blocks of `sources`.
    """
    ahead = np.ascontiguousarray(models - benchmark[:, None])
    sessions = len(ahead)
    mean = ahead.mean(axis=0)
    behind = np.flatnonzero(mean < 0.0)  # no other can be below the bound, so no other needs its ω²
    bound = -np.sqrt(long_run_variance(ahead[:, behind], block) / sessions * 2.0 * log(log(sessions)))
    consistent = mean.copy()
    consistent[behind[mean[behind] < bound]] = 0.0
    # A draw can tie with the sample, be it the sample turned round, and then the order of additions decides
    # which is the greater. It is that of arch: the best mean is added in pairs, and so is a lone column.
    best = ahead.T.copy().mean(axis=1).max()
    means = resampled_means(ahead, sources) if ahead.shape[1] > 1 else ahead[sources].mean(axis=1)
    centres = Superiority(lower=np.maximum(mean, 0.0), consistent=consistent, upper=mean)
    return Superiority(*(float(((means - centre).max(axis=1) > best).mean()) for centre in centres))


def long_run_variance(values: Floats, block: float) -> Floats:
    """Return the variance of sqrt(n) times each column's mean under the stationary bootstrap, (columns,).

    Politis and Romano (1994), "The Stationary Bootstrap", lemma 1: the autocovariances of lags 0 to n - 1,
    each lag i above 0 twice and with weight (1 - i/n)(1 - p)^i + (i/n)(1 - p)^(n - i), p = 1 / block.

    Parameters
    ----------
    values : ndarray of shape (sessions, columns)
    block
        Mean length of a block, in sessions.
    """
    sessions, restart = len(values), 1.0 / block
    # One by one, as scalars: numpy's power of an array has other last bits on other processors.
    weights = np.ones(sessions)
    for lag in range(1, sessions):
        share = lag / sessions
        weights[lag] = 2.0 * (
            (1.0 - share) * (1.0 - restart) ** lag + share * (1.0 - restart) ** (sessions - lag)
        )
    return _weighted_products((values - values.mean(axis=0)).T.copy(), weights)


@njit(cache=True, nogil=True, error_model="numpy")
def _weighted_products(series, weights):
    """Return the sum over lags of weight · Σ x[t] x[t + lag] / n of each row of `series`, (rows,)."""
    sessions = series.shape[1]
    out = np.zeros(series.shape[0])
    products = np.empty(sessions)
    for row in range(series.shape[0]):
        x = series[row]
        products[:] = 0.0
        # Lags within sessions: every lag adds in the order of its sessions, and all lags at once.
        for t in range(sessions):
            for lag in range(sessions - t):
                products[lag] += x[t] * x[t + lag]
        for lag in range(sessions):
            out[row] += weights[lag] * products[lag] / sessions
    return out
