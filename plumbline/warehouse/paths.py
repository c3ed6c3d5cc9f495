"""Where the warehouse and its landing files lie."""

import os
from pathlib import Path


def warehouse_path() -> Path:
    """Return the absolute path of the DuckDB file: ``WAREHOUSE_PATH``, else ``data/warehouse.duckdb``."""
    return Path(os.environ.get("WAREHOUSE_PATH") or "data/warehouse.duckdb").absolute()


def landing_path(warehouse: Path | None = None) -> Path:
    """Return the folder of the landing files: ``LANDING_PATH``, else ``raw`` beside the warehouse file."""
    override = os.environ.get("LANDING_PATH")
    return Path(override).absolute() if override else (warehouse or warehouse_path()).parent / "raw"
