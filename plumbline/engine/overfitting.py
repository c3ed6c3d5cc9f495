"""How much of a Sharpe ratio is luck: the number of trials, the length of the record, the choice among many.

Sharpe ratios in this module are per session, as the papers have them, not annual.
"""

from math import comb, e, sqrt
from typing import NamedTuple

import numpy as np
from numba import njit
from scipy.optimize import brentq
from scipy.stats import norm

from plumbline.engine.features import SESSIONS_PER_YEAR
from plumbline.engine.types import Floats, Ints

EULER_GAMMA = 0.5772156649015329
BLOCKS = 16  # of the combinatorially symmetric cross-validation
DRAWS_AT_ONCE = 250  # so that the numbers drawn for thousands of trials fit into memory


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


def effective_trials(expected: float) -> float:
    """Return how many independent trials are expected to show a maximum as high as correlated ones do.

    The inverse of `expected_maximum_sharpe`: copies of one trial count as one, unrelated trials each.

    Parameters
    ----------
    expected
        The highest Sharpe ratio of all trials, in standard errors, as of `expected_maxima`.
    """
    if expected < 1e-9:
        return 1.0
    return float(brentq(lambda trials: expected_maximum_sharpe(1.0, trials) - expected, 1.0 + 1e-9, 1e15))


def expected_maxima(returns: Floats, draws: int, seed: int) -> Floats:
    """Return the highest Sharpe ratio that trials without skill are expected to show, as they were added.

    In standard errors of a Sharpe ratio that is truly 0, 1 / sqrt(sessions) (Lo 2002, "The Statistics of
    Sharpe Ratios"): normal numbers drawn with the trials' own correlation, so that a copy adds nothing and
    whole families of alike ones hardly more. To weigh the sessions by independent normal numbers gives just
    these, without a matrix of correlations. It stands for the number of clusters, and the variance among
    them, of López de Prado and Lewis (2018), "Detection of False Investment Strategies Using Unsupervised
    Learning Methods": clustering finds a few groups among many trials that have nothing in common.

    Parameters
    ----------
    returns : ndarray of shape (sessions, trials)
        NaN where a trial has none.
    draws, seed
        How many draws, each taken with both signs, and where they start.

    Returns
    -------
    ndarray of shape (trials,)
        The maximum over the first trial, over the first two, and so on.
    """
    sessions, trials = returns.shape
    deviation = np.where(np.isfinite(returns), returns, 0.0)
    count = np.isfinite(returns).sum(axis=0)
    mean = deviation.sum(axis=0) / np.maximum(count, 1)
    deviation = np.where(np.isfinite(returns), returns - mean, 0.0)
    length = np.sqrt((deviation**2).sum(axis=0))
    unit = np.divide(deviation, length, out=np.zeros_like(deviation), where=length > 0.0)
    generator = np.random.default_rng(seed)
    total = np.zeros(trials)
    for first in range(0, draws, DRAWS_AT_ONCE):
        normal = generator.standard_normal((min(DRAWS_AT_ONCE, draws - first), sessions))
        drawn = np.einsum("ds,st->dt", normal, unit)  # a product of BLAS differs with its threads
        for signed in (drawn, -drawn):
            total += np.maximum.accumulate(signed, axis=1).sum(axis=0)
    return total / (2 * draws)


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
    if length < 2 or returns.shape[1] < 2:
        return np.nan
    return _share_overfitted(*_halves(returns, blocks), length * blocks // 2)


def _halves(returns: Floats, blocks: int) -> tuple[Floats, Floats, Ints]:
    """Return what the subsets of the early and of the late blocks sum to, and how many blocks each has."""
    length, trials = len(returns) // blocks, returns.shape[1]
    cut = returns[len(returns) - length * blocks :].reshape(blocks, length, trials)
    per_block = np.stack([cut.sum(axis=1), (cut**2).sum(axis=1)])
    early, late = _subset_sums(per_block[:, : blocks // 2]), _subset_sums(per_block[:, blocks // 2 :])
    return early, late, np.array([subset.bit_count() for subset in range(len(early))])


def choice_gains(returns: Floats, families: Ints, blocks: int = BLOCKS) -> Floats:
    """Return what choosing in the second family is worth beyond choosing in the first, out of sample.

    The halves of combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado and Zhu 2017,
    section 2): in each, the best trial of either family in one half is held in the other.

    Parameters
    ----------
    returns : ndarray of shape (sessions, trials)
        Daily.
    families : integer ndarray of shape (trials,)
        0 or 1, the family of each trial; both occur.
    blocks
        As for `backtest_overfitting`.

    Returns
    -------
    ndarray of shape (halves,)
        Differences of annual Sharpe ratios; empty where the history is too short.
    """
    length = len(returns) // blocks
    if length < 2:
        return np.empty(0)
    gains = np.empty(comb(blocks, blocks // 2))
    _choice_gains(*_halves(returns, blocks), length * blocks // 2, families, gains)
    return gains * sqrt(SESSIONS_PER_YEAR)


@njit(cache=True, nogil=True)
def _subset_sums(per_block):
    """Return the sums over each subset of blocks, (2^blocks, 2, trials); bit b of a subset is block b.

    Parameters
    ----------
    per_block : ndarray of shape (2, blocks, trials)
        Sums of returns, and of their squares.
    """
    _, blocks, trials = per_block.shape
    out = np.zeros((1 << blocks, 2, trials))
    for block in range(blocks):
        last = 1 << block  # the subsets of which this block is the last are those before, and it
        for subset in range(last):
            for of in range(2):  # loops: what an assignment of arrays may raise takes 2 s to compile
                for trial in range(trials):
                    out[last + subset, of, trial] = out[subset, of, trial] + per_block[of, block, trial]
    return out


@njit(cache=True, nogil=True)
def _share_overfitted(early, late, sizes, sessions):
    """Return how often the best trial of one half of the blocks is below the median in the other.

    Every half is a subset of the early blocks with one of the late ones: what these sum to serves all
    halves, and a half and its complement are each in sample once.

    Parameters
    ----------
    early, late : ndarray of shape (subsets, 2, trials)
        As of `_subset_sums`, of as many blocks each.
    sizes : integer ndarray of shape (subsets,)
        How many blocks are in each subset.
    sessions
        Of a half.
    """
    subsets, _, trials = early.shape
    one, other = np.empty(trials), np.empty(trials)
    overfitted, halves = 0.0, 0
    for a in range(1, subsets, 2):  # with the first block; the complements are those without
        for b in range(subsets):
            if sizes[a] + sizes[b] == sizes[subsets - 1]:
                _half_sharpes(early[a], late[b], sessions, one)
                _half_sharpes(early[subsets - 1 - a], late[subsets - 1 - b], sessions, other)
                overfitted += _is_overfitted(one, other) + _is_overfitted(other, one)
                halves += 2
    return overfitted / halves


@njit(cache=True, nogil=True)
def _choice_gains(early, late, sizes, sessions, families, out):
    """Write what each half gains per session: see `choice_gains`; arguments as of `_share_overfitted`."""
    subsets, _, trials = early.shape
    inside, outside = np.empty(trials), np.empty(trials)
    half = 0
    for a in range(subsets):
        for b in range(subsets):
            if sizes[a] + sizes[b] == sizes[subsets - 1]:
                _half_sharpes(early[a], late[b], sessions, inside)
                _half_sharpes(early[subsets - 1 - a], late[subsets - 1 - b], sessions, outside)
                first, second = -1, -1
                for trial in range(trials):
                    if families[trial] == 0:
                        first = trial if first < 0 or inside[trial] > inside[first] else first
                    else:
                        second = trial if second < 0 or inside[trial] > inside[second] else second
                out[half] = outside[second] - outside[first]
                half += 1


@njit(cache=True, nogil=True, error_model="numpy")  # no branch on a division by 0: trials go by in vectors
def _half_sharpes(early, late, sessions, out):
    """Set the Sharpe ratio per session of each trial, 0 where its returns do not vary."""
    for trial in range(out.size):
        mean = (early[0, trial] + late[0, trial]) / sessions
        variance = (early[1, trial] + late[1, trial]) / sessions - mean * mean
        out[trial] = mean / np.sqrt(variance) if variance > 0.0 else 0.0


@njit(cache=True, nogil=True)
def _is_overfitted(inside, outside):
    """Return 1 where the best trial inside is below the median outside, 1/2 where it is at it, else 0."""
    best = 0
    for trial in range(inside.size):
        if inside[trial] > inside[best]:
            best = trial
    lower, equal = 0, 0
    for trial in range(outside.size):
        lower += outside[trial] < outside[best]
        equal += outside[trial] == outside[best]
    rank = lower + (equal + 1.0) / 2.0  # from 1; ties share their places
    relative = rank / (inside.size + 1.0)
    return 1.0 if relative < 0.5 else 0.5 if relative == 0.5 else 0.0
