"""Several at once: no read fails, no batch is lost, and whoever must wait is told for whom."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pytest
from warehouses import ROOT, copy_of, python

from ingest.manifests import landed_batches
from ingest.verify import verify_landed
from plumbline.warehouse.hashes import hash_marts
from plumbline.warehouse.lock import locked, warehouse_lock

HEADING = "date,open,high,low,close,adj_close,volume\n"
PARTIAL = ("build", "--publish-partial", "--select", "dim_strategies")


@pytest.fixture
def csv(tmp_path: Path) -> Callable[..., str]:
    """Return a writer of the bars of one symbol."""

    def write(symbol: str, *closes: float) -> str:
        days = ("2012-01-03", "2012-01-04", "2012-01-05")
        rows = [
            f"{day},{close},{close + 1},{close - 1},{close},{close},100\n"
            for day, close in zip(days, closes, strict=True)
        ]
        path = tmp_path / f"{symbol}.csv"
        path.write_text(HEADING + "".join(rows))
        return str(path)

    return write


def start(*arguments: str, warehouse: Path, **options: object) -> subprocess.Popen:
    """Start ``python -m ARGUMENTS`` on a warehouse."""
    variables = {
        "WAREHOUSE_PATH": str(warehouse),
        "DBT_TARGET_PATH": str(warehouse.parent / "target"),
        "DBT_LOG_PATH": str(warehouse.parent / "target"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=os.environ | variables,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | options,
    )


def loaded_batches(warehouse: Path) -> set[str]:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return {batch for (batch,) in con.execute("select batch_id from raw.batches").fetchall()}


def _until(condition: Callable[[], object], seconds: float = 30.0) -> object:
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found


def test_of_ingests_at_once_none_loses_a_batch_and_those_that_wait_say_for_whom(
    tmp_path: Path, csv: Callable[..., str]
) -> None:
    warehouse, landing = tmp_path / "warehouse.duckdb", tmp_path / "raw"
    symbols = ("AAPL", "MSFT", "SPY", "QQQ")
    at_once = [
        start("ingest", "files", csv(symbol, 10, 11, 12), warehouse=warehouse, stdout=subprocess.DEVNULL)
        for symbol in symbols
    ]
    for process in at_once:
        _, said = process.communicate()
        assert "Traceback" not in said
        assert process.returncode in (0, 75)
        if process.returncode:
            assert "have landed safely and the next build loads them" in said
            assert re.search(r"is locked by `ingest files` \(process \d+, since", said)
    assert len(landed_batches(landing)) == len(symbols) and not verify_landed(landing).faults
    assert python("-m", "ingest", "files", csv("IWM", 1, 2, 3), warehouse=warehouse).returncode == 0
    assert loaded_batches(warehouse) == landed_batches(landing)


def test_an_ingest_that_waits_for_another_to_land_says_for_whom(
    tmp_path: Path, csv: Callable[..., str]
) -> None:
    warehouse, landing = tmp_path / "warehouse.duckdb", tmp_path / "raw"
    with locked(landing / ".lock", "the landing folder", "ingest yahoo"):
        waiting = start("ingest", "files", csv("SPY", 10, 11, 12), warehouse=warehouse)
        line = waiting.stderr.readline()
        assert f"the landing folder {landing} is locked by `ingest yahoo` (process {os.getpid()}" in line
        assert "waiting for it" in line
    waiting.communicate()
    assert waiting.returncode == 0
    assert loaded_batches(warehouse) == landed_batches(landing)


def test_a_build_during_an_ingest_is_told_so_and_so_is_the_ingest_during_a_build(
    sample: Path, tmp_path: Path, csv: Callable[..., str]
) -> None:
    warehouse = copy_of(sample, tmp_path / "house")
    with warehouse_lock(warehouse, "ingest yahoo"):
        build = python("-m", "plumbline", *PARTIAL, warehouse=warehouse)
    assert build.returncode == 1
    assert f"the warehouse {warehouse} is locked by `ingest yahoo` (process {os.getpid()}" in build.stderr
    with warehouse_lock(warehouse, "plumbline build"):
        ingest = python("-m", "ingest", "files", csv("SPY", 10, 11, 12), warehouse=warehouse)
    assert ingest.returncode == 75
    assert f"is locked by `plumbline build` (process {os.getpid()}" in ingest.stderr


def test_during_builds_and_ingests_no_read_fails_and_no_batch_is_lost(
    sample: Path, tmp_path: Path, csv: Callable[..., str]
) -> None:
    warehouse = copy_of(sample, tmp_path / "house")
    landing = warehouse.parent / "raw"
    with duckdb.connect(str(warehouse), read_only=True) as con:
        published = con.execute("from marts.rpt_performance").fetchall()
    seen = set()
    reads = builds = 0
    while reads < 200:
        build = start("plumbline", *PARTIAL, warehouse=warehouse, stdout=subprocess.DEVNULL)
        _until(lambda: list(warehouse.parent.glob(".candidate-*/warehouse.duckdb")))
        path = csv("SPY", 10 + builds, 11, 12)
        ingest = start("ingest", "files", path, warehouse=warehouse, stdout=subprocess.DEVNULL)
        while build.poll() is None:
            with duckdb.connect(str(warehouse), read_only=True) as con:
                assert con.execute("from marts.rpt_performance").fetchall() == published
                seen.add(con.execute("select selection from meta.build").fetchone())
            reads += 1
            time.sleep(0.01)
        builds += 1
        assert build.returncode == 0, build.communicate()[1]
        said = ingest.communicate()[1]
        assert ingest.returncode == 75
        assert f"is locked by `plumbline build` (process {build.pid}, since" in said
        assert len(landed_batches(landing)) == 1 + builds
    with duckdb.connect(str(warehouse), read_only=True) as con:
        seen.add(con.execute("select selection from meta.build").fetchone())
    assert seen == {("",), ("--select dim_strategies",)}
    # The batch that landed last waits for the next run; those before it came with the build after them.
    assert len(landed_batches(landing) - loaded_batches(warehouse)) <= 1
    assert python("-m", "ingest", "files", path, warehouse=warehouse).returncode == 0
    assert loaded_batches(warehouse) == landed_batches(landing)
    assert not verify_landed(landing).faults


def _children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True).stdout
    rows = [line.split() for line in found.splitlines()]
    return [int(child) for child, parent, state in rows if int(parent) == pid and state[0] != "Z"]


def _alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return bool(state.strip()) and not state.startswith("Z")


@pytest.mark.skipif(os.name != "posix", reason="needs ps")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "ended"])
def test_dbt_ends_with_the_build_that_started_it(tmp_path: Path, how: signal.Signals) -> None:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    build = start("plumbline", *PARTIAL, warehouse=tmp_path / "warehouse.duckdb", **quiet)
    (dbt,) = _until(lambda: _children(build.pid))
    time.sleep(1)  # into its imports; it has several seconds to go
    build.send_signal(how)
    build.wait()
    assert build.returncode == (-how if how == signal.SIGKILL else 143)
    _until(lambda: not _alive(dbt), seconds=2)


def _kill_after(process: subprocess.Popen, seconds: float, group: bool) -> bool:
    """Kill a process, or its group with it, after so many seconds; return whether it was still there."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL) if group else process.kill()
    return process.wait() == -signal.SIGKILL


@pytest.mark.soak
def test_random_kills_of_ingests_and_builds_lose_nothing(sample: Path, tmp_path: Path) -> None:
    """After each kill the published warehouse is one that a build published, whole, and all batches stay.

    In the end it is what one build makes of the same landing files in one go.
    """
    random = np.random.default_rng(11)
    warehouse, landing = tmp_path / "warehouse.duckdb", tmp_path / "raw"
    build = ("plumbline", "build", "--publish-partial", "--select", "+tag:layer_data")
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    bars = tmp_path / "AAPL.csv"

    def write_bars(level: int) -> None:
        columns = f"session_date as date, columns(['open', 'high', 'low', 'close', 'adj_close']) * {level}"
        query = f"select {columns}, volume from raw.bars where symbol = 'AAPL' order by row_number"
        with duckdb.connect(str(sample), read_only=True) as con:
            con.execute(f"copy ({query}) to '{bars}' (header)")

    write_bars(1)
    assert start("ingest", "files", str(bars), warehouse=warehouse, **options).wait() == 0
    begun = time.monotonic()
    assert start(*build, warehouse=warehouse, **options).wait() == 0
    whole = time.monotonic() - begun
    known = landed_batches(landing)
    killed = {"ingest": 0, "plumbline": 0}
    for level in range(2, 92):
        is_build = bool(level % 2)
        if not is_build:
            write_bars(level)
        arguments = build if is_build else ("ingest", "files", str(bars))
        process = start(*arguments, warehouse=warehouse, **options)
        seconds = random.uniform(0, whole if is_build else 1.5)
        killed[arguments[0]] += _kill_after(process, seconds, group=bool(random.integers(2)))
        assert known <= landed_batches(landing)
        assert not verify_landed(landing).faults
        known = landed_batches(landing)
        with duckdb.connect(str(warehouse), read_only=True) as con:
            assert con.execute("from meta.table_hashes order by all").fetchall() == hash_marts(con)
    assert sum(killed.values()) >= 50 and min(killed.values()) >= 15, killed

    assert start(*build, warehouse=warehouse, **options).wait() == 0
    assert loaded_batches(warehouse) == landed_batches(landing)
    assert {path.name for path in tmp_path.glob(".candidate*")} == set()
    fresh = tmp_path / "fresh" / "warehouse.duckdb"
    fresh.parent.mkdir()
    landing.rename(fresh.parent / "raw")
    assert start(*build, warehouse=fresh, **options).wait() == 0
    with (
        duckdb.connect(str(warehouse), read_only=True) as after,
        duckdb.connect(str(fresh), read_only=True) as anew,
    ):
        assert hash_marts(after) == hash_marts(anew)
