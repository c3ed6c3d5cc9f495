"""Why a portfolio fell: what each failure mode lost beyond constant exposure (docs/robustness.md)."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.allocator import states_of
from plumbline.engine.drawdowns import Episodes, find_episodes
from plumbline.engine.held import HeldLine, held_line
from plumbline.engine.line import Line
from plumbline.engine.market import Market
from plumbline.engine.types import Bools, Floats, Ints
from plumbline.engine.variants import Variant

SEEN_DEVIATIONS = 2.0  # a fall that chance alone makes on one session in forty
SEEN_WINDOW = 20  # sessions behind that deviation, those of the line's own volatilities
CORRELATION_SESSIONS = 20  # the fall's last sessions at least, or its correlation is noise
CORRELATION_BEFORE = 252

MEASURES = (
    "constant",
    "cost",
    "standing_unseen",
    "standing_seen",
    "not_held",
    "uneven",
    "correlation",
    "leverage_cut",
    "missed_recovery",
    "entered",  # last: one column for each state
)
CONSTANT, COST, UNSEEN, SEEN, NOT_HELD, UNEVEN, CORRELATION, LEVERAGE_CUT, MISSED, ENTERED = range(10)
PARTS = ("cost", "standing_unseen", "standing_seen", "not_held", "entered")


class Rule(NamedTuple):
    """A row of seeds/failure_modes.csv.

    `measure` is one of `MEASURES`; `state`, of `entered`, the state that entered, None for all that no other
    rule names. Episodes deeper than `min_depth` have the mode from evidence of `threshold` on.
    """

    failure_mode: str
    measure: str
    state: str | None
    min_depth: float
    threshold: float


class FailureShares(NamedTuple):
    """What each failure mode lost in the deep episodes of one portfolio: E episodes, M modes.

    Attributes
    ----------
    modes : tuple of str
        Names, in the order of the rules.
    roles : tuple of str
        Of each mode: `constant` (what constant exposure would have lost), `part` (what was lost beyond it;
        those exclude each other), or `aspect` (another look at the same fall, or at the recovery).
    thresholds : ndarray of shape (M,)
        Evidence that an episode must have for the mode to count.
    numbers : ndarray of shape (E,)
        Place of each episode among all of the portfolio, from 0.
    depths : ndarray of shape (E,)
        Depth of each, < 0, a fraction of the peak.
    by_episode : ndarray of shape (E, M)
        Evidence: share of the depth; below 0 where less was lost. Constant exposure, the parts and what no
        rule names add up to 1.
    occurs : ndarray of shape (E, M)
        Whether the evidence reaches the threshold.
    """

    modes: tuple[str, ...]
    roles: tuple[str, ...]
    thresholds: Floats
    numbers: Ints
    depths: Floats
    by_episode: Floats
    occurs: Bools

    @property
    def episodes(self) -> int:
        """How many episodes are deep."""
        return len(self.depths)

    @property
    def shares(self) -> Floats:
        """Share of all lost depth of each mode, (M,); NaN without a deep episode."""
        if not self.episodes:
            return np.full(len(self.modes), np.nan)
        return self.depths @ self.by_episode / self.depths.sum()

    @property
    def explained(self) -> float:
        """Share of what was lost beyond constant exposure, part by part, that the modes which occur lost.

        NaN without a deep episode, and where so little was lost beyond constant exposure that it is below
        every threshold: nothing is left to explain, and its share would be noise.
        """
        if not self.episodes or not self._is("part").any():
            return np.nan
        part = self._is("part")
        lost = -self.depths[:, None] * np.maximum(self.by_episode[:, part], 0.0)
        rest = -self.depths @ np.maximum(1.0 - self.by_episode[:, ~self._is("aspect")].sum(axis=1), 0.0)
        beyond = lost.sum() + rest
        if not beyond >= -self.depths.sum() * self.thresholds[part].min():
            return np.nan
        return float(lost[self.occurs[:, part]].sum() / beyond)

    @property
    def added(self) -> float:
        """Share of all lost depth that the parts which occur lost beyond constant exposure; NaN for none."""
        part = self._is("part")
        lost = np.where(self.occurs, self.by_episode, 0.0)[:, part].sum(axis=1)
        return float(self.depths @ lost / self.depths.sum()) if self.episodes else np.nan

    @property
    def dominant(self) -> str:
        """The part with the largest share, empty where none lost anything."""
        part = np.where(self._is("part"), self.shares, -np.inf)
        return self.modes[int(part.argmax())] if part.size and part.max() > 0.0 else ""

    def pick(self, episodes: Ints) -> "FailureShares":
        """Return some of the episodes, also more than once, by their places in `depths`."""
        return self._replace(**{name: getattr(self, name)[episodes] for name in self._fields[3:]})

    def _is(self, role: str) -> Bools:
        return np.array([each == role for each in self.roles], bool)


def weigh_failures(market: Market, variant: Variant, line: Line, rules: Sequence[Rule]) -> FailureShares:
    """Weigh the failure modes of a portfolio in memory.

    Parameters
    ----------
    market, variant, line
        What was run, and its result.
    rules
        The failure modes.

    Raises
    ------
    ValueError
        A rule measures what is not known.
    """
    held = held_line(market, variant, line)
    return failure_shares(held, find_episodes(held.equity), states_of(variant), rules)


def failure_shares(
    line: HeldLine, episodes: Episodes, states: Sequence[str], rules: Sequence[Rule]
) -> FailureShares:
    """Weigh the failure modes of a portfolio's episodes; `states` are those of `states_of`."""
    for rule in rules:
        if rule.measure not in MEASURES:
            raise ValueError(f"{rule.failure_mode}: '{rule.measure}' is none of {', '.join(MEASURES)}")
    deep = np.flatnonzero(-episodes.depth > min((rule.min_depth for rule in rules), default=np.inf))
    start, trough, end, depths = (values[deep] for values in episodes)
    stop = np.where(end < 0, len(line.equity), end + 1)
    usual = line.holding.sum(axis=0) / max(len(line.holding), 1)
    lost = np.zeros((len(deep), ENTERED + len(states)))
    _lose(start, trough, stop, *_alike(line), usual, lost)
    evidence = lost / -depths[:, None]
    columns = [evidence[:, _columns(rule, states, rules)].sum(axis=1) for rule in rules]
    by_episode = np.stack(columns, axis=1) if rules else np.empty((len(deep), 0))
    thresholds, least = (
        np.array([getattr(rule, name) for rule in rules], float) for name in ("threshold", "min_depth")
    )
    occurs = (by_episode >= thresholds) & (-depths[:, None] > least)
    roles = tuple(
        "constant" if rule.measure == "constant" else "part" if rule.measure in PARTS else "aspect"
        for rule in rules
    )
    modes = tuple(rule.failure_mode for rule in rules)
    return FailureShares(modes, roles, thresholds, deep, depths, by_episode, occurs)


def _alike(line: HeldLine) -> list[np.ndarray]:
    """Return what `_lose` reads of a line, of one type wherever it comes from: each type is compiled anew."""
    kinds = line._replace(gross_state=line.gross_state.astype(np.int64))._asdict()
    del kinds["cost_state"]
    return [np.require(values, requirements="CW") for values in kinds.values()]


def _columns(rule: Rule, states: Sequence[str], rules: Sequence[Rule]) -> list[int]:
    """Return which columns of what `_lose` writes a rule adds up."""
    if rule.measure != "entered":
        return [MEASURES.index(rule.measure)]
    named = {other.state for other in rules if other.measure == "entered" and other.state}
    return [
        ENTERED + code
        for code, state in enumerate(states)
        if state == rule.state or (not rule.state and state not in named)
    ]


@njit(cache=True, nogil=True, error_model="numpy")
def _lose(
    start, trough, stop, equity, leverage, unlevered, holding, gross, cost, state, ret, is_live, usual, out
):
    """Write what each measure lost, a fraction of the peak, to `out`, (episodes, measures and states)."""
    sessions, assets = ret.shape
    even = np.zeros(sessions)  # return of equal parts of all assets that trade
    for e in range(start.size):
        peak = equity[start[e]] if start[e] >= 0 else 1.0
        first, last = start[e] + 1, trough[e]
        acted = 0.0
        for t in range(first, last + 1):
            total, live = 0.0, 0
            for i in range(assets):
                total += ret[t, i]
                live += is_live[t, i]
            even[t] = total / max(live, 1)
            acted += leverage[t] / (last + 1 - first)
        for i in range(assets):
            noise = _deviation(ret, i, max(first - SEEN_WINDOW, 0), first)
            is_standing, is_seen, price = True, False, 1.0
            for t in range(first, last + 1):
                before = (equity[t - 1] if t > 0 else 1.0) / peak
                held = holding[t - 1, i] if t > 0 else 0.0
                beyond = before * (usual[i] * ret[t, i] - gross[t, i])
                out[e, CONSTANT] -= before * usual[i] * ret[t, i]
                out[e, COST] -= before * cost[t, i]
                out[e, UNEVEN] += beyond + before * (held - usual[i]) * even[t]
                # What earned says what was held, whatever the lags; where nothing moved, the close does.
                is_held = gross[t, i] != 0.0 or (ret[t, i] == 0.0 and held != 0.0)
                is_standing = is_standing and is_held and state[t, i] == state[first, i]
                if not is_held:
                    out[e, NOT_HELD] += beyond
                elif not is_standing:
                    out[e, ENTERED + state[t, i]] += beyond
                elif is_seen:
                    out[e, SEEN] += beyond
                else:
                    out[e, UNSEEN] += beyond
                price *= 1.0 + ret[t, i]
                # A close is seen at the close: what it says can be acted on from the next session on.
                is_seen = is_seen or price - 1.0 < -SEEN_DEVIATIONS * noise * np.sqrt(t + 1 - first)
            for t in range(last + 1, stop[e]):
                if holding[t - 1, i] == 0.0 and gross[t, i] == 0.0:
                    out[e, MISSED] += equity[t - 1] / peak * usual[i] * ret[t, i]
        for t in range(last + 1, stop[e]):
            out[e, LEVERAGE_CUT] += equity[t - 1] / peak * (acted - leverage[t]) * unlevered[t]
        out[e, CORRELATION] = _more_than_usual(ret, holding, first, last + 1)


@njit(cache=True, nogil=True, error_model="numpy")
def _deviation(values, i, first, stop):
    """Return the standard deviation of values[first:stop, i] (ddof 1), NaN below two."""
    total, squares = 0.0, 0.0
    for t in range(first, stop):
        total += values[t, i]
    for t in range(first, stop):
        squares += (values[t, i] - total / (stop - first)) ** 2
    return np.sqrt(squares / (stop - first - 1)) if stop - first > 1 else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def _more_than_usual(ret, holding, first, stop):
    """Return how much wider one deviation of the fall is than it were at the correlation of before.

    Both are of the mean holdings of the fall and its deviations of each asset, over all its sessions.
    """
    since = max(min(first, stop - CORRELATION_SESSIONS), 0)
    if since < CORRELATION_SESSIONS:
        return 0.0
    until = max(since - CORRELATION_BEFORE, 0)
    held = np.zeros((stop - until, 1))
    for i in range(ret.shape[1]):
        calm = _deviation(ret, i, until, since)
        if not calm > 0.0:
            continue
        mean = 0.0
        for t in range(first, stop):
            mean += holding[t - 1, i] / (stop - first)
        # Standardised returns of before, at the deviation of the fall, keep but their correlation.
        scale = mean * _deviation(ret, i, since, stop) / calm
        for t in range(until, stop):
            held[t - until, 0] += (scale if t < since else mean) * ret[t, i]
    wider = _deviation(held, 0, since - until, stop - until) - _deviation(held, 0, 0, since - until)
    return wider * np.sqrt(stop - first)
