"""Batches: which content makes a new one, what it is called, and what is left of one that was cut short."""

import hashlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ingest import landing as landing_module
from ingest.bars import Bars, content_sha256
from ingest.landing import Landed, land
from ingest.manifests import ManifestError, landed_batches, read_manifests
from plumbline.warehouse.connect import WarehouseBusyError
from plumbline.warehouse.lock import locked

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)

MakeBars = Callable[..., Bars]


def _land(
    folder: Path, *bars: Bars, source: str = "files", basis: str = "raw", at: datetime = NOON
) -> Landed:
    return land(folder, bars, source=source, price_basis=basis, request={"by": "a test"}, now=lambda: at)


def test_a_batch_is_parquet_files_and_a_manifest_that_describes_them(tmp_path: Path, bars: MakeBars) -> None:
    landed = _land(tmp_path, bars("^GSPC"), bars("AAPL", rows=3))
    (manifest,) = read_manifests(tmp_path)
    folder = tmp_path / landed.batch_id
    assert {path.name for path in folder.iterdir()} == {"%5EGSPC.parquet", "AAPL.parquet", "manifest.json"}
    assert manifest["batch_id"] == landed.batch_id
    assert (manifest["source"], manifest["price_basis"]) == ("files", "raw")
    assert manifest["request"] == {"by": "a test"}
    assert manifest["ingested_at"] == "2026-01-05T12:00:00.000000+00:00"
    assert (manifest["rows"], manifest["first_session"], manifest["last_session"]) == (
        8,
        "2020-01-02",
        "2020-01-08",
    )
    assert manifest["versions"].keys() == {"python", "plumbline", "duckdb", "pandas", "pyarrow", "yfinance"}
    for entry in manifest["symbols"]:
        assert hashlib.sha256((folder / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    aapl, gspc = manifest["symbols"]
    assert (aapl["symbol"], aapl["rows"], aapl["last_session"]) == ("AAPL", 3, "2020-01-06")
    assert gspc["content_sha256"] == content_sha256(bars("^GSPC").table)


def test_the_same_content_twice_lands_nothing(tmp_path: Path, bars: MakeBars) -> None:
    assert _land(tmp_path, bars()).new == ["SPY"]
    assert _land(tmp_path, bars()) == Landed(None, [], ["SPY"])
    assert len(landed_batches(tmp_path)) == 1
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".incoming-")]


def test_a_change_of_source_says_what_it_sets_aside(tmp_path: Path, bars: MakeBars) -> None:
    for source, aside in (("sample", ()), ("yahoo", ()), ("yahoo", ()), ("files", (("SPY", "yahoo"),))):
        made = bars(level=100.0 + len(landed_batches(tmp_path)))
        landed = land(tmp_path, [made], source=source, price_basis="raw", request={})
        assert landed.set_aside == aside


def test_only_what_is_new_lands(tmp_path: Path, bars: MakeBars) -> None:
    _land(tmp_path, bars("SPY"), bars("AAPL"))
    landed = _land(tmp_path, bars("SPY"), bars("AAPL", level=7))
    assert (landed.new, landed.unchanged) == (["AAPL"], ["SPY"])
    assert [entry["symbol"] for entry in read_manifests(tmp_path)[-1]["symbols"]] == ["AAPL"]


def test_a_restatement_taken_back_is_a_batch_of_its_own(tmp_path: Path, bars: MakeBars) -> None:
    ids = [_land(tmp_path, bars(level=level)).batch_id for level in (100, 50, 100, 50)]
    assert len(set(ids)) == 4 and None not in ids
    assert [manifest["batch_id"] for manifest in read_manifests(tmp_path)] == ids


def test_source_and_price_basis_count_as_content(tmp_path: Path, bars: MakeBars) -> None:
    first = _land(tmp_path, bars())
    assert _land(tmp_path, bars(), source="yahoo").new == ["SPY"]
    assert _land(tmp_path, bars(), source="yahoo", basis="split_adjusted").new == ["SPY"]
    assert _land(tmp_path, bars(), source="yahoo", basis="split_adjusted").new == []
    assert first.batch_id != _land(tmp_path / "other", bars(), basis="split_adjusted").batch_id


def test_batch_ids_depend_on_history_and_content_only(tmp_path: Path, bars: MakeBars) -> None:
    here = [_land(tmp_path / "a", bars("SPY", level), bars("AAPL")) for level in (1, 2)]
    there = [
        _land(tmp_path / "b", bars("AAPL"), bars("SPY", level), at=NOON + timedelta(days=level))
        for level in (1, 2)
    ]
    assert [each.batch_id for each in here] == [each.batch_id for each in there]
    # Pinned, so that a change to the recipe is seen: it would orphan every landed batch.
    assert [each.batch_id for each in here] == PINNED_IDS


PINNED_IDS = ["63e8e97b851cf11d", "3d97c1dd26b95f4a"]


def test_ingested_at_moves_on_when_the_clock_does_not(tmp_path: Path, bars: MakeBars) -> None:
    for level, at in ((1, NOON), (2, NOON), (3, NOON - timedelta(days=9))):
        _land(tmp_path, bars(level=level), at=at)
    times = [datetime.fromisoformat(manifest["ingested_at"]) for manifest in read_manifests(tmp_path)]
    assert times == [NOON, NOON + timedelta(microseconds=1), NOON + timedelta(microseconds=2)]


def test_landed_files_are_never_touched_again(tmp_path: Path, bars: MakeBars) -> None:
    def state() -> dict[Path, tuple[bytes, int]]:
        files = [path for path in tmp_path.glob("*/*") if path.is_file()]
        return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}

    _land(tmp_path, bars())
    before = state()
    _land(tmp_path, bars(level=7))
    assert state().items() > before.items()


def test_what_a_killed_landing_left_is_cleared_by_the_next(tmp_path: Path, bars: MakeBars) -> None:
    whole = _land(tmp_path, bars()).batch_id
    for name in (".incoming-abc", "0123456789abcdef"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "SPY.parquet").write_bytes(b"cut short")
    (tmp_path / "my notes").mkdir()
    assert landed_batches(tmp_path) == {whole}, "what has no manifest does not exist"
    second = _land(tmp_path, bars(level=7)).batch_id
    assert {path.name for path in tmp_path.iterdir()} == {whole, second, "my notes", ".lock"}


@pytest.mark.parametrize("step", ["write", "replace", "_publish"])
def test_a_landing_that_fails_anywhere_leaves_no_batch(
    step: str, tmp_path: Path, bars: MakeBars, monkeypatch: pytest.MonkeyPatch
) -> None:
    _land(tmp_path, bars())

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(landing_module, step, fail)
        with pytest.raises(OSError, match="No space"):
            _land(tmp_path, bars(level=7))
    assert len(landed_batches(tmp_path)) == 1
    assert _land(tmp_path, bars(level=7)).new == ["SPY"]


def test_a_full_disk_is_reported_in_one_line(
    ingest: Callable, frame: Callable, csv: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(landing_module, "write", fail)
    result = ingest("files", csv("SPY.csv", frame()))
    assert result.exit_code == 1
    assert "nothing has landed: cannot write to" in result.stderr and "No space left" in result.stderr


def test_another_landing_is_waited_for_and_then_named(tmp_path: Path, bars: MakeBars) -> None:
    with (
        locked(tmp_path / ".lock", "the landing folder", "ingest yahoo"),
        pytest.raises(WarehouseBusyError, match="is locked by `ingest yahoo`"),
    ):
        begun = time.monotonic()
        land(tmp_path, [bars()], source="files", price_basis="raw", request={}, timeout=0.3)
    assert time.monotonic() - begun >= 0.3
    assert landed_batches(tmp_path) == set()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"batch_id": "x"}'])
def test_a_damaged_manifest_is_named(text: str, tmp_path: Path, bars: MakeBars) -> None:
    folder = tmp_path / _land(tmp_path, bars()).batch_id
    (folder / "manifest.json").write_text(text)
    with pytest.raises(ManifestError, match=f"{folder.name}/manifest.json is damaged"):
        _land(tmp_path, bars(level=7))


def test_a_manifest_in_another_batchs_folder_is_damaged(tmp_path: Path, bars: MakeBars) -> None:
    folder = tmp_path / _land(tmp_path, bars()).batch_id
    folder.rename(tmp_path / "0123456789abcdef")
    with pytest.raises(ManifestError, match=r"0123456789abcdef/manifest\.json is damaged"):
        read_manifests(tmp_path)


def test_content_hash_is_of_values_alone(bars: MakeBars) -> None:
    table = bars().table
    rewritten = pa.concat_tables([table.slice(0, 2), table.slice(2)]).replace_schema_metadata(
        {"by": "another"}
    )
    assert content_sha256(rewritten) == content_sha256(table)

    def with_close(*values: float | None) -> str:
        closes = pa.array(values, pa.float64())
        return content_sha256(
            table.slice(0, 2).set_column(table.schema.get_field_index("close"), "close", closes)
        )

    assert with_close(1.0, None) == with_close(1.0, np.nan)
    assert with_close(1.0, 0.0) != with_close(1.0, -0.0)
    assert with_close(1.0, 0.0) != with_close(1.0, None)
    assert with_close(1.0, 2.0) != with_close(2.0, 1.0)


def test_the_manifest_is_readable_by_people(tmp_path: Path, bars: MakeBars) -> None:
    path = tmp_path / _land(tmp_path, bars()).batch_id / "manifest.json"
    assert json.loads(path.read_text())["symbols"][0]["file"] == "SPY.parquet"
    assert len(path.read_text().splitlines()) > 20
