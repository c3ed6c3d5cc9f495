"""Bars from CSV and parquet files in Yahoo's shape."""

import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from ingest.bars import Bars, Refusal, make_bars
from ingest.columns import canonical_columns, recognised
from ingest.errors import InputError, shown
from ingest.sources.limits import MAX_COLUMNS, check_csv, check_held, check_parquet, check_parquet_footer
from ingest.symbols import symbol_of_stem, validate_symbol

ENDINGS = (".parquet", ".csv", ".csv.gz")

# Every CSV column is read as text and cast by us, so that a message can name row and value; Arrow wants the
# types by name.
_ALL_TEXT = {f"f{number}": pa.string() for number in range(MAX_COLUMNS)}

# Rows of a parquet file at a time: a text that repeats is short in the file and long in memory.
_ROWS_AT_A_TIME = 8_192


def find_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files in `paths`, each once; a folder stands for the CSV and parquet files inside.

    Raises
    ------
    InputError
        A folder holds none, or a path cannot be looked at.
    """
    found: dict[Path, Path] = {}
    for path in paths:
        try:
            found |= {file.resolve(): file for file in _files_of(path)}
        except (OSError, RuntimeError) as error:  # a name that is too long, no permission, a ring of links
            raise InputError(
                f"{path}: cannot be looked at ({_first_line(error)}); name another one"
            ) from error
    return list(found.values())


def _files_of(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    inside = sorted(child for child in path.iterdir() if child.is_file() and _ending(child))
    if not inside:
        raise InputError(f"{path}: no file in this folder ends in {', '.join(ENDINGS)}; name another one")
    return inside


def read_file(
    path: Path, *, start: date | None = None, end: date | None = None, today: date
) -> list[Bars | Refusal]:
    """Return the bars in one file: of the symbol it is named by, or of each in its `symbol` column.

    Parameters
    ----------
    path
        ``SPY.parquet``, ``^GSPC.csv``, ``%5EGSPC.csv.gz``, or any name with a column `symbol` inside.
    start, end
        First and last session wanted, both included; None is open.
    today
        The current date in UTC.

    Returns
    -------
    list
        In long form a symbol that is refused stands beside those that come.

    Raises
    ------
    InputError
        The file as a whole is refused.
    """
    try:
        columns = canonical_columns(_read_table(path), str(path))
    except (pa.ArrowException, OverflowError) as error:  # times or zones that Arrow cannot convert
        raise InputError(f"{path}: a value cannot be converted ({_first_line(error)}); correct it") from error
    if "symbol" not in columns.column_names:
        symbol = symbol_of_stem(path.name[: -len(_ending(path))])
        return [make_bars(symbol, columns, str(path), start=start, end=end, today=today)]
    outcomes: list[Bars | Refusal] = []
    grouped = _by_symbol(columns)
    del columns  # so that the file is held once
    for text, rows in grouped:
        try:
            symbol = validate_symbol(text)
            outcomes.append(make_bars(symbol, rows, str(path), start=start, end=end, today=today))
        except InputError as error:
            outcomes.append(Refusal(text, str(error)))
    return outcomes


def _ending(path: Path) -> str:
    """Return which of `ENDINGS` the name has, the empty text for none."""
    return next((path.name[-len(end) :] for end in ENDINGS if path.name.lower().endswith(end)), "")


def _read_table(path: Path) -> pa.Table:
    if not path.is_file():
        raise InputError(f"{path}: no such file; check the path")
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty; fetch it again")
    ending = _ending(path).lower()
    if not ending:
        raise InputError(f"{path}: the name ends in none of {', '.join(ENDINGS)}; rename or convert it")
    try:
        return _read_parquet(path) if ending == ".parquet" else _read_csv(path, ending == ".csv.gz")
    except UnicodeEncodeError as error:  # Arrow wants names that can be written
        raise InputError(f"{path}: the name of this file is no text; rename it") from error
    except (pa.ArrowException, OSError, EOFError, zlib.error) as error:
        kind = "parquet" if ending == ".parquet" else "CSV"
        raise InputError(
            f"{path}: cannot be read as {kind} ({_first_line(error)}); fetch or export it again"
        ) from error


def _read_parquet(path: Path) -> pa.Table:
    check_parquet_footer(path)
    # ParquetFile, not read_table: a folder named `year=2020` above must not become a column.
    with pyarrow.parquet.ParquetFile(path) as file:
        check_parquet(path, file.metadata)
        wanted = list(recognised(file.schema_arrow.names, str(path)).values())
        batches: list[pa.RecordBatch] = []
        held = 0
        for batch in file.iter_batches(_ROWS_AT_A_TIME, columns=wanted):
            batches.append(batch)
            held += batch.nbytes
            check_held(path, held)
        return pa.Table.from_batches(batches, schema=pa.schema([file.schema_arrow.field(n) for n in wanted]))


def _read_csv(path: Path, is_packed: bool) -> pa.Table:
    check_csv(path, is_packed)
    table = pyarrow.csv.read_csv(
        path,
        # One thread, so that Arrow's messages name the row; the heading is read as data, so that two
        # columns of one name are seen as such.
        read_options=pyarrow.csv.ReadOptions(autogenerate_column_names=True, use_threads=False),
        convert_options=pyarrow.csv.ConvertOptions(column_types=_ALL_TEXT),
    )
    headings = [str(column[0].as_py()) for column in table.columns]
    wanted = recognised(headings, str(path))
    return table.slice(1).rename_columns(headings).select(list(wanted.values()))


def _first_line(error: Exception) -> str:
    message = str(error).splitlines()[0] if str(error) else type(error).__name__
    # Arrow quotes the offending line in full; the row number is what helps.
    ragged = re.search(r"Row #\d+: Expected \d+ columns, got \d+", message)
    return ragged[0] if ragged else shown(message)[1:-1]


def _by_symbol(columns: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    """Yield each symbol's name, as first spelt, and its rows, symbols and rows in the order they come."""
    encoded = columns["symbol"].combine_chunks().dictionary_encode()
    spellings = encoded.dictionary.to_pylist()
    first_spelling: dict[str, int] = {}
    same = np.array([first_spelling.setdefault(text.upper(), code) for code, text in enumerate(spellings)])
    codes = same[encoded.indices.to_numpy()]
    order = np.argsort(codes, kind="stable")
    arrays = {name: columns[name] for name in columns.column_names if name != "symbol"}
    del columns
    for name in arrays:  # one by one, so that one column at a time is held twice
        arrays[name] = arrays[name].take(order)
    ordered = pa.table(arrays)
    del arrays
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    for begin, end in zip(starts, [*starts[1:], len(codes)], strict=True):
        yield spellings[codes[order[begin]]], ordered.slice(begin, end - begin)
