"""The public tables are those of docs/reference/contract.csv: names, keys, columns, types and units."""

import csv
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

import pytest
import yaml
from warehouses import ROOT

# The sample has one batch of sound bars.
NONE_IN_THE_SAMPLE = {"fct_quarantined_bars", "fct_restatements", "rpt_symbols_set_aside"}

# What is stored in one way only; whatever else has a unit is a number.
UNITS = {"DATE": {"date"}, "BOOLEAN": {"true or false"}, "VARCHAR": {"name", "text", "JSON"}}
NUMBERS = {"INTEGER", "BIGINT", "DOUBLE"}


class Column(NamedTuple):
    """A row of the contract."""

    table: str
    key: str
    column: str
    type: str
    unit: str


def keys(columns):
    return [column.column for column in columns if column.key == "true"]


@pytest.fixture(scope="module")
def contract():
    """Return the columns of each mart, in order."""
    with (ROOT / "docs" / "reference" / "contract.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == Column._fields
    return {table: list(own) for table, own in groupby((Column(*row) for row in rows), attrgetter("table"))}


def test_the_contract_says_whether_each_column_is_key_and_its_unit(contract):
    for column in (column for columns in contract.values() for column in columns):
        assert column.key in ("true", "false"), column
        assert column.unit == column.unit.strip() != "", column
        fitting = {kind for kind, units in UNITS.items() if column.unit in units} or NUMBERS
        assert column.type in fitting, column


def test_keys_stand_first(contract):
    """Columns may be added to a table, at its end: they are of no key."""
    for table, columns in contract.items():
        key = keys(columns)
        assert key, table
        assert key == [column.column for column in columns[: len(key)]], table


def test_tables_are_those_of_the_contract(contract, sample, query):
    sql = "select table_name from information_schema.tables where table_schema = 'marts' order by table_name"
    assert [name for (name,) in query(sample, sql)] == list(contract)


def test_columns_and_types_are_those_of_the_contract(contract, sample, query):
    sql = """
        select column_name, data_type from duckdb_columns()
        where schema_name = 'marts' and table_name = ? order by column_index
    """
    for table, columns in contract.items():
        assert query(sample, sql, table) == [(column.column, column.type) for column in columns], table


def test_keys_are_unique_and_never_null(contract, sample, query):
    for table, columns in contract.items():
        key = ", ".join(keys(columns))
        nulls = " or ".join(f"{name} is null" for name in keys(columns))
        sql = f"select count(*), count(distinct ({key})), count(*) filter (where {nulls}) from marts.{table}"
        rows, distinct, unknown = query(sample, sql)[0]
        assert rows == distinct, table
        assert rows > 0 or table in NONE_IN_THE_SAMPLE, table
        assert unknown == 0, table


def test_each_build_tests_the_keys_of_the_contract(contract):
    """No table of one warehouse would tell a key that is too wide."""
    tested = {
        model["name"]: test["unique_key"]["arguments"]["columns"]
        for path in (ROOT / "models" / "marts").rglob("*.yml")
        for model in yaml.safe_load(path.read_text())["models"]
        for test in model["data_tests"]
        if "unique_key" in test
    }
    assert tested == {table: keys(columns) for table, columns in contract.items()}


def test_dimensions_and_reports_have_a_primary_key(contract, sample, query):
    sql = """
        select table_name, constraint_column_names from duckdb_constraints()
        where schema_name = 'marts' and constraint_type = 'PRIMARY KEY'
    """
    promised = {
        table: keys(columns) for table, columns in contract.items() if table.startswith(("dim_", "rpt_"))
    }
    assert dict(query(sample, sql)) == promised


def test_no_measure_is_nan_or_infinite(contract, sample, query):
    """Of every table: dbt's all_finite is not asked of those that hold thresholds alone."""
    for table, columns in contract.items():
        measures = [f'"{column.column}"' for column in columns if column.type == "DOUBLE"]
        amiss = " or ".join(f"not isfinite({measure})" for measure in measures) or "false"
        assert query(sample, f"select count(*) from marts.{table} where {amiss}") == [(0,)], table


def test_every_table_and_column_tells_what_it_is(sample, query):
    silent = query(
        sample,
        """
        select table_name, null from duckdb_tables() where schema_name = 'marts' and comment is null
        union all
        select view_name, null from duckdb_views() where schema_name = 'marts' and comment is null
        union all
        select table_name, column_name from duckdb_columns() where schema_name = 'marts' and comment is null
        """,
    )
    assert silent == []
