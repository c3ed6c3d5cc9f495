"""What is said of bars whose dates are not New York's sessions: what was done to them, or whose they are."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import exchange_calendars
import numpy as np
import pandas as pd
import pytest
from click.testing import Result

from ingest.bars import make_bars
from ingest.calendar import session_dates
from ingest.columns import canonical_columns
from ingest.errors import InputError

Query = Callable[[str], list[tuple]]
TODAY = date(2026, 1, 5)


def bars(days: pd.DatetimeIndex, symbol: str = "SPY", close: np.ndarray | None = None) -> object:
    """Return what the door makes of bars on these days."""
    import pyarrow as pa

    close = 100 + np.arange(len(days)) % 17 / 4 if close is None else close
    table = pd.DataFrame({"Date": days, "Open": close, "High": close, "Low": close, "Close": close})
    table = table.assign(**{"Adj Close": close, "Volume": 1_000_000})
    columns = canonical_columns(pa.Table.from_pandas(table, preserve_index=False), "a.csv")
    return make_bars(symbol, columns, "a.csv", today=TODAY)


def said(days: pd.DatetimeIndex, symbol: str = "SPY", close: np.ndarray | None = None) -> str:
    """Return why bars on these days are refused."""
    with pytest.raises(InputError) as refusal:
        bars(days, symbol, close)
    line = str(refusal.value)
    assert line.startswith("a.csv: ") and symbol in line and ";" in line and "\n" not in line
    return line


def new_york(first: int = 2015, last: int = 2019) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(session_dates(first, last)).as_unit("ns")


def swapped(days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(
        [day.replace(day=day.month, month=day.day) if day.day <= 12 else day for day in days]
    )


def test_day_and_month_swapped_where_pandas_can() -> None:
    line = said(swapped(new_york()))
    assert "SPY has day and month swapped, where the day is 12 or less" in line
    assert "does not trade" not in line and "write dates as YYYY-MM-DD" in line
    # 2015-01-04 is a Sunday, and stands for the first of April.
    assert "for example 2015-01-04 for 2015-04-01" in line


def test_day_and_month_swapped_throughout() -> None:
    days = new_york()
    line = said(swapped(days[days.day <= 12]))
    assert "SPY has day and month swapped (" in line


@pytest.mark.parametrize("unsorted", [False, True])
@pytest.mark.parametrize(("step", "name"), [(-1, "early"), (1, "late")])
@pytest.mark.parametrize("years", [(2019, 2019), (1990, 2020)])
def test_dates_a_day_off(years: tuple[int, int], step: int, name: str, unsorted: bool) -> None:
    days = new_york(*years) + pd.Timedelta(days=step)
    line = said(days[::-1] if unsorted else days)
    assert f"SPY is dated a day {name} (" in line and "does not trade" not in line


@pytest.mark.parametrize(("step", "name"), [(-1, "early"), (1, "late")])
def test_dates_a_day_off_in_summer(step: int, name: str) -> None:
    days = new_york()
    moved = days.where((days.month < 4) | (days.month > 10), days + pd.Timedelta(days=step))
    assert f"SPY is dated a day {name} in part (" in said(moved.unique())


@pytest.mark.parametrize("kind", ["every day", "weekdays", "London"])
def test_closed_days_filled_with_the_day_before(kind: str) -> None:
    days = new_york()
    all_days = {
        "every day": pd.date_range(days[0], days[-1]),
        "weekdays": pd.bdate_range(days[0], days[-1]),
        "London": days.union(
            exchange_calendars.get_calendar("XLON", start="2015-01-01", end="2019-12-31").sessions
        ),
    }[kind]
    close = pd.Series(100 + np.arange(len(days)) % 17 / 4, days).reindex(all_days).ffill()
    line = said(all_days, close=close.ffill().bfill().to_numpy())
    assert "SPY has closed days filled with the bar before" in line and "does not trade" not in line


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (pd.date_range("2015-01-01", "2019-12-31", freq="W-SUN"), "weekly"),
        (pd.date_range("2015-01-01", "2019-12-31", freq="W-SAT"), "weekly"),
        (pd.date_range("2015-01-01", "2019-12-31", freq="ME"), "monthly"),
        (pd.date_range("2015-01-01", "2019-12-31", freq="MS"), "monthly"),
    ],
)
def test_weekly_and_monthly_bars(days: pd.DatetimeIndex, name: str) -> None:
    line = said(days)
    assert f"SPY has {name} bars, not daily ones" in line and "does not trade" not in line


EXCHANGES = {
    "XTSE": "Toronto",
    "XLON": "London",
    "XETR": "Frankfurt",
    "XPAR": "Paris",
    "XTKS": "Tokyo",
    "XHKG": "Hong Kong",
    "XASX": "Sydney",
    "XSWX": "Zurich",
    "BVMF": "Sao Paulo",
    "XSTO": "Stockholm",
    "XBOM": "Mumbai",
    "XKRX": "Seoul",
    "XSHG": "Shanghai",
}


@pytest.mark.parametrize("years", [(2010, 2019), (2018, 2018)])
@pytest.mark.parametrize("code", EXCHANGES)
def test_another_exchange_is_named(code: str, years: tuple[int, int]) -> None:
    calendar = exchange_calendars.get_calendar(code, start=f"{years[0]}-01-01", end=f"{years[1]}-12-31")
    line = said(calendar.sessions, "ABC")
    assert "ABC does not trade on the XNYS" in line
    assert f"its days are those of {EXCHANGES[code]}, {code}: " in line


def test_toronto_below_the_share_that_is_refused_anyway() -> None:
    days = exchange_calendars.get_calendar("XTSE", start="2011-01-01", end="2011-12-31").sessions
    off = days.difference(new_york(2011, 2011))
    # Of the US holidays all but three are missing, as a source that repairs calendars would leave it.
    line = said(days.difference(off[3:]), "RY")
    assert "its days are those of Toronto, XTSE: 3 of its" in line


def test_a_few_misdated_rows_of_a_us_share_land() -> None:
    days = new_york()
    holidays = pd.bdate_range(days[0], days[-1]).difference(days)
    assert bars(days.union(holidays[:12:2])).table.num_rows == len(days) + 6
    assert bars(days.union(pd.DatetimeIndex(["2015-01-03", "2016-01-02"]))).notes == ()


def test_what_trades_around_the_clock_is_a_listing() -> None:
    for days in (pd.date_range("2018-01-01", "2019-12-31"), pd.bdate_range("2018-01-01", "2019-12-31")):
        line = said(days, "BTC")
        assert "BTC does not trade on the XNYS" in line and "its days are those of" not in line


def test_dates_that_nothing_explains_do_not_blame_the_listing() -> None:
    rng = np.random.default_rng(12)
    every = pd.date_range("2018-01-01", "2019-12-31")
    days = every[np.sort(rng.choice(len(every), 400, replace=False))]
    line = said(days)
    assert "does not trade" not in line and "check how its dates were written" in line


def test_saturdays_before_1952_are_new_yorks() -> None:
    days = new_york(1930, 1960)
    saturdays = pd.date_range("1930-01-01", "1952-05-24", freq="W-SAT")
    landed = bars(days.union(saturdays), "^DJI")
    assert landed.table.num_rows == len(days) + len(saturdays)
    (note,) = landed.notes
    assert note.startswith(
        f"{len(saturdays):,} bars on Saturdays to 1952-05-24, when New York traded on them"
    )


def test_saturdays_after_1952_are_not() -> None:
    days = new_york(1953, 1960)
    assert "SPY" in said(days.union(pd.date_range("1953-01-01", "1960-12-31", freq="W-SAT")))


@pytest.mark.parametrize(
    ("symbol", "place"),
    [
        ("RY.TO", "Toronto"),
        ("VOD.L", "London"),
        ("SAP.DE", "Frankfurt"),
        ("MC.PA", "Paris"),
        ("7203.T", "Tokyo"),
        ("0700.HK", "Hong Kong"),
        ("BHP.AX", "Sydney"),
        ("NESN.SW", "Zurich"),
        ("PETR4.SA", "Sao Paulo"),
    ],
)
def test_yahoos_endings_name_the_exchange(
    symbol: str, place: str, ingest: Callable[..., Result], frame: Callable, csv: Callable[..., Path]
) -> None:
    for result in (ingest("files", csv(f"{symbol}.csv", frame())), ingest("yahoo", "--symbols", symbol)):
        assert result.exit_code == 1
        assert f"{symbol} does not trade on the XNYS" in result.stderr and f"that of {place}" in result.stderr
