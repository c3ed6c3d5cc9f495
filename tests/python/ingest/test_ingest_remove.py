"""`remove`: symbols are taken out and brought back by entries in the landing folder, never by a deletion."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from click.testing import Result

from ingest import landing as landing_module
from ingest.bars import Bars
from ingest.landing import land, record_removal
from ingest.load import DamagedLandingError, load_landed, rebuild_raw
from ingest.manifests import read_manifests
from ingest.removals import RemovalError, read_removals, removed_symbols
from plumbline.warehouse.lock import locked, warehouse_lock

Ingest = Callable[..., Result]
MakeBars = Callable[..., Bars]
Frame = Callable[..., pd.DataFrame]
Csv = Callable[[str, pd.DataFrame], Path]
Query = Callable[[str], list[tuple]]

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
ENTRIES = "select symbol, is_removed from raw.removals order by recorded_at"


@pytest.fixture
def landing(house: Path, bars: MakeBars) -> Path:
    """Return a landing folder of one batch: AAPL, MSFT and SPY."""
    batch = [bars(symbol) for symbol in ("AAPL", "MSFT", "SPY")]
    land(house / "raw", batch, source="files", price_basis="raw", request={}, now=lambda: NOON)
    return house / "raw"


def _entry(landing: Path) -> Path:
    (path,) = landing.glob("removal-*.json")
    return path


def test_what_is_removed_is_an_entry_and_nothing_else_changes(
    ingest: Ingest, landing: Path, query: Query
) -> None:
    before = {path: path.read_bytes() for path in landing.glob("*/*")}
    result = ingest("remove", "aapl")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "AAPL: the next build leaves it out; `python -m ingest remove AAPL --undo` brings it back.\n"
    )
    assert {path: path.read_bytes() for path in landing.glob("*/*")} == before
    assert {path.name for path in landing.iterdir() if path.is_file()} == {".lock", _entry(landing).name}
    (removal,) = read_removals(landing)
    assert (removal["symbol"], removal["is_removed"]) == ("AAPL", True)
    assert query(ENTRIES) == [("AAPL", True)]
    assert query("select count(*) from raw.bars where symbol = 'AAPL'") == [(5,)], "raw still has its bars"


def test_undo_brings_it_back_and_can_be_undone(ingest: Ingest, landing: Path, query: Query) -> None:
    for arguments, said in (
        (["AAPL", "MSFT"], "MSFT: the next build leaves it out"),
        (["AAPL"], "AAPL: it is out already."),
        (["AAPL", "--undo"], "AAPL: the next build has it again."),
        (["AAPL", "--undo"], "AAPL: it was not removed."),
        (["AAPL"], "AAPL: the next build leaves it out"),
    ):
        result = ingest("remove", *arguments)
        assert result.exit_code == 0 and said in result.stdout
    assert query(ENTRIES) == [("AAPL", True), ("MSFT", True), ("AAPL", False), ("AAPL", True)]
    assert removed_symbols(read_removals(landing)) == {"AAPL", "MSFT"}


@pytest.mark.parametrize(
    ("symbol", "said"),
    [
        ("APPL", r"APPL has not landed in .*; did you mean AAPL\? `python -m ingest status` shows all"),
        ("XYZQ", r"XYZQ has not landed in [^;]*; `python -m ingest status` shows all"),
        ("../SPY", r"'../SPY' is no symbol"),
        ("BTC-USD", r"BTC-USD does not trade on the XNYS"),
    ],
)
def test_an_unknown_symbol_changes_nothing(symbol: str, said: str, ingest: Ingest, landing: Path) -> None:
    result = ingest("remove", "SPY", symbol)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: nothing was changed: ") and result.stderr.count("\n") == 1
    assert re.search(said, result.stderr), result.stderr
    assert read_removals(landing) == []


def test_entries_and_batches_are_in_order_of_time(landing: Path, bars: MakeBars) -> None:
    earlier = NOON - timedelta(days=9)
    record_removal(landing, ["SPY", "AAPL"], is_removed=True, now=lambda: earlier)
    land(landing, [bars("SPY", 7)], source="files", price_basis="raw", request={}, now=lambda: earlier)
    record_removal(landing, ["SPY"], is_removed=False, now=lambda: earlier)
    first, second = (manifest["ingested_at"] for manifest in read_manifests(landing))
    times = [removal["recorded_at"] for removal in read_removals(landing)]
    assert first < times[0] < times[1] < second < times[2]


def test_a_removed_symbol_stays_out_whatever_lands(
    ingest: Ingest, landing: Path, frame: Frame, csv: Csv
) -> None:
    ingest("remove", "SPY")
    for level in (7, 7):
        shown = " ".join(ingest("files", csv("SPY.csv", frame(5, level))).stdout.split())
        assert "removed: stays out until `python -m ingest remove SPY --undo`" in shown
    assert removed_symbols(read_removals(landing)) == {"SPY"}
    ingest("remove", "SPY", "--undo")
    assert "removed" not in ingest("files", csv("SPY.csv", frame(5, 8))).stdout


def test_status_names_what_was_removed_and_the_way_back(ingest: Ingest, landing: Path) -> None:
    ingest("remove", "SPY", "AAPL")
    shown = ingest("status").stdout
    assert shown.count("files, removed") == 2
    assert "Removed: AAPL, SPY. No build uses them; `python -m ingest remove AAPL SPY --undo` brings" in shown
    ingest("remove", "SPY", "AAPL", "--undo")
    assert "emoved" not in ingest("status").stdout


def test_verify_knows_entries(ingest: Ingest, landing: Path) -> None:
    ingest("remove", "SPY")
    assert ingest("verify").stdout == (
        f"Verified 3 files of 1 batch and 1 entry in {landing}: all are whole.\n"
    )


def _other_symbol(path: Path) -> None:
    path.write_text(path.read_text().replace("SPY", "AAPL"))


def _renamed(path: Path) -> None:
    path.rename(path.with_name("removal-0123456789abcdef.json"))


@pytest.mark.parametrize(
    "damage", [_other_symbol, _renamed, lambda path: path.write_text(""), lambda path: path.write_text("[]")]
)
def test_a_damaged_entry_is_named(
    damage: Callable[[Path], None], ingest: Ingest, landing: Path, bars: MakeBars
) -> None:
    record_removal(landing, ["SPY"], is_removed=True)
    damage(_entry(landing))
    damaged = f"{_entry(landing)} is damaged; restore it from a copy, or delete it and say again"
    verified = ingest("verify")
    assert verified.exit_code == 1 and f"Error: {damaged}" in verified.stderr
    assert ingest("status").exit_code == 1 and damaged in ingest("status").stderr
    with duckdb.connect() as con:
        with pytest.raises(DamagedLandingError, match="is damaged"):
            load_landed(con, landing)
        assert con.execute("select count(*) from raw.bars").fetchall() == [(15,)], "the rest is in"
        with pytest.raises(DamagedLandingError, match="is damaged"):
            rebuild_raw(con, landing)
    with pytest.raises(RemovalError, match="is damaged"):
        land(landing, [bars(level=7)], source="files", price_basis="raw", request={})
    _entry(landing).unlink()
    assert ingest("remove", "SPY").exit_code == 0


def test_rebuild_brings_entries_from_landing_alone(ingest: Ingest, landing: Path, query: Query) -> None:
    ingest("remove", "SPY")
    ingest("remove", "AAPL")
    (path,) = (each for each in landing.glob("removal-*") if json.loads(each.read_text())["symbol"] == "SPY")
    path.unlink()
    assert query(ENTRIES) == [("SPY", True), ("AAPL", True)]
    assert ingest("rebuild").exit_code == 0
    assert query(ENTRIES) == [("AAPL", True)]


def test_loading_entries_again_writes_nothing(landing: Path, house: Path) -> None:
    record_removal(landing, ["SPY"], is_removed=True)
    path = house / "warehouse.duckdb"
    with duckdb.connect(str(path)) as con:
        load_landed(con, landing)
    before = path.read_bytes()
    with duckdb.connect(str(path)) as con:
        assert load_landed(con, landing) == []
    assert path.read_bytes() == before


@pytest.mark.parametrize("step", ["write", "replace"])
def test_a_failed_write_leaves_no_half_entry(
    step: str, landing: Path, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(landing_module, step, fail)
        result = ingest("remove", "SPY")
    assert result.exit_code == 1 and "make room there" in result.stderr and "\n" not in result.stderr.strip()
    assert not [path for path in landing.iterdir() if path.name.startswith(".incoming-")]
    assert ingest("remove", "SPY").exit_code == 0 and ingest("verify").exit_code == 0


def test_a_busy_warehouse_leaves_loading_to_the_next_build(
    ingest: Ingest, landing: Path, house: Path
) -> None:
    with warehouse_lock(house / "warehouse.duckdb", "a long build"):
        result = ingest("remove", "SPY")
    assert result.exit_code == 75
    assert "The entries are in the landing folder and the next build loads them: " in result.stderr
    assert removed_symbols(read_removals(landing)) == {"SPY"}


def test_another_landing_is_named(ingest: Ingest, landing: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(landing_module.record_removal.__kwdefaults__, "timeout", 0.1)
    with locked(landing / ".lock", "the landing folder", "ingest yahoo"):
        result = ingest("remove", "SPY")
    assert result.exit_code == 1 and "is locked by `ingest yahoo`" in result.stderr
