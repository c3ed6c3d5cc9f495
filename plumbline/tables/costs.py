"""What the cost models charge, where it is more than one number for all."""

import numpy as np
import pyarrow as pa

from plumbline.engine.costs import rates_of
from plumbline.engine.market import Market
from plumbline.engine.panel import melt
from plumbline.engine.variants import Variant
from plumbline.tables.arrow import label
from plumbline.tables.each import each

RATES = {
    "variant_id": pa.string(),
    "symbol": pa.string(),
    "session_date": pa.date32(),
    "trade_rate": pa.float64(),
    "short_rate": pa.float64(),
}
PROPORTIONAL = "proportional"  # one number for all: cost_bps


def cost_rates(market: Market, variants: list[Variant]) -> pa.Table:
    """Return one row per variant with a cost model of its own, symbol and session."""
    tasks = [variant for variant in variants if variant.cost != PROPORTIONAL]
    return each(market, _rows, tasks, RATES, "cost rates")


def _rows(market: Market, variant: Variant) -> pa.Table:
    rates, shape = rates_of(market, variant), market.ret.shape
    columns = {f"{name}_rate": np.broadcast_to(rate, shape) for name, rate in rates._asdict().items()}
    return label(melt(market.panel, market.panel.is_live, columns), variant_id=variant.variant_id)
