"""Nothing looks ahead: truncation through dbt, and the controls that must fail executability."""

import duckdb
import pytest
from warehouses import CORE, NO_TESTS, copy_of, dbt

# Each daily table with the column that dates its rows. A trade is dated by its last known session,
# so that those still open at the cut are left out.
DAILY = {
    "dim_sessions": "session_date",
    "fct_bars_daily": "session_date",
    "fct_features_daily": "session_date",
    "fct_strategy_daily": "session_date",
    "fct_allocator_daily": "session_date",
    "fct_holdings_daily": "session_date",
    "fct_portfolio_daily": "session_date",
    "fct_trades": "exit_date",
}


def rows_up_to(warehouse, table, cut):
    """Return the rows of a table dated up to `cut`, ordered by key, doubles as their bits."""
    column = DAILY[table]
    with duckdb.connect(str(warehouse), read_only=True) as con:
        data = con.sql(f"select * from marts.{table} where {column} <= date '{cut}' order by all").df()
    for name in data.select_dtypes("float64"):
        data[name] = data[name].to_numpy().view("int64")
    return data


# The second cut leaves 40 sessions of its year, which variants that ask for 60 do not count as a fold.
@pytest.mark.parametrize(("cut", "whole_up_to"), [("2009-06-30", "2009-06-30"), ("2012-03-01", "2011-12-31")])
def test_bars_after_a_cut_change_nothing_before_it(sample, tmp_path, query, cut, whole_up_to):
    truncated = copy_of(sample, tmp_path)
    assert dbt(*NO_TESTS, *CORE, "--vars", f"{{end_session: {cut}}}", warehouse=truncated)
    warm_up = dict(
        query(sample, "select variant_id, warm_up from marts.dim_variants where min_test_sessions > 40")
    )
    for table in DAILY:
        whole, part = (rows_up_to(warehouse, table, cut) for warehouse in (sample, truncated))
        if "variant_id" in whole:
            whole = without_late_rows_of_no_fold(whole, whole[DAILY[table]] > whole_up_to, warm_up)
            part = without_late_rows_of_no_fold(part, part[DAILY[table]] > whole_up_to, warm_up)
        assert len(part) > 400, table
        assert whole.equals(part), table


def without_late_rows_of_no_fold(data, is_late, warm_up):
    """Leave out the late rows that hang on whether the last year is a fold.

    Mean reversion, under warm_up `year`, has rows in every year.
    """
    is_exempt = is_late & data["variant_id"].isin(warm_up)
    if "strategy" in data:
        by_year = data["variant_id"].map(warm_up) == "year"
        is_exempt &= ~(by_year & (data["strategy"] == "meanrev"))
    return data[~is_exempt].reset_index(drop=True)


@pytest.mark.parametrize(
    ("table", "variant", "is_executable"),
    [
        ("int_portfolio__executability", "baseline", True),
        ("int_portfolio__executability", "published", False),
        ("int_allocator__executability", "baseline", True),
        ("int_allocator__executability", "published", False),
    ],
)
def test_only_what_looks_ahead_fails_executability(sample, query, table, variant, is_executable):
    sql = f"select max(abs(residual)), count(*) from intermediate.{table} where variant_id = ?"
    worst, rows = query(sample, sql, variant)[0]
    assert rows > 2000
    assert (worst <= 1e-12) is is_executable
    assert is_executable or worst > 1e-3
