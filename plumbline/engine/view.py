"""What a component sees of a market: prices, returns and features, all of them read-only."""

from collections.abc import Mapping
from pathlib import Path
from traceback import extract_tb
from typing import Any

import numpy as np
from numba import njit

from plumbline.engine.features import Feature
from plumbline.engine.market import Forecast, Market
from plumbline.engine.registry import Component, ComponentError
from plumbline.engine.sealed import SealedError, is_sealing, sealed
from plumbline.engine.types import Bools, Floats, Ints
from plumbline.engine.variants import Variant


def read_only(values: np.ndarray) -> np.ndarray:
    """Return a view of `values` that cannot be written to."""
    seen = values.view()
    seen.flags.writeable = False
    return seen


class View:
    """A market under a variant's warm-up rule; S sessions, A assets, unknown is NaN."""

    def __init__(self, market: Market, variant: Variant) -> None:
        self.market, self._variant = market, variant

    @property
    def symbols(self) -> tuple[str, ...]:
        """The assets, ascending."""
        return self.market.panel.symbols

    @property
    def sessions(self) -> np.ndarray:
        """The sessions as datetime64[D], (S,)."""
        return read_only(self.market.panel.sessions)

    @property
    def price(self) -> Floats:
        """Adjusted closes, (S, A). Their level is moved by dividends to come: use ratios of them only."""
        return read_only(self.market.panel.price)

    @property
    def volume(self) -> Floats:
        """Shares traded, on one share basis, (S, A)."""
        return read_only(self.market.panel.volume)

    @property
    def ret(self) -> Floats:
        """Return from the previous close, 0 where there is none, (S, A)."""
        return read_only(self.market.ret)

    @property
    def is_live(self) -> Bools:
        """Whether the asset has a row on the session, carried ones included, (S, A)."""
        return read_only(self.market.panel.is_live)

    @property
    def age(self) -> Ints:
        """Sessions of the asset since its history starts, 0 where it has no row, (S, A)."""
        return read_only(self.market.age(self._variant.warm_up))

    def feature(self, name: str, window: int) -> Floats:
        """Return a feature by name and window, (S, A)."""
        return read_only(self.market.feature(Feature(name, window), self._variant.warm_up))

    def momentum(self, window: int) -> Floats:
        """Return the change of the price over `window` sessions, a fraction, (S, A)."""
        return self.feature("momentum", window)

    def volatility(self, window: int) -> Floats:
        """Return the annual standard deviation of daily returns over `window` sessions, (S, A)."""
        return self.feature("volatility", window)

    def drawdown(self, window: int) -> Floats:
        """Return how far the price lies below its highest of `window` sessions, a fraction ≤ 0, (S, A)."""
        return self.feature("drawdown", window)

    def relative_volume(self, window: int) -> Floats:
        """Return the volume over its mean of `window` sessions, (S, A)."""
        return self.feature("relative_volume", window)

    def forecast(self, forecast: Forecast, least_rows: int) -> Floats:
        """Return the walk-forward forecast of each close, (S, A): least squares, one fit an asset and year.

        Parameters
        ----------
        forecast
            What is forecast, from what.
        least_rows : int
            Training rows that a fit needs; below, the forecast is unknown.
        """
        return read_only(self.market.prediction(forecast, self._variant.warm_up, least_rows))

    def column(self, symbol: str) -> int:
        """Return the column of an asset, or raise ComponentError naming those there are."""
        if symbol not in self.symbols:
            raise ComponentError(f"symbol '{symbol}' is not among the assets: {', '.join(self.symbols)}")
        return self.symbols.index(symbol)


def call(found: Component, *arguments: Any) -> Any:
    """Call a component; ComponentError names it, and the line of its file on which it failed.

    Within `sealing` it is refused what lies outside its arguments: SealedError.
    """
    try:
        if not is_sealing():
            return found.function(*arguments)
        with sealed():
            return found.function(*arguments)
    except Exception as error:
        if isinstance(error, ComponentError) and str(error).startswith(found.place):
            raise
        lines = [
            frame.lineno for frame in extract_tb(error.__traceback__) if Path(frame.filename) == found.source
        ]
        at = f"{found.place} failed on line {lines[-1]}" if lines else f"{found.place} failed"
        if isinstance(error, SealedError):
            raise SealedError(f"{at}: {error}") from error
        raise ComponentError(f"{at}: {type(error).__name__}: {error}") from error


def as_floats(found: Component, what: str, values: Any, shape: tuple[int, ...]) -> Floats:
    """Return what a component returned as an array of float64, or raise ComponentError on another shape."""
    try:
        if values is None:  # which numpy would take for a NaN
            raise TypeError("nothing was returned")
        out = np.asarray(values, np.float64)
    except (TypeError, ValueError) as error:
        raise ComponentError(
            f"{found.place} returned {type(values).__name__}; {what} must be an array of shape {shape}"
        ) from error
    if out.shape != shape:
        raise ComponentError(f"{found.place} returned shape {out.shape}; {what} must be of shape {shape}")
    return out


CHUNK = 1024  # values that are looked at before it is asked whether all of them are legal


@njit(cache=True, nogil=True, forceinline=True)
def _is_legal(value, lowest, highest, is_whole, may_be_unknown):
    # No branches: the loop over it runs in vectors.
    is_inside = (lowest <= value) & (value <= highest) & ((not is_whole) | (value == np.rint(value)))
    return is_inside | (may_be_unknown & np.isnan(value))


@njit(cache=True, nogil=True)
def _first_outside(values, lowest, highest, is_whole, may_be_unknown):
    """Return the place of the first value that is not legal; -1 without any."""
    for first in range(0, values.size, CHUNK):
        wrong = 0
        for j in range(first, min(first + CHUNK, values.size)):
            wrong += not _is_legal(values[j], lowest, highest, is_whole, may_be_unknown)
        if wrong:
            while _is_legal(values[first], lowest, highest, is_whole, may_be_unknown):
                first += 1
            return first
    return -1


def refuse_outside(
    found: Component,
    view: View,
    values: Floats,
    bounds: tuple[float, float],
    what: str,
    rule: str,
    *,
    is_whole: bool = False,
    may_be_unknown: bool = False,
) -> None:
    """Raise ComponentError that names the first symbol and session of a value, (S, A), that is not legal."""
    place = _first_outside(values.ravel(), *bounds, is_whole, may_be_unknown)
    if place >= 0:
        wrong = np.zeros(values.shape, bool)
        wrong.flat[place] = True
        refuse_where(found, view, wrong, values, what, rule)


def refuse_where(found: Component, view: View, wrong: Bools, values: Floats, what: str, rule: str) -> None:
    """Raise ComponentError that names the first symbol and session where `wrong`, (S, A), if there is one."""
    if wrong.any():
        asset, session = np.argwhere(wrong.T)[0]
        raise ComponentError(
            f"{found.place}: {what} of {view.symbols[asset]} on {view.sessions[session]} is "
            f"{values[session, asset]:g}; it must be {rule}"
        )


def absent_symbols(found: Component, view: View) -> Mapping[str, str]:
    """Return the parameters that name a symbol which is not among the assets, with that symbol."""
    named = {p.name: str(view._variant.values[p.name]) for p in found.parameters if p.of == "symbol"}
    return {name: symbol for name, symbol in named.items() if symbol not in view.symbols}
