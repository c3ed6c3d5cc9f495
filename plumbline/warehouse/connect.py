"""One way to open the warehouse file."""

import re
from contextlib import suppress
from pathlib import Path

import duckdb

from plumbline.warehouse.faults import (
    UnusableWarehouseError,
    WarehouseBusyError,
    explained,
    require_usable_name,
)

# Fixed by whoever creates the file; clients of DuckDB 1.4 and later can read it.
STORAGE_VERSION = "v1.4.0"


def connect(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open the DuckDB file at `path`.

    Parameters
    ----------
    path
        The warehouse file. Without `read_only` it and its folder are created where missing.
    read_only
        Open for reading beside other readers; the file must exist.

    Raises
    ------
    WarehouseBusyError
        Another process holds DuckDB's own lock on the file.
    UnusableWarehouseError
        The file is damaged, out of reach, named badly, or missing where it should be read.
    """
    require_usable_name(path)
    config = {} if read_only else {"storage_compatibility_version": STORAGE_VERSION}
    try:
        if not read_only:
            create_if_missing(path)
        elif not path.exists():
            raise UnusableWarehouseError(f"there is no warehouse {path}; build it first, with: make build")
        return duckdb.connect(str(path), read_only=read_only, config=config)
    except (duckdb.Error, OSError) as error:
        if "Could not set lock" not in str(error):
            raise UnusableWarehouseError(explained(error, path)) from error
        holder = re.search(r"held in (.+?\(PID \d+\))", str(error))
        raise WarehouseBusyError(
            f"the warehouse {path} is in use by {holder[1] if holder else 'another process'}; "
            "close it there and run this again"
        ) from error


def require_whole(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Read every table of the warehouse `path` once: DuckDB finds out about damage only where it reads.

    Raises
    ------
    UnusableWarehouseError
        The file is damaged.
    """
    try:
        tables = con.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        for schema, table in tables:
            con.execute(f'select bit_xor(hash(each)) from "{schema}"."{table}" as each').fetchall()
    except duckdb.Error as error:
        raise UnusableWarehouseError(explained(error, path)) from error


def create_if_missing(path: Path) -> None:
    """Create an empty DuckDB file and its folder where there is none.

    It is made aside and linked into place: a kill while DuckDB writes the first blocks of a file
    leaves one that nothing can open.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)
    duckdb.connect(str(aside), config={"storage_compatibility_version": STORAGE_VERSION}).close()
    with suppress(FileExistsError):  # another process was first
        path.hardlink_to(aside)
    aside.unlink()
