"""The sessions of the New York Stock Exchange (XNYS), by whole years."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import exchange_calendars
import numpy as np
import pyarrow as pa

# Before the first year of Yahoo's longest series (^GSPC, from 1927-12-30). An older date is a slip, such as
# a serial number read as a date, and every year asked for here becomes rows of raw.sessions.
FIRST_YEAR = 1927

_NEW_YORK = ZoneInfo("America/New_York")


@lru_cache(maxsize=8)
def _calendar(first_year: int, last_year: int) -> exchange_calendars.ExchangeCalendar:
    # Both ends always: without them the calendar reaches back twenty years and ends with today's date.
    return exchange_calendars.get_calendar("XNYS", start=f"{first_year}-01-01", end=f"{last_year}-12-31")


def session_dates(first_year: int, last_year: int) -> np.ndarray:
    """Return the sessions of these years, both included, as ``datetime64[D]``, ascending."""
    return _calendar(first_year, last_year).sessions.to_numpy().astype("datetime64[D]")


def closed_sessions(now: datetime) -> np.ndarray:
    """Return the sessions that have closed by `now`, as ``datetime64[D]``, ascending."""
    last_year = now.year + 1
    closed = _closes(FIRST_YEAR, last_year) <= np.datetime64(now.astimezone(UTC).replace(tzinfo=None))
    return session_dates(FIRST_YEAR, last_year)[closed]


def newest_closed_session(now: datetime) -> date:
    """Return the newest session that has closed by `now`."""
    return closed_sessions(now)[-1].item()


def last_finished_day(now: datetime) -> date:
    """Return the newest day whose bar is final by `now`: its session has closed, or it has none."""
    sessions = session_dates(FIRST_YEAR, now.year + 1)
    next_to_close = sessions[len(closed_sessions(now))].item()
    return min(next_to_close - timedelta(days=1), now.astimezone(_NEW_YORK).date())


def sessions_before(day: date, count: int) -> date:
    """Return the session `count` sessions before the session `day`, or before the one that follows it."""
    sessions = session_dates(FIRST_YEAR, day.year + 1)
    return sessions[max(0, np.searchsorted(sessions, np.datetime64(day)) - count)].item()


def session_table(first_year: int, last_year: int) -> pa.Table:
    """Return the rows of ``raw.sessions`` for these years, both included.

    A session's row does not depend on which other years are asked for.
    """
    calendar = _calendar(first_year, last_year)
    sessions = session_dates(first_year, last_year)
    closes = _closes(first_year, last_year)
    early = np.isin(sessions, calendar.early_closes.to_numpy().astype("datetime64[D]"))
    return pa.table(
        {
            "session_date": pa.array(sessions, pa.date32()),
            "close_at": pa.array(closes, pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")),
            "is_early_close": pa.array(early),
        }
    )


def _closes(first_year: int, last_year: int) -> np.ndarray:
    """Return when each session of these years closes, in UTC, as ``datetime64[us]``."""
    closes = _calendar(first_year, last_year).schedule["close"]
    return closes.dt.tz_localize(None).to_numpy().astype("datetime64[us]")
