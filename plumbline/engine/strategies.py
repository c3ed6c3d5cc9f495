"""Running strategies: what each says at a close, held to its bounds (docs/method.md, section 4).

A strategy is a function ``(view, parameters) -> positions``. What it says at the close of t may use what
is dated t or earlier, nothing later; a truncation test holds every registered strategy to that.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.costs import earn, rates_of
from plumbline.engine.folds import in_folds, stream_age
from plumbline.engine.market import Market
from plumbline.engine.registry import Component, component
from plumbline.engine.registry import strategy as register_strategy
from plumbline.engine.types import Bools, Floats, Ints
from plumbline.engine.variants import Variant
from plumbline.engine.view import View, absent_symbols, as_floats, call, read_only, refuse_outside


class Span(NamedTuple):
    """Where a strategy may act, shape (sessions, assets).

    `age` counts the sessions since its positions start, 0 where it has none; `may_enter` is true
    where an entry may be looked for: inside the asset's folds, on a session with a bar of its own.
    """

    age: Ints
    may_enter: Bools


class Positions(NamedTuple):
    """What a strategy says at each close, shape (sessions, assets).

    `position` lies in [-1, 1]; `prediction` is the forecast behind it, NaN where there is none.
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


class StrategyView(View):
    """What a strategy sees: the market, and where it may act."""

    def __init__(self, market: Market, variant: Variant, span: Span) -> None:
        super().__init__(market, variant)
        self.span = span

    @property
    def may_enter(self) -> Bools:
        """Where an entry may be looked for, (S, A)."""
        return read_only(self.span.may_enter)

    def hold(self, entry: Bools, sessions: int) -> Floats:
        """Turn entries into positions of 1 that are held for a number of sessions: see `hold`."""
        return hold(entry, self.span, sessions)


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


def register(name: str) -> Callable[[Callable], Callable]:
    """Register a function ``(market, variant, span) -> Positions``, as files in plumbline/own do.

    The way before own/components; it has no parameters and is described by its docstring, if it has one.
    """

    def add(function: Callable) -> Callable:
        @wraps(function)
        def strategy(view: StrategyView, parameters: Any) -> Positions:
            return function(view.market, view.variant, view.span)

        strategy.__doc__ = function.__doc__ or f"Strategy {name}."
        register_strategy(name)(strategy)
        return function

    return add


def say_positions(found: Component, market: Market, variant: Variant, span: Span) -> Positions:
    """Ask a strategy for its positions and hold them to its bounds.

    Where a parameter names an asset that the panel lacks (a sweep leaves each out), it stays flat.

    Raises
    ------
    ComponentError
        It fails, or returns something else than positions within its bounds.
    """
    view = StrategyView(market, variant, span)
    unknown = np.full(market.ret.shape, np.nan)
    if absent_symbols(found, view):
        return Positions(np.zeros(market.ret.shape), unknown)
    said = call(found, view, variant.of(found))
    if not isinstance(said, Positions):
        said = Positions(said, unknown)
    position = as_floats(found, "positions", said.position, market.ret.shape)
    prediction = as_floats(found, "predictions", said.prediction, market.ret.shape)
    has_begun = span.age > 0
    position = np.where(has_begun, position, 0.0)
    position += 0.0  # no position is 0, not -0
    _check_bounds(found, view, position)
    if prediction is not unknown:
        prediction = np.where(has_begun, prediction, np.nan)
    return Positions(position, prediction)


def _check_bounds(found: Component, view: View, position: Floats) -> None:
    lowest = -1.0 if found.shorts else 0.0
    rule = f"from {lowest:g} to 1" if found.parts else "-1, 0 or 1" if found.shorts else "0 or 1"
    more = "" if found.shorts and found.parts else "; shorts=True and parts=True in its decorator allow more"
    bounds = (lowest, 1.0)
    refuse_outside(found, view, position, bounds, "position", rule + more, is_whole=not found.parts)


def span_of(found: Component, market: Market, variant: Variant) -> Span:
    """Return where a strategy may act."""
    is_reported, age = _rows(found, market, variant)
    return Span(age, is_reported & ~market.panel.is_filled)


def _rows(found: Component, market: Market, variant: Variant) -> tuple[Bools, Ints]:
    # One that is not fitted, under warm_up `year`, also has rows in years with bars that are no fold.
    if variant.warm_up == "year" and not found.is_fitted:
        return market.panel.is_live, market.age("year")
    return in_folds(market, variant), stream_age(market, variant)


def run_strategy(name: str, market: Market, variant: Variant) -> Streams:
    """Run one registered strategy on all assets."""
    found = component("strategy", name)
    is_reported, age = _rows(found, market, variant)
    said = say_positions(found, market, variant, span_of(found, market, variant))
    return Streams(age, is_reported, said, *earn(said.position, market.ret, age, rates_of(market, variant)))
