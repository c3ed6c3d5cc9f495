"""Streams are stored once, and given to their variants by views that are as good as tables."""

import json

import duckdb
import pytest
from warehouses import copy_of, dbt

STORED = {
    "fct_allocator_daily": "int_allocator__daily",
    "fct_holdings_daily": "int_portfolio__lines",
    "fct_strategy_daily": "int_strategy__daily",
    "fct_trades": "int_strategy__trades",
}
VIEWS = list(STORED)


def test_four_marts_are_views_and_no_stream_is_stored_twice(sample, query):
    views = "select view_name from duckdb_views() where schema_name = 'marts' order by 1"
    assert [name for (name,) in query(sample, views)] == VIEWS
    # 14 variants of two strategies: three of each are distinct; of the allocators' streams, eight.
    stored = "select count(distinct stream_id) from engine.{}"
    assert query(sample, stored.format("int_strategy__daily")) == [(6,)]
    assert query(sample, stored.format("int_allocator__daily")) == [(8,)]
    asked = (
        "select count(*), count(distinct variant_id) from engine.int_variants__streams where strategy is {}"
    )
    assert query(sample, asked.format("null")) == [(14, 14)]
    assert query(sample, asked.format("not null")) == [(28, 14)]


def scans(plan: dict) -> list[dict]:
    """Return what DuckDB says of each scan in a plan."""
    own = [plan["extra_info"]] if "Table" in plan["extra_info"] else []
    return own + [scan for child in plan["children"] for scan in scans(child)]


@pytest.mark.parametrize(("table", "stored"), [(view, STORED[view]) for view in VIEWS])
def test_a_filter_of_a_view_reaches_the_stored_rows(sample, table, stored):
    with duckdb.connect(str(sample), read_only=True) as con:
        sql = f"select * from marts.{table} where variant_id = 'baseline' and symbol = 'AAPL'"
        assert con.execute(sql).fetchall()
        (plan,) = json.loads(con.execute(f"explain (format json) {sql}").fetchone()[1])
    found = {scan["Table"].split(".")[-1]: str(scan["Filters"]) for scan in scans(plan)}
    assert "symbol='AAPL'" in found[stored].replace(" ", "")
    of_variant = found.get("int_variants__streams", found[stored])
    assert "variant_id='baseline'" in of_variant.replace(" ", "")


@pytest.mark.parametrize("table", ["fct_strategy_daily", "fct_allocator_daily", "fct_holdings_daily"])
@pytest.mark.parametrize("columns", ["*", "* replace (null as session_date)"])
def test_a_row_that_stands_twice_or_has_no_date_fails_the_key_of_the_mart(sample, tmp_path, table, columns):
    warehouse = copy_of(sample, tmp_path)
    kept = "symbol is not null" if table == "fct_holdings_daily" else "is_reported"
    with duckdb.connect(str(warehouse)) as con:
        one = f"select {columns} from engine.{STORED[table]} where {kept} limit 1"
        con.execute(f"insert into engine.{STORED[table]} {one}")
    assert not dbt("test", "--select", f"unique_key_{table}*", warehouse=warehouse)
    assert dbt("test", "--select", "unique_key_fct_bars_daily*", warehouse=warehouse)
