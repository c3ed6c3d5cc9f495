"""A dbt-duckdb plugin: every dbt command first loads what has landed, and what is the user's.

In profiles.yml::

    plugins:
      - module: ingest.dbt_plugin
"""

from pathlib import Path

import duckdb
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.exceptions import DbtRuntimeError

from ingest.load import DamagedLandingError, load_landed
from plumbline.tables.own import load_own
from plumbline.warehouse.connect import connect
from plumbline.warehouse.faults import WarehouseError, explained
from plumbline.warehouse.paths import landing_path

_logger = AdapterLogger("DuckDB")


class Plugin(BasePlugin):
    """The class that dbt-duckdb looks for in a plugin module."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict) -> None:
        """Make the warehouse where it is missing, and open it before dbt does, to say what is wrong with it.

        DbtRuntimeError is the one kind of exception that dbt reports without a traceback.
        """
        try:
            connect(Path(creds.path)).close()
        except WarehouseError as error:
            raise DbtRuntimeError(str(error)) from error

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Bring schemas ``raw`` and ``own`` up to date, before the first statement of the run."""
        try:
            loaded = load_landed(conn, landing_path())
            load_own(conn)
        except (DamagedLandingError, ValueError) as error:  # of the user's own: ComponentError, RowError
            raise DbtRuntimeError(str(error)) from error
        except (duckdb.Error, OSError) as error:
            raise DbtRuntimeError(explained(error, Path(self.creds.path).absolute())) from error
        for batch_id in loaded:
            _logger.info(f"loaded batch {batch_id} into raw")
