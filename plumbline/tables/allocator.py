"""The allocator layer: state, exposure and asset stream of every symbol and variant."""

import numpy as np
import pyarrow as pa

from plumbline.engine.allocator import Leg, allocate, states_of
from plumbline.engine.market import Market
from plumbline.engine.panel import index_rows, melt, spread
from plumbline.engine.variants import Variant, followed
from plumbline.tables.arrow import label, sort_rows, split_by
from plumbline.tables.each import each

DAILY = {
    "variant_id": pa.string(),
    "symbol": pa.string(),
    "session_date": pa.date32(),
    "state": pa.string(),
    "exposure": pa.float64(),
    "gross_return": pa.float64(),
    "cost_return": pa.float64(),
    "net_return": pa.float64(),
    "leverage": pa.float64(),
    "target_return": pa.float64(),
    "is_reported": pa.bool_(),
}


def allocator_daily(market: Market, variants: list[Variant], strategy_rows: pa.Table) -> pa.Table:
    """Return one row per variant, symbol and session of its stream.

    Parameters
    ----------
    market, variants
        What to run.
    strategy_rows
        The strategy layer: `variant_id`, `strategy`, `symbol`, `session_date`, `position`,
        `gross_return`, `cost_return`.
    """
    groups = dict(split_by(sort_rows(strategy_rows, "variant_id", "strategy"), "variant_id", "strategy"))
    empty = strategy_rows.slice(0, 0)
    tasks = [
        (variant, [groups.get((variant.variant_id, name), empty) for name in followed(variant)])
        for variant in variants
    ]
    return each(market, _allocator_rows, tasks, DAILY, "allocator")


def _allocator_rows(market: Market, task: tuple[Variant, list[pa.Table]]) -> pa.Table:
    variant, tables = task
    allocation = allocate(market, variant, tuple(_leg(market, table) for table in tables))
    table = melt(
        market.panel,
        allocation.age > 0,
        {
            "state": np.array(states_of(variant), dtype=object)[allocation.state],
            "exposure": allocation.exposure,
            "gross_return": allocation.gross,
            "cost_return": allocation.cost,
            "net_return": allocation.gross + allocation.cost,
            "leverage": allocation.leverage,
            "target_return": allocation.target_return,
            "is_reported": allocation.is_reported,
        },
    )
    return label(table, variant_id=variant.variant_id)


def _leg(market: Market, table: pa.Table) -> Leg:
    index = index_rows(table, market.panel.sessions, market.panel.symbols)
    return Leg(*(spread(table[name], index, 0.0) for name in ("position", "gross_return", "cost_return")))
