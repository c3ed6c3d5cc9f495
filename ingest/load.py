"""From the landing folder into schema ``raw`` of the warehouse, which is its copy."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb

from ingest.manifests import Manifest, landed_batches, read_whole_manifests
from ingest.removals import Removal, read_whole_removals, recorded_removals
from ingest.symbols import file_name

if TYPE_CHECKING:
    import pyarrow as pa

# Every dbt connection comes through here, mostly to find nothing new: pyarrow and the calendar (which brings
# pandas, a second in all) are imported where something is.

_TABLES = """
create schema if not exists raw;

create table if not exists raw.bars (
    batch_id varchar not null,
    symbol varchar not null,
    row_number bigint not null,
    source varchar not null,
    session_date date not null,
    open double,
    high double,
    low double,
    close double,
    adj_close double,
    volume bigint,
    dividends double,
    splits double,
    capital_gains double
);

create table if not exists raw.batches (
    batch_id varchar primary key,
    source varchar not null,
    request varchar not null,
    ingested_at timestamptz not null,
    sha256 varchar not null,
    rows bigint not null,
    first_session date not null,
    last_session date not null,
    versions varchar not null,
    price_basis varchar not null,
    is_replacement boolean not null
);

create table if not exists raw.sessions (
    session_date date primary key,
    close_at timestamptz not null,
    is_early_close boolean not null
);

create table if not exists raw.removals (
    removal_id varchar primary key,
    symbol varchar not null,
    is_removed boolean not null,
    recorded_at timestamptz not null,
    delisted_by varchar
);
"""
_TABLE_NAMES = {"bars", "batches", "sessions", "removals"}

# Columns that tables of an older raw lack.
_LATER_COLUMNS = """
alter table raw.bars add column if not exists capital_gains double;
alter table raw.batches add column if not exists is_replacement boolean default false;
alter table raw.batches alter column is_replacement set not null;
alter table raw.removals add column if not exists delisted_by varchar;
"""

_INSERT_BATCH = """
insert into raw.batches
    (batch_id, source, request, ingested_at, sha256, rows, first_session, last_session, versions, price_basis,
    is_replacement)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


WAY_OUT = "restore it from a copy, or remove the batch's folder and ingest its symbols again"


class DamagedLandingError(Exception):
    """Landed files are not what their manifest says; the message names them."""


def load_landed(con: duckdb.DuckDBPyConnection, landing: Path) -> list[str]:
    """Load every landed batch that schema ``raw`` does not hold yet; return their ids, oldest first.

    The entries beside them, of symbols that were taken out or delisted, come with them.

    Creates the schema and its tables where missing, so that it works before anything has landed. A batch
    comes whole or not at all, after the checksum of each of its files was verified.

    Parameters
    ----------
    con
        A connection to the warehouse that may write, with no transaction open. Where nothing is missing,
        nothing is written.
    landing
        The landing folder; it need not exist.

    Raises
    ------
    DamagedLandingError
        A file or manifest is damaged; every other batch has been loaded.
    """
    _create_missing_tables(con)
    loaded = _batch_ids(con)
    manifests, damages = read_whole_manifests(landing, landed_batches(landing) - loaded)
    new: list[str] = []
    for manifest in manifests:
        try:
            with _transaction(con):
                _insert_batch(con, landing / manifest["batch_id"], manifest)
        except DamagedLandingError as error:
            damages.append(str(error))
        else:
            new.append(manifest["batch_id"])
    known = {each for (each,) in con.execute("select removal_id from raw.removals").fetchall()}
    removals, damaged_removals = read_whole_removals(landing, recorded_removals(landing) - known)
    damages += damaged_removals
    with _transaction(con):
        _insert_removals(con, removals)
        _cover_sessions(con)
    if damages:
        raise DamagedLandingError("; ".join(damages))
    return new


class Rebuilt(NamedTuple):
    """What a rebuild made of schema ``raw``: the batches in it, and those that had no landing files."""

    batch_ids: list[str]
    gone: list[str]


def rebuild_raw(con: duckdb.DuckDBPyConnection, landing: Path) -> Rebuilt:
    """Make schema ``raw`` again from the landing files alone, or leave it as it is.

    Parameters
    ----------
    con
        A connection to the warehouse that may write, with no transaction open.
    landing
        The landing folder.

    Raises
    ------
    DamagedLandingError
        A file or manifest is damaged: it may be that only the old ``raw`` still holds its bars.
    """
    manifests, damages = read_whole_manifests(landing, landed_batches(landing))
    removals, damaged_removals = read_whole_removals(landing, recorded_removals(landing))
    damages += damaged_removals
    with _transaction(con):
        before = _batch_ids(con) if "batches" in _found_tables(con) else set()
        for name in sorted(_TABLE_NAMES):
            con.execute(f"drop table if exists raw.{name}")
        con.execute(_TABLES)
        for manifest in manifests:
            try:
                _insert_batch(con, landing / manifest["batch_id"], manifest)
            except DamagedLandingError as error:
                damages.append(str(error))
        if damages:
            raise DamagedLandingError("; ".join(damages))
        _insert_removals(con, removals)
        _cover_sessions(con)
    batch_ids = [manifest["batch_id"] for manifest in manifests]
    return Rebuilt(batch_ids, sorted(before - {*batch_ids}))


def read_verified(path: Path, sha256: str) -> "pa.Table":
    """Return the bars in a landed file of these bytes.

    Raises
    ------
    DamagedLandingError
        The file is missing, its bytes are others, or they are no parquet file.
    """
    import pyarrow as pa
    import pyarrow.parquet

    from ingest.bars import completed

    # Hash and parse the same bytes: nothing can change between the two.
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DamagedLandingError(damaged(path, error.strerror or "unreadable")) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DamagedLandingError(damaged(path, "its sha256 is not that of its manifest"))
    try:
        return completed(pyarrow.parquet.read_table(pa.BufferReader(data)))
    except pa.ArrowException as error:
        raise DamagedLandingError(damaged(path, "it is no parquet file")) from error


def damaged(path: Path, fault: str) -> str:
    """Return the one line for a landed file that is not what its manifest says, with the way out."""
    return f"{path} is damaged ({fault}); {WAY_OUT}"


def _create_missing_tables(con: duckdb.DuckDBPyConnection) -> None:
    if not _found_tables(con) >= _TABLE_NAMES:
        con.execute(_TABLES)
    if not _columns(con) >= {"capital_gains", "is_replacement", "delisted_by"}:
        con.execute(_LATER_COLUMNS)


def _found_tables(con: duckdb.DuckDBPyConnection) -> set[str]:
    found = con.execute(
        "select table_name from duckdb_tables() "
        "where database_name = current_database() and schema_name = 'raw'"
    ).fetchall()
    return {name for (name,) in found}


def _columns(con: duckdb.DuckDBPyConnection) -> set[str]:
    found = con.execute(
        "select column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'raw'"
    ).fetchall()
    return {name for (name,) in found}


def _batch_ids(con: duckdb.DuckDBPyConnection) -> set[str]:
    return {batch_id for (batch_id,) in con.execute("select batch_id from raw.batches").fetchall()}


@contextmanager
def _transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    con.execute("begin transaction")
    try:
        yield
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")


def _insert_batch(con: duckdb.DuckDBPyConnection, folder: Path, manifest: Manifest) -> None:
    for entry in manifest["symbols"]:
        bars = read_verified(folder / file_name(entry["symbol"]), entry["sha256"])
        con.from_arrow(_raw_rows(bars, manifest, entry["symbol"])).insert_into("raw.bars")
    con.execute(
        _INSERT_BATCH,
        [
            manifest["batch_id"],
            manifest["source"],
            json.dumps(manifest["request"]),
            manifest["ingested_at"],
            manifest["sha256"],
            manifest["rows"],
            manifest["first_session"],
            manifest["last_session"],
            json.dumps(manifest["versions"]),
            manifest["price_basis"],
            manifest.get("replaces", False),
        ],
    )


def _insert_removals(con: duckdb.DuckDBPyConnection, removals: dict[str, Removal]) -> None:
    for identity, removal in removals.items():
        con.execute(
            "insert into raw.removals (removal_id, symbol, is_removed, recorded_at, delisted_by) "
            "values (?, ?, ?, ?, ?)",
            [
                identity,
                removal["symbol"],
                removal["is_removed"],
                removal["recorded_at"],
                removal.get("delisted_by"),
            ],
        )


def _raw_rows(bars: "pa.Table", manifest: Manifest, symbol: str) -> "pa.Table":
    """Return `bars` with the columns of ``raw.bars``, in its order."""
    import pyarrow as pa

    return (
        bars.add_column(1, "source", pa.repeat(manifest["source"], bars.num_rows))
        .add_column(0, "symbol", pa.repeat(symbol, bars.num_rows))
        .add_column(0, "batch_id", pa.repeat(manifest["batch_id"], bars.num_rows))
    )


def _cover_sessions(con: duckdb.DuckDBPyConnection) -> None:
    """Let ``raw.sessions`` hold every session of the whole years that bars have landed for.

    Of Yahoo's, up to the time of the batch: how old its last bar was is counted in sessions. Call it in a
    transaction.
    """
    first, last = con.execute(
        "select min(year(first_session)), max(year(last_session)) "
        "from (select first_session, last_session from raw.batches "
        "union all select first_session, cast(ingested_at as date) from raw.batches where source = 'yahoo')"
    ).fetchone()
    from_year, to_year = con.execute(
        "select min(year(session_date)), max(year(session_date)) from raw.sessions"
    ).fetchone()
    if first is None or (from_year is not None and from_year <= first and last <= to_year):
        return
    from ingest.calendar import session_table

    con.execute("delete from raw.sessions")
    con.from_arrow(session_table(first, last)).insert_into("raw.sessions")
