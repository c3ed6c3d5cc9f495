"""Yearly walk-forward reports of the daily layers: each number comes from the engine's measures."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from plumbline.engine.measures import group_means, group_offsets, measure_groups
from plumbline.tables.arrow import key_codes, sort_rows
from plumbline.tables.portfolio import of_whole

MEASURES = ("sharpe", "total_return", "max_drawdown", "max_drawdown_from_one")


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


def strategy_by_year(daily: pa.Table) -> pa.Table:
    """Return one row per variant, symbol, strategy and year of the strategy layer."""
    keys = ["variant_id", "symbol", "strategy"]
    daily = sort_rows(daily.filter(daily["is_reported"]), *keys, "session_date")
    return by_year(daily, keys, "net_return", {"days_in_market": daily["position"].to_numpy() != 0.0})


def allocator_by_year(daily: pa.Table) -> pa.Table:
    """Return one row per variant, symbol and year of the allocator layer.

    Measured on `target_return` where the variant has it, on `net_return` otherwise.
    """
    keys = ["variant_id", "symbol"]
    daily = sort_rows(daily.filter(daily["is_reported"]), *keys, "session_date")
    measured = pc.coalesce(daily["target_return"], daily["net_return"])
    daily = daily.append_column("measured_return", measured).combine_chunks()
    shares = {
        f"pct_{state.lower()}": pc.equal(daily["state"], state).to_numpy()
        for state in ("TREND", "MEANREV", "CASH")
    }
    return by_year(daily, keys, "measured_return", shares)


def portfolio_by_year(lines: pa.Table) -> pa.Table:
    """Return one row per variant and year of the portfolio layer."""
    daily = sort_rows(of_whole(lines), "variant_id", "session_date")
    return by_year(daily, ["variant_id"], "net_return", {"avg_leverage": daily["leverage"].to_numpy()})
