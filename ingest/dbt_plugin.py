"""A dbt-duckdb plugin: every dbt command first loads whatever has landed and is missing.

In profiles.yml::

    plugins:
      - module: ingest.dbt_plugin
"""

from pathlib import Path

from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt.adapters.events.logging import AdapterLogger
from dbt_common.exceptions import DbtRuntimeError
from duckdb import DuckDBPyConnection

from ingest.load import DamagedLandingError, load_landed
from plumbline.warehouse.connect import create_if_missing
from plumbline.warehouse.paths import landing_path

_logger = AdapterLogger("DuckDB")


class Plugin(BasePlugin):
    """The class that dbt-duckdb looks for in a plugin module."""

    def update_connection_config(self, creds: DuckDBCredentials, config: dict) -> None:
        """Create the warehouse and its folder where they are missing, before the file is opened."""
        create_if_missing(Path(creds.path))

    def configure_connection(self, conn: DuckDBPyConnection) -> None:
        """Bring schema ``raw`` up to date, before the first statement of the run."""
        try:
            loaded = load_landed(conn, landing_path())
        except DamagedLandingError as error:
            # The one kind of exception that dbt reports without a traceback.
            raise DbtRuntimeError(str(error)) from error
        for batch_id in loaded:
            _logger.info(f"loaded batch {batch_id} into raw")
