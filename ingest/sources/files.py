"""Bars from CSV and parquet files, in the shapes that people have them in."""

import re
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from ingest.bars import Bars, Refusal, make_bars
from ingest.columns import Cast, cast_columns
from ingest.errors import InputError, shown
from ingest.layout import Part, parquet_headings, parts
from ingest.sources.csv_text import read_csv
from ingest.sources.folders import ENDINGS, ending
from ingest.sources.limits import (
    MAX_COLUMNS,
    MAX_PRICE_COLUMNS,
    check_held,
    check_parquet,
    check_parquet_footer,
)
from ingest.symbols import symbol_of_stem, validate_symbol

# Rows of a parquet file at a time: a text that repeats is short in the file and long in memory.
_ROWS_AT_A_TIME = 8_192

_PRICES_ALONE = "prices alone: volume is unknown, so strategies that need it have no forecast"


class _Sheet(NamedTuple):
    """What a file holds: columns f0, f1, …, whose they are, and notes on what was left out."""

    table: pa.Table
    parts: list[Part]
    notes: tuple[str, ...]


class _OfSymbol(NamedTuple):
    """The rows of one symbol (None: that of the file's name), what is wrong in them, and notes."""

    text: str | None
    table: pa.Table
    fault: str | None
    notes: tuple[str, ...]


def read_file(
    path: Path, *, start: date | None = None, end: date | None = None, today: date, prices: bool = False
) -> list[Bars | Refusal]:
    """Return the bars in one file: of the symbol it is named by, or of each that it names inside.

    Parameters
    ----------
    path
        ``SPY.parquet``, ``^GSPC.csv``, ``%5EGSPC.csv.gz``, or any name with symbols inside: in a column
        `symbol`, or in the headings.
    start, end
        First and last session wanted, both included; None is open.
    today
        The last day whose bar can be final.
    prices
        Whether the file holds prices alone, which are taken as adjusted closes.

    Returns
    -------
    list
        A symbol that is refused stands beside those that come.

    Raises
    ------
    InputError
        The file as a whole is refused.
    """
    outcomes: list[Bars | Refusal] = []
    try:
        for text, table, fault, notes in _symbols(_read_sheet(path, prices), str(path)):
            try:
                if fault:
                    raise InputError(fault)
                stem = path.name[: -len(ending(path))]
                symbol = symbol_of_stem(stem) if text is None else validate_symbol(text)
                rows = _as_adjusted_closes(table, f"{path}: {symbol}") if prices else table
                bars = make_bars(symbol, rows, str(path), start=start, end=end, today=today)
            except InputError as error:
                if text is None:
                    raise
                outcomes.append(Refusal(text or str(path), str(error)))
                continue
            alone = (_PRICES_ALONE,) if prices else ()
            outcomes.append(bars._replace(notes=(*bars.notes, *alone, *notes)))
    except (pa.ArrowException, OverflowError) as error:  # times or zones that Arrow cannot convert
        raise InputError(f"{path}: a value cannot be converted ({_first_line(error)}); correct it") from error
    return outcomes


def _read_sheet(path: Path, prices: bool) -> _Sheet:
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the path")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty; fetch it again")
    end = ending(path).lower()
    if not end:
        raise InputError(f"{path}: the name ends in none of {', '.join(ENDINGS)}; rename or convert it")
    max_columns = MAX_PRICE_COLUMNS if prices else MAX_COLUMNS
    try:
        if end == ".parquet":
            return _read_parquet(path, prices, max_columns)
        levels, table, notes = read_csv(path, end == ".csv.gz", max_columns)
        return _Sheet(table, parts(levels, str(path), prices=prices), notes)
    except UnicodeEncodeError as error:  # Arrow wants names that can be written
        raise InputError(f"{path}: the name of this file is no text; rename it") from error
    except (pa.ArrowException, OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        kind = "parquet" if end == ".parquet" else "CSV"
        raise InputError(
            f"{path}: cannot be read as {kind} ({_first_line(error)}); fetch or export it again"
        ) from error


def _read_parquet(path: Path, prices: bool, max_columns: int) -> _Sheet:
    check_parquet_footer(path)
    # ParquetFile, not read_table: a folder named `year=2020` above must not become a column.
    with pyarrow.parquet.ParquetFile(path) as file:
        check_parquet(path, file.metadata, max_columns)
        names = file.schema_arrow.names
        whose = parts(parquet_headings(names), str(path), prices=prices)
        wanted = {
            names[at]: f"f{at}" for at in sorted({at for part in whose for at in part.columns.values()})
        }
        batches: list[pa.RecordBatch] = []
        held = 0
        for batch in file.iter_batches(_ROWS_AT_A_TIME, columns=list(wanted)):
            batches.append(batch)
            held += batch.nbytes
            check_held(path, held)
        schema = pa.schema([file.schema_arrow.field(name) for name in wanted])
        table = pa.Table.from_batches([batch.select(list(wanted)) for batch in batches], schema=schema)
        return _Sheet(table.rename_columns(list(wanted.values())), whose, ())


def _first_line(error: Exception) -> str:
    message = str(error).splitlines()[0] if str(error) else type(error).__name__
    # Arrow quotes the offending line in full; the row number is what helps.
    ragged = re.search(r"Row #\d+: Expected \d+ columns, got \d+", message)
    return ragged[0] if ragged else shown(message)[1:-1]


def _columns_of(table: pa.Table, columns: dict[str, int]) -> pa.Table:
    return table.select([f"f{at}" for at in columns.values()]).rename_columns(list(columns))


def _symbols(sheet: _Sheet, where: str) -> Iterator[_OfSymbol]:
    """Return the rows of the one symbol of a file, or of each that it names."""
    if sheet.parts[0].symbol is not None:
        return _side_by_side(sheet, where)
    tables, notes = [_columns_of(sheet.table, sheet.parts[0].columns)], sheet.notes
    del sheet  # so that the file is held once
    cast = cast_columns(tables.pop(), where)
    if "symbol" in cast.table.column_names:
        return _by_symbol(cast, notes)
    return iter([_OfSymbol(None, cast.table, _first_fault(cast), (*_rounded(len(cast.rounded)), *notes))])


def _side_by_side(sheet: _Sheet, where: str) -> Iterator[_OfSymbol]:
    """Yield the columns of each symbol, beside the dates that all of them share."""
    date_at = sheet.parts[0].columns["session_date"]
    dates = cast_columns(_columns_of(sheet.table, {"session_date": date_at}), where)
    if fault := _first_fault(dates):
        raise InputError(fault)
    shared = dates.table
    for symbol, columns in sheet.parts:
        values = {name: at for name, at in columns.items() if name != "session_date"}
        own = _columns_of(sheet.table, values).add_column(0, "session_date", shared["session_date"])
        cast = cast_columns(own, f"{where}: {shown(symbol)[1:-1]}")
        table = cast.table
        if "time_of_day" in shared.column_names:
            table = table.append_column("time_of_day", shared["time_of_day"])
        yield _OfSymbol(symbol, table, _first_fault(cast), (*_rounded(len(cast.rounded)), *sheet.notes))


def _first_fault(cast: Cast) -> str | None:
    return next((fault.message(int(fault.rows[0])) for fault in cast.faults), None)


def _as_adjusted_closes(table: pa.Table, where: str) -> pa.Table:
    """Return bars of which only the adjusted close is known, a row for each price."""
    priced = table.filter(pc.is_valid(table["close"]))
    if not priced.num_rows:
        raise InputError(f"{where} has no price at all; leave it out")
    return priced.set_column(priced.column_names.index("adj_close"), "adj_close", priced["close"])


def _rounded(count: int) -> tuple[str, ...]:
    return (f"{count:,} volume{'s' if count > 1 else ''} rounded to whole shares",) if count else ()


def _by_symbol(cast: Cast, notes: tuple[str, ...]) -> Iterator[_OfSymbol]:
    """Yield each symbol's name, as first spelt, and its rows, symbols and rows in the order they come."""
    columns, faults, rounded = cast
    encoded = columns["symbol"].combine_chunks().dictionary_encode()
    spellings = encoded.dictionary.to_pylist()
    first_spelling: dict[str, int] = {}
    same = np.array([first_spelling.setdefault(text.upper(), code) for code, text in enumerate(spellings)])
    codes = same[encoded.indices.to_numpy()]
    rounded_by_code = np.bincount(codes[rounded], minlength=len(spellings))
    fault_of: dict[int, str] = {}
    for fault in faults:
        hit, first = np.unique(codes[fault.rows], return_index=True)
        for code, at in zip(hit, first, strict=True):
            if code not in fault_of:
                fault_of[code] = fault.message(int(fault.rows[at]))
    order = np.argsort(codes, kind="stable")
    arrays = {name: columns[name] for name in columns.column_names if name != "symbol"}
    del columns, cast, faults
    for name in arrays:  # one by one, so that one column at a time is held twice
        arrays[name] = arrays[name].take(order)
    ordered = pa.table(arrays)
    del arrays
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    for begin, end in zip(starts, [*starts[1:], len(codes)], strict=True):
        code = codes[order[begin]]
        rows = ordered.slice(begin, end - begin)
        mine = (*_rounded(rounded_by_code[code]), *notes)
        yield _OfSymbol(spellings[code], rows, fault_of.get(code), mine)
