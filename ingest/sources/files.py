"""Bars from CSV and parquet files in Yahoo's shape."""

import re
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
from ingest.symbols import symbol_of_stem, validate_symbol

ENDINGS = (".parquet", ".csv", ".csv.gz")

# Every CSV column is read as text and cast by us, so that a message can name row and value. Arrow wants the
# types by name, hence a bound on their number.
_MAX_CSV_COLUMNS = 256
_ALL_TEXT = {f"f{number}": pa.string() for number in range(_MAX_CSV_COLUMNS)}


def find_files(paths: Sequence[Path]) -> list[Path]:
    """Return the files in `paths`, each once; a folder stands for the CSV and parquet files inside.

    Raises
    ------
    InputError
        A folder holds none.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(child for child in path.iterdir() if child.is_file() and _ending(child))
        if not inside:
            raise InputError(f"{path}: no file in this folder ends in {', '.join(ENDINGS)}; name another one")
        found.extend(inside)
    return list({path.resolve(): path for path in found}.values())


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
    for text, rows in _by_symbol(columns):
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
        return _read_parquet(path) if ending == ".parquet" else _read_csv(path)
    except (pa.ArrowException, OSError) as error:
        kind = "parquet" if ending == ".parquet" else "CSV"
        raise InputError(
            f"{path}: cannot be read as {kind} ({_first_line(error)}); fetch or export it again"
        ) from error


def _read_parquet(path: Path) -> pa.Table:
    # ParquetFile, not read_table: a folder named `year=2020` above must not become a column.
    with pyarrow.parquet.ParquetFile(path) as file:
        wanted = recognised(file.schema_arrow.names, str(path))
        return file.read(columns=list(wanted.values()))


def _read_csv(path: Path) -> pa.Table:
    table = pyarrow.csv.read_csv(
        path,
        # One thread, so that Arrow's messages name the row; the heading is read as data, so that two
        # columns of one name are seen as such.
        read_options=pyarrow.csv.ReadOptions(autogenerate_column_names=True, use_threads=False),
        convert_options=pyarrow.csv.ConvertOptions(column_types=_ALL_TEXT),
    )
    if table.num_columns > _MAX_CSV_COLUMNS:
        raise InputError(f"{path}: {table.num_columns} columns; keep those that are needed")
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
    ordered = columns.drop_columns("symbol").take(order)
    starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
    for begin, end in zip(starts, [*starts[1:], len(codes)], strict=True):
        yield spellings[codes[order[begin]]], ordered.slice(begin, end - begin)
