"""The sessions of the New York Stock Exchange (XNYS), by whole years."""

from functools import lru_cache

import exchange_calendars
import numpy as np
import pyarrow as pa

# Before the first year of Yahoo's longest series (^GSPC, from 1927-12-30). An older date is a slip, such as
# a serial number read as a date, and every year asked for here becomes rows of raw.sessions.
FIRST_YEAR = 1927


@lru_cache(maxsize=8)
def _calendar(first_year: int, last_year: int) -> exchange_calendars.ExchangeCalendar:
    # Both ends always: without them the calendar reaches back twenty years and ends with today's date.
    return exchange_calendars.get_calendar("XNYS", start=f"{first_year}-01-01", end=f"{last_year}-12-31")


def session_dates(first_year: int, last_year: int) -> np.ndarray:
    """Return the sessions of these years, both included, as ``datetime64[D]``, ascending."""
    return _calendar(first_year, last_year).sessions.to_numpy().astype("datetime64[D]")


def session_table(first_year: int, last_year: int) -> pa.Table:
    """Return the rows of ``raw.sessions`` for these years, both included.

    A session's row does not depend on which other years are asked for.
    """
    calendar = _calendar(first_year, last_year)
    sessions = session_dates(first_year, last_year)
    closes = calendar.schedule["close"].dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    early = np.isin(sessions, calendar.early_closes.to_numpy().astype("datetime64[D]"))
    return pa.table(
        {
            "session_date": pa.array(sessions, pa.date32()),
            "close_at": pa.array(closes, pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")),
            "is_early_close": pa.array(early),
        }
    )
