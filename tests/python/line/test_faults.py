"""Faults of single rows land as they came and stop the build at validation, with symbol and date."""

import csv
import re
from datetime import date

import duckdb
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
    "NEG": (negative, DAY, "low is -3.0"),
    "NOADJ": (without_adj_close, DAY, "no adjusted close"),
    "UPDOWN": (high_below_low, DAY, "high 1.0 is below low"),
    "JULY4": (on_a_holiday, HOLIDAY, "unexpected_session"),
    "GAP": (gap_of_six, DAY, "6 sessions are missing"),
}


def test_faulty_rows_stop_the_build_before_anything_reads_them(tmp_path, capfd):
    warehouse = tmp_path / "warehouse.duckdb"
    for symbol, (damage, _, _) in FAULTS.items():
        write(tmp_path / f"{symbol}.csv", damage(clean_bars()))
    write(tmp_path / "CLEAN.csv", gap_of_five(clean_bars()))
    ingest("files", str(tmp_path), warehouse=warehouse)
    assert not dbt(*DATA_TESTS, "--select", "+int_returns__daily", warehouse=warehouse)
    printed = " ".join(capfd.readouterr().out.split())
    for symbol, (_, day, said) in FAULTS.items():
        assert re.search(rf"{symbol} {day}: \w+ \([^;]*{said}|{symbol} {day}: {said}", printed), symbol
    assert "CLEAN" not in printed
    with duckdb.connect(str(warehouse), read_only=True) as con:
        tables = [name for (name,) in con.sql("select table_name from duckdb_tables()").fetchall()]
    assert "int_bars__faults" in tables
    assert "int_bars__aligned" not in tables


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
