"""Many variants at once: the whole line of each, by step forms, over shared features.

Every result is equal, bit for bit, to that of `plumbline.engine.line.run_line`, which is the definition.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
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
from plumbline.engine.ranks import Ranked, rank_conditions
from plumbline.engine.registry import Component, Values, component
from plumbline.engine.steps import Step, step_of
from plumbline.engine.strategies import Span, StrategyView
from plumbline.engine.tile import MEASURES, Assets, block_of, hold_tiles
from plumbline.engine.types import Floats, Ints
from plumbline.engine.variants import VOL_WINDOW, Variant, chosen, followed, used
from plumbline.engine.view import View, absent_symbols, call

CHUNK = 4096  # variants whose limits are ranked together: ranks must fit into 16 bits
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


class Swept(NamedTuple):
    """Results of V variants over T portfolio sessions in Y calendar years.

    `measures` by the names of `tile.MEASURES`, (V,) each, NaN without sessions. `states`, (V, Y, choices),
    counts the sessions and assets in folds by choice, cash first, in each of `years`; `agreement`, (V,), is
    the share of them on which the choice is the base's. `net`, (V, T), daily returns, where asked for.
    """

    sessions: int
    measures: dict[str, Floats]
    years: Ints
    states: Ints
    agreement: Floats
    net: Floats | None


def why_not(market: Market, variant: Variant) -> str:
    """Return why a variant cannot be run beside others, in words; empty where it can."""
    for name, value in SWITCHES.items():
        if variant.values[name] != value:
            return f"{name} is {variant.values[name]}, not {value}"
    view = View(market, variant)
    for found in _steps_in(variant):
        if step_of(found) is None:
            return f"{found.kind} {found.name} has no step form"
        if absent_symbols(found, view):
            return f"{found.kind} {found.name} names an asset that is not there"
    if variant.cost != FREE and not chosen(variant, "cost").is_flat:
        return f"cost {variant.cost} is more than one rate for all trades"
    if chosen(variant, "weighting").looks_at == "all":
        return f"weighting {variant.weighting} looks at all of the streams"
    return ""


def _steps_in(variant: Variant) -> list[Component]:
    return [*(component("strategy", name) for name in followed(variant)), chosen(variant, "allocator")]


def free_parameters(variant: Variant) -> tuple[str, ...]:
    """Return the parameters in which variants that run side by side may differ."""
    found = [parameter for each in _steps_in(variant) for parameter in step_of(each).parameters]
    if variant.cost != FREE:
        found += chosen(variant, "cost").parameters
    return tuple(dict.fromkeys([*(parameter.name for parameter in found), VOL_WINDOW.name, *PORTFOLIO]))


def together(
    market: Market, variants: Sequence[Variant]
) -> Iterator[tuple[Ints, Variant, dict[str, np.ndarray] | None]]:
    """Group variants that run side by side: their places, one of them, and the values in which they differ.

    The values are None where they cannot be run so.
    """
    kinds: dict[tuple, tuple | None] = {}
    groups: dict[tuple, list[int]] = {}
    for place, variant in enumerate(variants):
        slots = tuple(variant.values[name] for name in ("cost", "weighting", "allocator", *SWITCHES))
        slots += followed(variant)
        if slots not in kinds:
            free = () if why_not(market, variant) else free_parameters(variant)
            kinds[slots] = free, tuple(p.name for p in used(variant) if p.name not in free)
        groups.setdefault((slots, *(variant.values[name] for name in kinds[slots][1])), []).append(place)
    for (slots, *_), places in groups.items():
        free = kinds[slots][0]
        values = {name: np.array([variants[place].values[name] for place in places]) for name in free}
        yield np.array(places), variants[places[0]], values or None


def sweep(
    market: Market,
    base: Variant,
    changed: Mapping[str, np.ndarray],
    *,
    choice: np.ndarray | None = None,
    keep: bool = False,
    threads: int = 1,
    form: Form | None = None,
) -> Swept:
    """Run many variants of one base.

    Parameters
    ----------
    market
        Bars and features, shared by all.
    base
        What the variants have in common; `why_not` says nothing of it.
    changed
        Values by the names of `free_parameters`, (V,) each.
    choice : integer ndarray of shape (sessions, assets)
        The choices of the run that agreement is with; cash everywhere by default.
    keep
        Whether daily returns are asked for.
    threads
        How many work at once; no result hangs on it.
    form
        Vectors where they compile, or scalars.
    """
    count = len(next(iter(changed.values())))
    values = {name: np.broadcast_to(base.values[name], count) for name in free_parameters(base)}
    values |= {name: np.asarray(value) for name, value in changed.items()}
    shared = _Shared(market, base, choice, form or best_form())
    chunks = [
        shared.run({name: value[first : first + CHUNK] for name, value in values.items()}, keep, threads)
        for first in range(0, count, CHUNK)
    ]
    measures, states, agreement, net = (np.concatenate(each) for each in zip(*chunks, strict=True))
    return Swept(
        shared.sessions,
        dict(zip(MEASURES, measures.T, strict=True)),
        shared.years,
        states,
        agreement,
        net if keep else None,
    )


class _Shared:
    """What no variant changes, and the run of a number of variants over it."""

    def __init__(self, market: Market, base: Variant, choice: np.ndarray | None, form: Form) -> None:
        self._market, self._base, self._form = market, base, form
        age = portfolio_age(market, base)
        self._start = int((age > 0).argmax()) if (age > 0).any() else len(age)
        self.sessions = len(age) - self._start
        year_of = market.year_of[self._start :]
        first = np.flatnonzero(np.diff(year_of, prepend=-1))
        self.years = market.years[year_of[first]]
        self._turns = np.append(first, self.sessions)
        self._reported = in_folds(market, base)[self._start :]
        self._base_choice = np.zeros(self._reported.shape, np.int16)
        if choice is not None:
            self._base_choice[:] = choice[self._start :]
        self._streams = stream_age(market, base)
        self._begin, self._end = self._span(self._streams)
        self._in_folds = np.add.reduceat(self._reported.sum(axis=1), first)
        self._ret = np.ascontiguousarray(market.ret[self._start :]).ravel()

    def _span(self, age: Ints) -> tuple[Ints, Ints]:
        """Return where rows of each asset begin and end, in sessions from the portfolio's first."""
        live = age > 0
        begin = np.where(live.any(axis=0), live.argmax(axis=0), 0) if len(live) else np.zeros(live.shape[1])
        begin = begin.astype(np.int64) - self._start
        return begin, begin + live.sum(axis=0)

    def run(self, values: Mapping[str, np.ndarray], keep: bool, threads: int) -> "Chunk":
        """Return the results of a chunk of variants."""
        count = len(values[VOL_WINDOW.name])
        chunk = Chunk(
            np.full((count, len(MEASURES)), np.nan),
            np.zeros((count, len(self.years), 1 + len(followed(self._base))), np.int64),
            np.full(count, np.nan),
            np.zeros((count if keep else 0, self.sessions)),
        )
        if not self.sessions:
            return chunk
        ranked = [self._rank(found, values) for found in _steps_in(self._base)]
        portfolios = self._portfolios(values)
        tasks = [
            (raw, ranked, portfolios, values[VOL_WINDOW.name], tiles)
            for raw, lanes in self._tiles(values[VOL_WINDOW.name])
            for tiles in np.split(lanes, range(self._batch, len(lanes), self._batch))
        ]
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda task: self._run(*task, chunk), tasks))
        return chunk

    @property
    def _batch(self) -> int:
        """How many tiles are run at once: as many as have their exposures in the cache."""
        return max(1, WORDS // ((self.sessions + 1) * self._reported.shape[1]))

    def _rank(self, found: Component, values: Mapping[str, np.ndarray]) -> tuple[Step, Ranked]:
        step, view = step_of(found), View(self._market, self._base)
        if found.kind == "strategy":
            may_enter = in_folds(self._market, self._base) & ~self._market.panel.is_filled
            view = StrategyView(self._market, self._base, Span(self._streams, may_enter))
        own = {parameter.name: values[parameter.name] for parameter in step.parameters}
        own = own or {VOL_WINDOW.name: values[VOL_WINDOW.name]}  # says how many variants there are
        return step, rank_conditions(found, step, view, own, self._first_of(step))

    def _first_of(self, step: Step) -> int:
        """Return the session from which a step is run: an allocator that carries sees all that were."""
        return 0 if step.kind == "allocator" and step.carries else self._start

    def _portfolios(self, values: Mapping[str, np.ndarray]) -> Floats:
        """Return minus the rate, the cap, the daily target and the highest leverage, (4, V)."""
        rate = np.zeros(len(values[VOL_WINDOW.name]))
        if self._base.cost != FREE:
            found = chosen(self._base, "cost")
            rate += call(found, View(self._market, self._base), Values(found, values)).trade
        cap, target, highest = (values[name].astype(np.float64) for name in PORTFOLIO)
        return np.stack([-rate, cap, target / sqrt(SESSIONS_PER_YEAR), highest])

    def _tiles(self, windows: np.ndarray) -> Iterator[tuple[Floats, Ints]]:
        """Yield tiles of variants, (tiles, lanes), and the weights before cap and sum that they share."""
        if chosen(self._base, "weighting").looks_at == "volatility":
            yield np.empty(0), _lanes(windows, self._form)
            return
        for window in np.unique(windows):
            nothing = np.zeros(self._streams.shape)
            variant = self._base.changed(**{VOL_WINDOW.name: int(window)})
            raw = weigh(self._market, variant, AssetStreams(self._streams, nothing, nothing, nothing))
            who = np.flatnonzero(windows == window)
            yield np.ascontiguousarray(raw[self._start :]).ravel(), who[_lanes(windows[who], self._form)]

    def _run(
        self,
        raw: Floats,
        ranked: list[tuple[Step, Ranked]],
        portfolios: Floats,
        windows: np.ndarray,
        lanes: Ints,
        chunk: "Chunk",
    ) -> None:
        """Run tiles of variants and put their results where they belong."""
        assets = self._reported.shape[1]
        doubles, whole, span = self._form
        shape = (len(lanes), self.sessions + 1, assets)
        words = tuple(np.zeros(shape, np.uint32) for _ in ranked)
        totals = np.zeros((len(lanes), len(self.years) * len(ranked), len(whole)), np.int64)
        for (step, part), own in zip(ranked, words, strict=True):
            common = (part.first, _by_tile(part.limits, lanes), _by_tile(part.counts, lanes))
            places = (
                tuple(range(len(step.conditions))),
                tuple(range(len(step.counts))),
                tuple(range(step.carries)),
            )
            if step.kind == "strategy":
                step.run(part.codes, *common, self._begin, self._end, own, *places, whole)
                continue
            lead = self._start - self._first_of(step)
            begin, end = self._span(self._market.age(self._base.warm_up))
            begin = np.maximum(begin, -lead)
            step.run(
                part.codes,
                lead,
                *common,
                begin,
                end,
                self._reported,
                self._base_choice.ravel(),
                self._turns,
                words[:-1],
                own,
                totals,
                *places,
                whole,
            )
        parts = len(whole) // len(doubles)
        grouped = lanes.reshape(len(lanes), parts, len(doubles))
        measures = np.empty((*grouped.shape, len(MEASURES)))
        net = np.empty((len(lanes), parts, self.sessions * len(doubles) if len(chunk.net) else 0))
        hold_tiles(
            Assets(self._ret, self._begin, self._end, raw),
            words[-1].view(np.uint8).reshape(len(lanes), -1),
            np.ascontiguousarray(portfolios[:, grouped].transpose(1, 2, 0, 3)).reshape(
                *grouped.shape[:2], -1
            ),
            windows[grouped[..., 0]].astype(np.int64),
            block_of(assets),
            doubles,
            span,
            measures,
            net,
        )
        chunk.measures[grouped] = measures
        counted = totals.reshape(len(lanes), len(self.years), len(ranked), len(whole)).transpose(0, 3, 1, 2)
        chunk.states[lanes, :, 1:] = counted[..., :-1]
        chunk.states[lanes, :, 0] = self._in_folds - counted[..., :-1].sum(axis=-1)
        chunk.agreement[lanes] = counted[..., -1].sum(axis=-1) / self._in_folds.sum()
        if len(chunk.net):
            by_lane = net.reshape(*grouped.shape[:2], self.sessions, len(doubles)).transpose(0, 1, 3, 2)
            chunk.net[grouped] = by_lane


class Chunk(NamedTuple):
    """Results of V variants, written piece by piece: see `Swept`."""

    measures: Floats
    states: Ints
    agreement: Floats
    net: Floats


def _lanes(windows: np.ndarray, form: Form) -> Ints:
    """Arrange variants in tiles, (tiles, lanes), each part of equal windows; some stand there twice."""
    parts = []
    for window in np.unique(windows):
        who = np.flatnonzero(windows == window)
        missing = -len(who) % len(form.doubles)
        parts.append(np.append(who, np.repeat(who[-1], missing)).reshape(-1, len(form.doubles)))
    stacked = np.concatenate(parts)
    missing = -len(stacked) % (len(form.whole) // len(form.doubles))
    return np.concatenate([stacked, np.repeat(stacked[-1:], missing, axis=0)]).reshape(-1, len(form.whole))


def _by_tile(values: np.ndarray, lanes: Ints) -> np.ndarray:
    """Return values of each variant, (rows, V), as (tiles * rows * lanes,)."""
    return np.ascontiguousarray(values[:, lanes].transpose(1, 0, 2)).ravel()


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
