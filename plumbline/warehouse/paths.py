"""Where the project, the warehouse and its landing files lie."""

import os
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[2]


def warehouse_path() -> Path:
    """Return the DuckDB file's absolute path: ``WAREHOUSE_PATH``, else ``data/warehouse.duckdb`` here."""
    override = os.environ.get("WAREHOUSE_PATH")
    return Path(override).absolute() if override else PROJECT_ROOT / "data" / "warehouse.duckdb"


def landing_path(warehouse: Path | None = None) -> Path:
    """Return the folder of the landing files: ``LANDING_PATH``, else ``raw`` beside the warehouse file."""
    override = os.environ.get("LANDING_PATH")
    return Path(override).absolute() if override else (warehouse or warehouse_path()).parent / "raw"


def own_path() -> Path:
    """Return the folder of all that is the user's: PLUMBLINE_OWN, or own/ in the project.

    Raises
    ------
    ValueError
        PLUMBLINE_OWN names no folder: nothing of the user's would be read, and nobody would see it.
    """
    override = os.environ.get("PLUMBLINE_OWN")
    if override and not Path(override).is_dir():
        raise ValueError(f"PLUMBLINE_OWN is {override!r}, which is no folder; make it, or name another")
    return Path(override).absolute() if override else PROJECT_ROOT / "own"
