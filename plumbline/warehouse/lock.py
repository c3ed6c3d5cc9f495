"""Locks that name their holder, such as that under which the warehouse is written and replaced."""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import click
from filelock import FileLock, Timeout

from plumbline.warehouse.faults import WarehouseBusyError


def lock_path(warehouse: Path) -> Path:
    """Return the lock file of `warehouse`; its text names the holder and the start."""
    return warehouse.with_name(f".{warehouse.name}.lock")


@contextmanager
def warehouse_lock(warehouse: Path, purpose: str, *, timeout: float = 0.0) -> Iterator[None]:
    """Hold the lock of `warehouse` for the length of the block.

    Parameters
    ----------
    warehouse
        The warehouse file; its folder is created where missing.
    purpose
        What the holder does, for the message that others get ("ingest yahoo").
    timeout
        Seconds to wait for another holder; 0 fails at once.

    Raises
    ------
    WarehouseBusyError
        The lock is held; the message names holder, process and start.
    """
    with locked(lock_path(warehouse), f"the warehouse {warehouse}", purpose, timeout=timeout):
        yield


@contextmanager
def locked(path: Path, what: str, purpose: str, *, timeout: float = 0.0) -> Iterator[None]:
    """Hold the lock file `path` for the length of the block.

    The operating system frees the lock when its holder dies, so a stale file never blocks.

    Parameters
    ----------
    path
        The lock file; its folder is created where missing.
    what
        What it guards, for the message that others get ("the warehouse /data/w.duckdb").
    purpose, timeout
        As for `warehouse_lock`. Whoever waits is told for whom, on stderr.

    Raises
    ------
    WarehouseBusyError
        The lock is held; the message names holder, process and start.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    _acquire(lock, what, timeout)
    try:
        started = datetime.now(UTC).isoformat(timespec="seconds")
        path.write_text(json.dumps({"purpose": purpose, "pid": os.getpid(), "started": started}))
        yield
    finally:
        with suppress(OSError):
            path.write_text("")  # so that nobody is told of a holder that has gone
        lock.release()


def _acquire(lock: FileLock, what: str, timeout: float) -> None:
    path = Path(lock.lock_file)
    try:
        lock.acquire(timeout=0)
        return
    except Timeout as error:
        if not timeout:
            raise WarehouseBusyError(f"{what} is locked by {_holder(path)}") from error
    click.echo(f"{what} is locked by {_holder(path)}; waiting for it, {timeout:g} seconds at most", err=True)
    try:
        lock.acquire(timeout=timeout)
    except Timeout as error:
        raise WarehouseBusyError(f"{what} is locked by {_holder(path)}") from error


def _holder(path: Path) -> str:
    for _ in range(20):
        try:
            holder = json.loads(path.read_text())
        except (OSError, ValueError):  # taken this instant, not yet written
            time.sleep(0.01)
        else:
            return f"`{holder['purpose']}` (process {holder['pid']}, since {holder['started']})"
    return "another process"
