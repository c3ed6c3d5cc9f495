"""Content hashes of tables: equal content, equal hash, whatever the threads or the file layout."""

import hashlib
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

ROWS_A_BATCH = 100_000


class TableHash(NamedTuple):
    """Content hash of one table."""

    table_name: str
    rows: int
    sha256: str


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _feed(hashes: list, column: pa.Array) -> None:
    """Feed null mask, lengths and values of one column; batch boundaries leave no trace."""
    nulls, lengths, values = hashes
    nulls.update(column.is_null().cast(pa.uint8()).to_numpy(zero_copy_only=False).tobytes())
    if pa.types.is_string(column.type):
        text = pa.concat_arrays([column.fill_null("").cast(pa.large_binary())])
        lengths.update(pc.binary_length(text).to_numpy().tobytes())
        values.update(b"".join(text.to_pylist()))
    elif pa.types.is_date(column.type):
        values.update(column.cast(pa.int32()).fill_null(0).to_numpy().tobytes())
    elif pa.types.is_boolean(column.type):
        values.update(column.fill_null(False).cast(pa.uint8()).to_numpy().tobytes())
    elif pa.types.is_integer(column.type) or pa.types.is_float64(column.type):
        values.update(np.ascontiguousarray(column.fill_null(0).to_numpy()).tobytes())
    else:
        raise TypeError(f"no exact serialisation for columns of type {column.type}")


def hash_table(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> TableHash:
    """Hash a table with sha256: rows ordered by key, columns by name, doubles to the last bit.

    Tables have their key columns first, so ordering by all columns is ordering by key.
    """
    names = con.execute(
        "select column_name from information_schema.columns "
        "where table_schema = ? and table_name = ? order by column_name",
        [schema, table],
    ).fetchall()
    hashes = {name: [hashlib.sha256() for _ in range(3)] for (name,) in names}
    rows = 0
    relation = con.sql(f"select * from {_quoted(schema)}.{_quoted(table)} order by all")
    for batch in relation.to_arrow_reader(ROWS_A_BATCH):
        rows += batch.num_rows
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            _feed(hashes[name], column)
    whole = hashlib.sha256()
    for name in sorted(hashes):
        whole.update(name.encode() + b"\0" + b"".join(part.digest() for part in hashes[name]))
    return TableHash(table, rows, whole.hexdigest())


def hash_marts(con: duckdb.DuckDBPyConnection, schema: str = "marts") -> list[TableHash]:
    """Hash every table of `schema`, views too, by name."""
    tables = con.execute(
        "select table_name from information_schema.tables where table_schema = ? order by table_name",
        [schema],
    ).fetchall()
    return [hash_table(con, schema, table) for (table,) in tables]
