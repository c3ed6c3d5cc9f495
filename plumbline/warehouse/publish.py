"""Build beside the published warehouse and replace it in one step, or leave it as it was."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from plumbline.warehouse.connect import connect
from plumbline.warehouse.lock import warehouse_lock
from plumbline.warehouse.meta import write_meta
from plumbline.warehouse.paths import PROJECT_ROOT, landing_path, warehouse_path
from plumbline.warehouse.sync import sync

CANDIDATE = ".candidate-"


class BuildError(RuntimeError):
    """The build failed; the published warehouse is as it was."""


def is_whole(target: Path) -> bool:
    """Return whether the run that left its artifacts in `target` built and tested everything there is.

    Raises
    ------
    BuildError
        dbt left no artifacts there.
    """
    try:
        manifest = json.loads((target / "manifest.json").read_text())
        run = json.loads((target / "run_results.json").read_text())
    except FileNotFoundError as error:
        raise BuildError(
            f"dbt left no {Path(error.filename).name}: build without --target-path and --no-write-json"
        ) from error
    done = {result["unique_id"] for result in run["results"]}
    # Analyses are only kept, never built.
    built = {name for name in manifest["nodes"] if not name.startswith("analysis.")}
    return built | manifest["unit_tests"].keys() <= done and not run["args"].get("empty") and not run["args"].get("sample")


def build(arguments: list[str], *, publish_partial: bool = False) -> bool:
    """Run `dbt build` on a copy of the warehouse and publish the copy if every test passes.

    Readers see the old warehouse until they see the new one, whole. Other writers are kept out:
    ours by the lock, everyone else by a read handle that DuckDB respects.

    Parameters
    ----------
    arguments
        Passed on to `dbt build`.
    publish_partial
        Publish although `arguments` leave something out.

    Returns
    -------
    bool
        Whether the result was published.

    Raises
    ------
    BuildError
        dbt failed; nothing was published.
    WarehouseBusyError
        Another process holds the warehouse.
    """
    warehouse = warehouse_path().resolve()
    with ExitStack() as stack:
        stack.enter_context(warehouse_lock(warehouse, "plumbline build"))
        for leftover in warehouse.parent.glob(f"{CANDIDATE}*"):
            shutil.rmtree(leftover)
        folder = Path(tempfile.mkdtemp(prefix=CANDIDATE, dir=warehouse.parent))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        candidate = folder / warehouse.name  # same stem: dbt writes it into its SQL
        target = folder / "target"  # its own, so that no other build's results are taken for this one's
        if warehouse.exists():
            stack.enter_context(_copied(warehouse, candidate))
        started = datetime.now(UTC)
        _run_dbt(arguments, candidate, target, landing_path(warehouse))
        if not is_whole(target) and not publish_partial:
            return False
        with connect(candidate) as con:
            write_meta(con, target, arguments, started, datetime.now(UTC))
            con.execute("checkpoint")
        for path in (candidate, warehouse):
            _require_no_wal(path)
        sync(candidate)
        candidate.replace(warehouse)
        sync(warehouse.parent)
    return True


def _copied(warehouse: Path, candidate: Path) -> duckdb.DuckDBPyConnection:
    """Copy the warehouse and return a read handle on it, which keeps every writer out while it is open.

    The handle is opened after the copy: closing any other descriptor of the file, as copying does,
    would drop the lock that the operating system gives this process on it.
    """
    if _wal(warehouse).exists():
        connect(warehouse).close()  # replays and checkpoints what a killed writer left
    before = warehouse.stat()
    shutil.copyfile(warehouse, candidate)
    reader = connect(warehouse, read_only=True)
    after = warehouse.stat()
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size) or _wal(warehouse).exists():
        reader.close()
        raise BuildError(f"{warehouse} was written to while it was copied; run the build again")
    return reader


def _run_dbt(arguments: list[str], candidate: Path, target: Path, landing: Path) -> None:
    """Run `dbt build` on `candidate`, in a process of its own so that every handle is closed after it."""
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "build", *arguments]
    environment = os.environ | {
        "WAREHOUSE_PATH": str(candidate),
        "LANDING_PATH": str(landing),
        "DBT_PROJECT_DIR": str(PROJECT_ROOT),
        "DBT_PROFILES_DIR": str(PROJECT_ROOT),
        "DBT_TARGET_PATH": str(target),
    }
    finished = subprocess.run(command, cwd=PROJECT_ROOT, env=environment, check=False)
    if finished.returncode:
        raise BuildError(f"dbt build ended with status {finished.returncode}; its lines above name the cause")


def _wal(path: Path) -> Path:
    return path.with_name(path.name + ".wal")


def _require_no_wal(path: Path) -> None:
    if _wal(path).exists():
        raise BuildError(
            f"{_wal(path)} is left beside the warehouse: a writer was not closed; run the build again"
        )
