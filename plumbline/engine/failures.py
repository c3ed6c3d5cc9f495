"""Why an episode went down: one measured value for each failure mode (docs/robustness.md)."""

from typing import NamedTuple

import numpy as np

from plumbline.engine.allocator import MEANREV, TREND
from plumbline.engine.measures import mean_correlation
from plumbline.engine.types import Floats

CORRELATION_SESSIONS = 20  # the fall's last sessions at least, or its correlation is noise
CORRELATION_BEFORE = 252


class HeldLine(NamedTuple):
    """One portfolio over its own T sessions and A assets.

    (T,): `equity`, `leverage`. (T, A): `holding` at the close, `gross` and `cost` (≤ 0) of its
    contribution, `gross_state` and `cost_state` that each belongs to, `ret` of the asset.
    """

    equity: Floats
    leverage: Floats
    holding: Floats
    gross: Floats
    cost: Floats
    gross_state: np.ndarray
    cost_state: np.ndarray
    ret: Floats


def failure_evidence(line: HeldLine, start: int, trough: int, end: int, depth: float) -> dict[str, float]:
    """Measure every failure mode of one episode.

    Parameters
    ----------
    line
        The portfolio.
    start, trough, end, depth
        The episode, as in `Episodes`.

    Returns
    -------
    dict
        Evidence by failure mode; NaN where it cannot be measured.
    """
    fall = slice(start + 1, trough + 1)
    peak = line.equity[start] if start >= 0 else 1.0
    before = np.concatenate([[1.0], line.equity])[fall, None] / peak
    gross, cost = before * line.gross[fall], before * line.cost[fall]
    is_entered = _entered_since(line.holding, start, trough)
    in_trend = line.gross_state[fall] == TREND
    recovery = slice(trough + 1, end + 1 if end >= 0 else len(line.equity))
    return {
        "trend_whipsaw": float(gross[in_trend & is_entered].sum() / depth),
        "late_exit": float(gross[in_trend & ~is_entered].sum() / depth),
        "falling_knife": float(gross[line.gross_state[fall] == MEANREV].sum() / depth),
        "late_reentry": _missed(line.ret[recovery], line.holding[trough : recovery.stop - 1]),
        "correlation_spike": _correlation_rise(line.ret, start, trough),
        "leverage_cut_after_loss": _cut(line.leverage[fall], line.leverage[recovery]),
        "single_asset_concentration": _largest_share((gross + cost).sum(axis=0) / depth),
        "cost_bleed": float(cost.sum() / depth),
    }


def _entered_since(holding: Floats, start: int, trough: int) -> np.ndarray:
    """Return whether what earns on each session of the fall was entered after the peak, (fall, A)."""
    held = holding[max(start, 0) : trough] > 0.0
    if start < 0:  # before the first session nothing was held
        held = np.vstack([np.zeros((1, held.shape[1]), bool), held])
    return np.logical_or.accumulate(~held, axis=0)


def _missed(ret: Floats, held: Floats) -> float:
    gained = ret.mean(axis=1).sum() if ret.size else 0.0
    if gained <= 0.0:
        return np.nan
    return float(np.where(held > 0.0, 0.0, ret).mean(axis=1).sum() / gained)


def _cut(before: Floats, after: Floats) -> float:
    if not after.size or not before.mean() > 0.0:
        return np.nan
    return float(1.0 - after.mean() / before.mean())


def _largest_share(shares: Floats) -> float:
    return float(shares.max()) if shares.size > 1 else np.nan


def _correlation_rise(ret: Floats, start: int, trough: int) -> float:
    first = min(start + 1, trough + 1 - CORRELATION_SESSIONS)
    if first < CORRELATION_SESSIONS:
        return np.nan
    before = mean_correlation(ret[max(first - CORRELATION_BEFORE, 0) : first])
    return mean_correlation(ret[first : trough + 1]) - before
