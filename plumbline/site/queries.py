"""The site's queries: one SELECT a file, each asked once, and their answers as JSON."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import groupby
from pathlib import Path

import duckdb

_TABLE = re.compile(r"\b(?:from|join)\s+(\w+\.\w+)")


class SiteError(ValueError):
    """The site cannot be built; the message names the file and says what is wrong."""


class AbsentTablesError(SiteError):
    """A query reads tables that this warehouse does not have."""

    def __init__(self, query: str, tables: list[str]) -> None:
        super().__init__(f"site/queries/{query}.sql reads {', '.join(tables)}, not in this warehouse")
        self.tables = tables


@dataclass(frozen=True)
class Answer:
    """What the warehouse answers to a query: values are str, int, float, bool or None."""

    name: str
    sql: str
    columns: tuple[str, ...]
    rows: tuple[tuple, ...]

    def records(self) -> list[dict[str, object]]:
        """Return the rows by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def asking(con: duckdb.DuckDBPyConnection, folder: Path) -> Callable[[str], Answer]:
    """Return a function from the name of a query in `folder` to its answer; each is asked once.

    It raises `AbsentTablesError` where the warehouse lacks a table, and `SiteError` where the query is
    wrong; both name the file.
    """
    # One thread: a parallel sum of doubles may differ in its last bits from build to build.
    con.execute("set threads = 1")
    tables = "select table_schema || '.' || table_name from information_schema.tables"
    known = {name for (name,) in con.execute(tables).fetchall()}

    @cache
    def ask(name: str) -> Answer:
        path = folder / f"{name}.sql"
        if not path.exists():
            raise SiteError(f"there is no site/queries/{name}.sql")
        sql = path.read_text(encoding="utf-8").strip()
        try:
            statements = con.extract_statements(sql)
            if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
                raise SiteError(f"site/queries/{name}.sql is not one SELECT")
            absent = sorted({*_TABLE.findall(sql)} - known)
            if absent:
                raise AbsentTablesError(name, absent)
            result = con.execute(sql)
            columns = tuple(column[0] for column in result.description)
            rows = tuple(tuple(_plain(value) for value in row) for row in result.fetchall())
        except duckdb.Error as error:
            raise SiteError(f"site/queries/{name}.sql: {error}") from error
        return Answer(name, sql, columns, rows)

    return ask


def _plain(value: object) -> str | int | float | bool | None:
    if isinstance(value, datetime):
        raise SiteError(f"{value}: format timestamps in the query, so that no time zone is left to chance")
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def columnar(answer: Answer) -> dict[str, object]:
    """Return an answer column by column.

    Text is a list of its values (`of`) and, for each row, which it is (`at`), or for each run of equal rows
    which it is and how many (`runs`).
    """
    columns = [list(column) for column in zip(*answer.rows, strict=True)] or [[] for _ in answer.columns]
    return {"names": answer.columns, "count": len(answer.rows), "columns": [_packed(c) for c in columns]}


def _packed(column: list) -> list | dict[str, list]:
    if not any(isinstance(value, str) for value in column):
        return column
    distinct = list(dict.fromkeys(column))
    place = {value: index for index, value in enumerate(distinct)}
    runs = [(place[value], len([*same])) for value, same in groupby(column)]
    if 2 * len(runs) < len(column):
        return {"of": distinct, "runs": [number for run in runs for number in run]}
    return {"of": distinct, "at": [place[value] for value in column]}


def script_json(value: object) -> str:
    """Return `value` as JSON that may stand in a <script>: nothing in it can end or open an element."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
