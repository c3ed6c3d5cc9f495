"""The marts as files, for Excel, R, Power BI and whatever else does not open DuckDB."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

import duckdb

from plumbline.warehouse.aside import replace

FORMATS = {"parquet": "(format parquet, compression zstd)", "csv": "(format csv, header)"}
BARS = "fct_bars_daily"
_TABLES = "select table_name from information_schema.tables where table_schema = 'marts' order by table_name"


class ExportError(ValueError):
    """What was asked for cannot be exported; the message says what can."""


def export_tables(
    con: duckdb.DuckDBPyConnection, folder: Path, kind: str, tables: Sequence[str] = ()
) -> Iterator[tuple[Path, int]]:
    """Write tables of schema `marts` to files, and the daily bars once more, a file a symbol.

    Each file is written aside and renamed, so that a reader never finds half of one.

    Parameters
    ----------
    con
        A connection to the warehouse.
    folder
        Where the files go: ``TABLE.parquet``, and ``bars/SYMBOL.parquet`` where the bars are exported.
    kind
        `parquet` or `csv`.
    tables
        Which tables; none means all.

    Yields
    ------
    path, rows
        Each file, once it is there.

    Raises
    ------
    ExportError
        There is no such table.
    """
    known = [name for (name,) in con.execute(_TABLES).fetchall()]
    unknown = sorted({*tables} - {*known})
    if unknown or not known:
        raise ExportError(
            f"no table {', '.join(unknown) or 'at all'} in schema marts; "
            + (f"there are: {', '.join(known)}" if known else "build the warehouse first, with: make build")
        )
    for table in tables or known:
        yield _write(con, f"from marts.{table} order by all", folder / f"{table}.{kind}", kind)
    if not tables or BARS in tables:
        for (symbol,) in con.execute(f"select distinct symbol from marts.{BARS} order by 1").fetchall():
            path = folder / "bars" / f"{quote(symbol, safe='')}.{kind}"
            con.execute("set variable exported_symbol = ?", [symbol])
            one = f"from marts.{BARS} where symbol = getvariable('exported_symbol') order by session_date"
            yield _write(con, one, path, kind)


def _write(con: duckdb.DuckDBPyConnection, query: str, path: Path, kind: str) -> tuple[Path, int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.new")
    target = str(aside).replace("'", "''")
    ((rows,),) = con.execute(f"copy ({query}) to '{target}' {FORMATS[kind]}").fetchall()
    replace(aside, path)
    return path, rows
