"""Per-asset strategies: long or flat, registered by name (docs/method.md, section 4).

A strategy is a function ``(market, variant, span) -> Positions``. What it says at the close of t may
use what is dated t or earlier, nothing later; a truncation test holds every registered strategy to
that.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numba import njit

from plumbline.engine.market import Market, in_folds, stream_age
from plumbline.engine.types import Bools, Floats, Ints
from plumbline.engine.variants import Variant
from plumbline.engine.windows import lagged


class Span(NamedTuple):
    """Where a strategy may act, shape (sessions, assets).

    `age` counts the sessions since its positions start, 0 where it has none; `may_enter` is true
    where an entry may be looked for: inside the asset's folds, on a session with a bar of its own.
    """

    age: Ints
    may_enter: Bools


class Positions(NamedTuple):
    """What a strategy says at each close, shape (sessions, assets).

    `position` is 0 or 1; `prediction` is the forecast behind it, NaN where there is none.
    """

    position: Floats
    prediction: Floats


class Streams(NamedTuple):
    """A strategy's daily result in two parts, shape (sessions, assets).

    `gross` is yesterday's position times today's return; `cost` (≤ 0) is the charge for today's
    trade; both are fractions of the capital in the strategy. `age` is that of its span;
    `is_reported` is false where a stream runs on outside the asset's folds.
    """

    age: Ints
    is_reported: Bools
    positions: Positions
    gross: Floats
    cost: Floats


Strategy: TypeAlias = Callable[[Market, Variant, Span], Positions]
STRATEGIES: dict[str, Strategy] = {}


def register(name: str) -> Callable[[Strategy], Strategy]:
    """Register a strategy under `name`, the key of its row in seeds/strategies.csv."""

    def add(function: Strategy) -> Strategy:
        STRATEGIES[name] = function
        return function

    return add


def get_strategy(name: str) -> Strategy:
    """Return the strategy registered as `name`, or raise KeyError naming those that are."""
    if name not in STRATEGIES:
        raise KeyError(
            f"strategy '{name}' is enabled in seeds/strategies.csv but no function is registered "
            f"under that name; registered: {', '.join(sorted(STRATEGIES))}"
        )
    return STRATEGIES[name]


@njit(cache=True, nogil=True)
def _hold(entry, age, sessions):
    position = np.zeros(entry.shape)
    left = np.zeros(entry.shape[1], np.int64)
    for t in range(entry.shape[0]):
        for i in range(entry.shape[1]):
            if age[t, i] <= 1:
                left[i] = 0
            if age[t, i] == 0:
                continue
            if left[i] == 0 and entry[t, i]:
                left[i] = sessions
            if left[i] > 0:
                position[t, i] = 1.0
                left[i] -= 1
    return position


def hold(entry: Bools, span: Span, sessions: int) -> Floats:
    """Turn entries into positions held for a fixed number of sessions.

    An entry at t holds 1 on t..t+sessions-1; entries inside that run are ignored, and at
    t+sessions the entry is looked at again. A start (``age == 1``) begins flat.

    Parameters
    ----------
    entry : bool ndarray of shape (sessions, assets)
        Looked at where `span` allows an entry.
    span
        Where the strategy may act.
    sessions : int
        How long an entry is held.
    """
    return _hold(entry & span.may_enter, span.age, sessions)


@register("trend")
def trend(market: Market, variant: Variant, span: Span) -> Positions:
    """Enter where the regression predicts a rise and the last 20 sessions rose."""
    prediction = market.prediction(variant.warm_up).copy()
    prediction[(market.fits.rows < variant.min_train_rows)[market.year_of]] = np.nan
    is_rising = market.features(variant.warm_up).ret_20d > variant.trend_ret20_min
    entry = (prediction > variant.prediction_threshold) & is_rising
    return Positions(hold(entry, span, variant.trend_hold), prediction)


@register("meanrev")
def meanrev(market: Market, variant: Variant, span: Span) -> Positions:
    """Enter after a sharp five-session fall while volatility is moderate."""
    features = market.features(variant.warm_up)
    entry = (features.ret_5d < variant.meanrev_ret5_max) & (features.vol_20 < variant.meanrev_entry_vol20_max)
    position = hold(entry, span, variant.meanrev_hold)
    return Positions(position, np.full(position.shape, np.nan))


def earn(position: Floats, ret: Floats, age: Ints, cost: float) -> tuple[Floats, Floats]:
    """Split the result of holding `position` into its gross and its cost part.

    Parameters
    ----------
    position : ndarray of shape (sessions, assets)
        What is held at each close.
    ret : ndarray of shape (sessions, assets)
        Return from the previous close to this one.
    age : integer ndarray, (sessions, assets) or (sessions, 1)
        Sessions since the start; the position before it is 0.
    cost : float
        Charge for trading one unit.

    Returns
    -------
    gross, cost : ndarray of shape (sessions, assets)
        ``position[t-1] * ret[t]`` and ``-cost * |position[t] - position[t-1]|``.
    """
    held = lagged(position, age, 1)
    return held * ret, -cost * np.abs(position - held)


def run_strategy(name: str, market: Market, variant: Variant, *, is_fitted: bool) -> Streams:
    """Run one strategy on all assets.

    Parameters
    ----------
    name
        A registered strategy.
    market, variant
        What it runs on, and with which parameters.
    is_fitted
        Whether it needs training years. One that does not, under warm_up `year`, also has rows
        in years with bars that are no fold.
    """
    is_reported = in_folds(market, variant)
    age = stream_age(market, variant)
    if variant.warm_up == "year" and not is_fitted:
        is_reported, age = market.panel.is_live, market.age("year")
    span = Span(age, is_reported & ~market.panel.is_filled)
    said = get_strategy(name)(market, variant, span)
    position = np.where(age > 0, said.position, 0.0)
    positions = Positions(position, np.where(age > 0, said.prediction, np.nan))
    return Streams(age, is_reported, positions, *earn(position, market.ret, age, variant.cost))
