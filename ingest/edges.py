"""Rows without any price: what unions of calendars and of lives leave where nothing was traded."""

import numpy as np
import pyarrow as pa

from ingest.errors import InputError

_PRICES = ("open", "high", "low", "close", "adj_close")
_EVENTS = ("dividends", "splits", "capital_gains")


def without_empty_rows_on_closed_days(
    symbol: str, table: pa.Table, where: str, sessions: np.ndarray
) -> tuple[pa.Table, tuple[str, ...]]:
    """Return the rows that say something, or fall on sessions, and a note of the others.

    Raises
    ------
    InputError
        No row says anything.
    """
    empty = _empty(table)
    if not empty.any():
        return table, ()
    days = table["session_date"].to_numpy()
    if empty.all():
        raise InputError(
            f"{where}: {symbol} has no price in any of its {len(days)} rows, {days.min()} to {days.max()}; "
            "leave it out, or fetch it again"
        )
    dropped = empty & ~np.isin(days, sessions)
    if not dropped.any():
        return table, ()
    note = f"{_rows(dropped)} on days without a session dropped (first {days[dropped].min()})"
    return table.filter(pa.array(~dropped)), (note,)


def without_empty_edges(table: pa.Table) -> tuple[pa.Table, tuple[str, ...]]:
    """Return the rows within the symbol's life, first to last usable bar, and notes of those outside."""
    empty = _empty(table)
    usable = (_numbers(table, "close") > 0) & (_numbers(table, "adj_close") > 0)
    if not empty.any() or not usable.any():
        return table, ()
    days = table["session_date"].to_numpy()
    first, last = days[usable].min(), days[usable].max()
    before, after = empty & (days < first), empty & (days > last)
    notes = [f"{_rows(before)} before {first} trimmed"] if before.any() else []
    notes += [f"{_rows(after)} after {last} trimmed"] if after.any() else []
    return table.filter(pa.array(~before & ~after)), tuple(notes)


def _empty(table: pa.Table) -> np.ndarray:
    """Return which rows hold no price, no volume and no event: each NULL or 0."""
    empty = np.ones(table.num_rows, bool)
    for name in (*_PRICES, "volume", *_EVENTS):
        values = _numbers(table, name)
        # Some vendors write a factor of 1 where there was no split.
        empty &= (values == 0) | ((values == 1) if name == "splits" else False)
    return empty


def _numbers(table: pa.Table, name: str) -> np.ndarray:
    return table[name].fill_null(0).to_numpy()


def _rows(mask: np.ndarray) -> str:
    return f"{mask.sum()} empty row{'s' if mask.sum() > 1 else ''}"
