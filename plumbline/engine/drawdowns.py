"""Drawdown episodes, and what each is made of (docs/method.md, section 7)."""

from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.types import Floats


class Episodes(NamedTuple):
    """Maximal runs of sessions below the running peak, in order of time, shape (episodes,).

    `start` is the last session at the peak, -1 where that is before the first one; `trough` the first
    session at the deepest point; `end` the first session back at or above the peak, -1 while under
    water. `depth` (< 0) is a fraction of the peak.
    """

    start: np.ndarray
    trough: np.ndarray
    end: np.ndarray
    depth: Floats


class Attribution(NamedTuple):
    """What each asset and state added to the depth of each episode, shape (episodes, assets, states).

    `gross` and `cost` (≤ 0) add up to the depth; `sessions` counts those after the start, up to the
    trough, on which the asset was in the state.
    """

    gross: Floats
    cost: Floats
    sessions: np.ndarray


@njit(cache=True, nogil=True)
def _find_episodes(equity, start, trough, end, depth):
    found = 0
    peak, peak_at, is_under = 1.0, -1, False
    for t in range(equity.size):
        if equity[t] >= peak:
            if is_under:
                end[found] = t
                found += 1
                is_under = False
            peak, peak_at = equity[t], t
            continue
        below = equity[t] / peak - 1.0
        if not is_under:
            is_under = True
            start[found], end[found], depth[found] = peak_at, -1, 0.0
        if below < depth[found]:
            trough[found], depth[found] = t, below
    return found + is_under


def find_episodes(equity: Floats) -> Episodes:
    """Return the drawdown episodes of an equity curve that starts from 1 before its first session.

    Parameters
    ----------
    equity : ndarray of shape (sessions,)
    """
    most = equity.size // 2 + 1
    start, trough, end = (np.full(most, -1) for _ in range(3))
    depth = np.zeros(most)
    found = _find_episodes(equity, start, trough, end, depth)
    return Episodes(start[:found], trough[:found], end[:found], depth[:found])


@njit(cache=True, nogil=True)
def _attribute(start, trough, equity, gross, cost, gross_state, cost_state, gross_out, cost_out, sessions):
    for e in range(start.size):
        peak = equity[start[e]] if start[e] >= 0 else 1.0
        for t in range(start[e] + 1, trough[e] + 1):
            before = (equity[t - 1] if t > 0 else 1.0) / peak
            for i in range(gross.shape[1]):
                gross_out[e, i, gross_state[t, i]] += before * gross[t, i]
                cost_out[e, i, cost_state[t, i]] += before * cost[t, i]
                sessions[e, i, cost_state[t, i]] += 1


def attribute(
    episodes: Episodes,
    equity: Floats,
    gross: Floats,
    cost: Floats,
    gross_state: np.ndarray,
    cost_state: np.ndarray,
    states: int,
) -> Attribution:
    """Split the depth of each episode by asset and state.

    The fall from the peak to the trough is the sum of equity[t-1] / equity[start] times the return of t,
    and the return of t is the sum of the assets' contributions.

    Parameters
    ----------
    episodes, equity
        Of one portfolio; equity of shape (sessions,).
    gross, cost : ndarray of shape (sessions, assets)
        The two parts of each asset's contribution to the return of the session.
    gross_state, cost_state : integer ndarray of shape (sessions, assets)
        The state that each part belongs to, in 0..states-1.
    states : int
        How many there are.
    """
    shape = (len(episodes.start), gross.shape[1], states)
    out = Attribution(np.zeros(shape), np.zeros(shape), np.zeros(shape, np.int64))
    _attribute(episodes.start, episodes.trough, equity, gross, cost, gross_state, cost_state, *out)
    return out
