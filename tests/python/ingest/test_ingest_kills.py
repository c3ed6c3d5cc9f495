"""SIGKILL at every stage of landing and loading: what was whole stays whole, the next run does the rest."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from click.testing import Result
from kills import KILLS

from ingest.manifests import landed_batches
from ingest.verify import verify_landed

Ingest = Callable[..., Result]

# A process with everything imported, which forks to run each command it is sent; the fork kills itself where
# the hook says so.
PROGRAM = (
    """
import json, os, signal, sys, threading
from pathlib import Path
from ingest import calendar, landing, load, run
from plumbline.warehouse import aside
from ingest.__main__ import main
from ingest.sources import files
import duckdb
"""
    + KILLS
    + """
def half_made(path, **_):
    Path(path).write_bytes(bytes(4096))
    die()

for line in sys.stdin:
    hook, arguments, environment = json.loads(line)
    child = os.fork()
    if not child:
        os.dup2(2, 1)
        os.environ.update(environment)
        exec(hook)
        main(arguments)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
)

# By stage: the hook, and whether the second batch exists once the process is dead.
LANDING = {
    "before anything is written": ('kill_at(landing, "_stage")', False),
    "while the first file is written": ('kill_at(landing, "write", before=half_written)', False),
    "while the second file is written": ('kill_at(landing, "write", 2, half_written)', False),
    "before the batch is renamed": ('kill_at(landing, "_publish")', False),
    "after the batch is renamed": ('kill_at(aside, "sync", 2)', False),
    "while the manifest is written": ('kill_at(landing, "write", 3, half_written)', False),
    "before the manifest is renamed": ('kill_at(Path, "replace", 2)', False),
    "after the manifest is renamed": ('kill_at(aside, "sync", 4)', True),
    "after landing, before loading": ('kill_at(run, "load_landed")', True),
    "before a batch is loaded": ('kill_at(load, "_insert_batch")', True),
    "between two symbols of a batch": ('kill_at(load, "_raw_rows", 2)', True),
    "before the sessions are brought up to date": ('kill_at(load, "_cover_sessions")', True),
}


@pytest.fixture(scope="module")
def runner() -> Iterator[subprocess.Popen]:
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.stdin.close()


def run_in_fork(runner: subprocess.Popen, hook: str, *arguments: object) -> int:
    """Run the command line in a fork of `runner`, with `hook` before it; return how it ended."""
    environment = {name: os.environ[name] for name in ("WAREHOUSE_PATH", "LANDING_PATH")}
    order = [hook, [str(each) for each in arguments], environment]
    print(json.dumps(order), file=runner.stdin, flush=True)
    return int(runner.stdout.readline())


@pytest.fixture
def killed(runner: subprocess.Popen, house: Path) -> Callable[..., None]:
    """Return a function that runs the command line in a process which `hook` kills."""

    def run(hook: str, *arguments: object) -> None:
        assert run_in_fork(runner, hook, *arguments) == -signal.SIGKILL, "not killed"

    return run


def _rows(house: Path) -> set[tuple]:
    """Return symbol, day and close of every row of raw, as a reader sees them; none may come twice."""
    with duckdb.connect(str(house / "warehouse.duckdb"), read_only=True) as con:
        rows = con.execute("select batch_id, symbol, session_date, close from raw.bars").fetchall()
    assert len(rows) == len(set(rows))
    return set(rows)


def _files(folder: Path) -> dict[Path, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize(("hook", "has_landed"), LANDING.values(), ids=LANDING)
def test_a_kill_loses_nothing_and_the_next_run_puts_things_right(
    hook: str,
    has_landed: bool,
    killed: Callable[..., None],
    ingest: Ingest,
    house: Path,
    csv: Callable[[str, pd.DataFrame], Path],
    frame: Callable[..., pd.DataFrame],
) -> None:
    paths = [csv("AAPL.csv", frame()), csv("SPY.csv", frame())]
    assert ingest("files", *paths).exit_code == 0
    landing = house / "raw"
    (first,) = landed_batches(landing)
    files, rows = _files(landing / first), _rows(house)
    for path in paths:
        # Another year as well, so that the sessions of raw have to grow.
        later = frame(level=50).assign(
            Date=["2021-01-04", "2021-01-05", "2021-01-06", "2021-01-07", "2021-01-08"]
        )
        csv(path.name, pd.concat([frame(level=50), later]))
    killed(hook, "files", *paths)

    assert _files(landing / first) == files
    assert len(landed_batches(landing)) == 1 + has_landed
    assert ingest("verify").exit_code == 0
    after = _rows(house)
    assert rows <= after and len(after - rows) in (0, 20), "readers see a batch whole or not at all"
    landed = landed_batches(landing)

    result = ingest("files", *paths)
    assert result.exit_code == 0, result.output
    assert ("2 unchanged" if has_landed else "2 new") in result.stdout
    assert landed <= landed_batches(landing) and len(landed_batches(landing)) == 2
    assert verify_landed(landing) == (2, 4, 0, []), "nothing is left over"
    assert {path.name for path in landing.iterdir()} == {*landed_batches(landing), ".lock"}
    assert rows < _rows(house) and len(_rows(house)) == 30
    with duckdb.connect(str(house / "warehouse.duckdb"), read_only=True) as con:
        assert con.execute("select max(session_date)::varchar from raw.sessions").fetchone() == (
            "2021-12-31",
        )


@pytest.mark.parametrize(
    "hook",
    ['kill_at(load, "_raw_rows", 2)', 'kill_at(load, "_cover_sessions")', 'kill_at(run, "rebuild_raw")'],
    ids=["between two symbols", "before the sessions", "before anything"],
)
def test_a_killed_rebuild_leaves_raw_as_it_was(
    hook: str,
    killed: Callable[..., None],
    ingest: Ingest,
    house: Path,
    csv: Callable[[str, pd.DataFrame], Path],
    frame: Callable[..., pd.DataFrame],
) -> None:
    assert ingest("files", csv("AAPL.csv", frame()), csv("SPY.csv", frame())).exit_code == 0
    before = _rows(house)
    killed(hook, "rebuild")
    assert _rows(house) == before
    assert ingest("rebuild").exit_code == 0
    assert _rows(house) == before


def test_a_kill_while_the_warehouse_is_made_leaves_no_half_of_it(
    killed: Callable[..., None],
    ingest: Ingest,
    house: Path,
    csv: Callable[[str, pd.DataFrame], Path],
    frame: Callable[..., pd.DataFrame],
) -> None:
    path = csv("SPY.csv", frame())
    killed('kill_at(duckdb, "connect", before=half_made)', "files", path)
    assert not (house / "warehouse.duckdb").exists()
    assert ingest("files", path).exit_code == 0
    assert {each.name for each in house.iterdir()} == {"raw", "warehouse.duckdb", ".warehouse.duckdb.lock"}


@pytest.mark.soak
def test_kills_at_random_times_lose_nothing(
    runner: subprocess.Popen,
    ingest: Ingest,
    house: Path,
    csv: Callable[[str, pd.DataFrame], Path],
    frame: Callable[..., pd.DataFrame],
) -> None:
    random = np.random.default_rng(7)
    landing = house / "raw"
    known: set[str] = set()
    dead, is_loaded = 0, False
    for level in range(80):
        paths = [csv("AAPL.csv", frame(level=level + 1)), csv("SPY.csv", frame(level=level + 1))]
        status = run_in_fork(
            runner, f"threading.Timer({random.uniform(0, 0.25)}, die).start()", "files", *paths
        )
        dead += status == -signal.SIGKILL
        assert known <= landed_batches(landing)
        assert not verify_landed(landing).faults
        known = landed_batches(landing)
        is_loaded |= status == 0
        if is_loaded:
            _rows(house)
    assert dead >= 50, "most were killed"
    assert ingest("files", *paths).exit_code == 0
    assert known <= landed_batches(landing)
    assert len(_rows(house)) == 10 * len(landed_batches(landing))
