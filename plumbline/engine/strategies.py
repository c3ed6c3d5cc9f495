"""Running strategies: what each says at a close, held to its bounds (docs/method.md, section 4).

A strategy is a function ``(view, parameters) -> positions``. What it says at the close of t may use what
is dated t or earlier, nothing later; a truncation test holds every registered strategy to that.
"""

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any, NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.costs import Rates, earn, rates_of
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


class Earned:
    """What holding positions earned and cost, computed when first asked for."""

    def __init__(self, position: Floats, ret: Floats, age: Ints, rates: Rates) -> None:
        self._inputs = position, ret, age, rates

    @cached_property
    def parts(self) -> tuple[Floats, Floats]:
        """Its gross and its cost part, (sessions, assets) each: see `earn`."""
        return earn(*self._inputs)


class _Streams(NamedTuple):
    age: Ints
    is_reported: Bools
    positions: Positions
    gross: Floats | Earned
    cost: Floats | Earned


class Streams(_Streams):
    """A strategy's daily result in two parts, shape (sessions, assets).

    `gross` is yesterday's position times today's return; `cost` (≤ 0) is the charge for today's trade; both
    are fractions of the capital in the strategy, 0 before the stream starts. Where `Earned` stands for them
    they are computed when first asked for: a line that is charged for what it holds itself needs the
    positions alone. `age` is that of the span; `is_reported` is false where a stream runs on outside the
    asset's folds.
    """

    __slots__ = ()

    @property
    def position(self) -> Floats:
        """What the strategy says at each close."""
        return self.positions.position

    @property
    def gross(self) -> Floats:
        """Yesterday's position times today's return."""
        part = self[3]
        return part.parts[0] if isinstance(part, Earned) else part

    @property
    def cost(self) -> Floats:
        """The charge for today's trade, and for having been short."""
        part = self[4]
        return part.parts[1] if isinstance(part, Earned) else part

    def _asdict(self) -> dict[str, Any]:
        """Return every field by name, computed."""
        return {name: getattr(self, name) for name in self._fields}


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
def _hold(entry, may_enter, age, sessions, position):
    left = np.zeros(position.shape[1], np.int32)  # sessions for which each asset is held from here on
    for t in range(position.shape[0]):
        for i in range(position.shape[1]):
            before = left[i] if age[t, i] > 1 else 0
            enters = (before == 0) & entry[t, i] & may_enter[t, i] & (age[t, i] > 0)
            now = sessions if enters else before
            position[t, i] = 1.0 if now > 0 else 0.0
            left[i] = now - 1 if now > 0 else 0


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
    position = np.empty(entry.shape)
    _hold(entry, span.may_enter, span.age, np.int32(min(sessions, len(entry))), position)
    return position


def register(name: str) -> Callable[[Callable], Callable]:
    """Register a function ``(market, variant, span) -> Positions``, as files in plumbline/own do.

    The way before own/components; it has no parameters and is described by its docstring, if it has one.
    """

    def add(function: Callable) -> Callable:
        @wraps(function)
        def strategy(view: StrategyView, parameters: Any) -> Positions:
            return function(view.market, view._variant, view.span)

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
    shape = market.ret.shape
    unknown = np.broadcast_to(np.nan, shape)
    if absent_symbols(found, view):
        return Positions(np.zeros(shape), unknown)
    said = call(found, view, variant.of(found))
    if not isinstance(said, Positions):
        said = Positions(said, unknown)
    position = np.ascontiguousarray(as_floats(found, "positions", said.position, shape))
    if not _is_flat(position.ravel().view(np.int64), span.age.ravel()):
        position = np.where(span.age > 0, position, 0.0)
        position += 0.0  # no position is 0, not -0
    _check_bounds(found, view, position)
    prediction = as_floats(found, "predictions", said.prediction, shape)
    if prediction is not unknown:
        prediction = np.where(span.age > 0, prediction, np.nan)
    return Positions(position, prediction)


MINUS_ZERO = np.array(-0.0).view(np.int64)[()]


@njit(cache=True, nogil=True)
def _is_flat(bits, age):
    """Return whether positions, given by their bits, are 0 before they start, and none of them is -0."""
    wrong = 0
    for j in range(bits.size):
        wrong += (bits[j] == MINUS_ZERO) | ((age[j] == 0) & (bits[j] != 0))
    return not wrong


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
    earned = Earned(said.position, market.ret, age, rates_of(market, variant))
    return Streams(age, is_reported, said, earned, earned)
