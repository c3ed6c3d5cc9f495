"""From landing into schema raw: whole batches, verified, once; and what a busy warehouse does to it."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from click.testing import Result
from dbt.adapters.duckdb.plugins import BasePlugin

from ingest.bars import Bars
from ingest.landing import land
from ingest.load import DamagedLandingError, load_landed

Ingest = Callable[..., Result]
Frame = Callable[..., pd.DataFrame]
Csv = Callable[[str, pd.DataFrame], Path]


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple]:
    return con.execute(sql).fetchall()


@pytest.fixture
def landing(house: Path, bars: Callable[..., Bars]) -> Path:
    """Return a landing folder of three batches: AAPL, MSFT and SPY, one each."""
    for symbol in ("AAPL", "MSFT", "SPY"):
        land(house / "raw", [bars(symbol)], source="files", price_basis="raw", request={"by": "a test"})
    return house / "raw"


def test_without_a_landing_folder_there_are_empty_tables(
    con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    assert load_landed(con, tmp_path / "nowhere") == []
    for table in ("bars", "batches", "sessions"):
        assert _rows(con, f"select count(*) from raw.{table}") == [(0,)]
    assert not (tmp_path / "nowhere").exists()


def test_tables_are_the_public_contract(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    load_landed(con, tmp_path)
    columns = {
        table: _rows(con, f"select column_name, data_type from duckdb_columns() where table_name = '{table}'")
        for table in ("bars", "batches", "sessions", "removals")
    }
    doubles = [(name, "DOUBLE") for name in ("open", "high", "low", "close", "adj_close")]
    assert columns["bars"] == [
        ("batch_id", "VARCHAR"), ("symbol", "VARCHAR"), ("row_number", "BIGINT"), ("source", "VARCHAR"),
        ("session_date", "DATE"), *doubles, ("volume", "BIGINT"),
        ("dividends", "DOUBLE"), ("splits", "DOUBLE"), ("capital_gains", "DOUBLE"),
    ]  # fmt: skip
    assert columns["batches"] == [
        ("batch_id", "VARCHAR"), ("source", "VARCHAR"), ("request", "VARCHAR"),
        ("ingested_at", "TIMESTAMP WITH TIME ZONE"), ("sha256", "VARCHAR"), ("rows", "BIGINT"),
        ("first_session", "DATE"), ("last_session", "DATE"), ("versions", "VARCHAR"),
        ("price_basis", "VARCHAR"), ("is_replacement", "BOOLEAN"),
    ]  # fmt: skip
    assert columns["sessions"] == [
        ("session_date", "DATE"), ("close_at", "TIMESTAMP WITH TIME ZONE"), ("is_early_close", "BOOLEAN"),
    ]  # fmt: skip
    assert columns["removals"] == [
        ("removal_id", "VARCHAR"), ("symbol", "VARCHAR"), ("is_removed", "BOOLEAN"),
        ("recorded_at", "TIMESTAMP WITH TIME ZONE"), ("delisted_by", "VARCHAR"),
    ]  # fmt: skip


def test_a_fresh_warehouse_is_filled_from_landing_alone(
    con: duckdb.DuckDBPyConnection, landing: Path
) -> None:
    new = load_landed(con, landing)
    assert [(batch_id,) for batch_id in new] == _rows(
        con, "select batch_id from raw.batches order by ingested_at"
    )
    assert _rows(con, "select distinct symbol, source, count(*) from raw.bars group by all order by 1") == [
        (symbol, "files", 5) for symbol in ("AAPL", "MSFT", "SPY")
    ]
    assert _rows(con, "select request->>'$.by', versions->>'duckdb' from raw.batches limit 1") == [
        ("a test", duckdb.__version__)
    ]


def test_loading_again_loads_and_writes_nothing(landing: Path, house: Path) -> None:
    path = str(house / "warehouse.duckdb")
    with duckdb.connect(path) as con:
        assert len(load_landed(con, landing)) == 3
    before = (house / "warehouse.duckdb").read_bytes()
    with duckdb.connect(path) as con:
        assert load_landed(con, landing) == []
    assert (house / "warehouse.duckdb").read_bytes() == before
    with duckdb.connect(path, read_only=True) as con:
        assert load_landed(con, landing) == [], "readers pass, too"


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (
            lambda path: path.write_bytes(path.read_bytes()[:-1] + b"?"),
            "its sha256 is not that of its manifest",
        ),
        (lambda path: path.write_bytes(b""), "its sha256 is not that of its manifest"),
        (lambda path: path.unlink(), "No such file"),
        (lambda path: (path.parent / "manifest.json").write_text("{"), "manifest.json is damaged"),
    ],
)
def test_a_damaged_batch_is_named_and_refused_and_the_rest_load(
    damage: Callable, fault: str, con: duckdb.DuckDBPyConnection, landing: Path
) -> None:
    (path,) = landing.glob("*/MSFT.parquet")
    damage(path)
    with pytest.raises(DamagedLandingError, match=fault) as refusal:
        load_landed(con, landing)
    assert path.parent.name in str(refusal.value)
    assert _rows(con, "select distinct symbol from raw.bars order by 1") == [("AAPL",), ("SPY",)]
    assert _rows(con, "select count(*) from raw.batches") == [(2,)]


def test_a_batch_loads_whole_or_not_at_all(
    con: duckdb.DuckDBPyConnection, ingest: Ingest, house: Path, frame: Frame, csv: Csv
) -> None:
    ingest("files", csv("AAPL.csv", frame()), csv("SPY.csv", frame()))
    (path,) = (house / "raw").glob("*/SPY.parquet")
    path.write_bytes(b"damaged")
    with pytest.raises(DamagedLandingError, match=r"SPY\.parquet is damaged"):
        load_landed(con, house / "raw")
    assert _rows(con, "select count(*) from raw.bars") == [(0,)]


def test_the_command_line_names_a_damaged_file(
    ingest: Ingest, landing: Path, house: Path, frame: Frame, csv: Csv
) -> None:
    (path,) = landing.glob("*/MSFT.parquet")
    path.write_bytes(b"damaged")
    result = ingest("files", csv("QQQ.csv", frame()))
    assert result.exit_code == 1
    assert f"{path} is damaged" in result.stderr


def test_sessions_cover_whole_years_of_all_bars(
    con: duckdb.DuckDBPyConnection, ingest: Ingest, house: Path
) -> None:
    assert ingest("sample", "--start", "2005-06-01", "--end", "2006-02-01").exit_code == 0
    load_landed(con, house / "raw")
    extent = "select min(session_date)::varchar, max(session_date)::varchar, count(*) from raw.sessions"
    assert _rows(con, extent) == [("2005-01-03", "2006-12-29", 503)]
    assert _rows(
        con,
        "select hour(close_at at time zone 'America/New_York'), is_early_close from raw.sessions "
        "where session_date in (date '2005-11-23', date '2005-11-25') order by session_date",
    ) == [(16, False), (13, True)]
    before = _rows(con, "select * replace (close_at::varchar as close_at) from raw.sessions order by 1")

    assert ingest("sample", "--start", "2003-12-31", "--end", "2008-01-02").exit_code == 0
    load_landed(con, house / "raw")
    assert _rows(con, extent) == [("2003-01-02", "2008-12-31", 1511)]
    between = "where year(session_date) between 2005 and 2006 order by 1"
    assert (
        _rows(con, f"select * replace (close_at::varchar as close_at) from raw.sessions {between}") == before
    )


def test_the_dbt_plugin_loads_what_is_missing(con: duckdb.DuckDBPyConnection, landing: Path) -> None:
    plugin = BasePlugin.create("ingest.dbt_plugin")
    plugin.configure_connection(con)
    plugin.configure_connection(con)
    assert _rows(con, "select count(*) from raw.batches") == [(3,)]


HOLD_LOCK = """
import sys
from pathlib import Path
from plumbline.warehouse.lock import warehouse_lock
with warehouse_lock(Path(sys.argv[1]), "a long build"):
    print("held", flush=True)
    sys.stdin.read()
"""
HOLD_FILE = """
import sys, duckdb
with duckdb.connect(sys.argv[1]) as con:
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def _another_process(program: str, warehouse: Path) -> Iterator[int]:
    """Run `program` until it says that it holds the warehouse; yield its process id."""
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        [sys.executable, "-c", program, str(warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "held\n"
        yield process.pid
        process.stdin.close()


@pytest.mark.parametrize("program", [HOLD_LOCK, HOLD_FILE], ids=["our lock", "duckdb's lock"])
def test_a_busy_warehouse_leaves_loading_to_the_next_build(
    program: str, ingest: Ingest, house: Path, frame: Frame, csv: Csv, con: duckdb.DuckDBPyConnection
) -> None:
    path = csv("SPY.csv", frame())
    with _another_process(program, house / "warehouse.duckdb") as pid:
        result = ingest("files", path)
    assert result.exit_code == 75
    assert "The bars have landed safely and the next build loads them" in result.stderr
    assert str(pid) in result.stderr
    assert "landed" in result.stdout
    assert len(load_landed(con, house / "raw")) == 1
    assert ingest("files", path).exit_code == 0, "the next ingest loads them as well"


def test_when_not_all_came_that_outweighs_a_busy_warehouse(
    ingest: Ingest, house: Path, frame: Frame, csv: Csv
) -> None:
    with _another_process(HOLD_LOCK, house / "warehouse.duckdb"):
        result = ingest("files", csv("SPY.csv", frame()), csv("ES=F.csv", frame()))
    assert result.exit_code == 1
    assert "a long build" in result.stderr and "does not trade on the XNYS" in result.stderr


def test_a_warehouse_that_is_no_database_is_named(
    ingest: Ingest, house: Path, frame: Frame, csv: Csv
) -> None:
    house.mkdir()
    (house / "warehouse.duckdb").write_text("not a database, but long enough to be looked at " * 300)
    result = ingest("files", csv("SPY.csv", frame()))
    assert result.exit_code == 1
    assert (
        "the bars have landed safely, but" in result.stderr
        and str(house / "warehouse.duckdb") in result.stderr
    )


def test_finding_nothing_new_needs_no_heavy_imports() -> None:
    program = "import ingest.load, sys; print({'pandas', 'pyarrow', 'exchange_calendars'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"
