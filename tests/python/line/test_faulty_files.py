"""A full disk, a read-only folder, a newer or damaged file: one line with the way out, and nothing lost."""

import hashlib
import os
import random
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from dbt_common.exceptions import DbtRuntimeError
from warehouses import ROOT, copy_of, environment, python

from ingest.__main__ import main as ingest
from ingest.dbt_plugin import Plugin
from ingest.manifests import landed_batches
from ingest.verify import verify_landed
from plumbline.__main__ import cli as plumbline
from plumbline.warehouse.connect import connect
from plumbline.warehouse.faults import TAKEN_NAMES

HEADER, BLOCK = 4096, 262_144  # of a DuckDB file: three headers, then its blocks
SPY = """date,open,high,low,close,adj_close,volume
2012-01-03,10,11,9,10,10,100
2012-01-04,10,11,9,10,10,100
"""
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


def run(command, *arguments: str, warehouse: Path) -> Result:
    """Run a command line in this process; whatever else it raised the user would have seen as a traceback."""
    with environment(WAREHOUSE_PATH=str(warehouse)):
        result = CliRunner().invoke(command, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


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
        data = bytearray(wal.read_bytes())
        data[1000:1020] = b"x" * 20
        wal.write_bytes(data)
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


# The rest needs processes that can do less than this one.

ROOMLESS = (
    "import resource, runpy, sys; room = int(sys.argv.pop(1)); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)); sys.argv.pop(0); "
    "runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
)
# To root, permissions mean nothing; 24 is PR_CAPBSET_DROP, 1 and 2 are what lets root pass over them.
MERE_USER = (
    "import ctypes, os, sys; libc = ctypes.CDLL(None); "
    "os.getuid() or [libc.prctl(24, each, 0, 0, 0) for each in (1, 2)]; "
    "os.execv(sys.executable, [sys.executable, '-m', *sys.argv[1:]])"
)


def _said(done: subprocess.CompletedProcess) -> str:
    """Return what a failed command said on stderr."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    return done.stderr


def test_a_full_disk_keeps_what_was_there_and_says_so(house: Path) -> None:
    """A limit on the size of files stands in for it: the system refuses to write in the same place."""
    warehouse, landing = house / "warehouse.duckdb", house / "raw"
    (landed,) = landed_batches(landing)

    def limited(room: int, *arguments: str) -> subprocess.CompletedProcess:
        return python("-c", ROOMLESS, str(room), *arguments, warehouse=warehouse)

    more = ("sample", "--start", "2003-01-01")
    said = _said(limited(500, "ingest", *more))
    assert f"nothing has landed: cannot write to {landing} (File too large); make room there" in said
    assert landed_batches(landing) == {landed} and verify_landed(landing)[2:] == (0, [])

    said = _said(limited(150_000, "ingest", *more))
    assert f"the bars have landed safely, but there is no room to write {warehouse}" in said
    assert len(landed_batches(landing)) == 2 and not verify_landed(landing).faults

    said = _said(limited(150_000, "ingest", "rebuild"))
    assert f"raw is as it was: there is no room to write {warehouse}" in said
    with duckdb.connect(str(warehouse), read_only=True) as con:
        assert con.execute("select batch_id from raw.batches").fetchall() == [(landed,)]

    before = digest(warehouse)
    said = _said(limited(100_000, "plumbline", "build"))
    assert f"there is no room to write {warehouse}" in said and "make room there and run this again" in said
    assert f"The warehouse {warehouse} is as it was." in said
    assert digest(warehouse) == before and not list(house.glob(".candidate*"))
    assert run(ingest, *more, warehouse=warehouse).exit_code == 0, "loads what had landed"
    with duckdb.connect(str(warehouse), read_only=True) as con:
        assert con.execute("select count(*) from raw.batches").fetchall() == [(2,)]


def test_a_disk_that_fills_up_during_a_build_shows_no_stack_trace(house: Path) -> None:
    warehouse = house / "new.duckdb"
    done = python("-c", ROOMLESS, "1500000", "plumbline", "build", warehouse=warehouse)
    said = _said(done)
    assert f"there is no room to write {warehouse}" in said and str(house / "raw") in said
    assert "File too large" in done.stdout
    assert not warehouse.exists() and not list(house.glob(".candidate*"))


@pytest.mark.skipif(
    os.getuid() == 0 and not sys.platform.startswith("linux"), reason="to root, permissions mean nothing here"
)
def test_a_folder_that_may_not_be_written_or_read(house: Path, spy: str) -> None:
    warehouse = house / "warehouse.duckdb"
    folders = (house, house / "raw")

    def as_user(*arguments: str) -> subprocess.CompletedProcess:
        return python("-c", MERE_USER, *arguments, warehouse=warehouse)

    before = digest(warehouse)
    try:
        for folder in folders:
            folder.chmod(0o555)
        assert f"cannot write to {house / 'raw'} (Permission denied)" in _said(
            as_user("ingest", "files", spy)
        )
        for arguments in (("ingest", "rebuild"), ("plumbline", "build")):
            said = _said(as_user(*arguments))
            assert f"{warehouse} cannot be read and written" in said and "Permission denied" in said
            assert f"set WAREHOUSE_PATH to a file elsewhere and LANDING_PATH to {house / 'raw'}" in said
        assert as_user("ingest", "status").returncode == 0
        (house / "raw").chmod(0)
        for arguments in (("status",), ("sample", "--if-empty"), ("rebuild",)):
            said = _said(as_user("ingest", *arguments))
            assert f"{house / 'raw'}: Permission denied; give yourself the right to use it" in said
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert digest(warehouse) == before


@pytest.mark.soak
@pytest.mark.parametrize("megabytes", [3, 6, 9, 12, 18, 24, 40])
def test_a_disk_that_is_really_full(house: Path, spy: str, tmp_path: Path, megabytes: int) -> None:
    """From the first batch on a small disk to a build of everything, whatever the step it fills up at."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(disk)]
    if os.getuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        warehouse = disk / "warehouse.duckdb"
        for arguments in (("ingest", "sample"), ("plumbline", "build"), ("ingest", "rebuild")):
            done = python("-m", *arguments, warehouse=warehouse)
            assert "Traceback" not in done.stdout + done.stderr
            if done.returncode:
                assert "no room to write" in done.stderr or "make room there" in done.stderr
        assert not verify_landed(disk / "raw").faults and len(landed_batches(disk / "raw")) == 1
        with connect(warehouse, read_only=True) as con:
            assert con.execute("select count(*) from raw.batches").fetchall() <= [(1,)]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


# Names.


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


# dbt in place.


def _credentials(warehouse: Path):
    from dbt.adapters.duckdb.credentials import DuckDBCredentials

    return DuckDBCredentials(database=None, schema="main", path=str(warehouse))


def _plugin(warehouse: Path) -> Plugin:
    return Plugin("plugin", {}, _credentials(warehouse))


def test_dbt_in_place_says_who_reads_the_warehouse_without_a_stack_trace(house: Path) -> None:
    warehouse = house / "warehouse.duckdb"
    hold = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1], read_only=True); "
        "print('open', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", hold, str(warehouse)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout.readline() == "open\n"
        done = python(
            *("-c", "from dbt.cli.main import cli; cli()", "run", "--select", "dim_strategies"),
            warehouse=warehouse,
            DBT_TARGET_PATH=str(house / "target"),
            DBT_PROFILES_DIR=str(ROOT),
        )
    assert done.returncode == 2
    assert f"the warehouse {warehouse} is in use by" in done.stdout and f"PID {reader.pid}" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
