"""From a table as some source wrote it to columns of the canonical names and types.

Everything here is a fault of the whole input: a column that is missing, or that holds something else
than its kind. Faults of single rows (a negative price, a date that is no session) pass: raw keeps what
the source said.
"""

import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.errors import InputError, shown

REQUIRED = ("session_date", "open", "high", "low", "close", "adj_close", "volume")
OPTIONAL = ("dividends", "splits", "capital_gains")

_DOUBLES = ("open", "high", "low", "close", "adj_close", *OPTIONAL)

# Recognised headings, once lower-cased and freed of spaces, underscores and hyphens.
_HEADINGS = {
    "date": "session_date",
    "sessiondate": "session_date",
    "open": "open",
    "high": "high",
    "low": "low",
    "close": "close",
    "adjclose": "adj_close",
    "volume": "volume",
    "dividends": "dividends",
    "splits": "splits",
    "stocksplits": "splits",
    "capitalgains": "capital_gains",
    "symbol": "symbol",
    "ticker": "symbol",
}

_MISSING_WORDS = pa.array(["", "nan", "null", "none", "na", "n/a"])
_DATE = r"^(?P<day>\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)? ?(?:Z|UTC|[+-]\d{2}:?\d{2})?)?$"

_Place = Callable[[int], str]


def recognised(headings: list[str], where: str) -> dict[str, str]:
    """Return which heading holds which canonical column.

    Parameters
    ----------
    headings
        The column names of the input.
    where
        The input's name, for messages.

    Raises
    ------
    InputError
        A required column is missing, or two headings mean the same column.
    """
    found: dict[str, str] = {}
    for heading in headings:
        name = _HEADINGS.get(re.sub(r"[\s_\-]", "", heading.lower()))
        if name is None:
            continue
        if name in found:
            raise InputError(
                f"{where}: columns {shown(found[name])} and {shown(heading)} both mean {name}; keep one"
            )
        found[name] = heading
    missing = [name.replace("session_date", "date") for name in REQUIRED if name not in found]
    if missing:
        raise InputError(
            f"{where}: no column {', '.join(missing)} (found: {shown(', '.join(headings))}); add it: date, "
            "open, high, low, close, adj_close and volume are needed, dividends and splits welcome"
        )
    return found


def canonical_columns(table: pa.Table, where: str) -> pa.Table:
    """Return the recognised columns of `table` under canonical names and types, rows in their order.

    Dates become DATE (of the clock they were written in), prices DOUBLE, volume BIGINT; NaN and the usual
    words for nothing become NULL, as do columns the source does not have. A column `symbol` (VARCHAR)
    comes first where there is one.

    Parameters
    ----------
    table
        The input, all columns as its reader gave them.
    where
        The input's name, for messages.

    Raises
    ------
    InputError
        The input has no rows, lacks a column, or a value is not of its column's kind; the message names
        the column, the row (1 is the first below the heading) and, where known, symbol and date.
    """
    found = recognised(table.column_names, where)
    if table.num_rows == 0:
        raise InputError(f"{where}: no rows below the heading; give at least one bar")

    rows = table.num_rows
    columns_left = {name: table.column(heading) for name, heading in found.items()}
    del table  # each column is let go of once it is cast, so that a long file is not held twice

    def column(name: str) -> pa.Array:
        return _plain(columns_left.pop(name))

    def row(index: int) -> str:
        return f"row {index + 1}"

    symbols = _symbols(column("symbol"), where) if "symbol" in found else None

    def row_of_symbol(index: int) -> str:
        return f"{row(index)}, symbol {shown(symbols[index].as_py())}" if symbols is not None else row(index)

    dates = _dates(column("session_date"), where, row_of_symbol)

    def row_of_date(index: int) -> str:
        return f"{row_of_symbol(index)}, {dates[index].as_py()}"

    columns = {} if symbols is None else {"symbol": symbols}
    columns["session_date"] = dates
    for name in (*REQUIRED[1:], *OPTIONAL):
        if name not in found:
            columns[name] = pa.nulls(rows, pa.float64())
        elif name in _DOUBLES:
            columns[name] = _doubles(column(name), f"{where}: column {name}", row_of_date)
        else:
            columns[name] = _whole_numbers(column(name), f"{where}: column {name}", row_of_date)
    return pa.table(columns)


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """Return one chunk, without dictionaries, and any text as trimmed VARCHAR."""
    array = column.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        array = pc.utf8_trim_whitespace(array.cast(pa.string()))
    return array


def _symbols(column: pa.Array, where: str) -> pa.Array:
    if not pa.types.is_string(column.type):
        raise InputError(f"{where}: column symbol holds {column.type}, not text; write symbols as text")
    empty = pc.equal(pc.fill_null(column, ""), "")
    if pc.any(empty).as_py():
        raise InputError(f"{where}: column symbol, row {_first(empty) + 1}: no symbol; name one in every row")
    return column


def _dates(column: pa.Array, where: str, place: _Place) -> pa.Array:
    if pa.types.is_string(column.type):
        days = pc.struct_field(pc.extract_regex(column, _DATE), "day")
        bad = pc.is_null(days)
        if pc.any(bad).as_py():
            first = _first(bad)
        else:
            dates, first = _cast(days, pa.date32())
            if dates is not None:
                return dates
        raise InputError(
            f"{where}: column date, {place(first)}: {shown(column[first].as_py() or '')} is no date; "
            "write dates as YYYY-MM-DD"
        )
    if pa.types.is_timestamp(column.type):
        local = pc.local_timestamp(column) if column.type.tz else column
        column = pc.floor_temporal(local, unit="day").cast(pa.date32())
    elif pa.types.is_date(column.type):
        column = column.cast(pa.date32())
    else:
        raise InputError(
            f"{where}: column date holds {column.type}, not dates; write them as YYYY-MM-DD or as a date type"
        )
    if column.null_count:
        first = _first(pc.is_null(column))
        raise InputError(f"{where}: column date, {place(first)}: no date; give every bar its date")
    return column


def _doubles(column: pa.Array, where: str, place: _Place) -> pa.Array:
    kind = column.type
    if pa.types.is_string(kind):
        text = column
        column, first = _cast(_without_missing_words(text), pa.float64())
        if column is None:
            raise InputError(
                f"{where}, {place(first)}: {shown(text[first].as_py())} is no number; "
                "correct it, or leave it empty if unknown"
            )
    elif (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_null(kind)
    ):
        column = column.cast(pa.float64(), safe=False)
    else:
        raise InputError(f"{where} holds {kind}, not numbers; write it as numbers")
    return pc.if_else(pc.is_nan(column), pa.scalar(None, pa.float64()), column)


def _whole_numbers(column: pa.Array, where: str, place: _Place) -> pa.Array:
    source = _without_missing_words(column) if pa.types.is_string(column.type) else column
    # Integers go straight through: a detour by DOUBLE would round those beyond 2**53. Texts do where they are
    # digits alone: Arrow would take 0x10 for 16.
    if pa.types.is_integer(source.type) or (
        pa.types.is_string(source.type) and not pc.any(pc.match_substring_regex(source, "[^0-9]")).as_py()
    ):
        whole, _ = _cast(source, pa.int64())
        if whole is not None:
            return whole
    doubles = _doubles(column, where, place)
    values = doubles.to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore"):
        bad = ~np.isnan(values) & ((values != np.floor(values)) | (np.abs(values) >= 2.0**63))
    if bad.any():
        first = int(bad.argmax())
        raise InputError(
            f"{where}, {place(first)}: {values[first]} is no whole number; round it to whole shares"
        )
    return doubles.cast(pa.int64(), safe=False)


def _without_missing_words(text: pa.Array) -> pa.Array:
    missing = pc.is_in(pc.utf8_lower(text), value_set=_MISSING_WORDS)
    return pc.if_else(missing, pa.scalar(None, pa.string()), text)


def _first(mask: pa.Array) -> int:
    return pc.index(mask, pa.scalar(True)).as_py()


def _cast(column: pa.Array, target: pa.DataType) -> tuple[pa.Array | None, int]:
    """Return `column` as `target`, or None and the first row that cannot be cast, found by bisection."""
    if (whole := _try_cast(column, target)) is not None:
        return whole, -1
    low, high = 0, len(column)
    while high - low > 1:
        middle = (low + high) // 2
        if _try_cast(column[low:middle], target) is None:
            high = middle
        else:
            low = middle
    return None, low


def _try_cast(column: pa.Array, target: pa.DataType) -> pa.Array | None:
    try:
        return column.cast(target)
    except pa.ArrowInvalid:
        return None
