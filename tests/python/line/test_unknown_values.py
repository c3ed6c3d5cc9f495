"""What nobody knew is no evidence: constants, zeros for unknown prices, rows outside a symbol's life."""

from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pytest
from damaged_warehouse import COMING, NOW, as_they_are
from donors import COLUMNS, LEVELS
from warehouses import DATA_TESTS, dbt

from ingest import calendar
from ingest.landing import land

SESSIONS = [day for day in calendar.session_dates(2023, 2024).tolist() if day < date(2024, 7, 1)]
MARTS = ("+fct_bars_daily", "+fct_data_check_failures", "+rpt_symbols_set_aside", "+rpt_data_audit")
FAILURES = """
    select check_id, symbol, min(session_date), max(session_date), count(*)
    from marts.fct_data_check_failures group by all order by all
"""


def moving(seed: int = 1) -> pd.DataFrame:
    """Return bars of a price that swings between 104 and 106, on every session."""
    close = 105 + np.random.default_rng(seed).uniform(-1, 1, len(SESSIONS))
    rows = pd.DataFrame({"date": SESSIONS, "close": close, "adj_close": close * 0.9})
    rows = rows.assign(open=close - 0.5, high=close + 1, low=close - 1, dividends=0.0, splits=0.0)
    return rows.assign(volume=1000.0 + np.arange(len(rows)))[COLUMNS]


def blank(days: list[date], value: float) -> pd.DataFrame:
    return pd.DataFrame({"date": days}).reindex(columns=COLUMNS).fillna(dict.fromkeys(COLUMNS[1:7], value))


def anchor() -> pd.DataFrame:
    """Return the anchor with nothing before its listing, zeros on Saturdays and two bars to come."""
    rows = moving()
    before = blank(rows["date"][:10].tolist(), np.nan)
    saturdays = blank([date(2023, 3, 4), date(2023, 3, 11)], 0.0)
    coming = rows.tail(2).assign(date=[COMING[0], COMING[300]])
    return pd.concat([before, rows[10:], saturdays, coming]).reset_index(drop=True)


def old() -> pd.DataFrame:
    """Return bars as Yahoo has them before 1970: no open for a year, one high and one low unknown."""
    rows = moving(2)
    rows.loc[:249, "open"] = 0.0
    rows.loc[100, "high"] = 0.0
    rows.loc[101, "low"] = np.nan
    return rows


def target() -> pd.DataFrame:
    """Return the target of a takeover: flat from the announcement on, traded every day."""
    rows = moving()
    rows.loc[60:, LEVELS] = [110.0] * 4 + [99.0]
    return rows


HISTORIES = {
    "SPY": anchor(),
    "CASH": moving().assign(**dict.fromkeys(LEVELS, 1.0), volume=0.0),
    "FUND": moving().assign(**dict.fromkeys(LEVELS, 1.0), volume=1000.0),
    "OLD": old(),
    "TARGET": target(),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    warehouse = tmp_path_factory.mktemp("unknown") / "warehouse.duckdb"
    bars = (as_they_are(symbol, rows) for symbol, rows in HISTORIES.items())
    land(
        warehouse.parent / "raw",
        bars,
        source="files",
        price_basis="split_adjusted",
        request={},
        now=lambda: NOW,
    )
    assert dbt(*DATA_TESTS, "--select", *MARTS, warehouse=warehouse)
    return warehouse


def test_nothing_is_set_aside_and_only_what_is_odd_is_told(built, query):
    first, last = SESSIONS[0], SESSIONS[-1]
    assert query(built, FAILURES) == [
        ("empty_bar", "SPY", first, SESSIONS[9], 10),
        ("future_bar", "SPY", COMING[0], COMING[300], 2),
        ("impossible_price", "SPY", date(2023, 3, 4), date(2023, 3, 11), 2),
        ("missing_high", "OLD", SESSIONS[100], SESSIONS[100], 1),
        ("missing_low", "OLD", SESSIONS[101], SESSIONS[101], 1),
        ("missing_open", "OLD", first, SESSIONS[249], 250),
        ("repeated_bar", "FUND", SESSIONS[1], last, len(SESSIONS) - 1),
        ("zero_volume", "SPY", date(2023, 3, 4), date(2023, 3, 11), 2),
    ]
    assert query(built, "select * from marts.rpt_symbols_set_aside") == []


def test_an_unknown_open_costs_no_bar_and_no_return(built, query):
    sql = """
        select count(*), count(open), count(high), count(low), count(ret_1d), count_if(is_filled)
        from marts.fct_bars_daily where symbol = 'OLD'
    """
    rows = len(SESSIONS)
    assert query(built, sql) == [(rows, rows - 250, rows - 1, rows - 1, rows - 1, 0)]
    assert query(
        built, "select min(ret_1d), max(ret_1d) from marts.fct_bars_daily where symbol = 'CASH'"
    ) == [(0.0, 0.0)]


def test_a_life_is_from_the_first_to_the_last_bar(built, query):
    audit = """
        select rows, first_session, last_session, missing_sessions, unexpected_sessions, largest_gap_days
        from marts.rpt_data_audit where symbol = 'SPY'
    """
    assert query(built, audit) == [(len(SESSIONS) + 4, SESSIONS[10], SESSIONS[-1], 0, 0, 4)]
    panel = "select min(session_date), max(session_date) from marts.fct_bars_daily where symbol = 'SPY'"
    assert query(built, panel) == [(SESSIONS[10], SESSIONS[-1])]


def test_an_override_lets_a_price_below_zero_pass_and_nothing_that_is_no_price(tmp_path, query):
    """Oil at -37.63 has no logarithm; from 0 and infinity no return can be computed, whatever one says."""
    rows = moving()
    oil, zero = rows.copy(), rows.copy()
    oil.loc[200, LEVELS] = -37.63
    oil.loc[200, ["dividends", "splits"]] = [1.0, 2.0]
    zero.loc[200, "adj_close"] = 0.0
    zero.loc[210, "high"] = np.inf
    warehouse = tmp_path / "warehouse.duckdb"
    bars = (as_they_are(symbol, each) for symbol, each in {"OIL": oil, "ZERO": zero}.items())
    land(tmp_path / "raw", bars, source="files", price_basis="split_adjusted", request={}, now=lambda: NOW)
    assert dbt("seed", warehouse=warehouse)
    with duckdb.connect(str(warehouse)) as con:
        con.execute(
            """
            insert into seeds.data_check_overrides
            select unnest(?), symbol, 'warn', null, 'a test' from (values ('OIL'), ('ZERO')) as _ (symbol)
            """,
            [["impossible_price", "unit_break"]],
        )
    assert dbt(*DATA_TESTS, "--exclude-resource-type", "seed", "--select", *MARTS, warehouse=warehouse)
    assert query(warehouse, "select * from marts.rpt_symbols_set_aside") == []
    wrong = """
        select symbol, session_date, adj_close, is_filled from marts.fct_bars_daily
        where session_date in (?, ?) order by all
    """
    before = [rows["adj_close"][199], rows["adj_close"][209]]
    assert query(warehouse, wrong, SESSIONS[200], SESSIONS[210]) == [
        ("OIL", SESSIONS[200], -37.63, False),
        ("OIL", SESSIONS[210], rows["adj_close"][210], False),
        ("ZERO", SESSIONS[200], before[0], True),
        ("ZERO", SESSIONS[210], before[1], True),
    ]
