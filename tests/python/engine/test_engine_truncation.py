"""No value dated up to T changes when the bars after T are taken away: not in one bit."""

from collections.abc import Iterator, Mapping

import numpy as np
import pytest
from panels import Raws, cut, make_market, random_raws, trend_forecast, variant_ids, weekdays

from plumbline.engine import proofs
from plumbline.engine.features import NAMED
from plumbline.engine.line import run_line
from plumbline.engine.market import Market
from plumbline.engine.measures import group_offsets, measure_groups
from plumbline.engine.panel import Panel
from plumbline.engine.strategies import Positions, Span, hold, register
from plumbline.engine.variants import Variant

CUTS = 20


def arrays_of(market: Market, variant: Variant) -> dict[str, np.ndarray]:
    """Return every array of the line by name, its first axis the sessions."""
    found = {f"feature {name}": market.feature(each, variant.warm_up) for name, each in NAMED.items()}
    found["prediction"] = market.prediction(trend_forecast(variant), variant.warm_up)
    return found | proofs.arrays_of(run_line(market, variant))


def yearly_measures(market: Market, arrays: Mapping[str, np.ndarray]) -> dict[int, tuple[float, ...]]:
    """Return the measures of each year of the portfolio."""
    rows = arrays["portfolio.age"] > 0
    year = market.years[market.year_of[rows]]
    offsets = group_offsets(year)
    values = measure_groups(arrays["portfolio.net_return"][rows], offsets)
    return {int(year[first]): tuple(values[:, g]) for g, first in enumerate(offsets[:-1])}


class Truncation:
    """The whole line of one panel, to be held against the lines of its shorter versions."""

    def __init__(self, market: Market, variant: Variant) -> None:
        self.market, self.variant = market, variant
        self.arrays = arrays_of(market, variant)
        self.compared = 0

    def leaks(self, shorter: Market) -> list[str]:
        """Name the arrays in which the shorter panel's sessions have other values."""
        arrays = arrays_of(shorter, self.variant)
        columns = [self.market.panel.symbols.index(symbol) for symbol in shorter.panel.symbols]
        last = int(shorter.years[-1])
        count = len(shorter.panel.sessions)
        rows = np.ones(count, dtype=bool)
        # A last year too short to be tested in is no fold, which the sessions after T decide.
        is_short = (shorter.year_of == shorter.year_of[-1]).sum() < self.variant.min_test_sessions
        if is_short:
            rows &= shorter.year_of < shorter.year_of[-1]
        # Which years are the portfolio's depends, under `year`, on assets listed later.
        both = rows & (self.arrays["portfolio.age"][:count] > 0) & (arrays["portfolio.age"] > 0)
        if self.variant.warm_up == "continuous":
            both = rows
        self.compared += int((both & (arrays["portfolio.net_return"] != 0)).sum())
        found = []
        for name, short in arrays.items():
            full = self.arrays[name][:count]
            full = full[:, columns] if full.ndim == 2 else full
            where = both if name.startswith("portfolio") else rows
            if not np.array_equal(full[where], short[where], equal_nan=short.dtype.kind == "f"):
                found.append(name)
        full_years = yearly_measures(self.market, self.arrays)
        short_years = yearly_measures(shorter, arrays)
        for year in {year for year in full_years.keys() & short_years.keys() if year < last}:
            if not np.array_equal(full_years[year], short_years[year], equal_nan=True):
                found.append(f"measures of {year}")
        return found


def shorter(market: Market, count: int) -> Market:
    """Return the first sessions of a panel, without assets that are not listed yet."""
    panel = market.panel
    kept = np.flatnonzero(panel.is_live[:count].any(axis=0))
    symbols = tuple(panel.symbols[i] for i in kept)
    return Market(Panel(panel.sessions[:count], symbols, *(array[:count, kept] for array in panel[2:])))


def cut_counts(market: Market, variant: Variant, seed: int) -> np.ndarray:
    """Return random lengths, from the first year that can have a fold."""
    first = min(variant.min_train_sessions + 300, len(market.panel.sessions) - CUTS)
    return np.random.default_rng(seed).integers(first, len(market.panel.sessions), CUTS)


def check(market: Market, variant: Variant, seed: int) -> None:
    truncation = Truncation(market, variant)
    for count in cut_counts(market, variant, seed):
        assert truncation.leaks(shorter(market, count)) == [], f"cut after {market.panel.sessions[count - 1]}"
    assert truncation.compared > 0


def random_panels() -> Iterator[tuple[int, Raws]]:
    for seed in (11, 12):
        yield seed, random_raws(seed, weekdays("2015-02-02", 1000), late=180, early_death=170)


@pytest.mark.parametrize("name", variant_ids())
def test_random_panels_know_nothing_of_later_bars(short, name):
    for seed, raws in random_panels():
        check(make_market(raws, weekdays("2015-02-02", 1000)), short(name), seed)


@pytest.mark.parametrize("name", ["published", "baseline"])
def test_aligning_afresh_up_to_the_cut_changes_nothing_either(short, name):
    sessions = weekdays("2015-02-02", 1000)
    for seed, raws in random_panels():
        market = make_market(raws, sessions)
        truncation = Truncation(market, short(name))
        for count in cut_counts(market, short(name), seed + 100)[:5]:
            assert truncation.leaks(make_market(cut(raws, sessions[count - 1]), sessions)) == []
        assert truncation.compared > 0


@pytest.mark.parametrize("name", ["published", "baseline"])
def test_three_real_symbols_know_nothing_of_later_bars(variant, three_symbols, name):
    check(three_symbols, variant(name), 1)


@pytest.mark.parametrize("name", ["published", "baseline"])
def test_the_whole_universe_knows_nothing_of_later_bars(variant, universe, name):
    check(universe, variant(name), 2)


def test_a_strategy_that_reads_tomorrow_is_caught(short, registered):
    """Negative control: a truncation test that nothing can fail proves nothing."""

    @register("clairvoyant")
    def clairvoyant(market: Market, variant: Variant, span: Span) -> Positions:
        """Enters before a rise."""
        tomorrow = np.vstack([market.panel.price[1:], market.panel.price[-1:]])
        entry = tomorrow > market.panel.price
        return Positions(hold(entry, span, 1), np.full(entry.shape, np.nan))

    assert ("strategy", "clairvoyant") in registered
    _, raws = next(random_panels())
    market = make_market(raws, weekdays("2015-02-02", 1000))
    for name in variant_ids("core", "alternative"):
        variant = short(name, up="clairvoyant")
        truncation = Truncation(market, variant)
        # On a day before a fall it says the same with and without tomorrow; not on all of twenty.
        leaks = [truncation.leaks(shorter(market, count)) for count in cut_counts(market, variant, 3)]
        assert any("clairvoyant.position" in each for each in leaks)


def test_the_first_bar_after_new_year_does_not_change_the_sessions_before_it(short):
    """An asset is carried over New Year; whether its bars return is not known until they do."""
    sessions = weekdays("2015-02-02", 800)
    raws = random_raws(13, sessions, assets=2)
    new_year = next(t for t, day in enumerate(sessions) if day.year == 2017)
    for t in range(new_year - 2, new_year + 3):
        raws["ASSET0"].pop(sessions[t], None)
        raws["ASSET1"].setdefault(sessions[t], (50.0, 1.0))
    bar = raws["ASSET1"][sessions[new_year]]
    raws["ASSET0"].setdefault(sessions[new_year - 3], bar)
    raws["ASSET0"].setdefault(sessions[new_year + 3], bar)
    truncation = Truncation(make_market(raws, sessions), short("baseline"))
    assert truncation.leaks(make_market(cut(raws, sessions[new_year + 2]), sessions)) == []
