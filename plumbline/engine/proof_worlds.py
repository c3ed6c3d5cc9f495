"""The bars that proofs are made on: cut, at other levels, under other names, of other years, or going on.

Nothing that a sound component says of a session changes on any of them (docs/explanation/proofs.md).
"""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from plumbline.engine.folds import in_folds
from plumbline.engine.market import Market, taking_over
from plumbline.engine.panel import Panel
from plumbline.engine.types import Bools, Floats, Ints
from plumbline.engine.variants import Variant, declared

CUTS, DISTURBED = 16, 4  # of a build
SEED = 20100104
YEARS = np.timedelta64(28 * 365 + 7, "D")  # after which the calendar has the same weekdays and leap years


class World(NamedTuple):
    """Changed bars: the proof that they are for, what was changed, and what must stay.

    `count` sessions are compared. `names` are new symbols by old, where they changed. `tolerance` is how far
    a value may be off, relative to the larger of itself and 1. `market` is None where all that a market
    computes stays as it is: then it is taken over, and with it what `kept` names.
    """

    proof: str
    changed: str
    panel: Panel
    count: int
    names: Mapping[str, str] = MappingProxyType({})
    tolerance: float = 0.0
    kept: tuple[str, ...] = ()
    market: Market | None = None
    in_thread: bool = False

    def market_from(self, market: Market) -> Market:
        """Return its market, given that of the bars as they are."""
        return self.market or taking_over(market, self.panel, *self.kept)

    def variant_from(self, variant: Variant) -> Variant:
        """Return a variant whose parameters name the symbols as they are called here."""
        if not self.names:
            return variant
        symbols = (name for name, parameter in declared().items() if parameter.of == "symbol")
        return variant.changed(**{n: self.names.get(variant.values[n], variant.values[n]) for n in symbols})


def cut(panel: Panel, count: int) -> Panel:
    """Return the first sessions of a panel; an asset that is not listed by then has no bar in it."""
    return Panel(panel.sessions[:count], panel.symbols, *(values[:count] for values in panel[2:]))


def truncated(market: Market, count: int) -> World:
    """Return the bars up to a session; of all counts, none but these are of another proof."""
    last = market.panel.sessions[count - 1]
    return World("truncation", f"bars after {last} taken away", cut(market.panel, count), count)


def first_eligible(market: Market, variant: Variant) -> int:
    """Return the index of the first session in a fold of any asset; without one, how many there are."""
    folds = in_folds(market, variant).any(axis=1)
    return int(folds.argmax()) if folds.any() else len(folds)


def cuts(market: Market, first: int, early: Bools | None = None) -> list[int]:
    """Return how many sessions stay in each cut of a build, ascending; all that there are, if they are few.

    They lie where something happens: at the first eligible session, turns of the year, half days, where an
    asset is listed or ends, on the eve of large falls and rises. The others are drawn.

    Parameters
    ----------
    market
        Bars.
    first
        Index of the first session that counts.
    early : ndarray of shape (sessions,)
        Whether the exchange closed early.
    """
    sessions = len(market.panel.sessions)
    if sessions - first - 1 <= CUTS:
        return list(range(first + 1, sessions))
    found: list[int] = [first + 1]
    inside = np.arange(first + 2, sessions)
    for moments in (
        _spread(market.first_of_year, inside, 2),
        [] if early is None else _spread(np.flatnonzero(early) + 1, inside, 2),
        _spread(_ends(market.panel), inside, 1),
        _spread(_listings(market.panel), inside, 1),
        _eves(market.ret, inside),
    ):
        found += [int(count) for count in moments]
    drawn = np.random.default_rng(SEED).permutation(inside)
    kept = list(dict.fromkeys(found))
    kept += [int(count) for count in drawn if count not in kept][: CUTS - len(kept)]
    return sorted(kept)


def _spread(counts: Sequence[int] | Ints, inside: Ints, number: int) -> Ints:
    """Return some of the counts that lie inside, the last ones of equal parts of them."""
    legal = np.unique(counts)
    legal = legal[np.isin(legal, inside)]
    return (
        legal[[int((k + 1) * len(legal) / number) - 1 for k in range(number)]]
        if len(legal) >= number
        else legal
    )


def _ends(panel: Panel) -> Ints:
    has_bar = panel.is_live & ~panel.is_filled
    return len(has_bar) - has_bar[::-1].argmax(axis=0)


def _listings(panel: Panel) -> Ints:
    return panel.is_live.argmax(axis=0)


def _eves(ret: Floats, inside: Ints) -> Iterator[int]:
    """Yield the eves of the largest fall and the largest rise of any asset in each third."""
    for part in np.array_split(inside, 3):
        if len(part):
            yield int(part[ret[part].min(axis=1).argmin()])
            yield int(part[ret[part].max(axis=1).argmax()])


def levelled(market: Market) -> World:
    """Return each asset's prices and volumes times a power of two of its own, which changes no ratio.

    Their logarithms are rounded, so that a value may be off by a rounding. Rates of a cost model are those
    of the bars as they are: what is charged may hang on a price.
    """
    panel = market.panel
    draws = np.random.default_rng(SEED).integers(1, 9, (2, len(panel.symbols)))
    signs = np.random.default_rng(SEED + 1).choice([-1, 1], draws.shape)
    factor = np.exp2(draws * signs)
    changed = panel._replace(price=panel.price * factor[0], volume=panel.volume * factor[1])
    said = "prices and volumes times a power of two"
    return World("levels", said, changed, len(panel.sessions), tolerance=1e-9, kept=("rates",))


def renamed(market: Market) -> World:
    """Return the assets under other names, in the same order."""
    panel = market.panel
    names = {symbol: f"ASSET{number:06d}" for number, symbol in enumerate(panel.symbols)}
    changed = panel._replace(symbols=tuple(names.values()))
    return World("names_and_dates", "symbols renamed", changed, len(panel.sessions), names)


def moved(market: Market) -> World:
    """Return the bars as of 28 years later; earlier, where they would pass 2099."""
    panel = market.panel
    is_late = len(panel.sessions) and panel.sessions[-1] + YEARS > np.datetime64("2099-12-31")
    changed = panel._replace(sessions=panel.sessions - YEARS if is_late else panel.sessions + YEARS)
    return World("names_and_dates", "sessions moved by 28 years", changed, len(panel.sessions))


def repeated(market: Market) -> Iterator[World]:
    """Yield the bars as they are, to be run again: here, and in a thread of its own."""
    panel = market.panel
    yield World("repeatable", "run once more", panel, len(panel.sessions))
    yield World("repeatable", "run in another thread", panel, len(panel.sessions), in_thread=True)


def disturbed(market: Market, count: int) -> World:
    """Return bars that go on otherwise after a session: what is said up to it stands."""
    panel = market.panel
    steps = np.zeros(panel.price.shape)
    draws = np.random.default_rng([SEED, count])
    steps[count:] = draws.normal(0.0, 0.03, steps[count:].shape).cumsum(axis=0)
    volume = panel.volume * np.exp(np.where(steps == 0.0, 0.0, draws.normal(0.0, 0.5, steps.shape)))
    changed = panel._replace(price=panel.price * np.exp(steps), volume=volume)
    said = f"bars after {panel.sessions[count - 1]} changed"
    return World("repeatable", said, changed, count, market=Market(changed))


def worlds_of_a_build(market: Market, first: int, early: Bools | None = None) -> list[World]:
    """Return the changed bars of a build; none where no session counts, or no other follows it."""
    counts = cuts(market, first, early)
    if not counts:
        return []
    some = counts[:: max(1, len(counts) // DISTURBED)][:DISTURBED]
    return [
        *(truncated(market, count) for count in counts),
        levelled(market),
        renamed(market),
        moved(market),
        *repeated(market),
        *(disturbed(market, count) for count in some),
    ]
