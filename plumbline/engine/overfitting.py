"""How much of a Sharpe ratio is luck: the number of trials, the length of the record, the choice among many.

Sharpe ratios in this module are per session, as the papers have them, not annual.
"""

import itertools
from math import e, sqrt
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from plumbline.engine.measures import mean_correlation
from plumbline.engine.types import Floats

EULER_GAMMA = 0.5772156649015329
BLOCKS = 16  # of the combinatorially symmetric cross-validation
_AT_ONCE = 512  # combinations in memory at a time


class Moments(NamedTuple):
    """What the statistics need of daily returns: Sharpe ratio per session, skewness, kurtosis, count."""

    sharpe: float
    skewness: float
    kurtosis: float
    sessions: int


def moments(returns: Floats) -> Moments:
    """Return the moments of daily returns, (sessions,): population moments, kurtosis 3 for a normal."""
    deviation = returns - returns.mean()
    spread = sqrt((deviation**2).mean())
    if not spread > 0.0:
        return Moments(np.nan, np.nan, np.nan, len(returns))
    standard = deviation / spread
    return Moments(
        returns.mean() / spread, float((standard**3).mean()), float((standard**4).mean()), len(returns)
    )


def _variance(found: Moments) -> float:
    """Return the variance of the estimated Sharpe ratio, times its sessions (Mertens 2002)."""
    return 1.0 - found.skewness * found.sharpe + (found.kurtosis - 1.0) / 4.0 * found.sharpe**2


def probabilistic_sharpe(found: Moments, reference: float) -> float:
    """Return the probability that the true Sharpe ratio exceeds `reference`.

    Bailey and López de Prado (2012), "The Sharpe Ratio Efficient Frontier", eq. 11.
    """
    return float(norm.cdf((found.sharpe - reference) * sqrt(found.sessions - 1.0) / sqrt(_variance(found))))


def minimum_track_record(found: Moments, reference: float, confidence: float = 0.95) -> float:
    """Return the sessions needed to say with confidence that the Sharpe ratio exceeds `reference`.

    Bailey and López de Prado (2012), eq. 13; NaN where it does not exceed it.
    """
    if not found.sharpe > reference:
        return np.nan
    return 1.0 + _variance(found) * (norm.ppf(confidence) / (found.sharpe - reference)) ** 2


def effective_trials(returns: Floats) -> float:
    """Return how many independent trials correlated ones are worth: r + (1 - r) N, r their mean correlation.

    Bailey and López de Prado (2014), "The Deflated Sharpe Ratio", appendix 3.

    Parameters
    ----------
    returns : ndarray of shape (sessions, trials)
    """
    trials = returns.shape[1]
    correlation = mean_correlation(returns)
    return float(trials) if np.isnan(correlation) else correlation + (1.0 - correlation) * trials


def expected_maximum_sharpe(variance: float, trials: float) -> float:
    """Return the highest Sharpe ratio that so many trials without skill are expected to show.

    Bailey and López de Prado (2014), eq. 1.

    Parameters
    ----------
    variance
        Of the trials' Sharpe ratios.
    trials
        How many independent ones; 0 is returned for one.
    """
    if trials <= 1.0:
        return 0.0
    first, second = norm.ppf(1.0 - 1.0 / trials), norm.ppf(1.0 - 1.0 / (trials * e))
    return sqrt(variance) * ((1.0 - EULER_GAMMA) * first + EULER_GAMMA * second)


def deflated_sharpe(found: Moments, variance: float, trials: float) -> float:
    """Return the probability that the Sharpe ratio exceeds what luck over all trials explains.

    Bailey and López de Prado (2014), eq. 2. Parameters as in `expected_maximum_sharpe`.
    """
    return probabilistic_sharpe(found, expected_maximum_sharpe(variance, trials))


def backtest_overfitting(returns: Floats, blocks: int = BLOCKS) -> float:
    """Return the probability that the best trial in sample is below the median out of sample.

    Combinatorially symmetric cross-validation: Bailey, Borwein, López de Prado and Zhu (2017), "The
    Probability of Backtest Overfitting", section 2.

    Parameters
    ----------
    returns : ndarray of shape (sessions, trials)
    blocks
        Even number of blocks of equal length; sessions left over at the start are left out.
    """
    length = len(returns) // blocks
    trials = returns.shape[1]
    if length < 2 or trials < 2:
        return np.nan
    cut = returns[len(returns) - length * blocks :].reshape(blocks, length, trials)
    sums, squares = cut.sum(axis=1), (cut**2).sum(axis=1)
    choices = np.array(list(itertools.combinations(range(blocks), blocks // 2)))
    overfitted = 0.0
    for first in range(0, len(choices), _AT_ONCE):
        chosen = np.zeros((len(choices[first : first + _AT_ONCE]), blocks))
        np.put_along_axis(chosen, choices[first : first + _AT_ONCE], 1.0, axis=1)
        inside = _sharpes(chosen @ sums, chosen @ squares, length * blocks // 2)
        outside = _sharpes((1.0 - chosen) @ sums, (1.0 - chosen) @ squares, length * blocks // 2)
        best = inside.argmax(axis=1)[:, None]
        of_best = np.take_along_axis(outside, best, axis=1)
        # The relative rank of the best; ties share their places. At a half, luck decides.
        rank = (outside < of_best).sum(axis=1) + ((outside == of_best).sum(axis=1) + 1.0) / 2.0
        relative = rank / (trials + 1.0)
        overfitted += (relative < 0.5).sum() + 0.5 * (relative == 0.5).sum()
    return float(overfitted / len(choices))


def _sharpes(total: Floats, squares: Floats, sessions: int) -> Floats:
    mean = total / sessions
    variance = np.maximum(squares / sessions - mean**2, 0.0)
    return np.where(variance > 0.0, mean / np.sqrt(np.where(variance > 0.0, variance, 1.0)), 0.0)
