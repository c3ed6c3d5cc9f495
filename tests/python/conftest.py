"""Warehouses for the tests: built once a session, each in a folder of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from filelock import FileLock

ROOT = Path(__file__).resolve().parents[2]
# Published tables and METHOD's known answers are of bars up to this session.
CUT = "{end_session: 2025-12-31}"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of real bars and published tables, or skip."""
    folder = os.environ.get("PLUMBLINE_SHARED")
    if not folder:
        pytest.skip("needs real bars: set PLUMBLINE_SHARED to the folder that holds data/ and design/")
    return Path(folder)


@contextmanager
def environment(**variables: str) -> Iterator[None]:
    """Set environment variables for the length of the block."""
    before = os.environ.copy()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def python(*arguments: str, warehouse: Path, **variables: str) -> subprocess.CompletedProcess:
    """Run ``python ARGUMENTS`` on a warehouse in a process of its own."""
    variables = os.environ | {"WAREHOUSE_PATH": str(warehouse), **variables}
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )


def ingest(*arguments: str, warehouse: Path) -> None:
    """Run ``python -m ingest`` on a warehouse; it must succeed."""
    done = python("-m", "ingest", *arguments, warehouse=warehouse)
    assert done.returncode == 0, done.stdout + done.stderr


def dbt(*arguments: str, warehouse: Path, duckdb_threads: int = 2) -> bool:
    """Run dbt in this process on a warehouse, in place; return whether it succeeded."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    target = warehouse.parent / "target"
    variables = {
        "WAREHOUSE_PATH": str(warehouse),
        "DUCKDB_THREADS": str(duckdb_threads),
        "DBT_PROJECT_DIR": str(ROOT),
        "DBT_PROFILES_DIR": str(ROOT),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(target),
    }
    with environment(**variables):
        result = dbtRunner().invoke([*arguments, "--quiet"])
    DuckDBConnectionManager.close_all_connections()
    if result.exception:
        raise result.exception
    return result.success


def copy_of(warehouse: Path, folder: Path) -> Path:
    """Copy a warehouse with its landing files, to be built again on other terms."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(warehouse.parent / "raw", folder / "raw")
    return Path(shutil.copy(warehouse, folder))


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
    """Return the published warehouse of the embedded sample, made as the README says."""

    def build(warehouse: Path) -> None:
        ingest("sample", warehouse=warehouse)
        target = str(warehouse.parent / "target")
        done = python("-m", "plumbline", "build", warehouse=warehouse, DBT_TARGET_PATH=target)
        assert done.returncode == 0, done.stdout + done.stderr

    return built_once("sample", build)


@pytest.fixture(scope="session")
def real(shared: Path, built_once: Callable[..., Path]) -> Path:
    """Return the warehouse of real SPY, AAPL and MSFT bars to the end of 2025."""

    def build(warehouse: Path) -> None:
        ingest("files", str(shared / "data" / "yahoo"), warehouse=warehouse)
        assert dbt("build", "--vars", CUT, warehouse=warehouse)

    return built_once("real", build)


@pytest.fixture(scope="session")
def universe(shared: Path, built_once: Callable[..., Path]) -> Path:
    """Return the warehouse of 97 symbols of unequal history to the end of 2025."""

    def build(warehouse: Path) -> None:
        ingest("files", str(shared / "data" / "universe_100.parquet"), warehouse=warehouse)
        assert dbt("build", "--vars", CUT, warehouse=warehouse)

    return built_once("universe", build)


@pytest.fixture
def query() -> Iterator[Callable[..., list[tuple]]]:
    """Return a function that queries a warehouse, read only."""

    def run(warehouse: Path, sql: str, *parameters: object) -> list[tuple]:
        with duckdb.connect(str(warehouse), read_only=True) as con:
            return con.execute(sql, parameters).fetchall()

    yield run
