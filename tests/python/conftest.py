"""Warehouses for the tests: built once a session, for all its workers."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock
from warehouses import CORE, CUT, DATA_TESTS, OFFLINE, ROOT, STORY_NOW, dbt, ingest, python


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real bars, or skip."""
    folder = os.environ.get("PLUMBLINE_SHARED")
    if not folder:
        pytest.skip("needs real bars: set PLUMBLINE_SHARED to the folder that holds data/")
    return Path(folder)


@pytest.fixture(scope="session")
def built_once(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Callable[..., Path]:
    """Return a function that makes a named warehouse once for all workers of the session."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent

    def make(name: str, build: Callable[[Path], None]) -> Path:
        warehouse = base / name / "warehouse.duckdb"
        done = base / name / "done"
        with FileLock(base / f"{name}.lock"):
            if not done.exists():
                warehouse.parent.mkdir()
                build(warehouse)
                done.touch()
        return warehouse

    return make


@pytest.fixture(scope="session")
def sample(built_once: Callable[..., Path]) -> Path:
    """Return the published warehouse of the embedded sample, made as the README says.

    On the day of the stories in tests/python/docs: it is in the trial ledger.
    """

    def build(warehouse: Path) -> None:
        ingest("sample", warehouse=warehouse)
        target = str(warehouse.parent / "target")
        story = {"PYTHONPATH": str(OFFLINE), "STORY_PROJECT": str(ROOT), "STORY_NOW": STORY_NOW}
        done = python("-m", "plumbline", "build", warehouse=warehouse, DBT_TARGET_PATH=target, **story)
        assert f"Published {warehouse}" in done.stdout, done.stdout + done.stderr

    return built_once("sample", build)


@pytest.fixture(scope="session")
def real(shared: Path, built_once: Callable[..., Path]) -> Path:
    """Return the warehouse of real SPY, AAPL and MSFT bars to the end of 2025."""

    def build(warehouse: Path) -> None:
        ingest("files", str(shared / "data" / "yahoo"), warehouse=warehouse)
        assert dbt(*DATA_TESTS, "--vars", CUT, warehouse=warehouse)

    return built_once("real", build)


@pytest.fixture(scope="session")
def universe(shared: Path, built_once: Callable[..., Path]) -> Path:
    """Return the core of the warehouse of 97 symbols of unequal history, to the end of 2025."""

    def build(warehouse: Path) -> None:
        ingest("files", str(shared / "data" / "universe_100.parquet"), warehouse=warehouse)
        assert dbt(*DATA_TESTS, *CORE, "--vars", CUT, warehouse=warehouse)

    return built_once("universe", build)


@pytest.fixture
def query() -> Iterator[Callable[..., list[tuple]]]:
    """Return a function that queries a warehouse, read only."""

    def run(warehouse: Path, sql: str, *parameters: object) -> list[tuple]:
        with duckdb.connect(str(warehouse), read_only=True) as con:
            return con.execute(sql, parameters).fetchall()

    yield run
