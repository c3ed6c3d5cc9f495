"""The command lines of ingest and plumbline in this process, for tests of what they say."""

import hashlib
from pathlib import Path

import click
from click.testing import CliRunner, Result
from warehouses import environment

SPY = """date,open,high,low,close,adj_close,volume
2012-01-03,10,11,9,10,10,100
2012-01-04,10,11,9,10,10,100
"""


def run(command: click.Command, *arguments: str, warehouse: Path) -> Result:
    """Run a command line in this process; whatever else it raised the user would have seen as a traceback."""
    with environment(WAREHOUSE_PATH=str(warehouse)):
        result = CliRunner().invoke(command, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
