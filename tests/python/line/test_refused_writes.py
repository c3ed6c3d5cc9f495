"""A full disk, a read-only folder, a file in use: one line with the way out, and nothing lost."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from command_lines import SPY, digest, run
from warehouses import ROOT, copy_of, python

from ingest.__main__ import main as ingest
from ingest.manifests import landed_batches
from ingest.verify import verify_landed
from plumbline.warehouse.connect import connect
from plumbline.warehouse.run_dbt import Screen

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


@pytest.fixture
def house(sample: Path, tmp_path: Path) -> Path:
    """Return the folder of a published warehouse, to be damaged."""
    return copy_of(sample, tmp_path / "house").parent


@pytest.fixture
def spy(tmp_path: Path) -> str:
    path = tmp_path / "SPY.csv"
    path.write_text(SPY)
    return str(path)


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


TRACE = """12:00:00    Runtime Error in model engine (python_models/engine.py)
  Python model failed:
  Traceback (most recent call last):
    File "engine.py", line 3, in model
      write(rows)
      ~~~~~^^^^^^
  Also told
    duckdb.IOException: No space left on device
12:00:00  Traceback (most recent call last):
  File "main.py", line 1
OSError: no
"""


def test_stack_traces_go_to_the_log_file_alone() -> None:
    screen = Screen()
    record = logging.LogRecord("stdout_log", logging.ERROR, "", 0, TRACE, None, None)
    assert screen.filter(record)
    assert record.getMessage().splitlines() == [
        "12:00:00    Runtime Error in model engine (python_models/engine.py)",
        "  Python model failed:",
        "  Also told",
        "    duckdb.IOException: No space left on device",
        "12:00:00  OSError: no",
    ]
    assert screen.no_room == "duckdb.IOException: No space left on device"


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
