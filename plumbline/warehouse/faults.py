"""What keeps a warehouse file from being used, in one line with the way out."""

import re
from pathlib import Path

from plumbline.warehouse.paths import landing_path

# The warehouse's schemas: a file of such a name makes every name in it ambiguous to DuckDB. It gives what is
# in the last three files another name, which dbt does not know.
TAKEN_NAMES = frozenset(
    (
        *("raw", "own", "seeds", "staging", "intermediate", "checks", "engine", "marts", "meta"),
        *("main", "system", "temp"),
    )
)

NO_ROOM = re.compile(r"No space left on device|File too large|[Qq]uota exceeded|not enough space")
_FORBIDDEN = re.compile(r"Permission denied|Operation not permitted|Read-only file system")


class WarehouseError(RuntimeError):
    """The warehouse cannot be used now; the message says why and what to do."""


class WarehouseBusyError(WarehouseError):
    """Another process holds the warehouse file or its lock; the message names it."""


class UnusableWarehouseError(WarehouseError):
    """The warehouse file is damaged, out of reach or named badly; the message says which, and the way out."""


def require_usable_name(warehouse: Path) -> None:
    """Raise where DuckDB would take the name of the file for that of a schema, or dbt misread its path.

    Raises
    ------
    UnusableWarehouseError
        One of them would.
    """
    name = warehouse.name.lstrip(".").split(".")[0]  # as DuckDB names the database in a file
    if name.lower() in TAKEN_NAMES:
        raise UnusableWarehouseError(
            f"the warehouse cannot be named {warehouse.name}, because DuckDB knows a schema named {name}; "
            f"name another file in WAREHOUSE_PATH, such as {warehouse.with_name('warehouse.duckdb')}"
        )
    if any(mark in str(warehouse) for mark in "#?") or ";" in warehouse.name:
        raise UnusableWarehouseError(
            f"the warehouse cannot be {warehouse}, because dbt reads paths as addresses, in which #, ? and ; "
            "end the path; name another file in WAREHOUSE_PATH"
        )


def wal_of(warehouse: Path) -> Path:
    """Return the file beside `warehouse` in which DuckDB keeps what has not gone into it yet."""
    return warehouse.with_name(f"{warehouse.name}.wal")


def explained(error: Exception | str, warehouse: Path) -> str:
    """Return one line on what `error` says is wrong with `warehouse`, and the way out.

    The way out never costs anything: what has landed is the truth, and the warehouse a copy of it with
    everything that is computed from it.
    """
    import duckdb  # here, because it takes a while, and commands that open no warehouse import this module

    text = str(error).strip().splitlines()[0]
    elsewhere = f"set WAREHOUSE_PATH to a file elsewhere and LANDING_PATH to {landing_path(warehouse)}"
    if "Is a directory" in text:
        return f"{warehouse} is a folder; name a file in WAREHOUSE_PATH"
    if NO_ROOM.search(text):
        return (
            f"there is no room to write {warehouse} ({text}); make room there and run this again, "
            f"or {elsewhere}"
        )
    if _FORBIDDEN.search(text):
        return (
            f"{warehouse} cannot be read and written ({text}); give yourself the right to write that file "
            f"and its folder, or {elsewhere}"
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"there is too little memory for {warehouse} ({text}); end other programs and run this again"
    if "newer version of DuckDB" in str(error):
        return (
            f"{warehouse} was written by a newer DuckDB than {duckdb.__version__}, which is installed here "
            f"({text}); {way_out(warehouse)}"
        )
    if "WAL file" in text:
        return damaged_wal(warehouse, text)
    return f"{warehouse} cannot be used ({text}); {way_out(warehouse)}"


def way_out(warehouse: Path) -> str:
    """Return what to do about a file that DuckDB cannot use."""
    wal = wal_of(warehouse)
    files = f"the file and {wal.name} beside it" if wal.exists() else "the file"
    return (
        f"move {files} away, run `python -m ingest rebuild`, then `make build`: what has landed is enough "
        "to make it anew"
    )


def damaged_wal(warehouse: Path, text: str) -> str:
    """Return the one line for a write-ahead log that cannot be used, with the way out."""
    return (
        f"{wal_of(warehouse)} cannot be used ({text}); move that file away and run this again: it holds only "
        "what a process was writing when it died, and what has landed is loaded anew"
    )
