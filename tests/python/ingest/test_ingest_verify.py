"""`verify`: each damaged, missing or unexpected file in landing is named, whatever was done to it."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet
import pytest
from click.testing import Result

from ingest.bars import Bars
from ingest.landing import land
from ingest.verify import verify_landed

Ingest = Callable[..., Result]


@pytest.fixture
def landing(house: Path, bars: Callable[..., Bars]) -> Path:
    """Return a landing folder of two batches: AAPL and SPY, then MSFT."""
    for symbols in (("AAPL", "SPY"), ("MSFT",)):
        batch = [bars(symbol) for symbol in symbols]
        land(house / "raw", batch, source="files", price_basis="raw", request={})
    return house / "raw"


def _edit(manifest: Path, change: Callable[[dict], None]) -> None:
    content = json.loads(manifest.read_text())
    change(content)
    manifest.write_text(json.dumps(content))


def _file(landing: Path, name: str) -> Path:
    (path,) = landing.glob(f"*/{name}")
    return path


def test_what_is_whole_passes(ingest: Ingest, landing: Path) -> None:
    result = ingest("verify")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"Verified 3 files of 2 batches in {landing}: all are whole.\n"


def test_nothing_landed_is_whole_and_stays_nothing(ingest: Ingest, house: Path) -> None:
    assert ingest("verify").exit_code == 0
    assert not house.exists()


def _flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _other_bars(path: Path) -> None:
    """Put other bars in place, as the manifest wants them by their bytes."""
    table = pyarrow.parquet.read_table(path)
    volume = pyarrow.compute.add(table["volume"], 1)
    table = table.set_column(table.schema.get_field_index("volume"), "volume", volume)
    pyarrow.parquet.write_table(table, path)
    _accept(path)


def _no_parquet(path: Path) -> None:
    path.write_bytes(b"bars")
    _accept(path)


def _accept(path: Path) -> None:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    _edit(path.parent / "manifest.json", lambda manifest: manifest["symbols"][0].update(sha256=sha256))


def _manifest(change: Callable[[dict], None]) -> Callable[[Path], None]:
    return lambda path: _edit(path.parent / "manifest.json", change)


FAULTS = {
    "a bit": (_flip_a_bit, "damaged", "MSFT.parquet is damaged (its sha256 is not that of its manifest)"),
    "cut short": (
        lambda path: path.write_bytes(path.read_bytes()[:-9]),
        "damaged",
        "MSFT.parquet is damaged",
    ),
    "missing": (Path.unlink, "missing", "MSFT.parquet is missing; restore it from a copy"),
    "other bars": (
        _other_bars,
        "damaged",
        "MSFT.parquet is damaged (its bars are not those of its manifest)",
    ),
    "no parquet": (_no_parquet, "damaged", "MSFT.parquet is damaged (it is no parquet file)"),
    "manifest cut short": (
        lambda path: (path.parent / "manifest.json").write_text("{"),
        "damaged",
        "manifest.json is damaged",
    ),
    "manifest of other content": (
        _manifest(lambda manifest: manifest.update(sha256="0" * 64)),
        "damaged",
        "manifest.json is damaged (its sha256 is not that of the bars it lists)",
    ),
    "manifest of other sessions": (
        _manifest(lambda manifest: manifest["symbols"][0].update(last_session="2020-02-01")),
        "damaged",
        "its manifest gives other rows or sessions",
    ),
    "unexpected in a batch": (
        lambda path: path.with_name("QQQ.parquet").write_bytes(path.read_bytes()),
        "unexpected",
        "QQQ.parquet belongs to no landed batch; move it out",
    ),
    "unexpected beside the batches": (
        lambda path: (path.parents[1] / "QQQ.parquet").write_bytes(path.read_bytes()),
        "unexpected",
        "QQQ.parquet belongs to no landed batch; move it out",
    ),
}


@pytest.mark.parametrize(("damage", "kind", "message"), FAULTS.values(), ids=FAULTS)
def test_each_fault_is_named(
    damage: Callable, kind: str, message: str, ingest: Ingest, landing: Path
) -> None:
    damage(_file(landing, "MSFT.parquet"))
    result = ingest("verify")
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"Error: {landing}/") and message in line and ";" in line
    assert f": 1 {kind}." in result.stdout


def test_all_faults_are_named_at_once(ingest: Ingest, landing: Path) -> None:
    _flip_a_bit(_file(landing, "MSFT.parquet"))
    _flip_a_bit(_file(landing, "AAPL.parquet"))
    _file(landing, "SPY.parquet").unlink()
    result = ingest("verify")
    assert len(result.stderr.splitlines()) == 3
    assert ": 2 damaged, 1 missing." in result.stdout


def test_a_landing_under_way_is_no_fault(landing: Path) -> None:
    for name in (".incoming-abc", "0123456789abcdef"):
        (landing / name).mkdir()
        (landing / name / "SPY.parquet").write_bytes(b"half")
    assert verify_landed(landing) == (2, 3, 2, [])
    assert (landing / ".incoming-abc").exists(), "verify only reads"


def test_it_only_reads(ingest: Ingest, landing: Path, house: Path) -> None:
    def state() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in house.rglob("*")}

    before = state()
    assert ingest("verify").exit_code == 0
    assert state() == before, "no warehouse, no lock"
