"""The allocator layer: state, exposure and asset stream of every symbol and variant."""

import numpy as np
import pyarrow as pa

from plumbline.engine.allocator import STATES, Leg, allocate
from plumbline.engine.line import StrategyRow
from plumbline.engine.market import Market
from plumbline.engine.panel import index_rows, melt, spread
from plumbline.engine.variants import Variant
from plumbline.layers.progress import tracked
from plumbline.layers.tables import label, sort_rows, split_by, stack

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


def allocator_daily(
    market: Market, variants: list[Variant], strategies: list[StrategyRow], strategy_rows: pa.Table
) -> pa.Table:
    """Return one row per variant, symbol and session of its stream.

    Parameters
    ----------
    market, variants, strategies
        What to run; `strategies` says which one each state follows.
    strategy_rows
        The strategy layer: `variant_id`, `strategy`, `symbol`, `session_date`, `position`,
        `gross_return`, `cost_return`.
    """
    columns = ["position", "gross_return", "cost_return"]
    panel = market.panel
    groups = dict(split_by(sort_rows(strategy_rows, "variant_id", "strategy"), "variant_id", "strategy"))

    def leg(variant: Variant, row: StrategyRow) -> Leg:
        table = groups.get((variant.variant_id, row.strategy), strategy_rows.slice(0, 0))
        index = index_rows(table, panel.sessions, panel.symbols)
        return Leg(*(spread(table[name], index, 0.0) for name in columns))

    def rows(variant: Variant) -> pa.Table:
        legs = {STATES.index(row.state): leg(variant, row) for row in strategies if row.state}
        allocation = allocate(market, variant, legs)
        table = melt(
            panel,
            allocation.age > 0,
            {
                "state": np.array(STATES, dtype=object)[allocation.state],
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

    return stack(map(rows, tracked(variants, len(variants), "allocator")), DAILY)
