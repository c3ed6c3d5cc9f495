"""The canonical bars of one symbol, whatever the source: their shape, their checks, their fingerprint."""

import hashlib
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest import calendar
from ingest.diagnosis import check_daily, check_dates
from ingest.edges import without_empty_edges, without_empty_rows_on_closed_days
from ingest.errors import InputError, some

BARS_SCHEMA = pa.schema(
    [
        pa.field("row_number", pa.int64(), nullable=False),
        pa.field("session_date", pa.date32(), nullable=False),
        pa.field("open", pa.float64()),
        pa.field("high", pa.float64()),
        pa.field("low", pa.float64()),
        pa.field("close", pa.float64()),
        pa.field("adj_close", pa.float64()),
        pa.field("volume", pa.int64()),
        pa.field("dividends", pa.float64()),
        pa.field("splits", pa.float64()),
        pa.field("capital_gains", pa.float64()),
    ]
)
# Columns that came after the first batches had landed: where nothing is known in them, they leave no trace
# in a fingerprint, so that what landed before keeps its own.
_LATER = ("capital_gains",)
_VALUES = BARS_SCHEMA.names[1:]

_NAMED_DAYS = 3  # of those dropped


class Bars(NamedTuple):
    """One symbol's bars, ready to land: a table of `BARS_SCHEMA` and what the user should know of it.

    `is_in_force` says that these very rows have landed, perhaps in several batches, and still count.
    """

    symbol: str
    table: pa.Table
    notes: tuple[str, ...] = ()
    is_in_force: bool = False


class Refusal(NamedTuple):
    """Something asked for that does not come: a symbol or file, and why in one line.

    `is_delisted` is true of a symbol that has landed from a source which now reports it delisted.
    """

    name: str
    reason: str
    is_delisted: bool = False


def make_bars(
    symbol: str,
    columns: pa.Table,
    where: str,
    *,
    start: date | None = None,
    end: date | None = None,
    today: date,
) -> Bars:
    """Return the canonical bars of `symbol`, cut to the range asked for.

    Left out, with a note: rows dated after `today`, rows without any price on days that are no session or
    before the first usable bar or after the last, and all but one of rows that are equal in every value.
    Everything else stays as it came, in the order it came.

    Parameters
    ----------
    symbol
        A validated symbol.
    columns
        Its columns, of canonical names and types; `time_of_day` where it has several.
    where
        The input's name, for messages.
    start, end
        First and last session wanted, both included; None is open.
    today
        The last day whose bar can be final.

    Raises
    ------
    InputError
        No row is left, a date is out of all reason, the bars are not daily, or their dates are not those of
        the XNYS calendar.
    """
    table = between(completed(columns), start, end)
    if table.num_rows == 0:
        raise InputError(
            f"{where}: no bars of {symbol} from {start or 'the first'} to {end or 'the last'}; ask for more"
        )
    table, future = _until(symbol, table, where, today)
    check_daily(symbol, table, where)
    table = table.select(_VALUES)
    sessions = calendar.session_dates(calendar.FIRST_YEAR, today.year + 1)
    table, closed = without_empty_rows_on_closed_days(symbol, table, where, sessions)
    table, edges = without_empty_edges(table)
    unique = _without_identical_rows(table)
    twice = ()
    if dropped := table.num_rows - unique.num_rows:
        twice = (f"{dropped} identical duplicate row{'s' if dropped > 1 else ''} kept once",)
    saturdays = check_dates(symbol, unique, where, sessions)
    numbers = pa.array(np.arange(1, unique.num_rows + 1))
    bars = unique.add_column(0, "row_number", numbers).cast(BARS_SCHEMA)
    return Bars(symbol, bars, (*twice, *closed, *edges, *future, *saturdays))


def completed(table: pa.Table) -> pa.Table:
    """Return a table of bars with the later columns that it lacks, NULL in every row."""
    for name in _LATER:
        if name not in table.column_names:
            table = table.append_column(BARS_SCHEMA.field(name), pa.nulls(table.num_rows, pa.float64()))
    return table


def between(table: pa.Table, start: date | None, end: date | None) -> pa.Table:
    """Return the rows of `table` from `start` to `end`, both included; None is open."""
    if start is not None:
        table = table.filter(pc.field("session_date") >= pa.scalar(start))
    if end is not None:
        table = table.filter(pc.field("session_date") <= pa.scalar(end))
    return table


def first_and_last_session(table: pa.Table) -> tuple[date, date]:
    """Return the earliest and the latest date of a table of bars."""
    extremes = pc.min_max(table["session_date"])
    return extremes["min"].as_py(), extremes["max"].as_py()


def content_sha256(table: pa.Table) -> str:
    """Return the sha256 of the values of a table of bars.

    It does not depend on the file format or its writer: per column of `BARS_SCHEMA` the name, the type, a
    byte a row for NULL (which NaN counts as) and the values in little-endian bytes, 0 where NULL. The sign
    of zero counts. A later column in which nothing is known does not.
    """
    digest = hashlib.sha256(f"{table.num_rows}\n".encode())
    for field in BARS_SCHEMA:
        column = table[field.name].combine_chunks()
        if field.name in _LATER and column.null_count == len(column):
            continue
        null = column.is_null(nan_is_null=True).to_numpy(zero_copy_only=False)
        if pa.types.is_date(field.type):
            column = column.cast(pa.int32())
        values = column.fill_null(0).to_numpy(zero_copy_only=False)
        little_endian = np.where(null, 0, values).astype(values.dtype.newbyteorder("<"))
        digest.update(f"{field.name} {field.type}\n".encode())
        digest.update(null.astype(np.uint8).tobytes())
        digest.update(little_endian.tobytes())
    return digest.hexdigest()


def _until(symbol: str, table: pa.Table, where: str, today: date) -> tuple[pa.Table, tuple[str, ...]]:
    """Return the rows up to `today`, and a note of those that claim to know what is to come."""
    first, last = first_and_last_session(table)
    if first.year < calendar.FIRST_YEAR:
        raise InputError(
            f"{where}: {symbol} has a bar of {first}, outside {calendar.FIRST_YEAR} to {today.year}; "
            "correct the date, or leave the row out with --start and --end"
        )
    if last <= today:
        return table, ()
    kept = between(table, None, today)
    days = np.unique(table.filter(pc.field("session_date") > pa.scalar(today))["session_date"].to_numpy())
    dropped = table.num_rows - kept.num_rows
    dated = f"{dropped} row{'s' if dropped > 1 else ''} dated after {today} ({some(days, _NAMED_DAYS)})"
    if not kept.num_rows:
        raise InputError(
            f"{where}: {symbol} has nothing but {dated}, the last finished session's day; correct the dates, "
            "or wait for the close"
        )
    return kept, (f"{dated} dropped",)


def _without_identical_rows(table: pa.Table) -> pa.Table:
    if pc.count_distinct(table["session_date"]).as_py() == table.num_rows:
        return table
    numbered = table.append_column("position", pa.array(np.arange(table.num_rows)))
    # One thread: group_by then keeps the order of first appearance.
    groups = numbered.group_by(_VALUES, use_threads=False).aggregate([("position", "min")])
    return table.take(np.sort(groups["position_min"].to_numpy()))
