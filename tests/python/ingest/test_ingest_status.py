"""`status`: what has landed and how fresh it is, from the manifests alone."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import Result

from ingest import clock, left_behind
from ingest.bars import Bars
from ingest.landing import land
from ingest.manifests import read_manifests
from ingest.status import SymbolStatus, symbol_statuses
from plumbline.warehouse.lock import warehouse_lock

Ingest = Callable[..., Result]
MakeBars = Callable[..., Bars]

LANDED_AT = datetime(2020, 1, 8, 23, tzinfo=UTC)
SESSION = {day: date(2020, 1, day) for day in (2, 6, 8)}


@pytest.fixture
def ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the place of seeds/ended_symbols.csv, in which there is none yet."""
    path = tmp_path / "ended_symbols.csv"
    monkeypatch.setattr(left_behind, "ENDED_SYMBOLS", path)
    return path


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


BEHIND = "End before the others: "


def _last(house: Path, bars: MakeBars, rows: dict[str, int], source: str = "files") -> None:
    batch = [bars(symbol, rows=count) for symbol, count in rows.items()]
    land(house / "raw", batch, source=source, price_basis="raw", request={}, now=lambda: LANDED_AT)


def test_symbols_that_end_more_than_five_sessions_before_the_newest_are_named(
    ingest: Ingest, house: Path, bars: MakeBars, ended: Path
) -> None:
    _last(house, bars, {"SPY": 20, "AAPL": 15, "MSFT": 14, "^GSPC": 2}, "yahoo")
    result = ingest("status")
    assert result.exit_code == 0
    (line,) = (line for line in result.stdout.splitlines() if line.startswith(BEHIND))
    assert line == (
        f"{BEHIND}MSFT (2020-01-22), ^GSPC (2020-01-03). Update with `python -m ingest yahoo --symbols MSFT "
        "^GSPC`, or where one has ended add its row to seeds/ended_symbols.csv, "
        "as in MSFT,2020-01-22,delisted"
    )
    ended.write_text("symbol,ended_on,reason\nmsft,2020-01-22,delisted\n")
    assert "before the others: ^GSPC (2020-01-03). Update" in ingest("status").stdout
    ended.write_text("symbol,ended_on,reason\nMSFT,2020-01-22,delisted\n^GSPC,2020-01-03,\n")
    assert BEHIND not in ingest("status").stdout


def test_what_is_not_in_use_is_not_left_behind(
    ingest: Ingest, house: Path, bars: MakeBars, ended: Path
) -> None:
    _last(house, bars, {"SPY": 20, "AAPL": 3})
    _last(house, bars, {"MSFT": 3}, "sample")
    assert f"{BEHIND}AAPL (2020-01-06). Update with `python -m ingest files PATH…`" in ingest("status").stdout
    ingest("remove", "AAPL")
    assert BEHIND not in ingest("status").stdout


def test_the_newest_symbol_of_all_is_measured_against_where_nothing_is_fresh(
    ingest: Ingest, house: Path, bars: MakeBars, ended: Path
) -> None:
    _last(house, bars, {"SPY": 5, "AAPL": 5})
    assert BEHIND not in ingest("status").stdout


def _set_aside(house: Path) -> None:
    with duckdb.connect(str(house / "warehouse.duckdb")) as con:
        con.execute("create schema marts")
        con.execute(
            "create table marts.rpt_symbols_set_aside as "
            "from (values ('B', 'weekly_bars', true), ('B', 'gap', true), ('A', 'gap', true), "
            "('PART', 'recycled', false)) as t (symbol, check_id, is_whole_symbol)"
        )


def test_what_the_last_build_set_aside_is_told(ingest: Ingest, house: Path, bars: MakeBars) -> None:
    _land(house, bars(), source="files")
    assert "Set aside by" not in ingest("status").stdout, "no warehouse"
    _set_aside(house)
    line = "Set aside by the last build: 2 symbols, A (gap), B (gap, weekly_bars)."
    assert line in ingest("status").stdout
    with warehouse_lock(house / "warehouse.duckdb", "a long build"):
        assert line in ingest("status").stdout, "a build works on a copy"


def test_a_warehouse_that_is_written_or_older_does_not_fail_status(
    ingest: Ingest, house: Path, bars: MakeBars
) -> None:
    _land(house, bars(), source="files")
    program = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    )
    arguments = [sys.executable, "-c", program, str(house / "warehouse.duckdb")]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        assert ingest("status").exit_code == 0
        process.stdin.close()
    assert ingest("status").exit_code == 0, "without the table"


def test_nothing_landed_is_said(ingest: Ingest, house: Path) -> None:
    result = ingest("status")
    assert result.exit_code == 0
    assert f"Nothing has landed in {house / 'raw'}" in result.stdout
    assert not house.exists()
