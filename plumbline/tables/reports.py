"""Yearly walk-forward reports of the daily layers: each number comes from the engine's measures."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from plumbline.engine.measures import group_means, group_offsets, measure_groups
from plumbline.tables.arrow import PARTS, in_turn, key_codes, net_return, sort_rows
from plumbline.tables.portfolio import of_whole
from plumbline.tables.streams import Rows

MEASURES = ("sharpe", "total_return", "max_drawdown", "max_drawdown_from_one")
KEYS = ["stream_id", "symbol"]
BY_YEAR = {"stream_id": pa.int32(), "symbol": pa.string(), "year": pa.int32()} | dict.fromkeys(
    MEASURES, pa.float64()
)
STRATEGY = BY_YEAR | {"days_in_market": pa.float64()}
ALLOCATOR = BY_YEAR | dict.fromkeys(("pct_trend", "pct_meanrev", "pct_cash"), pa.float64())


def by_year(
    daily: pa.Table, keys: list[str], returns: str, means: dict[str, np.ndarray | pa.Array]
) -> pa.Table:
    """Measure each calendar year of each stream.

    Parameters
    ----------
    daily
        Sorted by `keys`, then `session_date`.
    keys
        What makes a stream.
    returns
        The column of daily returns.
    means
        Further columns by name: values per row of `daily`, averaged over the year.

    Returns
    -------
    Table
        `keys`, year, `MEASURES` and `means`; NULL where undefined.
    """
    year = pc.year(daily["session_date"]).cast(pa.int32())
    offsets = group_offsets(*(key_codes(daily, key) for key in keys), year.to_numpy())
    first = pa.array(offsets[:-1])
    data = {key: daily[key].take(first) for key in keys} | {"year": year.take(first)}
    # Copies may be written to, as what the engine makes may: all is compiled for such arrays alone.
    measured = measure_groups(daily[returns].to_numpy().copy(), offsets)
    data |= {name: pa.array(row, from_pandas=True) for name, row in zip(MEASURES, measured, strict=True)}
    for name, values in means.items():
        data[name] = group_means(np.array(values, np.float64), offsets)
    return pa.table(data)


def strategy_by_year(stream_ids: list[int], rows_of: Rows) -> pa.RecordBatchReader:
    """Return one row per stream of a strategy, symbol and year of the strategy layer."""
    columns = (*KEYS, "session_date", "is_reported", "position", *PARTS)
    return in_turn((_strategy_by_year(rows_of(each, *columns)) for each in stream_ids), STRATEGY)


def _strategy_by_year(rows: pa.Table) -> pa.Table:
    daily = sort_rows(rows.filter(rows["is_reported"]), *KEYS, "session_date")
    daily = daily.append_column("net_return", net_return(daily))
    return by_year(daily, KEYS, "net_return", {"days_in_market": daily["position"].to_numpy() != 0.0})


def allocator_by_year(stream_ids: list[int], rows_of: Rows) -> pa.RecordBatchReader:
    """Return one row per stream of an allocator, symbol and year of the allocator layer.

    Measured on `target_return` where the variant has it, on the net return otherwise.
    """
    columns = (*KEYS, "session_date", "is_reported", "state", "target_return", *PARTS)
    return in_turn((_allocator_by_year(rows_of(each, *columns)) for each in stream_ids), ALLOCATOR)


def _allocator_by_year(rows: pa.Table) -> pa.Table:
    daily = sort_rows(rows.filter(rows["is_reported"]), *KEYS, "session_date")
    measured = pc.coalesce(daily["target_return"], net_return(daily))
    daily = daily.append_column("measured_return", measured).combine_chunks()
    shares = {
        f"pct_{state.lower()}": pc.equal(daily["state"], state).to_numpy()
        for state in ("TREND", "MEANREV", "CASH")
    }
    return by_year(daily, KEYS, "measured_return", shares)


def portfolio_by_year(lines: pa.Table) -> pa.Table:
    """Return one row per variant and year of the portfolio layer."""
    daily = sort_rows(of_whole(lines), "variant_id", "session_date")
    return by_year(daily, ["variant_id"], "net_return", {"avg_leverage": daily["leverage"].to_numpy()})
