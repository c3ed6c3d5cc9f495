"""A newer, damaged or badly named warehouse: one line with the way out, and nothing lost."""

import random
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from command_lines import SPY, digest, run
from dbt_common.exceptions import DbtRuntimeError
from warehouses import copy_of

from ingest.__main__ import main as ingest
from ingest.dbt_plugin import Plugin
from ingest.manifests import landed_batches
from ingest.verify import verify_landed
from plumbline.__main__ import cli as plumbline
from plumbline.warehouse.faults import TAKEN_NAMES

HEADER, BLOCK = 4096, 262_144  # of a DuckDB file: three headers, then its blocks
WAY_OUT = "away, run `python -m ingest rebuild`, then `make build`: what has landed is enough to make it anew"
RAW = "select symbol, session_date, close from raw.bars where source = 'sample' order by all"


@pytest.fixture
def house(sample: Path, tmp_path: Path) -> Path:
    """Return the folder of a published warehouse, to be damaged."""
    return copy_of(sample, tmp_path / "house").parent


@pytest.fixture
def spy(tmp_path: Path) -> str:
    path = tmp_path / "SPY.csv"
    path.write_text(SPY)
    return str(path)


def _newer(data: bytearray) -> None:
    """Raise the storage version in the main header, with its checksum: as DuckDB 9 might write it."""
    struct.pack_into("<Q", data, 12, 120)
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", data[8:HEADER]):
        checksum ^= word * 0xBF58476D1CE4E5B9 & (1 << 64) - 1
    struct.pack_into("<Q", data, 0, checksum)


def _noise(data: bytearray) -> None:
    noise = random.Random(7)
    for start in range(3 * HEADER, len(data), BLOCK):
        data[start + 1000 : start + 1100] = noise.randbytes(100)


def _replaced_by(content: bytes) -> Callable[[bytearray], None]:
    def change(data: bytearray) -> None:
        data[:] = content

    return change


def _cut(data: bytearray) -> None:
    del data[3 * HEADER + 1000 :]


DAMAGED = {
    "newer": (_newer, f"was written by a newer DuckDB than {duckdb.__version__}"),
    "cut short": (_cut, "Could not read enough bytes"),
    "noise": (_noise, "Corrupt database file"),
    "empty": (_replaced_by(b""), "not a valid DuckDB database file"),
    "text": (_replaced_by(b"symbol,close\nSPY,1\n" * 900), "not a valid DuckDB database file"),
}


@pytest.mark.parametrize(("damage", "reason"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_warehouse_is_named_with_the_way_out_and_the_way_out_is_one(
    house: Path, spy: str, damage: Callable[[bytearray], None], reason: str
) -> None:
    warehouse = house / "warehouse.duckdb"
    with duckdb.connect(str(warehouse), read_only=True) as con:
        rows = con.execute(RAW).fetchall()
    data = bytearray(warehouse.read_bytes())
    damage(data)
    warehouse.write_bytes(data)
    before = digest(warehouse)

    for command, *arguments in (
        (ingest, "files", spy),
        (ingest, "sample"),
        (ingest, "rebuild"),
        (plumbline, "build"),
    ):
        result = run(command, *arguments, warehouse=warehouse)
        assert result.exit_code == 1
        assert str(warehouse) in result.stderr and reason in result.stderr
        assert f"move the file {WAY_OUT}" in result.stderr
        assert digest(warehouse) == before
    with pytest.raises(DbtRuntimeError, match="run `python -m ingest rebuild`"):
        _plugin(warehouse).update_connection_config(_credentials(warehouse), {})
    assert run(ingest, "status", warehouse=warehouse).exit_code == 0
    assert run(ingest, "sample", "--if-empty", warehouse=warehouse).exit_code == 0

    landing = house / "raw"
    assert len(landed_batches(landing)) == 2 and not verify_landed(landing).faults
    warehouse.rename(house / "away")
    assert run(ingest, "rebuild", warehouse=warehouse).exit_code == 0
    with duckdb.connect(str(warehouse), read_only=True) as con:
        assert con.execute(RAW).fetchall() == rows
        assert con.execute("select count(*) from raw.bars where symbol = 'SPY'").fetchall() == [(2,)]


def test_a_build_reads_all_of_the_warehouse_before_it_takes_it_for_whole(house: Path, spy: str) -> None:
    """Damage to a mart does not keep DuckDB from opening the file, or ingest from loading."""
    warehouse = house / "warehouse.duckdb"
    with duckdb.connect(str(warehouse), read_only=True) as con:
        block, *_ = con.execute(
            "select block_id from pragma_storage_info('marts.fct_portfolio_daily') where block_id >= 0"
        ).fetchone()
    with warehouse.open("r+b") as file:
        file.seek(3 * HEADER + block * BLOCK + 100)
        file.write(b"damage" * 20)
    result = run(plumbline, "build", warehouse=warehouse)
    assert result.exit_code == 1
    assert f"{warehouse} cannot be used (Corrupt database file" in result.stderr and WAY_OUT in result.stderr


def _damage(wal: Path, warehouse: Path) -> None:
    """Overwrite a few bytes in the middle, where DuckDB does not take them for the end of the log."""
    whole = wal.read_bytes()
    for place in range(len(whole) // 2, len(whole)):
        wal.write_bytes(whole[:place] + b"x" * 4 + whole[place + 4 :])
        try:
            duckdb.connect(str(warehouse), read_only=True).close()
        except duckdb.Error:
            return
    raise AssertionError("DuckDB read all of them")


@pytest.mark.parametrize("with_its_wal", [True, False], ids=["beside it", "left alone"])
def test_a_damaged_log_beside_the_warehouse_is_named(house: Path, with_its_wal: bool) -> None:
    """Half of it is damaged, or it is that of a warehouse that was moved away."""
    warehouse, wal = house / "warehouse.duckdb", house / "warehouse.duckdb.wal"
    write = (
        "import duckdb, os, sys; con = duckdb.connect(sys.argv[1]); con.execute('create table t (i int)'); "
        "[con.execute('insert into t values (1)') for _ in range(50)]; os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", write, str(warehouse)])
    if with_its_wal:
        _damage(wal, warehouse)
    else:
        warehouse.unlink()
    for command, *arguments in ((ingest, "sample"), (ingest, "rebuild"), (plumbline, "build")):
        result = run(command, *arguments, warehouse=warehouse)
        assert result.exit_code == 1
        assert f"{wal} cannot be used" in result.stderr
        assert "move that file away and run this again" in result.stderr
    wal.unlink()
    assert run(ingest, "rebuild", warehouse=warehouse).exit_code == 0


def test_a_log_that_duckdb_passes_over_does_not_lock_builds_out_without_a_word(house: Path) -> None:
    wal = house / "warehouse.duckdb.wal"
    wal.write_bytes(random.Random(7).randbytes(3000))
    result = run(plumbline, "build", warehouse=house / "warehouse.duckdb")
    assert result.exit_code == 1
    assert f"{wal} cannot be used" in result.stderr and "move that file away" in result.stderr


def test_a_folder_in_the_place_of_the_warehouse(house: Path) -> None:
    warehouse = house / "folder"
    warehouse.mkdir()
    for command, *arguments in ((ingest, "sample"), (ingest, "rebuild"), (plumbline, "build")):
        result = run(command, *arguments, warehouse=warehouse)
        assert result.exit_code == 1
        assert f"{warehouse} is a folder; name a file in WAREHOUSE_PATH" in result.stderr


@pytest.mark.parametrize("name", ["raw.duckdb", "Marts.duckdb", "raw.old.duckdb", "temp.duckdb"])
def test_a_warehouse_named_like_a_schema_is_refused_at_once(house: Path, spy: str, name: str) -> None:
    warehouse = house / name
    for command, *arguments in ((ingest, "files", spy), (ingest, "rebuild"), (plumbline, "build")):
        result = run(command, *arguments, warehouse=warehouse)
        assert result.exit_code == 1
        assert f"the warehouse cannot be named {name}" in result.stderr
        assert f"such as {house / 'warehouse.duckdb'}" in result.stderr
    with pytest.raises(DbtRuntimeError, match="cannot be named"):
        _plugin(warehouse).update_connection_config(_credentials(warehouse), {})
    assert len(landed_batches(house / "raw")) == 1 and not warehouse.exists()


@pytest.mark.parametrize("name", ["a#b/warehouse.duckdb", "house?.duckdb", "x;y.duckdb"])
def test_a_path_that_dbt_would_misread_is_refused_at_once(tmp_path: Path, spy: str, name: str) -> None:
    warehouse = tmp_path / name
    for command, *arguments in ((ingest, "files", spy), (plumbline, "build")):
        result = run(command, *arguments, warehouse=warehouse)
        assert result.exit_code == 1
        assert f"the warehouse cannot be {warehouse}" in result.stderr
    assert not list(tmp_path.glob("**/raw"))


def test_every_schema_of_the_warehouse_is_a_name_that_is_taken(
    sample: Path, query: Callable[..., list[tuple]]
) -> None:
    schemas = query(sample, "select schema_name from duckdb_schemas() where not internal")
    assert {name for (name,) in schemas} <= TAKEN_NAMES


def _credentials(warehouse: Path):
    from dbt.adapters.duckdb.credentials import DuckDBCredentials

    return DuckDBCredentials(database=None, schema="main", path=str(warehouse))


def _plugin(warehouse: Path) -> Plugin:
    return Plugin("plugin", {}, _credentials(warehouse))
