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

from plumbline.warehouse.aside import replace
from plumbline.warehouse.connect import connect, require_whole
from plumbline.warehouse.faults import UnusableWarehouseError, damaged_wal, require_usable_name, wal_of
from plumbline.warehouse.lock import warehouse_lock
from plumbline.warehouse.meta import write_meta
from plumbline.warehouse.paths import PROJECT_ROOT, landing_path, warehouse_path

CANDIDATE = ".candidate-"


class BuildError(RuntimeError):
    """The build failed; the published warehouse is as it was."""


def is_whole(target: Path) -> bool:
    """Return whether the run that left its artifacts in `target` built and tested everything there is.

    Unit tests are of the project's SQL, not of a warehouse: `make test` runs them.

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
    return built <= done and not run["args"].get("empty") and not run["args"].get("sample")


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
    UnusableWarehouseError
        The warehouse is damaged, out of reach or named badly.
    """
    warehouse = warehouse_path().resolve()
    require_usable_name(warehouse)
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
        _run_dbt(arguments, warehouse, candidate, target)
        if not is_whole(target) and not publish_partial:
            return False
        with connect(candidate) as con:
            write_meta(con, target, arguments, started, datetime.now(UTC))
            con.execute("checkpoint")
        for path in (candidate, warehouse):
            _require_no_wal(path)
        replace(candidate, warehouse)
    return True


def _copied(warehouse: Path, candidate: Path) -> duckdb.DuckDBPyConnection:
    """Copy the warehouse and return a read handle on it, which keeps every writer out while it is open.

    The handle is opened after the copy: closing any other descriptor of the file, as copying does,
    would drop the lock that the operating system gives this process on it.
    """
    if wal_of(warehouse).exists():
        with connect(warehouse) as con:
            # Of what a killed writer left; closing alone would hide that there is no room.
            con.execute("checkpoint")
        if wal_of(warehouse).exists():
            raise UnusableWarehouseError(damaged_wal(warehouse, "DuckDB passes over it"))
    before = _written(warehouse)
    shutil.copyfile(warehouse, candidate)
    reader = connect(warehouse, read_only=True)
    if _written(warehouse) != before or wal_of(warehouse).exists():
        reader.close()
        raise BuildError(f"{warehouse} was written to while it was copied; run the build again")
    require_whole(reader, warehouse)
    return reader


def _written(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _run_dbt(arguments: list[str], warehouse: Path, candidate: Path, target: Path) -> None:
    """Run `dbt build` on `candidate`, in a process of its own so that every handle is closed after it.

    Its stdin is a pipe that closes when this block is left, or this process dies: that ends it.
    """
    command = [sys.executable, "-m", "plumbline.warehouse.run_dbt", str(warehouse), "build", *arguments]
    environment = os.environ | {
        "WAREHOUSE_PATH": str(candidate),
        "LANDING_PATH": str(landing_path(warehouse)),
        "DBT_PROJECT_DIR": str(PROJECT_ROOT),
        "DBT_PROFILES_DIR": str(PROJECT_ROOT),
        "DBT_TARGET_PATH": str(target),
    }
    with subprocess.Popen(command, cwd=PROJECT_ROOT, env=environment, stdin=subprocess.PIPE) as process:
        process.wait()
    if process.returncode:
        raise BuildError(f"dbt build ended with status {process.returncode}; its lines above name the cause")


def _require_no_wal(path: Path) -> None:
    if wal_of(path).exists():
        raise BuildError(
            f"{wal_of(path)} is left beside the warehouse: a writer was not closed; run the build again"
        )
