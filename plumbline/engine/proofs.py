"""Proofs that components and lines know nothing that they must not know, on the bars at hand.

A component is compared by what it returns, a line by every daily array of it: on the bars as they are, and
on changed bars on which nothing of it may change (`plumbline.engine.proof_worlds`).
"""

import threading
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numba
import numpy as np

from plumbline.engine.allocator import Leg, choose
from plumbline.engine.benchmarks import holdings_of
from plumbline.engine.costs import rates_of
from plumbline.engine.folds import fold_years
from plumbline.engine.line import Line, legs_of, run_line
from plumbline.engine.market import Market, taking_over
from plumbline.engine.portfolio import AssetStreams, weigh
from plumbline.engine.proof_worlds import World
from plumbline.engine.registry import Component, ComponentError
from plumbline.engine.sealed import SealedError, sealing
from plumbline.engine.strategies import run_strategy, say_positions, span_of
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant, followed

EXACT = 1e-12
LINE, FEATURES = "line", "features"

Arrays = dict[str, np.ndarray]


class Case(NamedTuple):
    """What is proven: a component under the values of a variant; without one, the variant's whole line."""

    kind: str
    name: str
    variant: Variant
    found: Component | None = None


class Finding(NamedTuple):
    """What became of a proof: how many bars were tried, values that differ, and the first of them."""

    proof: str
    cuts: int
    differences: int = 0
    column: str | None = None
    symbol: str | None = None
    session: np.datetime64 | None = None
    value: float | None = None
    other: float | None = None
    found: str | None = None

    @property
    def holds(self) -> bool:
        """Whether nothing differs, and nothing was refused."""
        return self.differences == 0 and self.found is None


class Fed(NamedTuple):
    """What a component is given beside bars: the same on all bars, so that no other is blamed for it."""

    legs: tuple[Leg, ...] = ()
    streams: AssetStreams | None = None

    def until(self, count: int, sessions: int) -> "Fed":
        """Return the first `count` sessions of it, and nothing on those that follow, if there are more."""

        def part(values: np.ndarray) -> np.ndarray:
            out = np.zeros((sessions, *values.shape[1:]), values.dtype)
            out[:count] = values[:count]
            return out

        legs = tuple(Leg(part(leg.position), part(leg.gross), part(leg.cost)) for leg in self.legs)
        return Fed(legs, self.streams and AssetStreams(*map(part, self.streams)))


def _feed(case: Case, market: Market) -> Fed:
    if case.kind == "allocator":
        streams = {name: run_strategy(name, market, case.variant) for name in followed(case.variant)}
        return Fed(legs_of(streams))
    if case.kind == "weighting":
        allocation = run_line(market, case.variant).allocation
        return Fed(
            streams=AssetStreams(allocation.age, allocation.exposure, allocation.gross, allocation.cost)
        )
    return Fed()


def returned(case: Case, market: Market, variant: Variant, fed: Fed) -> Arrays:
    """Return what a component returns, or every daily array of a line, by name; sessions come first."""
    if case.kind == LINE:
        return arrays_of(run_line(market, variant))
    if case.kind == FEATURES:
        return _features(market)
    if case.kind == "strategy":
        return dict(
            say_positions(case.found, market, variant, span_of(case.found, market, variant))._asdict()
        )
    if case.kind == "allocator":
        choice = choose(market, variant, fed.legs)
        shares = () if choice.shares is None else choice.shares
        named = zip(followed(variant), shares, strict=False)
        return {"state": choice.state, **{f"share of {name}": share for name, share in named}}
    if case.kind == "weighting":
        return {"weight": weigh(market, variant, fed.streams)}
    if case.kind == "cost":
        rates = rates_of(market, variant)._asdict()
        return {f"{name}_rate": np.broadcast_to(rate, market.ret.shape) for name, rate in rates.items()}
    return {f"holding{name}": held for name, held in holdings_of(case.found, market, variant).items()}


def arrays_of(line: Line) -> Arrays:
    """Return every daily array of a line by layer and name, in the order of the layers."""
    found: Arrays = {}
    for name, streams in line.streams.items():
        parts = streams.positions._asdict() | {k: v for k, v in streams._asdict().items() if k != "positions"}
        found |= {f"{name}.{part}": values for part, values in parts.items()}
    found |= {f"allocator.{name}": values for name, values in line.allocation._asdict().items()}
    return found | {f"portfolio.{name}": values for name, values in line.portfolio._asdict().items()}


def _features(market: Market) -> Arrays:
    """Return what a market computed of its bars and shares with all that run on it, by what it is."""
    features = {
        f"{name} {window}, {rule}": market.feature(type(feature)(name, window), rule)
        for (rule, name, window), feature in market.named_features().items()
    }
    predictions = {
        f"forecast {number}, {asked[1]}": market.prediction(*asked)
        for number, asked in enumerate(market.forecasts())
    }
    return {"ret": market.ret, **features, **predictions}


def prove(
    case: Case, market: Market, worlds: list[World], tick: Callable[[], None] = lambda: None
) -> Iterator[Finding]:
    """Yield one finding a proof of a case.

    Parameters
    ----------
    case
        What is proven.
    market
        The bars as they are.
    worlds
        The changed bars. Those of one proof stand together.
    tick
        Called after each of them.
    """
    fed = _feed(case, market)
    # Rates that were asked for before would be taken from the cache, and their model not be called.
    asked = taking_over(market, market.panel) if case.kind == "cost" else market
    touched = None
    try:
        with sealing():
            reference = returned(case, asked, case.variant, fed)
    except SealedError as error:
        touched = str(error)
        reference = returned(case, asked, case.variant, fed)
    found: dict[str, Finding] = {}
    for world in worlds:
        if case.kind == "cost" and world.proof == "levels":
            continue
        own = _compared(case, market, world, reference, fed)
        known = found.get(world.proof, Finding(world.proof, 0))
        first = own if known.holds else known
        found[world.proof] = first._replace(
            cuts=known.cuts + 1, differences=known.differences + own.differences
        )
        tick()
    yield from found.values()
    if case.kind == LINE:
        yield executability(market, case.variant, run_line(market, case.variant))
    elif case.found:
        yield Finding("sealed", 1, int(touched is not None), found=touched)


def _compared(case: Case, market: Market, world: World, reference: Arrays, fed: Fed) -> Finding:
    other, variant = world.market_from(market), world.variant_from(case.variant)
    own = (
        fed.until(world.count, len(other.panel.sessions)) if case.kind in ("allocator", "weighting") else fed
    )
    try:
        if world.in_thread:
            arrays = _in_thread(lambda: returned(case, other, variant, own))
        else:
            arrays = returned(case, other, variant, own)
    except ComponentError as error:
        return Finding(world.proof, 1, 1, found=f"{world.changed}: {error}")
    old = {new: name for name, new in world.names.items()}
    arrays = {_old_name(name, old): values for name, values in arrays.items()}
    if unlike := arrays.keys() ^ reference.keys():
        return Finding(world.proof, 1, 1, found=f"{world.changed}: it returns other names ({min(unlike)})")
    count = _comparable(market, other, world.count, case.variant)
    finding = Finding(world.proof, 1)
    for name, values in arrays.items():
        full, changed = reference[name][:count], values[:count]
        if _is_identical(full, changed) or not (differs := ~_same(full, changed, world.tolerance)).any():
            continue
        if finding.column is None:
            place = tuple(np.argwhere(differs)[0])
            symbol = market.panel.symbols[place[1]] if len(place) > 1 else None
            values_there = (float(full[place]), float(changed[place]))
            finding = Finding(
                world.proof, 1, 0, name, symbol, market.panel.sessions[place[0]], *values_there, world.changed
            )
        finding = finding._replace(differences=finding.differences + int(differs.sum()))
    return finding


def _old_name(name: str, old: dict[str, str]) -> str:
    head, _, symbol = name.rpartition("_")
    return f"{head}_{old[symbol]}" if symbol in old else name


def _is_identical(full: np.ndarray, other: np.ndarray) -> bool:
    """Return whether two arrays have the same bits, which is seen faster than in what they differ."""
    bits = np.uint64 if full.dtype == other.dtype == np.float64 else full.dtype
    return bool((full.view(bits) == other.view(bits)).all())


def _same(full: np.ndarray, other: np.ndarray, tolerance: float) -> np.ndarray:
    same = full == other
    if full.dtype.kind == "f":
        same |= np.isnan(full) & np.isnan(other)
        if tolerance:
            same |= np.abs(full - other) <= tolerance * np.maximum(np.abs(full), 1.0)
    return same


def _comparable(market: Market, other: Market, count: int, variant: Variant) -> int:
    """Return how many sessions are compared: a last year that is too short to be a fold yet is not."""
    years = len(other.years)
    if (fold_years(market, variant)[:years] == fold_years(other, variant)).all():
        return count
    return min(count, int(other.first_of_year[-1]))


def _in_thread(run: Callable[[], Arrays]) -> Arrays:
    """Run in a thread of its own, in which numba has one to work with."""
    found: list[Arrays | BaseException] = []

    def work() -> None:
        numba.set_num_threads(1)
        try:
            found.append(run())
        except Exception as error:  # which the thread that waits raises
            found.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]


def executability(market: Market, variant: Variant, line: Line) -> Finding:
    """Hold a portfolio's returns against what its holdings of the close before could have earned."""
    portfolio = line.portfolio
    return executable(market, variant, portfolio.holding, portfolio.age, portfolio.net_return)


def executable(
    market: Market, variant: Variant, holding: Floats, age: np.ndarray, net_return: Floats
) -> Finding:
    """As `executability`, of holdings, (sessions, assets), and of what they are said to have earned."""
    rates = rates_of(market, variant)
    held = np.vstack([np.zeros_like(holding[:1]), holding[:-1]])
    held[age <= 1] = 0.0
    earned = held * market.ret - rates.trade * np.abs(holding - held) - rates.short * np.maximum(-held, 0.0)
    rows = age > 0
    differs = rows & ~(np.abs(net_return - earned.sum(axis=1)) <= EXACT)
    if not differs.any():
        return Finding("executability", 1)
    first = int(differs.argmax())
    values = float(net_return[first]), float(earned[first].sum())
    said = "what the holdings of the close before could have earned"
    session = market.panel.sessions[first]
    return Finding(
        "executability", 1, int(differs.sum()), "portfolio.net_return", None, session, *values, said
    )
