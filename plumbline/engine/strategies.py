"""Per-asset strategies: long or flat, registered by name (docs/method.md, section 4).

A strategy is a function ``(market, variant, age) -> Positions``. `age` (sessions, assets) counts
the sessions since its positions start and is 0 where it must be flat. What it says at the close
of t may use what is dated t or earlier, nothing later; a truncation test holds every registered
strategy to that.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numba import njit

from plumbline.engine.market import Market, stream_age
from plumbline.engine.types import Bools, Floats, Ints
from plumbline.engine.variants import Variant
from plumbline.engine.windows import lagged


class Positions(NamedTuple):
    """What a strategy says at each close, shape (sessions, assets).

    `position` is 0 or 1; `prediction` is the forecast behind it, NaN where there is none.
    """

    position: Floats
    prediction: Floats


class Streams(NamedTuple):
    """A strategy's rows: `age` > 0 where it has one, and its daily result in two parts.

    `gross` is yesterday's position times today's return; `cost` (≤ 0) is the charge for today's
    trade; both are fractions of the capital in the strategy, shape (sessions, assets).
    """

    age: Ints
    positions: Positions
    gross: Floats
    cost: Floats


Strategy: TypeAlias = Callable[[Market, Variant, Ints], Positions]
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


def hold(entry: Bools, age: Ints, sessions: int) -> Floats:
    """Turn entries into positions held for a fixed number of sessions.

    An entry at t holds 1 on t..t+sessions-1; entries inside that span are ignored, and at
    t+sessions the entry is looked at again. A start (``age == 1``) begins flat.

    Parameters
    ----------
    entry : bool ndarray of shape (sessions, assets)
    age : integer ndarray of shape (sessions, assets)
    sessions : int
        How long an entry is held.
    """
    return _hold(entry, age, sessions)


@register("trend")
def trend(market: Market, variant: Variant, age: Ints) -> Positions:
    """Enter where the regression predicts a rise and the last 20 sessions rose."""
    prediction = market.prediction(variant.warm_up).copy()
    prediction[(market.fits.rows < variant.min_train_rows)[market.year_of]] = np.nan
    entry = (prediction > variant.prediction_threshold) & (
        market.features(variant.warm_up).ret_20d > variant.trend_ret20_min
    )
    return Positions(hold(entry & ~market.panel.is_filled, age, variant.trend_hold), prediction)


@register("meanrev")
def meanrev(market: Market, variant: Variant, age: Ints) -> Positions:
    """Enter after a sharp five-session fall while volatility is moderate."""
    features = market.features(variant.warm_up)
    entry = (features.ret_5d < variant.meanrev_ret5_max) & (features.vol_20 < variant.meanrev_entry_vol20_max)
    position = hold(entry & ~market.panel.is_filled, age, variant.meanrev_hold)
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
    age = stream_age(market, variant)
    if variant.warm_up == "year" and not is_fitted:
        age = np.where(market.has_bars[market.year_of], market.age("year"), 0).astype(np.int32)
    positions = get_strategy(name)(market, variant, age)
    prediction = np.where(age > 0, positions.prediction, np.nan)
    position = np.where(age > 0, positions.position, 0.0)
    return Streams(age, Positions(position, prediction), *earn(position, market.ret, age, variant.cost))
