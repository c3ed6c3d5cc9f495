"""Faulty rows land as they came and are never used; what cannot be carried sets the symbol aside."""

import csv
import re
from datetime import date

import exchange_calendars
from warehouses import DATA_TESTS, dbt, ingest

SESSIONS = exchange_calendars.get_calendar("XNYS", start="2019-01-01", end="2020-12-31").sessions.date


def clean_bars():
    """Return 300 sessions of plausible bars, by date."""
    bars = {}
    for n, day in enumerate(SESSIONS[:300]):
        close = 100 + n % 7 + n / 100
        bars[day] = {
            "date": day.isoformat(),
            "open": close - 0.5,
            "high": close + 1,
            "low": close - 1,
            "close": close,
            "adj_close": close * 0.9,
            "volume": 1000 + n,
        }
    return bars


def write(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


DAY = SESSIONS[100]
HOLIDAY = date(2019, 7, 4)


def twice(bars):
    return [*bars.values(), bars[DAY] | {"close": 1.0}]


def negative(bars):
    return [*(bars | {DAY: bars[DAY] | {"low": -3.0}}).values()]


def without_adj_close(bars):
    return [*(bars | {DAY: bars[DAY] | {"adj_close": None}}).values()]


def high_below_low(bars):
    return [*(bars | {DAY: bars[DAY] | {"high": 1.0}}).values()]


def on_a_holiday(bars):
    return [*bars.values(), bars[DAY] | {"date": HOLIDAY.isoformat()}]


def gap_of_six(bars):
    return [row for day, row in bars.items() if day not in SESSIONS[94:100]]


def gap_of_five(bars):
    return [row for day, row in bars.items() if day not in SESSIONS[95:100]]


FAULTS = {
    "TWICE": (twice, DAY, "duplicate_session"),
    "NEG": (negative, DAY, "impossible_price"),
    "NOADJ": (without_adj_close, DAY, "missing_adj_close"),
    "UPDOWN": (high_below_low, DAY, "price_outside_high_low"),
    "JULY4": (on_a_holiday, HOLIDAY, "unexpected_session"),
}
SELECTED = ("--select", "+fct_bars_daily", "+fct_data_check_failures", "+fct_quarantined_bars")


def test_faulty_rows_are_quarantined_and_carried(tmp_path, query):
    warehouse = tmp_path / "warehouse.duckdb"
    for symbol, (damage, _, _) in FAULTS.items():
        write(tmp_path / f"{symbol}.csv", damage(clean_bars()))
    ingest("files", str(tmp_path), warehouse=warehouse)
    assert dbt(*DATA_TESTS, *SELECTED, warehouse=warehouse)
    refused = query(
        warehouse, "select distinct symbol, session_date, check_id from marts.fct_quarantined_bars"
    )
    assert sorted(refused) == sorted((symbol, day, check) for symbol, (_, day, check) in FAULTS.items())
    filled = query(
        warehouse, "select symbol, session_date, adj_close from marts.fct_bars_daily where is_filled"
    )
    last = clean_bars()[SESSIONS[99]]["adj_close"]
    assert sorted(filled) == [(symbol, DAY, last) for symbol in sorted(FAULTS) if symbol != "JULY4"]
    (rows,) = query(warehouse, "select count(*) from raw.bars where symbol = 'TWICE'")
    assert rows == (301,)


def test_a_refused_row_leaves_its_session_to_an_older_batch(tmp_path, query):
    warehouse = tmp_path / "warehouse.duckdb"
    bars = clean_bars()
    write(tmp_path / "XYZ.csv", list(bars.values()))
    ingest("files", str(tmp_path / "XYZ.csv"), warehouse=warehouse)
    write(tmp_path / "XYZ.csv", without_adj_close(bars))
    ingest("files", str(tmp_path / "XYZ.csv"), warehouse=warehouse)
    assert dbt(*DATA_TESTS, *SELECTED, warehouse=warehouse)
    sql = "select adj_close, is_filled from marts.fct_bars_daily where session_date = ?"
    assert query(warehouse, sql, DAY) == [(bars[DAY]["adj_close"], False)]
    found = query(warehouse, "select check_id, session_date, severity from marts.fct_data_check_failures")
    assert sorted(found) == [("kept_from_older_batch", DAY, "warn"), ("missing_adj_close", DAY, "reject")]


def test_a_gap_of_six_sessions_sets_the_symbol_aside_or_stops_a_strict_build(tmp_path, capfd, query):
    warehouse = tmp_path / "warehouse.duckdb"
    write(tmp_path / "GAP.csv", gap_of_six(clean_bars()))
    write(tmp_path / "CLEAN.csv", gap_of_five(clean_bars()))
    ingest("files", str(tmp_path), warehouse=warehouse)
    found = "select symbol, session_date, observed from marts.fct_data_check_failures where severity = ?"
    gap = rf"GAP {DAY}: gap_over_limit \(6 sessions without a usable bar after {SESSIONS[93]}"

    assert not dbt(*DATA_TESTS, *SELECTED, "--vars", "{strict: true}", warehouse=warehouse)
    printed = " ".join(capfd.readouterr().out.split())
    assert re.search(gap, printed)
    assert "CLEAN" not in printed
    tables = [name for (name,) in query(warehouse, "select table_name from duckdb_tables()")]
    assert "int_checks__stops" in tables
    assert "int_bars__aligned" not in tables
    # What stops the build can be read, too.
    assert query(warehouse, found, "stop") == [("GAP", DAY, 6.0)]

    assert dbt(*DATA_TESTS, *SELECTED, "+rpt_symbols_set_aside", warehouse=warehouse)
    assert query(warehouse, found, "fail") == [("GAP", DAY, 6.0)]
    aside = "select symbol, check_id, sessions from marts.rpt_symbols_set_aside"
    assert query(warehouse, aside) == [("GAP", "gap_over_limit", 294)]
    assert query(warehouse, "select distinct symbol from marts.fct_bars_daily") == [("CLEAN",)]


def test_a_gap_of_five_sessions_is_carried(tmp_path, query):
    warehouse = tmp_path / "warehouse.duckdb"
    bars = clean_bars()
    write(tmp_path / "XYZ.csv", gap_of_five(bars))
    write(tmp_path / "ABC.csv", list(bars.values()))
    ingest("files", str(tmp_path / "XYZ.csv"), str(tmp_path / "ABC.csv"), warehouse=warehouse)
    assert dbt(*DATA_TESTS, "--select", "+int_returns__daily", warehouse=warehouse)
    filled = query(
        warehouse,
        """
        select session_date, adj_close, volume, ret_1d from intermediate.int_returns__daily
        where is_filled order by session_date
        """,
    )
    last = bars[SESSIONS[94]]["adj_close"]
    assert filled == [(day, last, 0, 0.0) for day in SESSIONS[95:100]]
