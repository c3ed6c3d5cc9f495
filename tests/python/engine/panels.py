"""Random raw bars with the troubles of real ones, and their way into the engine."""

import csv
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow.csv import read_csv
from twin import CARRIED, Bars, Raw, align

from plumbline.components.strategies.trend import forecast_of
from plumbline.engine.line import Line, run_line
from plumbline.engine.market import Forecast, Market
from plumbline.engine.panel import make_panel
from plumbline.engine.registry import component
from plumbline.engine.variants import LINE, Variant
from plumbline.tables import allocator, portfolio, reports, strategy
from plumbline.tables.arrow import label, net_return
from plumbline.tables.drawdowns import Layers
from plumbline.tables.stability import read_draws
from plumbline.tables.streams import Rows, ids_in, streams_of

Raws: TypeAlias = Mapping[str, Raw]
SEEDS = Path(__file__).parents[3] / "seeds"
CHOICES = {parameter.name: parameter.choices for parameter in LINE if parameter.choices}
CAPS, COST_BASES = CHOICES["cap"], CHOICES["cost_basis"]


def seed_draws() -> dict[str, dict]:
    """Return numbers and seeds of the random draws of the seed, by what they are for."""
    return read_draws(read_csv(SEEDS / "draws.csv"))


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


def run(raws: Raws, sessions: Sequence[date], variant: Variant) -> Line:
    """Run the engine's whole line on raw bars."""
    return run_line(make_market(raws, sessions), variant)


def trend_forecast(variant: Variant) -> Forecast:
    """Return what the strategy `trend` forecasts under a variant."""
    return forecast_of(variant.of(component("strategy", "trend")))


def rows_in(table: pa.Table, key: str) -> Rows:
    """Return what reads a table by one value of a key, as models read a relation of dbt's."""
    return lambda value, *columns: table.filter(pc.equal(table[key], value)).select(columns)


def of_variants(streams: pa.Table, rows: pa.Table) -> pa.Table:
    """Give every variant the rows of its streams, as the views of schema marts do."""
    parts = [label(rows.slice(0, 0), variant_id="")]
    for row in streams.to_pylist():
        keys = {name: row[name] for name in ("variant_id", "strategy") if row[name]}
        parts.append(label(rows.filter(pc.equal(rows["stream_id"], row["stream_id"])), **keys))
    found = pa.concat_tables(parts, promote_options="default")
    if "cost_return" not in found.schema.names:
        return found
    return found.append_column("net_return", net_return(found))


def run_layers(market: Market, variants: list[Variant]) -> dict[str, pa.Table]:
    """Run every layer on the tables of the one before; daily rows and reports are those of the variants."""
    streams = streams_of(variants, strategy.enabled_strategies(read_csv(SEEDS / "strategies.csv")))
    named = streams.filter(streams["strategy"].is_valid())
    unnamed = streams.filter(streams["strategy"].is_null())
    strategies = strategy.strategy_daily(market, variants, streams).read_all()
    states = allocator.allocator_daily(market, variants, streams, rows_in(strategies, "stream_id")).read_all()
    lines = portfolio.portfolio_lines(market, variants, streams, rows_in(states, "stream_id")).read_all()
    by_strategy, by_state = (rows_in(table, "stream_id") for table in (strategies, states))
    return {
        "streams": streams,
        "stored states": states,
        "strategies": of_variants(named, strategies),
        "models": strategy.trend_models(market, variants),
        "trades": of_variants(named, strategy.trades(variants, streams, by_strategy).read_all()),
        "allocator": of_variants(unnamed, states),
        "lines": lines,
        "holdings": portfolio.of_assets(lines),
        "portfolio": portfolio.of_whole(lines),
        "performance": portfolio.performance(variants, rows_in(lines, "variant_id")),
        "strategies by year": of_variants(
            named, reports.strategy_by_year(ids_in(streams), by_strategy).read_all()
        ),
        "allocator by year": of_variants(
            unnamed, reports.allocator_by_year(ids_in(streams, of_allocator=True), by_state).read_all()
        ),
        "portfolio by year": reports.portfolio_by_year(lines),
    }


def layers_of(variants: list[Variant], tables: dict[str, pa.Table]) -> Layers:
    """Return what drawdowns are explained from."""
    return Layers(
        variants,
        tables["streams"],
        rows_in(tables["lines"], "variant_id"),
        rows_in(tables["stored states"], "stream_id"),
    )
