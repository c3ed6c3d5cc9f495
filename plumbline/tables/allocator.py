"""The allocator layer: state, exposure and asset stream of every symbol and variant."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from plumbline.engine.allocator import Leg, allocate, states_of
from plumbline.engine.market import Market
from plumbline.engine.panel import index_rows, melt, spread
from plumbline.engine.variants import Variant, followed
from plumbline.tables.arrow import PARTS, label
from plumbline.tables.each import each_in_turn
from plumbline.tables.streams import Rows, Stream, distinct, ids_of

DAILY = {
    "stream_id": pa.int32(),
    "symbol": pa.string(),
    "session_date": pa.date32(),
    "state": pa.string(),
    "exposure": pa.float64(),
    "gross_return": pa.float64(),
    "cost_return": pa.float64(),
    "leverage": pa.float64(),
    "target_return": pa.float64(),
    "is_reported": pa.bool_(),
}

# What is read of the strategy layer: the key, then what a Leg is made of.
LEG = ("symbol", "session_date", "position", *PARTS)


def allocator_daily(
    market: Market, variants: list[Variant], streams: pa.Table, rows_of: Rows
) -> pa.RecordBatchReader:
    """Return one row per stream of an allocator, symbol and session.

    Parameters
    ----------
    market, variants
        What to run.
    streams
        Which variants share a stream, as `streams_of` returns it.
    rows_of
        Gives the rows of a stream in the strategy layer.
    """
    tasks = distinct(variants, streams, of_allocator=True)
    with_legs = _with_legs(market, tasks, streams, rows_of)
    return each_in_turn(market, _allocator_rows, with_legs, len(tasks), DAILY, "allocator")


def _with_legs(
    market: Market, tasks: list[Stream], streams: pa.Table, rows_of: Rows
) -> Iterator[tuple[Stream, tuple[Leg, ...]]]:
    """Pair each stream with what its allocator chooses among; the next often has the same."""
    held: dict[int | None, Leg] = {}
    for stream in tasks:
        ids = ids_of(streams, stream.variant.variant_id)
        wanted = [ids.get(name) for name in followed(stream.variant)]
        held = {key: leg for key, leg in held.items() if key in wanted}
        for key in wanted:
            if key not in held:
                held[key] = _leg(market, rows_of(key, *LEG)) if key is not None else _nothing(market)
        yield stream, tuple(held[key] for key in wanted)


def _nothing(market: Market) -> Leg:
    """Return what a strategy gives that is turned off."""
    return Leg(*(np.zeros(market.ret.shape) for _ in Leg._fields))


def _allocator_rows(market: Market, task: tuple[Stream, tuple[Leg, ...]]) -> pa.Table:
    stream, legs = task
    variant = stream.variant
    allocation = allocate(market, variant, legs)
    table = melt(
        market.panel,
        allocation.age > 0,
        {
            "state": allocation.state,
            "exposure": allocation.exposure,
            "gross_return": allocation.gross,
            "cost_return": allocation.cost,
            "leverage": allocation.leverage,
            "target_return": allocation.target_return,
            "is_reported": allocation.is_reported,
        },
    )
    names = pa.array(states_of(variant), pa.string()).take(table["state"])
    at = table.column_names.index("state")
    return label(table.set_column(at, "state", names), stream_id=stream.stream_id)


def _leg(market: Market, table: pa.Table) -> Leg:
    index = index_rows(table, market.panel.sessions, market.panel.symbols)
    return Leg(*(spread(table[name], index, 0.0) for name in LEG[2:]))
