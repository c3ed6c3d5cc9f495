"""`rebuild`: schema raw again from landing alone, in one go or not at all."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import Result

from ingest import load
from ingest.bars import Bars
from ingest.landing import land
from ingest.load import DamagedLandingError, load_landed, rebuild_raw
from plumbline.warehouse.lock import warehouse_lock

Ingest = Callable[..., Result]
Query = Callable[[str], list[tuple]]

EVERYTHING = "select * exclude (ingested_at) from raw.bars join raw.batches using (batch_id) order by all"


@pytest.fixture
def batches(house: Path, bars: Callable[..., Bars]) -> list[str]:
    """Return the ids of three batches, AAPL, MSFT and SPY, that have landed and are loaded."""
    landed = [
        land(house / "raw", [bars(symbol)], source="files", price_basis="raw", request={}).batch_id
        for symbol in ("AAPL", "MSFT", "SPY")
    ]
    with duckdb.connect(str(house / "warehouse.duckdb")) as con:
        load_landed(con, house / "raw")
    return landed


def _change_raw(house: Path, sql: str) -> None:
    with duckdb.connect(str(house / "warehouse.duckdb")) as con:
        con.execute(sql)


@pytest.mark.parametrize(
    "harm",
    [
        "update raw.bars set close = 0",
        "delete from raw.bars",
        "insert into raw.bars select * from raw.bars",
        "delete from raw.sessions",
        "drop table raw.bars; create table raw.bars (i integer)",
        "drop table raw.batches",
        "drop schema raw cascade",
    ],
)
def test_raw_is_made_again_whatever_became_of_it(
    harm: str, batches: list[str], ingest: Ingest, query: Query, house: Path
) -> None:
    before = query(EVERYTHING), query("select count(*), max(session_date) from raw.sessions")
    _change_raw(house, harm)
    result = ingest("rebuild")
    assert (result.exit_code, result.stderr) == (0, "")
    assert f"Rebuilt raw from {house / 'raw'}: 3 batches, 15 rows." in result.stdout
    assert (query(EVERYTHING), query("select count(*), max(session_date) from raw.sessions")) == before


def test_without_a_warehouse_it_makes_one(
    batches: list[str], ingest: Ingest, query: Query, house: Path
) -> None:
    before = query(EVERYTHING)
    (house / "warehouse.duckdb").unlink()
    assert ingest("rebuild").exit_code == 0
    assert query(EVERYTHING) == before


def test_other_schemas_stay(batches: list[str], ingest: Ingest, query: Query, house: Path) -> None:
    _change_raw(house, "create schema marts; create view marts.bars as select * from raw.bars")
    assert ingest("rebuild").exit_code == 0
    assert query("select count(*) from marts.bars") == [(15,)]


def test_a_batch_without_landing_files_disappears_and_is_named(
    batches: list[str], ingest: Ingest, query: Query, house: Path
) -> None:
    shutil.rmtree(house / "raw" / batches[1])
    result = ingest("rebuild")
    assert result.exit_code == 0
    assert result.stderr == f"Batch {batches[1]} is no longer in raw: it has no landing files.\n"
    assert "2 batches, 10 rows, 1 batch gone" in result.stdout
    assert query("select distinct symbol from raw.bars order by 1") == [("AAPL",), ("SPY",)]


def test_a_damaged_file_leaves_raw_as_it_was(
    batches: list[str], ingest: Ingest, query: Query, house: Path
) -> None:
    before = query(EVERYTHING)
    files = [
        house / "raw" / batches[number] / name for number, name in ((1, "MSFT.parquet"), (2, "SPY.parquet"))
    ]
    for path in files:
        path.write_bytes(b"damaged")
    result = ingest("rebuild")
    assert result.exit_code == 1
    assert "Error: raw is as it was: " in result.stderr
    assert all(f"{path} is damaged" in result.stderr for path in files)
    assert query(EVERYTHING) == before


def test_a_failure_anywhere_leaves_raw_as_it_was(
    batches: list[str], house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with duckdb.connect(str(house / "warehouse.duckdb")) as con:
        before = con.execute(EVERYTHING).fetchall()
        for step in ("_insert_batch", "_cover_sessions"):
            with monkeypatch.context() as patch:
                patch.setattr(load, step, lambda *_: con.execute("select * from nowhere"))
                with pytest.raises(duckdb.CatalogException):
                    rebuild_raw(con, house / "raw")
            assert con.execute(EVERYTHING).fetchall() == before
        (house / "raw" / batches[0] / "manifest.json").write_text("{")
        with pytest.raises(DamagedLandingError, match=r"manifest\.json is damaged"):
            rebuild_raw(con, house / "raw")
        assert con.execute(EVERYTHING).fetchall() == before


def test_a_landing_folder_that_is_not_there_empties_nothing(
    batches: list[str], ingest: Ingest, query: Query, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANDING_PATH", str(house / "elsewhere"))
    result = ingest("rebuild")
    assert result.exit_code == 1
    assert f"nothing has landed in {house / 'elsewhere'}" in result.stderr and "LANDING_PATH" in result.stderr
    assert query("select count(*) from raw.batches") == [(3,)]


def test_a_busy_warehouse_is_named(batches: list[str], ingest: Ingest, query: Query, house: Path) -> None:
    with warehouse_lock(house / "warehouse.duckdb", "a long build"):
        result = ingest("rebuild")
    assert result.exit_code == 75
    assert "raw is as it was: " in result.stderr and "`a long build`" in result.stderr
    assert query("select count(*) from raw.batches") == [(3,)]


def test_a_damaged_warehouse_is_named_with_the_way_out(
    batches: list[str], ingest: Ingest, house: Path
) -> None:
    warehouse = house / "warehouse.duckdb"
    warehouse.write_text("not a database, but long enough to be looked at " * 300)
    result = ingest("rebuild")
    assert result.exit_code == 1
    assert f"{warehouse} cannot be used" in result.stderr
    assert "move the file away, run `python -m ingest rebuild`" in result.stderr
    warehouse.rename(house / "away")
    assert ingest("rebuild").exit_code == 0, "the way out is one"
