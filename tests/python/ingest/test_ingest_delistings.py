"""A delisting that Yahoo reports of what has landed: an entry in the landing folder, void once bars come."""

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import Result
from yahoo_server import DELISTED, Reply, Yahoo

from ingest.landing import record_removal
from ingest.load import load_landed
from ingest.manifests import read_manifests
from ingest.removals import delisted_symbols, read_removals, removed_symbols
from plumbline.warehouse.lock import locked

Ingest = Callable[..., Result]
Query = Callable[[str], list[tuple]]

ENTRIES = "select symbol, is_removed, delisted_by from raw.removals order by recorded_at"
START = ("--start", "2020-01-02")
NO_DAYS = Reply(400, {"chart": {"result": None, "error": {"description": "Data doesn't exist"}}})


@pytest.fixture
def landing(yahoo: Yahoo, ingest: Ingest, house: Path) -> Path:
    """Return a landing folder with AAPL and SPY from Yahoo, which since then says that both are delisted."""
    yahoo.default = {}
    assert ingest("yahoo", "--symbols", "AAPL", "SPY", *START, "--end", "2020-01-08").exit_code == 0
    yahoo.default = DELISTED
    return house / "raw"


def _ask(ingest: Ingest, *symbols: str, end: str = "2020-01-15") -> Result:
    return ingest("yahoo", "--symbols", *symbols, *START, "--end", end)


def _delisted(landing: Path) -> set[str]:
    return delisted_symbols(read_removals(landing), read_manifests(landing))


def test_a_delisting_is_kept_beside_what_has_landed(ingest: Ingest, landing: Path, query: Query) -> None:
    before = {path: path.read_bytes() for path in landing.glob("*/*")}
    result = _ask(ingest, "spy")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: SPY: Yahoo has no bars of it (No data found, symbol may be delisted); ")
    assert line.endswith("it has landed up to 2020-01-08, and counts as ended there until new bars land")
    assert {path: path.read_bytes() for path in landing.glob("*/*")} == before
    (path,) = landing.glob("removal-*.json")
    entry = json.loads(path.read_text())
    assert (entry["symbol"], entry["is_removed"], entry["delisted_by"]) == ("SPY", False, "yahoo")
    assert query(ENTRIES) == [("SPY", False, "yahoo")]
    assert ingest("verify").stdout == (
        f"Verified 2 files of 1 batch and 1 entry in {landing}: all are whole.\n"
    )


def test_what_is_known_is_not_kept_twice(ingest: Ingest, landing: Path, query: Query) -> None:
    for _ in range(2):
        assert _ask(ingest, "SPY", "AAPL").exit_code == 1
    assert query(ENTRIES) == [("SPY", False, "yahoo"), ("AAPL", False, "yahoo")]


def test_bars_that_land_later_make_it_void(ingest: Ingest, landing: Path, query: Query, yahoo: Yahoo) -> None:
    _ask(ingest, "SPY", "AAPL")
    yahoo.answers["SPY"] = {}
    assert _ask(ingest, "SPY", "AAPL").exit_code == 1
    assert _delisted(landing) == {"AAPL"}
    yahoo.answers["SPY"] = DELISTED
    _ask(ingest, "SPY", end="2020-01-22")
    assert _delisted(landing) == {"AAPL", "SPY"}
    assert [symbol for symbol, *_ in query(ENTRIES)] == ["SPY", "AAPL", "SPY"]


def test_what_has_landed_from_elsewhere_or_not_at_all_may_be_misspelt(
    ingest: Ingest, landing: Path, csv: Callable, frame: Callable
) -> None:
    assert ingest("files", csv("SPY.csv", frame())).exit_code == 0
    result = _ask(ingest, "SPY", "NOPE")
    assert result.exit_code == 1 and "counts as ended" not in result.stderr
    assert read_removals(landing) == []


def test_no_bars_of_these_days_is_no_delisting(ingest: Ingest, landing: Path, yahoo: Yahoo) -> None:
    yahoo.default = NO_DAYS
    result = _ask(ingest, "SPY")
    assert result.exit_code == 1 and "add to seeds/ended_symbols.csv the row SPY,2020-01-08" in result.stderr
    assert read_removals(landing) == []


def test_it_takes_nothing_out_and_brings_nothing_back(ingest: Ingest, landing: Path) -> None:
    ingest("remove", "AAPL")
    _ask(ingest, "SPY", "AAPL")
    assert removed_symbols(read_removals(landing)) == {"AAPL"}


def test_status_asks_no_more_whether_it_was_only_not_updated(
    ingest: Ingest, landing: Path, yahoo: Yahoo
) -> None:
    yahoo.answers["AAPL"] = {}
    assert _ask(ingest, "AAPL", end="2020-01-31").exit_code == 0
    assert "End before the others: SPY (2020-01-08)" in ingest("status").stdout
    _ask(ingest, "SPY")
    assert "End before the others" not in ingest("status").stdout


def test_where_it_cannot_be_kept_the_run_says_so(
    ingest: Ingest, landing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(record_removal.__kwdefaults__, "timeout", 0.1)
    with locked(landing / ".lock", "the landing folder", "ingest files"):
        result = _ask(ingest, "SPY")
    assert result.exit_code == 1
    assert "Error: nothing has landed: " in result.stderr and "is locked by `ingest files`" in result.stderr


def test_an_older_warehouse_gets_the_column(landing: Path) -> None:
    record_removal(landing, ["AAPL"], is_removed=True)
    with duckdb.connect() as con:
        load_landed(con, landing)
        con.execute("alter table raw.removals drop column delisted_by")
        record_removal(landing, ["SPY"], delisted_by="yahoo")
        load_landed(con, landing)
        assert con.execute(ENTRIES).fetchall() == [("AAPL", True, None), ("SPY", False, "yahoo")]
