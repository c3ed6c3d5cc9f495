"""From a table as some source wrote it to columns of the canonical names and types.

A column that is missing, or that holds something else than its kind, is a fault of the whole input; a
value that is not of its column's kind is one of its symbol. Faults of single rows (a negative price, a
date that is no session) pass: raw keeps what the source said.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.dates import Dates, dates_of_text, dates_of_timestamps
from ingest.errors import InputError, shown
from ingest.headings import OPTIONAL, REQUIRED, recognised
from ingest.numbers import Decimal, decimal_of, doubles_of, without_missing_words

_NUMBERS = (*REQUIRED[1:], *OPTIONAL)

_Place = Callable[[int], str]


class Fault(NamedTuple):
    """Rows (from 0) that hold something else than a value of their column, and what to say of each."""

    rows: np.ndarray
    message: Callable[[int], str]


class Cast(NamedTuple):
    """Columns of canonical names and types, what is wrong in them, and the rows of rounded volumes.

    `table` has a column `symbol` first where the input has, and `time_of_day` last where times differ.
    """

    table: pa.Table
    faults: list[Fault]
    rounded: np.ndarray


def canonical_columns(table: pa.Table, where: str) -> pa.Table:
    """Return the recognised columns of `table` under canonical names and types, rows in their order.

    Parameters
    ----------
    table
        The input, all columns as its reader gave them.
    where
        The input's name, for messages.

    Raises
    ------
    InputError
        The input has no rows, lacks a column, or a value is not of its column's kind.
    """
    found = recognised(table.column_names, where)
    columns, faults, _ = cast_columns(table.select(list(found.values())).rename_columns(list(found)), where)
    for fault in faults:
        raise InputError(fault.message(int(fault.rows[0])))
    return columns


def cast_columns(table: pa.Table, where: str) -> Cast:
    """Return the columns of `table`, which have canonical names, in canonical types, rows in their order.

    Dates become DATE (of the clock they were written in), prices DOUBLE, volume BIGINT; NaN and the usual
    words for nothing become NULL, as do columns the source does not have, and what is a fault.

    Parameters
    ----------
    table
        The recognised columns of the input.
    where
        The input's name, for messages.

    Raises
    ------
    InputError
        The input has no rows, or a column is of another kind as a whole. The message names the column, as
        those of the faults do, with the row (1 is the first below the heading) and, where known, symbol and
        date.
    """
    if table.num_rows == 0:
        raise InputError(f"{where}: no rows below the heading; give at least one bar")

    rows = table.num_rows
    columns_left = {name: table.column(name) for name in table.column_names}
    del table  # each column is let go of once it is cast, so that a long file is not held twice

    def column(name: str) -> pa.Array:
        return _plain(columns_left.pop(name))

    def row(index: int) -> str:
        return f"row {index + 1}"

    faults: list[Fault] = []
    symbols = _symbols(column("symbol"), where, faults) if "symbol" in columns_left else None

    def row_of_symbol(index: int) -> str:
        return f"{row(index)}, symbol {shown(symbols[index].as_py())}" if symbols is not None else row(index)

    dates = _dates(column("session_date"), where, row_of_symbol, faults)

    def row_of_date(index: int) -> str:
        day = dates.values[index].as_py()
        return f"{row_of_symbol(index)}, {day}" if day else row_of_symbol(index)

    times = dates.times
    if "time" in columns_left:
        times = column("time").dictionary_encode().indices.cast(pa.int32())
    texts = [columns_left[name] for name in _NUMBERS if name in columns_left]
    decimal = decimal_of([text for text in texts if _is_text(text.type)])
    del texts
    columns = {} if symbols is None else {"symbol": symbols}
    columns["session_date"] = dates.values
    rounded = np.array([], np.int64)
    for name in _NUMBERS:
        if name not in columns_left:
            columns[name] = pa.nulls(rows, pa.int64() if name == "volume" else pa.float64())
            continue
        at = f"{where}: column {name}"
        if name == "volume":
            columns[name], rounded = _whole_numbers(column(name), at, row_of_date, decimal, faults)
        else:
            columns[name] = _doubles(column(name), at, row_of_date, decimal, faults)
    if times is not None:
        columns["time_of_day"] = times
    return Cast(pa.table(columns), faults, rounded)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _plain(column: pa.ChunkedArray) -> pa.Array:
    """Return one chunk, without dictionaries, and any text as trimmed VARCHAR."""
    array = column.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return pc.utf8_trim_whitespace(array.cast(pa.string())) if _is_text(array.type) else array


def _symbols(column: pa.Array, where: str, faults: list[Fault]) -> pa.Array:
    if not pa.types.is_string(column.type):
        raise InputError(f"{where}: column symbol holds {column.type}, not text; write symbols as text")
    column = pc.fill_null(column, "")
    empty = np.flatnonzero(pc.equal(column, "").to_numpy(zero_copy_only=False))
    if len(empty):
        faults.append(
            Fault(empty, lambda index: f"{where}: column symbol, row {index + 1}: no symbol; name one")
        )
    return column


def _dates(column: pa.Array, where: str, place: _Place, faults: list[Fault]) -> Dates:
    if pa.types.is_string(column.type):
        dates = dates_of_text(column)
    elif pa.types.is_timestamp(column.type):
        dates = dates_of_timestamps(column)
    elif pa.types.is_date(column.type):
        dates = dates_of_timestamps(column.cast(pa.timestamp("ms")))
    else:
        raise InputError(
            f"{where}: column date holds {column.type}, not dates; write them as YYYY-MM-DD or as a date type"
        )

    def message(index: int) -> str:
        written = shown(column[index].as_py() or "")
        return f"{where}: column date, {place(index)}: {written} {dates.reason}"

    if len(dates.bad):
        faults.append(Fault(dates.bad, message))
    return dates


def _doubles(
    column: pa.Array,
    where: str,
    place: _Place,
    decimal: Decimal,
    faults: list[Fault],
    *,
    units: bool = False,
) -> pa.Array:
    kind = column.type
    if pa.types.is_string(kind):
        text = column
        column, bad = doubles_of(text, decimal, units=units)
        if len(bad):
            faults.append(
                Fault(
                    bad,
                    lambda index: (
                        f"{where}, {place(index)}: {shown(text[index].as_py())} is no number; "
                        "correct it, or leave it empty if unknown"
                    ),
                )
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


def _whole_numbers(
    column: pa.Array, where: str, place: _Place, decimal: Decimal, faults: list[Fault]
) -> tuple[pa.Array, np.ndarray]:
    """Return whole numbers, and the rows of those that had to be rounded."""
    source = without_missing_words(column) if pa.types.is_string(column.type) else column
    # Integers go straight through: a detour by DOUBLE would round those beyond 2**53. Texts do where they are
    # digits alone: Arrow would take 0x10 for 16.
    if pa.types.is_integer(source.type) or (
        pa.types.is_string(source.type) and not pc.any(pc.match_substring_regex(source, "[^0-9]")).as_py()
    ):
        try:
            return source.cast(pa.int64()), np.array([], np.int64)
        except pa.ArrowInvalid:  # beyond 2**63
            pass
    doubles = _doubles(column, where, place, decimal, faults, units=True)
    values = doubles.to_numpy(zero_copy_only=False)
    whole = np.rint(values)
    bad = np.abs(whole) >= 2.0**63
    if bad.any():
        faults.append(
            Fault(
                np.flatnonzero(bad),
                lambda index: (
                    f"{where}, {place(index)}: {values[index]} is no whole number; "
                    "correct it, or leave it empty if unknown"
                ),
            )
        )
    rounded = np.flatnonzero((values != whole) & ~np.isnan(values))
    return pa.array(np.where(bad, np.nan, whole), from_pandas=True).cast(pa.int64(), safe=False), rounded
