"""Arrow tables: reading the market from them, sorting, splitting, putting results together."""

import itertools
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from plumbline.engine.features import NAMED, Feature
from plumbline.engine.market import Market
from plumbline.engine.measures import group_offsets
from plumbline.engine.panel import Panel, index_rows, make_panel, spread
from plumbline.engine.types import Floats

PARTS = ("gross_return", "cost_return")  # of a day's net return
ROWS_A_BATCH = 122_880  # a row group of DuckDB's


def read_market(bars: pa.Table, sessions: pa.Table, features: pa.Table | None = None) -> Market:
    """Return the market of aligned bars, with the features that SQL computed where they are given."""
    panel = make_panel(bars, sessions)
    if features is None:
        return Market(panel)
    return Market(panel, spread_features(panel, features))


def spread_features(panel: Panel, features: pa.Table) -> dict[Feature, Floats]:
    """Return the features that SQL computed, by what they are, as arrays of shape (sessions, assets)."""
    index = index_rows(features, panel.sessions, panel.symbols)
    return {feature: spread(features[name], index) for name, feature in NAMED.items()}


def sort_rows(table: pa.Table, *keys: str) -> pa.Table:
    """Return `table` ordered by `keys`, in one chunk; as it is where it is in order already."""
    order = np.zeros(len(table), np.int64)
    for key in keys:
        ranks, distinct = _ranks(table[key])
        order = order * distinct + ranks
    if (order[1:] >= order[:-1]).all():
        return table.combine_chunks()
    return table.take(np.argsort(order, kind="stable")).combine_chunks()


def _ranks(column: pa.ChunkedArray) -> tuple[np.ndarray, int]:
    """Return each value's place among the distinct values of a column, and how many there are."""
    encoded = column.combine_chunks().dictionary_encode()
    place = np.empty(len(encoded.dictionary), np.int64)
    place[pc.sort_indices(encoded.dictionary).to_numpy()] = np.arange(len(place))
    return place[encoded.indices.to_numpy()], max(len(place), 1)


def key_codes(table: pa.Table, key: str) -> np.ndarray:
    """Return integers that are equal where the values of a key column are."""
    column = table[key]
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return pc.dictionary_encode(column).combine_chunks().indices.to_numpy()
    return column.to_numpy()


def split_by(table: pa.Table, *keys: str) -> Iterator[tuple[tuple, pa.Table]]:
    """Yield each group of a table that is sorted by `keys`, with its key values."""
    offsets = group_offsets(*(key_codes(table, key) for key in keys))
    for start, stop in itertools.pairwise(offsets):
        yield tuple(table[key][start].as_py() for key in keys), table.slice(start, stop - start)


def label(table: pa.Table, **keys: str | int) -> pa.Table:
    """Put constant key columns, texts or whole numbers, before the columns of `table`."""
    data = {
        name: pa.repeat(pa.scalar(value, pa.int32() if isinstance(value, int) else pa.string()), len(table))
        for name, value in keys.items()
    }
    return pa.table(data | {name: table[name] for name in table.column_names})


def net_return(rows: pa.Table) -> pa.ChunkedArray:
    """Return what is left of each day's return after costs: layers store its two parts."""
    return pc.add(*(rows[part] for part in PARTS))


def known(measures: Mapping[str, float]) -> dict[str, float | None]:
    """Return measures by name, None (which becomes NULL) where one is not finite."""
    return {name: value if np.isfinite(value) else None for name, value in measures.items()}


def _as(table: pa.Table, schema: pa.Schema) -> pa.Table:
    return table if table.schema.equals(schema) else table.select(schema.names).cast(schema)


def stack(tables: Iterable[pa.Table], schema: Mapping[str, pa.DataType]) -> pa.Table:
    """Return all rows of `tables` with the columns of `schema`; an empty table if there are none."""
    target = pa.schema(schema.items())
    return pa.concat_tables([target.empty_table(), *(_as(table, target) for table in tables)])


def in_turn(tables: Iterable[pa.Table], schema: Mapping[str, pa.DataType]) -> pa.RecordBatchReader:
    """Return all rows of `tables` with the columns of `schema`, each table when the one before is read."""
    target = pa.schema(schema.items())
    batches = (batch for table in tables for batch in _as(table, target).to_batches(ROWS_A_BATCH))
    return pa.RecordBatchReader.from_batches(target, batches)
