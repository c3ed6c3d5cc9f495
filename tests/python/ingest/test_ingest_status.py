"""`status`: what has landed and how fresh it is, from the manifests alone."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from ingest import clock
from ingest.bars import Bars
from ingest.landing import land
from ingest.manifests import read_manifests
from ingest.status import SymbolStatus, symbol_statuses
from plumbline.warehouse.lock import warehouse_lock

Ingest = Callable[..., Result]
MakeBars = Callable[..., Bars]

LANDED_AT = datetime(2020, 1, 8, 23, tzinfo=UTC)
SESSION = {day: date(2020, 1, day) for day in (2, 6, 8)}


def _land(house: Path, *bars: Bars, source: str, after: int = 0) -> str:
    at = LANDED_AT + timedelta(hours=after)
    return land(house / "raw", bars, source=source, price_basis="raw", request={}, now=lambda: at).batch_id


def _statuses(house: Path, now: datetime = LANDED_AT) -> dict[str, SymbolStatus]:
    return {each.symbol: each for each in symbol_statuses(read_manifests(house / "raw"), now)}


def test_sessions_behind_are_those_that_closed_since(house: Path, bars: MakeBars) -> None:
    _land(house, bars("SPY"), bars("AAPL", rows=3), source="files")
    assert _statuses(house) == {
        "AAPL": SymbolStatus("AAPL", "files", True, 1, SESSION[2], SESSION[6], LANDED_AT, 2),
        "SPY": SymbolStatus("SPY", "files", True, 1, SESSION[2], SESSION[8], LANDED_AT, 0),
    }
    # Thursday and Friday have closed, Monday does at 21:00 UTC.
    assert _statuses(house, datetime(2020, 1, 13, 20, 59, tzinfo=UTC))["SPY"].sessions_behind == 2
    assert _statuses(house, datetime(2020, 1, 13, 21, tzinfo=UTC))["SPY"].sessions_behind == 3


def test_the_active_source_is_that_of_the_newest_batch(house: Path, bars: MakeBars) -> None:
    _land(house, bars("SPY", rows=5), source="yahoo")
    _land(house, bars("SPY", rows=2), source="files", after=1)
    _land(house, bars("SPY", rows=3), source="files", after=2)
    expected = SymbolStatus(
        "SPY", "files", True, 2, SESSION[2], SESSION[6], LANDED_AT + timedelta(hours=2), 2
    )
    assert _statuses(house) == {"SPY": expected}


def test_the_sample_serves_until_anything_else_has_landed(house: Path, bars: MakeBars) -> None:
    _land(house, bars("SPY"), bars("AAPL"), source="sample")
    assert [each.is_in_use for each in _statuses(house).values()] == [True, True]
    _land(house, bars("SPY", rows=3), source="files", after=1)
    _land(house, bars("SPY", level=7), source="sample", after=2)
    statuses = _statuses(house)
    assert (statuses["SPY"].source, statuses["SPY"].last, statuses["SPY"].is_in_use) == (
        "files",
        SESSION[6],
        True,
    )
    assert (statuses["AAPL"].source, statuses["AAPL"].is_in_use) == ("sample", False)


def test_both_tables(ingest: Ingest, house: Path, bars: MakeBars, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "utc_now", lambda: datetime(2020, 1, 13, 21, tzinfo=UTC))
    first = _land(house, bars("SPY"), bars("^GSPC", rows=3), source="sample")
    second = _land(house, bars("SPY"), source="files", after=1)
    result = ingest("status")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["SPY", "files", "1", "2020-01-02", "2020-01-08", "2020-01-09", "00:00:00", "3"] in lines
    aside = ["^GSPC", "sample,", "set", "aside", "1", "2020-01-02", "2020-01-06", "2020-01-08", "23:00:00"]
    assert aside in lines
    assert [first, "sample", "2020-01-08", "23:00:00", "2", "8", "2020-01-02", "2020-01-08"] in lines
    assert [second, "files", "2020-01-09", "00:00:00", "1", "5", "2020-01-02", "2020-01-08"] in lines


def test_it_works_while_a_build_holds_the_warehouse(ingest: Ingest, house: Path, bars: MakeBars) -> None:
    _land(house, bars(), source="files")
    (house / "warehouse.duckdb").write_text("no database at all")
    with warehouse_lock(house / "warehouse.duckdb", "a long build"):
        result = ingest("status")
    assert result.exit_code == 0 and "SPY" in result.stdout


def test_it_reads_manifests_only(ingest: Ingest, house: Path, bars: MakeBars) -> None:
    batch_id = _land(house, bars(), source="files")
    (house / "raw" / batch_id / "SPY.parquet").unlink()
    assert "SPY" in ingest("status").stdout


def test_a_damaged_manifest_is_named_and_the_rest_is_shown(
    ingest: Ingest, house: Path, bars: MakeBars
) -> None:
    damaged = house / "raw" / _land(house, bars("AAPL"), source="files") / "manifest.json"
    _land(house, bars("SPY"), source="files", after=1)
    damaged.write_text("{")
    result = ingest("status")
    assert result.exit_code == 1
    assert f"Error: {damaged} is damaged" in result.stderr
    assert "SPY" in result.stdout and "AAPL" not in result.stdout


def test_nothing_landed_is_said(ingest: Ingest, house: Path) -> None:
    result = ingest("status")
    assert result.exit_code == 0
    assert f"Nothing has landed in {house / 'raw'}" in result.stdout
    assert not house.exists()
