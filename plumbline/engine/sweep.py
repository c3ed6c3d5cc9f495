"""Many variants at once: the whole line of each, by step forms, over shared features.

Every result is equal, bit for bit, to that of `plumbline.engine.line.run_line`, which is the definition.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba.core.errors import NumbaError

from plumbline.engine.costs import FREE
from plumbline.engine.folds import in_folds
from plumbline.engine.line import run_line
from plumbline.engine.market import Market
from plumbline.engine.registry import Component, ComponentError, component
from plumbline.engine.steps import Step, step_of
from plumbline.engine.strategies import Span, StrategyView
from plumbline.engine.sweep_portfolio import MEASURES
from plumbline.engine.sweep_ranks import Ranked, rank_conditions
from plumbline.engine.sweep_tiles import PORTFOLIO, SWITCHES, Book, Form, best_form, why_not_held
from plumbline.engine.types import Floats, Ints
from plumbline.engine.variants import VOL_WINDOW, Variant, chosen, followed, used
from plumbline.engine.view import View, absent_symbols

CHUNK = 4096  # variants whose limits are ranked together: ranks must fit into 16 bits
LARGEST = 32_000  # sessions, and counts of a step: they must fit into 16 bits, too


class Swept(NamedTuple):
    """Results of V variants over T portfolio sessions in Y calendar years.

    `measures` by the names of `sweep_portfolio.MEASURES`, (V,) each, NaN without sessions. `states`,
    (V, Y, choices), counts the sessions and assets in folds by choice, cash first, in each of `years`;
    `agreement`, (V,), is the share of them on which the choice is the base's. `net`, (V, T), daily
    returns, where asked for.
    """

    sessions: int
    measures: dict[str, Floats]
    years: Ints
    states: Ints
    agreement: Floats
    net: Floats | None


class _Chunk(NamedTuple):
    """Results of some variants, written piece by piece: see `Swept`."""

    measures: Floats
    states: Ints
    agreement: Floats
    net: Floats


def why_not(market: Market, variant: Variant) -> str:
    """Return why a variant cannot be run beside others, in words; empty where it can."""
    view = View(market, variant)
    for found in _in_steps(variant):
        step = step_of(found)
        if step is None:
            return f"{found.kind} {found.name} has no step form"
        if absent_symbols(found, view):
            return f"{found.kind} {found.name} names an asset that is not there"
        for parameter in step.counts:
            if abs(variant.values[parameter.name]) > LARGEST:
                return f"{parameter.name} is above {LARGEST:,}"
    if len(market.panel.sessions) > LARGEST:
        return f"there are more than {LARGEST:,} sessions"
    return why_not_held(variant)


def _in_steps(variant: Variant) -> list[Component]:
    return [*(component("strategy", name) for name in followed(variant)), chosen(variant, "allocator")]


def free_parameters(variant: Variant) -> tuple[str, ...]:
    """Return the parameters in which variants that run side by side may differ: numbers, all of them.

    None where a component has no step form.
    """
    found = [step_of(each) for each in _in_steps(variant)]
    if None in found:
        return ()
    parameters = [parameter for step in found for parameter in step.parameters]
    if variant.cost != FREE:
        parameters += chosen(variant, "cost").parameters
    numbers = (each.name for each in parameters if not isinstance(each.default, str))
    return tuple(dict.fromkeys([*numbers, VOL_WINDOW.name, *PORTFOLIO]))


def together(
    market: Market, variants: Sequence[Variant]
) -> Iterator[tuple[Ints, Variant, dict[str, np.ndarray], str]]:
    """Group variants that run side by side.

    Yields
    ------
    places, base, changed, reason
        Which ones, one of them, the values in which they may differ; and why they cannot be run so, empty
        where they can.
    """
    names: dict[tuple, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    groups: dict[tuple, list[int]] = {}
    for place, variant in enumerate(variants):
        slots = tuple(variant.values[name] for name in ("cost", "weighting", "allocator", *SWITCHES))
        slots += followed(variant)
        if slots not in names:
            free = free_parameters(variant)
            names[slots] = free, tuple(p.name for p in used(variant) if p.name not in free)
        fixed = tuple(variant.values[name] for name in names[slots][1])
        groups.setdefault((slots, fixed), []).append(place)
    for (slots, _), places in groups.items():
        changed = {
            name: np.array([variants[place].values[name] for place in places]) for name in names[slots][0]
        }
        base = variants[places[0]]
        largest = base.changed(**{name: values.max().item() for name, values in changed.items()})
        yield np.array(places), base, changed, why_not(market, largest)


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
        What the variants have in common; `why_not` has nothing against it.
    changed
        Legal values by the names of `free_parameters`, (V,) each, of one or more.
    choice : integer ndarray of shape (sessions, assets)
        The choices that agreement is with; cash everywhere by default.
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
    shared = _Sweep(market, base, choice, form or best_form())
    chunks = [
        shared.run({name: value[first : first + CHUNK] for name, value in values.items()}, keep, threads)
        for first in range(0, count, CHUNK)
    ]
    measures, states, agreement, net = (np.concatenate(each) for each in zip(*chunks, strict=True))
    named = dict(zip(MEASURES, measures.T, strict=True))
    return Swept(shared.book.sessions, named, shared.years, states, agreement, net if keep else None)


def check(market: Market, variants: Sequence[Variant], swept: Swept) -> None:
    """Run the first and the last of variants alone, and hold what ran side by side to it.

    Raises
    ------
    ComponentError
        A step form says something else than its function: names components, variant and session.
    """
    for number in sorted({0, len(variants) - 1}):
        line = run_line(market, variants[number])
        own = line.portfolio.age > 0
        alone, beside = line.portfolio.net_return[own], swept.net[number]
        if np.array_equal(alone, beside):
            continue
        place = int(np.flatnonzero(alone != beside)[0])
        session = market.panel.sessions[own][place]
        components = "; ".join(found.place for found in _in_steps(variants[number]))
        raise ComponentError(
            f"a step form says something else than its function, one of {components}: variant "
            f"'{variants[number].variant_id}' earns {beside[place]:.3g} on {session} "
            f"side by side with others, {alone[place]:.3g} alone"
        )


class _Sweep:
    """What no variant changes, and the run of a number of variants over it."""

    def __init__(self, market: Market, base: Variant, choice: np.ndarray | None, form: Form) -> None:
        self.market, self.base, self.form = market, base, form
        self.book = Book(market, base, form)
        start = self.book.start
        year_of = market.year_of[start:]
        first = np.flatnonzero(np.diff(year_of, prepend=-1))
        self.years = market.years[year_of[first]]
        self.turns = np.append(first, self.book.sessions)
        self.choice = np.zeros(self.book.reported.size, np.int16)
        if choice is not None:
            self.choice[:] = choice[start:].ravel()
        self.in_folds = np.add.reduceat(self.book.reported.sum(axis=1), first) if len(first) else first
        self.ages = market.age(base.warm_up)

    def run(self, values: Mapping[str, np.ndarray], keep: bool, threads: int) -> _Chunk:
        """Return the results of a chunk of variants."""
        windows = values[VOL_WINDOW.name]
        chunk = _Chunk(
            np.full((len(windows), len(MEASURES)), np.nan),
            np.zeros((len(windows), len(self.years), 1 + len(followed(self.base))), np.int64),
            np.full(len(windows), np.nan),
            np.zeros((len(windows) if keep else 0, self.book.sessions)),
        )
        if not self.book.sessions:
            return chunk
        ranked = [self._rank(found, values) for found in _in_steps(self.base)]
        portfolios = self.book.portfolios(values)
        tasks = [
            (raw, tiles)
            for raw, lanes in self.book.tiles(windows)
            for tiles in np.split(lanes, range(self.book.batch, len(lanes), self.book.batch))
        ]

        def run_tiles(task: tuple[Floats, Ints]) -> None:
            raw, tiles = task
            words = self._follow(ranked, tiles, chunk)
            measures, net = self.book.hold(raw, words, portfolios, windows, tiles, keep=keep)
            chunk.measures[tiles] = measures
            if keep:
                chunk.net[tiles] = net

        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run_tiles, tasks))
        return chunk

    def _rank(self, found: Component, values: Mapping[str, np.ndarray]) -> tuple[Step, Ranked]:
        step, view = step_of(found), View(self.market, self.base)
        if found.kind == "strategy":
            may_enter = in_folds(self.market, self.base) & ~self.market.panel.is_filled
            view = StrategyView(self.market, self.base, Span(self.book.streams, may_enter))
        count = len(values[VOL_WINDOW.name])
        texts = (parameter.name for parameter in step.parameters if isinstance(parameter.default, str))
        same = {name: np.broadcast_to(self.base.values[name], count) for name in texts}
        return step, rank_conditions(found, step, view, {**values, **same}, self._first_of(step))

    def _first_of(self, step: Step) -> int:
        """Return the session from which a step is run: an allocator that carries sees all that were."""
        return 0 if step.kind == "allocator" and step.carries else self.book.start

    def _follow(self, ranked: list[tuple[Step, Ranked]], tiles: Ints, chunk: _Chunk) -> np.ndarray:
        """Return what tiles are exposed to, as words, and write down what they choose."""
        whole, years = self.form.whole, len(self.years)
        words = self.book.words(len(ranked), len(tiles))
        for (step, part), own in zip(ranked[:-1], words, strict=False):
            _run(step, *_of_tiles(part, tiles), self.book.begin, self.book.end, own, *_places(step), whole)
        step, part = ranked[-1]
        lead = self.book.start - self._first_of(step)
        begin, end = self.book.span(self.ages)
        totals = np.zeros((len(tiles), years * len(ranked), len(whole)), np.int64)
        _run(
            step,
            *_of_tiles(part, tiles),
            np.maximum(begin, -lead),
            end,
            words,
            *_places(step),
            whole,
            lead,
            self.book.reported,
            self.choice,
            self.turns,
            totals,
            tuple(range(len(ranked) - 1)),
        )
        counted = totals.reshape(len(tiles), years, len(ranked), len(whole)).transpose(0, 3, 1, 2)
        named = counted[..., :-1]
        chunk.states[tiles, :, 1:], chunk.states[tiles, :, 0] = named, self.in_folds - named.sum(axis=-1)
        chunk.agreement[tiles] = counted[..., -1].sum(axis=-1) / self.in_folds.sum()
        return words[-1]


def _run(step: Step, *arguments: object) -> None:
    try:
        step.run(*arguments)
    except NumbaError as error:
        code = step.function.py_func.__code__
        at = f"{code.co_filename}, line {code.co_firstlineno}"
        raise ComponentError(
            f"{at}: the step form of {step.kind} '{step.name}' does not compile: {error}"
        ) from error


def _of_tiles(part: Ranked, tiles: Ints) -> tuple[np.ndarray, ...]:
    """Return codes, where columns begin, and the limits and counts of tiles, flat."""
    limits, counts = (
        np.ascontiguousarray(values[:, tiles].transpose(1, 0, 2)).ravel()
        for values in (part.limits, part.counts)
    )
    return part.codes, part.first, limits, counts


def _places(step: Step) -> tuple[tuple[int, ...], ...]:
    """Return tuples as long as there are conditions, counts and carried values: they tell loops how many."""
    return tuple(tuple(range(n)) for n in (len(step.conditions), len(step.counts), step.carries))
