"""Build beside the published warehouse and replace it in one step, or leave it as it was."""

import os
import shutil
import subprocess
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from plumbline.warehouse.connect import connect
from plumbline.warehouse.lock import warehouse_lock
from plumbline.warehouse.meta import write_meta
from plumbline.warehouse.paths import PROJECT_ROOT, landing_path, warehouse_path

# Arguments of `dbt build` with which it does not build everything.
PARTIAL = (
    *("--select", "-s", "--models", "--model", "-m", "--exclude", "--selector", "--empty", "--sample"),
    *("--resource-type", "--resource-types", "--exclude-resource-type", "--exclude-resource-types"),
)


class BuildError(RuntimeError):
    """The build failed; the published warehouse is as it was."""


def is_partial(arguments: list[str]) -> bool:
    """Return whether `dbt build` with these arguments leaves something out."""
    return any(argument.split("=")[0] in PARTIAL for argument in arguments)


def target_path() -> Path:
    """Return dbt's target folder."""
    return PROJECT_ROOT / os.environ.get("DBT_TARGET_PATH", "target")


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
    warehouse = warehouse_path()
    with ExitStack() as stack:
        stack.enter_context(warehouse_lock(warehouse, "plumbline build"))
        candidate = warehouse.parent / ".candidate" / warehouse.name  # same stem: dbt writes it into its SQL
        shutil.rmtree(candidate.parent, ignore_errors=True)
        candidate.parent.mkdir(parents=True)
        stack.callback(shutil.rmtree, candidate.parent, ignore_errors=True)
        if warehouse.exists():
            if _wal(warehouse).exists():
                connect(warehouse).close()  # replays and checkpoints what a killed writer left
            stack.enter_context(connect(warehouse, read_only=True))
            shutil.copyfile(warehouse, candidate)
        started = datetime.now(UTC)
        _run_dbt(arguments, candidate, landing_path(warehouse))
        if is_partial(arguments) and not publish_partial:
            return False
        with connect(candidate) as con:
            write_meta(con, target_path(), arguments, started, datetime.now(UTC))
            con.execute("checkpoint")
        for path in (candidate, warehouse):
            _require_no_wal(path)
        with candidate.open("rb") as file:
            os.fsync(file.fileno())
        candidate.replace(warehouse)
    return True


def _run_dbt(arguments: list[str], candidate: Path, landing: Path) -> None:
    """Run `dbt build` on `candidate`, in a process of its own so that every handle is closed after it."""
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "build", *arguments]
    environment = os.environ | {
        "WAREHOUSE_PATH": str(candidate),
        "LANDING_PATH": str(landing),
        "DBT_PROJECT_DIR": str(PROJECT_ROOT),
        "DBT_PROFILES_DIR": str(PROJECT_ROOT),
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
