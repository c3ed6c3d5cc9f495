"""A strategy of one's own is one function and one row, and touches nothing else."""

import os
import re
import shutil
import subprocess
import sys

import duckdb
import pytest
from warehouses import CORE, DATA_TESTS, ROOT

from plumbline.warehouse.hashes import hash_table

FUNCTION, ROW = (
    re.search(rf"```{kind}\n(.+?)```", (ROOT / "docs" / "building.md").read_text(), re.DOTALL)[1]
    for kind in ("python", "csv")
)
PARTS = ("plumbline", "ingest", "models", "python_models", "macros", "seeds", "tests", "analyses")


@pytest.fixture(scope="module")
def warehouse(sample, tmp_path_factory):
    """Return a warehouse built by a copy of the project with the strategy of the docs in it."""
    project = tmp_path_factory.mktemp("project")
    for part in PARTS:
        shutil.copytree(ROOT / part, project / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(ROOT / name, project)
    (project / "plumbline" / "own" / "momentum.py").write_text(FUNCTION)
    with (project / "seeds" / "strategies.csv").open("a") as file:
        file.write(ROW)
    built = project / "data" / "warehouse.duckdb"
    built.parent.mkdir()
    variables = {
        "PYTHONPATH": str(project),
        "WAREHOUSE_PATH": str(built),
        "LANDING_PATH": str(sample.parent / "raw"),
        "DBT_PROJECT_DIR": str(project),
        "DBT_PROFILES_DIR": str(project),
        "DBT_TARGET_PATH": str(project / "target"),
    }
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", *DATA_TESTS, *CORE]
    done = subprocess.run(
        command, cwd=project, env=os.environ | variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return built


@pytest.mark.parametrize("table", ["fct_strategy_daily", "rpt_walkforward_strategy", "fct_trades"])
def test_it_appears_in_the_strategy_tables(warehouse, query, table):
    sql = f"select count(*) from marts.{table} where strategy = 'momentum' and variant_id = 'baseline'"
    assert query(warehouse, sql)[0][0] > 0


def test_the_others_keep_every_bit(warehouse, sample):
    untouched = ("fct_allocator_daily", "fct_holdings_daily", "fct_portfolio_daily", "rpt_performance")
    with (
        duckdb.connect(str(warehouse), read_only=True) as ours,
        duckdb.connect(str(sample), read_only=True) as theirs,
    ):
        for table in untouched:
            assert hash_table(ours, "marts", table) == hash_table(theirs, "marts", table), table
        sql = "select * from marts.fct_strategy_daily where strategy != 'momentum' order by all"
        assert ours.sql(sql).to_arrow_table().equals(theirs.sql(sql).to_arrow_table())
