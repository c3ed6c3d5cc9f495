"""The public tables have the names, keys and types of the contract."""

import re

import pytest

TYPES = {
    "DATE": r"session_date|\w+_date|first_session|last_session|train_first|train_last",
    "INTEGER": r"year|step|rank|episode_id",
    "BIGINT": (
        r"volume|rows|row_number|sessions|\w+_days|missing_\w+|\w+_sessions|\w+_rows|\w+_hold|\w+_lag"
        r"|vol_window|sessions_to_\w+|runs"
    ),
    "BOOLEAN": r"is_\w+",
    "VARCHAR": (
        r"symbol|source|severity|kind|parameter|parameters|convention|failure_mode|statistic|subject|metric"
        r"|question|answer|evidence_table|\w+_basis|strategy|state|description|\w+_id|family|detail|warm_up|cap"
    ),
    "DOUBLE": r".*",
}

# Marts that came after the design was written, with their keys.
LATER = {"rpt_symbols_set_aside": ["symbol", "check_id"]}

# The sample has one batch of sound bars.
NONE_IN_THE_SAMPLE = {"fct_quarantined_bars", "fct_restatements"}


def type_of(column):
    return next(name for name, pattern in TYPES.items() if re.fullmatch(pattern, column))


@pytest.fixture(scope="module")
def contract(shared):
    """Return key and further columns of each mart, as the design states them."""
    text = (shared / "design" / "WAREHOUSE.md").read_text().split("## Core")[1].split("## Commands")[0]
    tables = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.match(r"(dim|fct|rpt)_", cells[0]):
            bare = [re.sub(r"\([^()]*\)", "", cell) for cell in cells[1:3]]
            listed = re.sub(r"and (every parameter and switch|the difference)[^:]*:", "", bare[1])
            tables[cells[0]] = [re.findall(r"\w+", part) for part in (bare[0], listed)]
    return tables


def test_the_contract_is_read_whole(contract):
    assert len(contract) == 36
    assert len(contract["dim_variants"][1]) == 29
    assert contract["fct_allocator_daily"][1] == [
        "state",
        "exposure",
        "net_return",
        "leverage",
        "target_return",
    ]


def test_columns_and_types_are_those_of_the_contract(contract, sample, query):
    sql = "select column_name, data_type from duckdb_columns() where schema_name = 'marts' and table_name = ?"
    for table, (key, columns) in contract.items():
        found = query(sample, sql, table)
        assert found[: len(key) + len(columns)] == [(name, type_of(name)) for name in key + columns], table


def test_keys_are_unique_and_never_null(contract, sample, query):
    for table, (key, _) in contract.items():
        keys = ", ".join(key)
        nulls = " or ".join(f"{name} is null" for name in key)
        sql = f"select count(*), count(distinct ({keys})), count(*) filter (where {nulls}) from marts.{table}"
        rows, distinct, unknown = query(sample, sql)[0]
        assert rows == distinct, table
        assert rows > 0 or table in NONE_IN_THE_SAMPLE, table
        assert unknown == 0, table


def test_every_table_and_column_tells_what_it_is(sample, query):
    silent = query(
        sample,
        """
        select table_name, null from duckdb_tables() where schema_name = 'marts' and comment is null
        union all
        select table_name, column_name from duckdb_columns() where schema_name = 'marts' and comment is null
        """,
    )
    assert silent == []


def test_dimensions_and_reports_have_a_primary_key(contract, sample, query):
    sql = """
        select table_name, constraint_column_names from duckdb_constraints()
        where schema_name = 'marts' and constraint_type = 'PRIMARY KEY'
    """
    keys = dict(query(sample, sql))
    designed = {name: key for name, (key, _) in contract.items() if name.startswith(("dim_", "rpt_"))}
    assert keys == designed | LATER
