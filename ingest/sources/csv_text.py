"""CSV files as people have them: any delimiter and encoding, titles above the heading and lines below."""

import codecs
import csv
import gzip
import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.csv

from ingest.dates import dates_of_text
from ingest.errors import InputError
from ingest.headings import meaning, plain
from ingest.layout import heading_rows
from ingest.sources.limits import DELIMITERS, check_csv

_DELIMITERS = b"".join(DELIMITERS).decode()
# Of lines above the heading, and below the bars.
_MOST_TITLES = 30
_MOST_FOOTERS = 20
_ENOUGH_HEADINGS = 3
_CHUNK = 2**20


class Csv(NamedTuple):
    """The headings of a CSV file (see `heading_rows`), and the text below them in columns f0, f1, …."""

    levels: list[Sequence[str]]
    table: pa.Table
    notes: tuple[str, ...]


def read_csv(path: Path, is_packed: bool, max_columns: int) -> Csv:
    """Return what a CSV file holds, all of it text.

    Raises
    ------
    InputError
        It is too large, or a line between the bars is no bar.
    pa.ArrowException, OSError, EOFError, zlib.error
        It cannot be read.
    """
    begin = check_csv(path, is_packed, max_columns)
    encoding = "utf-16" if begin.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8"
    text = begin.decode(encoding, errors="replace").removeprefix("\ufeff")
    lines = re.split(r"\r\n|\r|\n", text)[: _MOST_TITLES + 3]
    first, delimiter = _heading(lines)
    rows = [_cells(line, delimiter) for line in lines[first:] if line]
    levels, height = heading_rows(rows or [[""]])
    ragged: list[tuple[int, str]] = []

    def beside(row: pyarrow.csv.InvalidRow) -> str:
        if len(ragged) == _MOST_FOOTERS or _is_date(_cells(row.text, delimiter)[0]):
            return "error"
        ragged.append(
            (
                row.number,
                f"Row #{row.number}: Expected {row.expected_columns} columns, got {row.actual_columns}",
            )
        )
        return "skip"

    def read(encoding: str) -> pa.Table:
        ragged.clear()
        return pyarrow.csv.read_csv(
            path,
            # One thread, so that Arrow numbers the rows; the heading is read as data, so that two columns of
            # one name are seen as such.
            read_options=pyarrow.csv.ReadOptions(
                autogenerate_column_names=True, use_threads=False, encoding=encoding, skip_rows=first
            ),
            parse_options=pyarrow.csv.ParseOptions(delimiter=delimiter, invalid_row_handler=beside),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={f"f{number}": pa.string() for number in range(max_columns)}
            ),
        )

    try:
        table = read(encoding)
    except (pa.ArrowInvalid, UnicodeDecodeError):
        if encoding != "utf-8" or _is_utf8(path, is_packed):
            raise
        table = read("latin-1")
    if ragged and ragged[0][0] <= first + table.num_rows:
        raise InputError(f"{path}: cannot be read as CSV ({ragged[0][1]}); fetch or export it again")
    table = table.slice(height)
    below = _lines_below(table)
    table = table.slice(0, table.num_rows - below)
    below += len(ragged)
    notes = (f"{below} line{'s' if below > 1 else ''} below the bars left out",) if below else ()
    return Csv(levels, table, notes)


def _is_utf8(path: Path, is_packed: bool) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with gzip.open(path) if is_packed else path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _heading(lines: Sequence[str]) -> tuple[int, str]:
    """Return the number of the line with the heading, and its delimiter."""
    split = [_cells(line, delimiter) for line in lines for delimiter in [_delimiter(line)]]
    for number, cells in enumerate(split):
        if len({meaning(cell) for cell in cells} - {None}) >= _ENOUGH_HEADINGS:
            is_second = number and heading_rows([split[number - 1], cells])[1] > 1
            first = number - 1 if is_second else number
            return first, _delimiter(lines[first])
    for number, cells in enumerate(split):
        if len(cells) > 1 and (meaning(cells[0]) == "session_date" or plain(cells[0]) in ("price", "ticker")):
            return number, _delimiter(lines[number])
    return 0, _delimiter(lines[0])


def _delimiter(line: str) -> str:
    try:
        return csv.Sniffer().sniff(line, _DELIMITERS).delimiter
    except csv.Error:
        return ","


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [""])
    except csv.Error:  # a NUL, or a cell beyond all bounds
        return [line]


def _is_date(text: str) -> bool:
    """Return whether a line that begins with `text` may be one of the bars, perhaps cut short."""
    return text[:1].isdigit() or not len(dates_of_text(pa.array([text.strip()])).bad)


def _lines_below(table: pa.Table) -> int:
    """Return how many rows at the end are no bars: a remark in one cell, the others empty."""
    count = 0
    for row in reversed(table.slice(max(0, table.num_rows - _MOST_FOOTERS)).to_pylist()):
        filled = [cell.strip() for cell in row.values() if cell and cell.strip()]
        if len(row) == 1 or len(filled) > 1 or (filled and _is_date(filled[0])):
            break
        count += 1
    return count
