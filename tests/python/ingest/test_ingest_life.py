"""What is left out, with a note: empty rows at the edges and on closed days, rows of the future."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result

from ingest import clock
from ingest.calendar import last_finished_day

Ingest = Callable[..., Result]
Query = Callable[[str], list[tuple]]
Frame = Callable[..., pd.DataFrame]
Csv = Callable[[str, pd.DataFrame], Path]

VALUES = ["Open", "High", "Low", "Close", "Adj Close", "Volume"]


def flat(text: str) -> str:
    """Return `text` without the line breaks of a table."""
    return " ".join(text.split())


def emptied(table: pd.DataFrame, rows: list[int], value: float | None) -> pd.DataFrame:
    """Return a table with nothing in these rows, in one of the ways in which nothing is written."""
    table = table.astype(dict.fromkeys(VALUES, object))
    table.loc[rows, VALUES] = value
    return table


@pytest.mark.parametrize("value", [None, 0, 0.0, "nan"])
def test_empty_edges_are_trimmed(value: object, ingest: Ingest, query: Query, frame: Frame, csv: Csv) -> None:
    table = emptied(frame(10), [0, 1, 4, 9], value)
    result = ingest("files", csv("SPY.csv", table[::-1]))
    assert result.exit_code == 0, result.output
    assert "2 empty rows before 2020-01-06 trimmed" in flat(result.stdout)
    assert "1 empty row after 2020-01-14 trimmed" in flat(result.stdout)
    assert query("select min(session_date), max(session_date), count(*) from raw.bars") == [
        (date(2020, 1, 6), date(2020, 1, 14), 7)
    ]
    assert query("select close from raw.bars where session_date = '2020-01-08'") in ([(None,)], [(0.0,)])


@pytest.mark.parametrize("event", ["Dividends", "Stock Splits", "Capital Gains"])
def test_an_edge_row_that_carries_an_event_stays(
    event: str, ingest: Ingest, query: Query, frame: Frame, csv: Csv
) -> None:
    table = emptied(frame(), [0, 4], None).assign(**{event: [0.5, 0, 0, 0, 0]})
    assert ingest("files", csv("SPY.csv", table)).exit_code == 0
    assert query("select min(session_date), max(session_date) from raw.bars") == [
        (date(2020, 1, 2), date(2020, 1, 7))
    ]


@pytest.mark.parametrize("column", VALUES)
def test_an_edge_row_that_says_anything_stays(
    column: str, ingest: Ingest, query: Query, frame: Frame, csv: Csv
) -> None:
    table = emptied(frame(), [0], None)
    table.loc[0, column] = 5
    assert ingest("files", csv("SPY.csv", table)).exit_code == 0
    assert query("select count(*) from raw.bars") == [(5,)]


def test_a_symbol_of_nothing_but_empty_rows_is_refused(
    ingest: Ingest, query: Query, frame: Frame, csv: Csv
) -> None:
    table = pd.concat([emptied(frame(), [*range(5)], 0).assign(symbol="GONE"), frame().assign(symbol="SPY")])
    result = ingest("files", csv("all.csv", table))
    assert result.exit_code == 1
    assert "GONE has no price in any of its 5 rows, 2020-01-02 to 2020-01-08; leave it out" in result.stderr
    assert query("select distinct symbol from raw.bars") == [("SPY",)]


CLOSED = {
    "weekends": ["2020-01-04", "2020-01-05", "2020-01-11", "2020-01-12"],
    "US holidays": ["2020-01-20", "2020-02-17", "2020-05-25", "2020-07-03"],
    "before and after": ["2019-12-25", "2020-01-01", "2020-12-25"],
}


@pytest.mark.parametrize("value", [None, 0])
@pytest.mark.parametrize("days", CLOSED.values(), ids=CLOSED)
def test_empty_rows_on_closed_days_are_left_out(
    days: list[str], value: object, ingest: Ingest, query: Query, frame: Frame, csv: Csv
) -> None:
    nothing = pd.DataFrame({"Date": days, **dict.fromkeys(VALUES, value)})
    table = pd.concat([frame(5), nothing]).sort_values("Date")
    result = ingest("files", csv("SPY.csv", table))
    assert result.exit_code == 0, result.output
    assert f"{len(days)} empty rows on days without a session dropped (first {days[0]})" in flat(
        result.stdout
    )
    assert query("select count(*), count(close) from raw.bars") == [(5, 5)]


def test_a_union_with_london_comes_as_new_york(ingest: Ingest, query: Query, frame: Frame, csv: Csv) -> None:
    import exchange_calendars

    london = exchange_calendars.get_calendar("XLON", start="2020-01-01", end="2020-12-31").sessions
    table = frame(253).set_index("Date").reindex(sorted({*frame(253)["Date"], *london.strftime("%Y-%m-%d")}))
    result = ingest("files", csv("SPY.csv", table.rename_axis("Date").reset_index()))
    assert result.exit_code == 0, result.output
    assert query("select count(*), count(close) from raw.bars") == [(253, 253)]


def test_rows_of_the_future_are_dropped(
    ingest: Ingest, query: Query, frame: Frame, csv: Csv, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Of Wednesday, 2020-01-08, before its close.
    monkeypatch.setattr(clock, "utc_now", lambda: datetime(2020, 1, 8, 20, tzinfo=UTC))
    table = frame(7)
    result = ingest("files", csv("SPY.csv", table))
    assert result.exit_code == 0, result.output
    assert "3 rows dated after 2020-01-07 (2020-01-08, 2020-01-09, 2020-01-10) dropped" in flat(result.stdout)
    assert query("select max(session_date) from raw.bars") == [(date(2020, 1, 7),)]
    refused = ingest("files", csv("QQQ.csv", table.tail(2)))
    assert refused.exit_code == 1
    assert "QQQ has nothing but 2 rows dated after 2020-01-07" in refused.stderr


@pytest.mark.parametrize("year", ["2062", "2999", "9999"])
def test_a_typo_of_a_year_costs_its_row(
    year: str, ingest: Ingest, query: Query, frame: Frame, csv: Csv
) -> None:
    table = frame()
    table.loc[2, "Date"] = f"{year}-01-06"
    result = ingest("files", csv("SPY.csv", table))
    assert result.exit_code == 0, result.output
    finished = last_finished_day(clock.utc_now())
    assert f"1 row dated after {finished} ({year}-01-06) dropped" in flat(result.stdout)
    assert query("select count(*), max(session_date) from raw.bars") == [(4, date(2020, 1, 8))]


def hourly(frame: Frame, zone: str | None = None) -> pd.DataFrame:
    days = pd.to_datetime(frame(4)["Date"]).repeat(7).reset_index(drop=True)
    times = pd.to_timedelta([9.5, 10.5, 11.5, 12.5, 13.5, 14.5, 15.5] * 4, unit="h")
    return frame(28).assign(Date=(days + times).dt.tz_localize(zone))


INTRADAY = {
    "hourly": hourly,
    "hourly in New York": lambda frame: hourly(frame, "America/New_York"),
    "twice a day": lambda frame: frame(8).assign(
        Date=[f"2020-01-0{day} {time}" for day in (2, 3, 6, 7) for time in ("09:30:00", "16:00:00")]
    ),
    "one day": lambda frame: hourly(frame).head(7),
    "at any time": lambda frame: frame(12).assign(
        Date=[f"{day} {9 + at % 7:02d}:{at:02d}" for at, day in enumerate(frame(12)["Date"])]
    ),
    "without their times": lambda frame: hourly(frame).assign(Date=lambda table: table["Date"].dt.date),
}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("make", INTRADAY.values(), ids=INTRADAY)
def test_intraday_bars_are_refused(
    make: Callable, ending: str, ingest: Ingest, query: Query, frame: Frame, tmp_path: Path
) -> None:
    table = pd.concat([make(frame).assign(symbol="HOUR")])
    path = tmp_path / f"HOUR.{ending}"
    table.to_parquet(path) if ending == "parquet" else table.to_csv(path, index=False)
    result = ingest("files", path)
    assert result.exit_code == 1
    assert "HOUR has" in result.stderr and "intraday bars" in result.stderr


def test_times_in_a_column_of_their_own(ingest: Ingest, frame: Frame, csv: Csv) -> None:
    table = hourly(frame)
    days, times = table["Date"].dt.date, table["Date"].dt.strftime("%H:%M:%S")
    result = ingest("files", csv("HOUR.csv", table.assign(Date=days, Time=times)))
    assert "HOUR has intraday bars, not daily ones: 7 different times of day on 4 days" in result.stderr


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("time", ["16:00", "00:00"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York", "Asia/Tokyo"])
def test_one_time_a_day_is_daily(
    zone: str | None, time: str, ending: str, ingest: Ingest, query: Query, frame: Frame, tmp_path: Path
) -> None:
    table = frame(253)
    stamps = pd.to_datetime(table["Date"] + f" {time}").dt.tz_localize(zone)
    # A bar of the last day as it went, besides: one day that comes twice.
    table = pd.concat([table.assign(Date=stamps), table.assign(Date=stamps + pd.Timedelta("1h")).tail(1)])
    path = tmp_path / f"SPY.{ending}"
    table.to_parquet(path) if ending == "parquet" else table.to_csv(path, index=False)
    result = ingest("files", path)
    assert result.exit_code == 0, result.output
    assert query("select count(distinct session_date), min(session_date) from raw.bars") == [
        (253, date(2020, 1, 2))
    ]


def test_new_yorks_midnight_in_utc_is_daily(
    ingest: Ingest, query: Query, frame: Frame, tmp_path: Path
) -> None:
    table = frame(253)
    stamps = pd.to_datetime(table["Date"]).dt.tz_localize("America/New_York").dt.tz_convert("UTC")
    table.assign(Date=stamps).to_parquet(tmp_path / "SPY.parquet")
    assert ingest("files", tmp_path / "SPY.parquet").exit_code == 0
    assert query("select count(distinct session_date) from raw.bars") == [(253,)]
