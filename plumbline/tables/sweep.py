"""A sweep of any size from a finished warehouse: joint changes of a variant's parameters, to a file."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from plumbline.components import load
from plumbline.engine.line import Line, run_line
from plumbline.engine.market import Market
from plumbline.engine.perturbations import Draws, joint_values
from plumbline.engine.summary import state_agreement, summarise
from plumbline.engine.sweep import check, sweep, why_not
from plumbline.engine.sweep_portfolio import MEASURES
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant
from plumbline.tables.arrow import read_market
from plumbline.tables.variants import read_variants
from plumbline.warehouse.aside import replace

PIECE = 1 << 16  # variants that are run, and written, at a time
FEW = 64  # that many where they are run one by one
RESULTS = ("sessions", *MEASURES, "state_agreement")


class SweepError(ValueError):
    """What was asked for cannot be swept; the message says what can."""


def read_base(con: duckdb.DuckDBPyConnection, variant_id: str) -> tuple[Market, Variant]:
    """Return the market of a warehouse, and one of its variants.

    Raises
    ------
    SweepError
        It has no such variant, or has not been built.
    """
    load()
    try:
        variants = read_variants(con.table("engine.int_variants__resolved").to_arrow_table())
        tables = ("returns__daily", "sessions__panel", "features__daily")
        market = read_market(*(con.table(f"intermediate.int_{name}").to_arrow_table() for name in tables))
    except duckdb.CatalogException as error:
        raise SweepError("the warehouse is not built; build it with: make build") from error
    named = {variant.variant_id: variant for variant in variants}
    if variant_id not in named:
        raise SweepError(f"no variant '{variant_id}'; there are {', '.join(sorted(named))}")
    return market, named[variant_id]


def sweep_joint(market: Market, base: Variant, draws: Draws, threads: int, path: Path) -> Iterator[int]:
    """Write one row per joint change of the base: what it changed to, and its measures.

    Yields after each piece how many there are by then. The file stands in its place once all are there.

    Parameters
    ----------
    market, base
        As of `read_base`.
    draws
        How many changes, and where the draws start.
    threads
        How many cores work; the rows are the same.
    path
        The parquet file.
    """
    values = joint_values(base, market, draws)
    if not values:
        raise SweepError(f"nothing of '{base.variant_id}' moves: its components declare no move")
    line = run_line(market, base)
    is_slow = bool(why_not(market, base))
    piece = FEW if is_slow else PIECE
    if not is_slow:
        few = {name: moved[:2] for name, moved in values.items()}
        probes = [
            base.changed(**{name: moved[k].item() for name, moved in few.items()})
            for k in range(min(2, draws.draws))
        ]
        check(market, probes, sweep(market, base, few, keep=True))
    names = ("number", *values, *RESULTS)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.new")
    with pq.ParquetWriter(aside, _schema(values, names), compression="zstd") as writer:
        for first in range(0, draws.draws, piece):
            own = {name: moved[first : first + piece] for name, moved in values.items()}
            count = len(next(iter(own.values())))
            if is_slow:
                found = _one_by_one(market, base, own, line)
            else:
                swept = sweep(market, base, own, choice=line.allocation.state, threads=threads)
                found = {**swept.measures, "sessions": np.full(count, swept.sessions)}
                found["state_agreement"] = swept.agreement
            columns = {"number": np.arange(first, first + count) + 1, **own, **found}
            arrays = [pa.array(columns[name], from_pandas=True) for name in names]
            writer.write_table(pa.table(arrays, names=list(names)).cast(writer.schema))
            yield first + count
    replace(aside, path)


def _schema(values: dict[str, np.ndarray], names: tuple[str, ...]) -> pa.Schema:
    whole = {"number", "sessions", *(name for name, moved in values.items() if moved.dtype.kind == "i")}
    return pa.schema({name: pa.int64() if name in whole else pa.float64() for name in names}.items())


def _one_by_one(
    market: Market, base: Variant, values: dict[str, np.ndarray], line: Line
) -> dict[str, Floats]:
    rows = []
    for number in range(len(next(iter(values.values())))):
        variant = base.changed(**{name: moved[number].item() for name, moved in values.items()})
        own = run_line(market, variant)
        agreement = state_agreement(market, own, market, line)
        rows.append({**summarise(own.portfolio)._asdict(), "state_agreement": agreement})
    return {name: np.array([row[name] for row in rows]) for name in RESULTS}
