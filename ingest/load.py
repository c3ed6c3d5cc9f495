"""From the landing folder into schema ``raw`` of the warehouse, which is its copy."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from ingest.manifests import Manifest, ManifestError, landed_batches, read_manifest
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
    splits double
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
    price_basis varchar not null
);

create table if not exists raw.sessions (
    session_date date primary key,
    close_at timestamptz not null,
    is_early_close boolean not null
);
"""
_TABLE_NAMES = {"bars", "batches", "sessions"}

_INSERT_BATCH = """
insert into raw.batches
    (batch_id, source, request, ingested_at, sha256, rows, first_session, last_session, versions, price_basis)
values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


class DamagedLandingError(Exception):
    """Landed files are not what their manifest says; the message names each. All others are loaded."""


def load_landed(con: duckdb.DuckDBPyConnection, landing: Path) -> list[str]:
    """Load every landed batch that schema ``raw`` does not hold yet; return their ids, oldest first.

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
    loaded = {batch_id for (batch_id,) in con.execute("select batch_id from raw.batches").fetchall()}
    manifests, damages = _read_manifests(landing, landed_batches(landing) - loaded)
    new: list[str] = []
    for manifest in manifests:
        try:
            _load_batch(con, landing / manifest["batch_id"], manifest)
        except DamagedLandingError as error:
            damages.append(str(error))
        else:
            new.append(manifest["batch_id"])
    _cover_sessions(con)
    if damages:
        raise DamagedLandingError("; ".join(damages))
    return new


def _create_missing_tables(con: duckdb.DuckDBPyConnection) -> None:
    found = con.execute(
        "select table_name from duckdb_tables() "
        "where database_name = current_database() and schema_name = 'raw'"
    ).fetchall()
    if not {name for (name,) in found} >= _TABLE_NAMES:
        con.execute(_TABLES)


def _read_manifests(landing: Path, batch_ids: set[str]) -> tuple[list[Manifest], list[str]]:
    """Return the manifests of these batches, oldest first, and what is wrong with those that have none."""
    manifests: list[Manifest] = []
    damages: list[str] = []
    for batch_id in sorted(batch_ids):
        try:
            manifests.append(read_manifest(landing / batch_id))
        except ManifestError as error:
            damages.append(str(error))
    return sorted(manifests, key=lambda manifest: manifest["ingested_at"]), damages


@contextmanager
def _transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    con.execute("begin transaction")
    try:
        yield
    except BaseException:
        con.execute("rollback")
        raise
    con.execute("commit")


def _load_batch(con: duckdb.DuckDBPyConnection, folder: Path, manifest: Manifest) -> None:
    with _transaction(con):
        for entry in manifest["symbols"]:
            bars = _read_verified(folder / file_name(entry["symbol"]), entry["sha256"])
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
            ],
        )


def _read_verified(path: Path, sha256: str) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.parquet

    # Hash and parse the same bytes: nothing can change between the two.
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DamagedLandingError(_damaged(path, error.strerror or "unreadable")) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise DamagedLandingError(_damaged(path, "its sha256 is not that of its manifest"))
    return pyarrow.parquet.read_table(pa.BufferReader(data))


def _damaged(path: Path, fault: str) -> str:
    return (
        f"{path} is damaged ({fault}); restore it from a copy, or remove the batch's folder and ingest its "
        "symbols again"
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
    """Let ``raw.sessions`` hold every session of the whole years that bars have landed for."""
    first, last = con.execute(
        "select min(year(first_session)), max(year(last_session)) from raw.batches"
    ).fetchone()
    from_year, to_year = con.execute(
        "select min(year(session_date)), max(year(session_date)) from raw.sessions"
    ).fetchone()
    if first is None or (from_year is not None and from_year <= first and last <= to_year):
        return
    from ingest.calendar import session_table

    with _transaction(con):
        con.execute("delete from raw.sessions")
        con.from_arrow(session_table(first, last)).insert_into("raw.sessions")
