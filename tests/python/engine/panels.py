"""Random raw bars with the troubles of real ones, and their way into the engine."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from plumbline.layers import allocator, portfolio, reports
from plumbline.layers import strategies as strategy_layer
from twin import CARRIED, Bars, Raw, align

from plumbline.engine.line import Line, StrategyRow, run_line
from plumbline.engine.market import Market
from plumbline.engine.panel import make_panel
from plumbline.engine.variants import Variant

Raws: TypeAlias = Mapping[str, Raw]
SEEDS = Path(__file__).parents[3] / "seeds"


def variant_ids(*families: str) -> list[str]:
    """Return the variants of the seed by id, of these families or of all."""
    with (SEEDS / "variants.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [row["variant_id"] for row in rows if not families or row["family"] in families]


def weekdays(first: str, count: int) -> list[date]:
    """Return that many weekdays: a calendar without holidays does for made-up bars."""
    return [day.date() for day in pd.bdate_range(first, periods=count)]


def random_raws(
    seed: int, sessions: Sequence[date], *, late: int = 0, early_death: int = 0, assets: int = 3
) -> dict[str, Raw]:
    """Return random walks with trends, gaps of 1 to 5 sessions and a fortnight without volume.

    The last asset is listed `late` sessions after the others, the first dies `early_death` sessions
    before the end. Volatility comes in spells, so that every state and both sides of every threshold occur.
    """
    generator = np.random.default_rng(seed)
    count = len(sessions)
    raws: dict[str, Raw] = {}
    for number in range(assets):
        spells = np.repeat(generator.uniform(0.004, 0.03, count // 40 + 1), 40)[:count]
        drift = np.repeat(generator.normal(0, 0.002, count // 40 + 1), 40)[:count]
        price = 50 * np.exp(np.cumsum(drift + spells * generator.standard_normal(count)))
        volume = np.round(generator.lognormal(13, 0.5, count))
        quiet = generator.integers(0, count - 14)
        volume[quiet : quiet + 14] = 0
        present = np.ones(count, dtype=bool)
        at = 30
        while at < count - 30:
            length = int(generator.integers(1, CARRIED + 1))
            present[at : at + length] = False
            at += length + int(generator.integers(20, 160))
        if number == assets - 1:
            present[:late] = False
        if number == 0 and early_death:
            present[count - early_death :] = False
        raws[f"ASSET{number}"] = {
            sessions[t]: (float(price[t]), float(volume[t])) for t in np.flatnonzero(present)
        }
    return raws


def cut(raws: Raws, last: date) -> dict[str, Raw]:
    """Return the bars up to and including `last`, without the assets that have none."""
    kept = {symbol: {day: bar for day, bar in raw.items() if day <= last} for symbol, raw in raws.items()}
    return {symbol: raw for symbol, raw in kept.items() if raw}


def make_market(raws: Raws, sessions: Sequence[date]) -> Market:
    """Align raw bars over the sessions from the first bar to the last, and hand them to the engine."""
    days = [day for raw in raws.values() for day in raw] or [date.max]
    first, last = min(days), max(days)
    spanned = [day for day in sessions if first <= day <= last]
    return aligned_market({symbol: align(raw, spanned) for symbol, raw in raws.items()}, spanned)


def aligned_market(bars: Mapping[str, Bars], sessions: Sequence[date]) -> Market:
    """Hand aligned bars to the engine as the long table it reads."""
    names = ("symbol", "session_date", "adj_close", "share_volume", "is_filled")
    types = (pa.string(), pa.date32(), pa.float64(), pa.float64(), pa.bool_())
    rows = [
        (symbol, day, *bar)
        for symbol, asset in bars.items()
        for day, *bar in zip(sessions, *asset, strict=True)
        if bar[0] is not None
    ]
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    table = pa.table([pa.array(c, t) for c, t in zip(columns, types, strict=True)], names=list(names))
    return Market(make_panel(table, pa.table({"session_date": pa.array(sessions, pa.date32())})))


def run(raws: Raws, sessions: Sequence[date], variant: Variant, strategies: list[StrategyRow]) -> Line:
    """Run the engine's whole line on raw bars."""
    return run_line(make_market(raws, sessions), variant, strategies)


def run_layers(market: Market, variants: list[Variant], strategies: list[StrategyRow]) -> dict[str, pa.Table]:
    """Run every layer on the tables of the one before."""
    found = {"strategies": strategy_layer.strategy_daily(market, variants, strategies)}
    found["models"] = strategy_layer.trend_models(market, variants)
    found["trades"] = strategy_layer.trades(variants, found["strategies"])
    found["allocator"] = allocator.allocator_daily(market, variants, strategies, found["strategies"])
    found["holdings"] = portfolio.holdings_daily(market, variants, found["allocator"])
    found["portfolio"] = portfolio.portfolio_daily(market, variants, found["allocator"])
    found["performance"] = portfolio.performance(variants, found["portfolio"], found["holdings"])
    for name, report in (
        ("strategies", reports.strategy_by_year),
        ("allocator", reports.allocator_by_year),
        ("portfolio", reports.portfolio_by_year),
    ):
        found[f"{name} by year"] = report(found[name])
    return found
