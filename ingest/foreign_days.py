"""Whether days are the sessions of another exchange than New York's."""

import warnings
from datetime import date
from functools import lru_cache

import exchange_calendars
import numpy as np

from ingest.exchanges import EXCHANGES, Exchange

# Calendars are told apart by the last years of a history; before this date not all of them are known.
_YEARS_COMPARED = 20
_FIRST_DAY = np.datetime64("1997-01-02")
# So many days at least must differ from New York's, and another exchange must leave but this share of them.
_MIN_DIFFERENCE = 3
_MAX_LEFT = 0.25


def exchange_of_days(days: np.ndarray, sessions: np.ndarray) -> Exchange | None:
    """Return the exchange whose sessions `days` are, None where New York's fit as well or nobody's do.

    Both the days that are no sessions in New York and the sessions of New York that are missing must be
    explained by it.

    Parameters
    ----------
    days
        Distinct days, ascending.
    sessions
        New York's sessions, ascending.
    """
    first = max(days[0], _FIRST_DAY, days[-1] - np.timedelta64(365 * _YEARS_COMPARED, "D"))
    days = days[days >= first]
    if not len(days):
        return None
    difference = len(np.setxor1d(days, _within(sessions, days)))
    if difference < _MIN_DIFFERENCE:
        return None
    left = []
    for exchange in EXCHANGES:
        theirs = _within(_sessions(exchange.code, days[-1].item().year), days)
        left.append(len(np.setxor1d(days, theirs)) if len(theirs) else difference)
    best = int(np.argmin(left))
    return EXCHANGES[best] if left[best] <= _MAX_LEFT * difference else None


def _within(sessions: np.ndarray, days: np.ndarray) -> np.ndarray:
    return sessions[(sessions >= days[0]) & (sessions <= days[-1])]


@lru_cache(maxsize=256)
def _sessions(code: str, last_year: int) -> np.ndarray:
    """Return an exchange's sessions in the years that are compared; none where its calendar has none."""
    # Of how it uses pandas, which is nothing to tell a user.
    warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"exchange_calendars\.")
    first = max(_FIRST_DAY.item(), date(last_year - _YEARS_COMPARED - 1, 1, 1))
    try:
        calendar = exchange_calendars.get_calendar(code, start=str(first), end=f"{last_year}-12-31")
    except (ValueError, NotImplementedError):  # it begins later, contradicts itself, or is none yet
        return np.array([], "datetime64[D]")
    return calendar.sessions.to_numpy().astype("datetime64[D]")
