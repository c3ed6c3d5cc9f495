"""Whose bars these are, and until when: recycled tickers, symbols left behind, bars that are not daily."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from damaged_warehouse import NOW, as_they_are
from donors import COLUMNS
from warehouses import NO_TESTS, copy_of, dbt

from ingest import calendar
from ingest.landing import land, record_removal

SESSIONS = [day for day in calendar.session_dates(2018, 2024).tolist() if day <= date(2024, 6, 28)]
MARTS = ("+fct_bars_daily", "+dim_assets", "+fct_data_check_failures", "+rpt_symbols_set_aside")
OF_CHECK = "select symbol, session_date from marts.fct_data_check_failures where check_id = ? order by all"


def moving(first: int, last: int, level: float = 100.0) -> pd.DataFrame:
    """Return bars of a price about a level, on every session from position `first` to before `last`."""
    days = np.arange(first, last)
    close = level * (1 + 0.02 * np.sin(days**1.3))
    rows = pd.DataFrame({"date": SESSIONS[first:last], "close": close, "adj_close": close})
    rows = rows.assign(open=close, high=close * 1.01, low=close * 0.99, dividends=0.0, splits=0.0)
    return rows.assign(volume=1000.0 + days)[COLUMNS]


def joined(*lives: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(lives).reset_index(drop=True)


END = len(SESSIONS)


def split_after_a_quarter() -> pd.DataFrame:
    """Return a halt of 80 sessions after which a split of 3:1 is told, which the past is not adjusted for."""
    rows = joined(moving(0, 600, 300.0), moving(680, END))
    rows.loc[600, "splits"] = 3.0
    return rows


HISTORIES = {
    "SPY": moving(0, END),
    # Another company after more than a year, at the same price and at another.
    "YEAR": joined(moving(0, 300), moving(600, END)),
    "YEARJUMP": joined(moving(0, 300), moving(600, END, 7.0)),
    # 64 sessions and more, with a price of another size, either way.
    "QUARTERUP": joined(moving(0, 600), moving(680, END, 250.0)),
    "QUARTERDOWN": joined(moving(0, 600), moving(680, END, 40.0)),
    "THREE": joined(moving(0, 200), moving(500, 800, 30.0), moving(1_100, END)),
    # One company: a long halt at about the price it had, or with a split that is told.
    "HALT": joined(moving(0, 600), moving(680, END, 130.0)),
    "SPLIT": split_after_a_quarter(),
    "BEHIND": moving(0, END - 6),
    "WEEKLATE": moving(0, END - 5),
    "DELISTED": moving(0, END - 20),
    "RELISTED": moving(0, END - 20),
    "HOLES": moving(0, END).drop(index=[100, 101, 300, 500, 501, 502, 900]).reset_index(drop=True),
    "MONTHLY": moving(0, END).iloc[::21].reset_index(drop=True),
    "WEEKLY": moving(0, END).iloc[::5].reset_index(drop=True),
    # Most of one calendar year alone, and daily before and after it.
    "WEEKYEAR": joined(moving(0, 800), moving(800, 1_060).iloc[::5], moving(1_060, END)),
    # Two sessions beside each other, of every five.
    "PAIRS": moving(0, END)[np.arange(END) % 5 < 2].reset_index(drop=True),
    "EVERYOTHER": moving(0, END).iloc[::2].reset_index(drop=True),
}


def at(hours: int) -> dict:
    """Return the clock of so many hours after the first landing, as a keyword."""
    return {"now": lambda: NOW + timedelta(hours=hours)}


@pytest.fixture(scope="module")
def landed(tmp_path_factory):
    warehouse = tmp_path_factory.mktemp("lives") / "warehouse.duckdb"
    bars = (as_they_are(symbol, rows) for symbol, rows in HISTORIES.items())
    terms = {"source": "files", "price_basis": "split_adjusted", "request": {}, "now": lambda: NOW}
    land(warehouse.parent / "raw", bars, **terms)
    record_removal(warehouse.parent / "raw", ["DELISTED", "RELISTED"], delisted_by="yahoo", **at(1))
    land(warehouse.parent / "raw", [as_they_are("RELISTED", moving(0, END - 10))], **terms | at(2))
    return warehouse


@pytest.fixture(scope="module")
def built(landed):
    assert dbt(*NO_TESTS, "--select", *MARTS, warehouse=landed)
    return landed


def test_the_older_life_of_a_recycled_ticker_is_left_out(built, query):
    """What is set aside is the older life, with the command that reads the newer alone."""
    lives = {
        "YEAR": (0, 299, 600, 300),
        "YEARJUMP": (0, 299, 600, 300),
        "QUARTERUP": (0, 599, 680, 600),
        "QUARTERDOWN": (0, 599, 680, 600),
        "THREE": (0, 799, 1_100, 500),
    }
    aside = """
        select symbol, first_session, last_session, sessions, is_whole_symbol, way_out
        from marts.rpt_symbols_set_aside where check_id = 'recycled_ticker' order by symbol
    """
    assert query(built, aside) == [
        (
            name,
            SESSIONS[first],
            SESSIONS[last],
            sessions,
            False,
            f"python -m ingest files {name}.csv --replace --start {SESSIONS[start]}",
        )
        for name, (first, last, start, sessions) in sorted(lives.items())
    ]
    used = "select symbol, min(session_date), max(session_date) from marts.fct_bars_daily group by symbol"
    bars = {symbol: span for symbol, *span in query(built, used)}
    assets = {symbol for (symbol,) in query(built, "select symbol from marts.dim_assets")}
    for name, (*_, start, _) in lives.items():
        assert bars[name] == [SESSIONS[start], SESSIONS[-1]]
        assert name in assets


def test_a_halt_is_no_other_company(built, query):
    """The price goes on about where it was, or a told split explains it: the gap is too long to carry."""
    assert [row for row in query(built, OF_CHECK, "gap_over_limit") if row[0] in ("HALT", "SPLIT")] == [
        ("HALT", SESSIONS[680]),
        ("SPLIT", SESSIONS[680]),
    ]


def test_who_ends_more_than_a_carried_week_before_the_last_is_told(built, query):
    assert query(built, OF_CHECK, "ends_before_the_others") == [
        ("BEHIND", SESSIONS[-7]),
        ("RELISTED", SESSIONS[-11]),
    ]
    way_out = "select way_out from marts.fct_data_check_failures where check_id = ? and symbol = ?"
    assert query(built, way_out, "ends_before_the_others", "BEHIND") == [
        (
            "python -m ingest files BEHIND.csv; or, if it has ended: "
            f"echo 'BEHIND,{SESSIONS[-7]},REASON' >> seeds/ended_symbols.csv",
        )
    ]


@pytest.mark.parametrize(
    ("hours", "relisted"),
    [(0, [("DELISTED", SESSIONS[-21]), ("RELISTED", SESSIONS[-21])]), (1, [])],
)
def test_a_reported_delisting_is_seen_from_its_time_on(landed, hours, relisted, tmp_path, query):
    """Between report and new bars both are known to have ended; an hour before, neither."""
    warehouse = copy_of(landed, tmp_path)
    as_of = f'{{as_of: "{NOW + timedelta(hours=hours, minutes=1)}"}}'
    assert dbt(*NO_TESTS, "--select", "+fct_data_check_failures", "--vars", as_of, warehouse=warehouse)
    told = [("BEHIND", SESSIONS[-7]), *relisted]
    assert query(warehouse, OF_CHECK, "ends_before_the_others") == told


def test_bars_of_some_sessions_are_told_by_what_they_look_like(built, query):
    """A symbol with a few holes is sound; one whose bars are weekly for most of a year alone is not."""
    sql = """
        select symbol, regexp_extract(message, 'these look like (\\S+) bars', 1)
        from marts.rpt_symbols_set_aside where check_id = 'not_daily' order by symbol
    """
    assert query(built, sql) == [
        ("EVERYOTHER", "every-other-session"),
        ("MONTHLY", "monthly"),
        ("PAIRS", "twice-weekly"),
        ("WEEKLY", "weekly"),
        ("WEEKYEAR", "weekly"),
    ]
    assert query(built, "select count(*) from marts.dim_assets where symbol = 'HOLES'") == [(1,)]
