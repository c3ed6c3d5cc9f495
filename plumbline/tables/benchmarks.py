"""What there is to beat, over the sessions and at the costs of `baseline`."""

import pyarrow as pa

from plumbline.engine.benchmarks import benchmark_returns
from plumbline.engine.folds import portfolio_age
from plumbline.engine.market import Market
from plumbline.engine.variants import Variant
from plumbline.tables.arrow import stack
from plumbline.tables.variants import the_baseline

BENCHMARKS = {"benchmark_id": pa.string(), "session_date": pa.date32(), "net_return": pa.float64()}


def benchmark_daily(market: Market, variants: list[Variant]) -> pa.Table:
    """Return one row per benchmark and session of the portfolio of `baseline`."""
    baseline = the_baseline(variants)
    if baseline is None:
        return stack([], BENCHMARKS)
    sessions = market.panel.sessions[portfolio_age(market, baseline) > 0]
    tables = (
        pa.table(
            {
                "benchmark_id": pa.repeat(name, len(sessions)),
                "session_date": pa.array(sessions, pa.date32()),
                "net_return": returns,
            }
        )
        for name, returns in benchmark_returns(market, baseline).items()
    )
    return stack(tables, BENCHMARKS)
