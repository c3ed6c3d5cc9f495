"""Why an episode went down: one value for each thing that can be measured of it (docs/robustness.md)."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

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


def failure_evidence(
    line: HeldLine, start: int, trough: int, end: int, depth: float, measure: str, state: int | None
) -> float:
    """Measure one failure mode of one episode.

    Parameters
    ----------
    line
        The portfolio.
    start, trough, end, depth
        The episode, as in `Episodes`.
    measure : str
        What is measured, a name in `MEASURES`.
    state : int, optional
        The state that `lost_on_entries`, `lost_on_standing` and `lost` look at.

    Returns
    -------
    float
        NaN where it cannot be measured.
    """
    return MEASURES[measure](_Fall(line, start, trough, end, depth, state))


class _Fall(NamedTuple):
    line: HeldLine
    start: int
    trough: int
    end: int
    depth: float
    state: int | None

    @property
    def sessions(self) -> slice:
        return slice(self.start + 1, self.trough + 1)

    @property
    def recovery(self) -> slice:
        return slice(self.trough + 1, self.end + 1 if self.end >= 0 else len(self.line.equity))

    def share(self, values: Floats) -> Floats:
        """Return daily contributions of the fall as parts of its depth, but for the division by it."""
        peak = self.line.equity[self.start] if self.start >= 0 else 1.0
        before = np.concatenate([[1.0], self.line.equity])[self.sessions, None] / peak
        return before * values[self.sessions]

    @property
    def in_state(self) -> np.ndarray:
        return self.line.gross_state[self.sessions] == self.state


def _lost_where(fall: _Fall, cells: np.ndarray) -> float:
    return float(fall.share(fall.line.gross)[cells].sum() / fall.depth)


def _lost_on_entries(fall: _Fall) -> float:
    return _lost_where(fall, fall.in_state & _entered_since(fall.line.holding, fall.start, fall.trough))


def _lost_on_standing(fall: _Fall) -> float:
    return _lost_where(fall, fall.in_state & ~_entered_since(fall.line.holding, fall.start, fall.trough))


def _lost(fall: _Fall) -> float:
    return _lost_where(fall, fall.in_state)


def _missed_recovery(fall: _Fall) -> float:
    held = fall.line.holding[fall.trough : fall.recovery.stop - 1]
    return _missed(fall.line.ret[fall.recovery], held)


def _leverage_cut(fall: _Fall) -> float:
    return _cut(fall.line.leverage[fall.sessions], fall.line.leverage[fall.recovery])


def _lost_by_one_asset(fall: _Fall) -> float:
    both = fall.share(fall.line.gross) + fall.share(fall.line.cost)
    return _largest_share(both.sum(axis=0) / fall.depth)


def _cost(fall: _Fall) -> float:
    return float(fall.share(fall.line.cost).sum() / fall.depth)


MEASURES: dict[str, Callable[[_Fall], float]] = {
    "lost_on_entries": _lost_on_entries,
    "lost_on_standing": _lost_on_standing,
    "lost": _lost,
    "missed_recovery": _missed_recovery,
    "correlation_rise": lambda fall: _correlation_rise(fall.line.ret, fall.start, fall.trough),
    "leverage_cut": _leverage_cut,
    "lost_by_one_asset": _lost_by_one_asset,
    "cost": _cost,
}


def _entered_since(holding: Floats, start: int, trough: int) -> np.ndarray:
    """Return whether what earns on each session of the fall was entered after the peak, (fall, A)."""
    held = holding[max(start, 0) : trough] != 0.0
    if start < 0:  # before the first session nothing was held
        held = np.vstack([np.zeros((1, held.shape[1]), bool), held])
    return np.logical_or.accumulate(~held, axis=0)


def _missed(ret: Floats, held: Floats) -> float:
    gained = ret.mean(axis=1).sum() if ret.size else 0.0
    if gained <= 0.0:
        return np.nan
    return float(np.where(held != 0.0, 0.0, ret).mean(axis=1).sum() / gained)


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
