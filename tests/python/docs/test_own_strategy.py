"""A strategy of one's own is one function and one row, as its page says, and touches nothing else."""

import shutil

import duckdb
import pytest
from pages import OWN_STRATEGY
from story import follow

from plumbline.warehouse.hashes import hash_table


@pytest.fixture(scope="module")
def warehouse(built, built_once):
    """Return the warehouse of somebody who has followed the page."""

    def build(warehouse):
        project = built()
        follow(OWN_STRATEGY, project)
        shutil.copy(project / "data" / "warehouse.duckdb", warehouse)

    return built_once("own_strategy", build)


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
