"""Tiles of variants, and the portfolios that they hold: what sweeps and permutations have in common."""

from collections.abc import Iterator, Mapping
from functools import cache
from math import sqrt
from typing import NamedTuple
from warnings import warn

import numpy as np
from numba import njit
from numba.core.errors import NumbaError

from plumbline.engine.costs import FREE
from plumbline.engine.features import SESSIONS_PER_YEAR
from plumbline.engine.folds import in_folds, portfolio_age, stream_age
from plumbline.engine.lanes import EIGHT, ONE, THIRTY_TWO, load, store
from plumbline.engine.market import Market
from plumbline.engine.portfolio import AssetStreams, weigh
from plumbline.engine.registry import Values
from plumbline.engine.sweep_portfolio import MEASURES, Assets, hold_tiles
from plumbline.engine.types import Floats, Ints
from plumbline.engine.variants import VOL_WINDOW, Variant, chosen
from plumbline.engine.view import View, call

WORDS = 1 << 17  # numbers that the exposures of a batch of tiles may take: they stay in the cache
PORTFOLIO = ("max_weight", "target_volatility", "max_leverage")
SWITCHES = {"warm_up": "continuous", "cap": "exact", "cost_basis": "net"}


class Form(NamedTuple):
    """How values stand side by side: doubles, whole numbers, and doubles of successive sessions."""

    doubles: tuple
    whole: tuple
    span: tuple


VECTORS = Form(EIGHT, THIRTY_TWO, THIRTY_TWO)
SCALARS = Form(ONE, ONE, ONE)


@njit(cache=True)
def _probe(values, lanes):
    store(values, 0, load(values, 0, lanes) + load(values, 0, lanes))


@cache
def best_form() -> Form:
    """Return vectors where they compile on this machine, scalars elsewhere; the results are the same."""
    try:
        _probe(np.ones(len(EIGHT)), EIGHT)
    except (NumbaError, RuntimeError) as error:
        warn(f"vectors do not compile here, sweeps are slower: {error}", stacklevel=2)
        return SCALARS
    return VECTORS


def why_not_held(variant: Variant) -> str:
    """Return why a variant's portfolio cannot be held in tiles, in words; empty where it can."""
    for name, value in SWITCHES.items():
        if variant.values[name] != value:
            return f"{name} is {variant.values[name]}, not {value}"
    if variant.cost != FREE and not chosen(variant, "cost").is_flat:
        return f"cost {variant.cost} is more than one rate for all trades"
    if chosen(variant, "weighting").looks_at == "all":
        return f"weighting {variant.weighting} looks at all of the streams"
    return ""


class Book:
    """What portfolios of one market have in common, and the holding of many of them.

    Parameters
    ----------
    market, variant
        The bars, and a variant with the folds, components and switches of all.
    form
        How values stand side by side.
    """

    def __init__(self, market: Market, variant: Variant, form: Form) -> None:
        self.market, self.variant, self.form = market, variant, form
        age = portfolio_age(market, variant)
        self.start = int((age > 0).argmax()) if (age > 0).any() else len(age)
        self.sessions = len(age) - self.start
        self.assets = len(market.panel.symbols)
        self.streams = stream_age(market, variant)
        self.begin, self.end = self.span(self.streams)
        self.reported = in_folds(market, variant)[self.start :]
        self._ret = np.ascontiguousarray(market.ret[self.start :]).ravel()

    def span(self, age: Ints) -> tuple[Ints, Ints]:
        """Return where the rows of each asset begin and end, in sessions from the portfolio's first, (A,)."""
        live = age > 0
        first = live.argmax(axis=0) if len(live) else np.zeros(live.shape[1])
        begin = first.astype(np.int64) - self.start
        return begin, begin + live.sum(axis=0)

    @property
    def batch(self) -> int:
        """How many tiles are run at once: as many as have their exposures in the cache."""
        return max(1, WORDS // ((self.sessions + 1) * self.assets))

    def words(self, *shape: int) -> np.ndarray:
        """Return exposures of tiles, a bit a variant, (..., A, 1 + T): all 0."""
        return np.zeros((*shape, self.assets, self.sessions + 1), np.uint32)

    def tiles(self, windows: np.ndarray) -> Iterator[tuple[Floats, Ints]]:
        """Yield weights before cap and sum, and tiles of the variants that share them, (tiles, lanes).

        There are no such weights, and one set of tiles, where they follow from each variant's own streams.
        """
        if chosen(self.variant, "weighting").looks_at == "volatility":
            yield np.empty(0), _arranged(windows, self.form)
            return
        for window in np.unique(windows):
            nothing = np.zeros(self.streams.shape)
            variant = self.variant.changed(**{VOL_WINDOW.name: int(window)})
            raw = weigh(self.market, variant, AssetStreams(self.streams, nothing, nothing, nothing))
            own = np.flatnonzero(windows == window)
            yield np.ascontiguousarray(raw[self.start :]).ravel(), own[_arranged(windows[own], self.form)]

    def portfolios(self, values: Mapping[str, np.ndarray]) -> Floats:
        """Return minus the rate, the cap, the daily target and the highest leverage of variants, (4, V).

        Parameters
        ----------
        values
            Of `PORTFOLIO`, and of the cost model's parameters, (V,) each.
        """
        cap, target, highest = (np.asarray(values[name], np.float64) for name in PORTFOLIO)
        rate = np.zeros(len(cap))
        if self.variant.cost != FREE:
            found = chosen(self.variant, "cost")
            rate += call(found, View(self.market, self.variant), Values(found, values)).trade
        return np.stack([-rate, cap, target / sqrt(SESSIONS_PER_YEAR), highest])

    def hold(
        self,
        raw: Floats,
        words: np.ndarray,
        portfolios: Floats,
        windows: np.ndarray,
        lanes: Ints,
        *,
        keep: bool,
    ) -> tuple[Floats, Floats]:
        """Hold what tiles are exposed to.

        Parameters
        ----------
        raw, lanes
            As `tiles` yields them.
        words : ndarray of shape (tiles, A, 1 + T)
        portfolios, windows
            Of all variants, as `portfolios` returns them, and their `vol_window`.
        keep
            Whether daily returns are asked for.

        Returns
        -------
        measures, net : ndarray of shape (tiles, lanes, measures), and (tiles, lanes, T), or empty
        """
        tiles, width = len(lanes), len(self.form.doubles)
        parts = lanes.reshape(tiles, -1, width)
        own = np.ascontiguousarray(portfolios[:, parts].transpose(1, 2, 0, 3)).reshape(*parts.shape[:2], -1)
        measures = np.empty((*parts.shape, len(MEASURES)))
        net = np.empty((*parts.shape[:2], self.sessions * width if keep else 0))
        hold_tiles(
            Assets(self._ret, raw, self.begin, self.end),
            words.view(np.uint8).reshape(tiles, -1),
            own,
            windows[parts[..., 0]].astype(np.int64),
            self.form.doubles,
            self.form.span,
            measures,
            net,
        )
        by_lane = net.reshape(*parts.shape[:2], -1, width).transpose(0, 1, 3, 2)
        return measures.reshape(*lanes.shape, -1), by_lane.reshape(*lanes.shape, -1)


def _arranged(windows: np.ndarray, form: Form) -> Ints:
    """Return tiles of variants, (tiles, lanes), each part of equal windows; some stand there twice."""
    parts = []
    for window in np.unique(windows):
        own = np.flatnonzero(windows == window)
        missing = -len(own) % len(form.doubles)
        parts.append(np.append(own, np.repeat(own[-1], missing)).reshape(-1, len(form.doubles)))
    stacked = np.concatenate(parts)
    missing = -len(stacked) % (len(form.whole) // len(form.doubles))
    return np.concatenate([stacked, np.repeat(stacked[-1:], missing, axis=0)]).reshape(-1, len(form.whole))
