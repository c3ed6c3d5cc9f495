"""What the tests do with warehouses: ingest, build, copy."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# What a process of a story is given: see its sitecustomize.
OFFLINE = ROOT / "tests" / "python" / "docs" / "offline"
STORY_NOW = "2026-01-02T22:00:00+00:00"  # the day on which the stories take place: a session, closed
# Published tables and the method's known answers are of bars up to this session.
CUT = "{end_session: 2025-12-31}"
DATA_TESTS = ("build",)
# Unit tests are of the SQL, not of a warehouse: they are there only where they are asked for.
UNIT_TESTS = ("--vars", "{unit_tests: true}")
# A second build of what has been tested before needs no tests at all.
NO_TESTS = (*DATA_TESTS, "--exclude-resource-type", "test")
# Up to the portfolio: what takes seconds, without the stress tests and sweeps.
CORE = ("--exclude", "tag:robustness")


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


@cache
def _parsed() -> Any:
    """Return what dbt knows of the project: it reads it once a process, not for every build."""
    from dbt.cli.main import dbtRunner

    manifest = dbtRunner().invoke(["parse", "--quiet"]).result
    manifest.disabled.clear()  # the unit tests, which dbt's own copying stumbles over
    return manifest


def dbt(*arguments: str, warehouse: Path, duckdb_threads: int = 2, parses: bool = False) -> bool:
    """Run dbt in this process on a warehouse, in place; return whether it succeeded.

    Where it `parses`, it reads the project anew, and refuses then what a reader would be refused first.
    """
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
        # A copy: a run writes what it compiled into it.
        manifest = None if parses or arguments[0] == "parse" else _parsed().deepcopy()
        result = dbtRunner(manifest=manifest).invoke([*arguments, "--quiet"])
    DuckDBConnectionManager.close_all_connections()
    if result.exception:
        raise result.exception
    return result.success


def copy_of(warehouse: Path, folder: Path) -> Path:
    """Copy a warehouse with its landing files, to be built again on other terms."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(warehouse.parent / "raw", folder / "raw")
    return Path(shutil.copy(warehouse, folder))
