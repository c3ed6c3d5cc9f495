"""The exchanges that a listing may come from instead of New York: by Yahoo's suffix, or by its days."""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

import exchange_calendars
import numpy as np

# Calendars are told apart by the last years of a history; before this date not all of them are known.
_YEARS_COMPARED = 20
_FIRST_DAY = np.datetime64("1997-01-02")
# So many days at least must differ from New York's, and another exchange must leave but this share of them.
_MIN_DIFFERENCE = 3
_MAX_LEFT = 0.25


class Exchange(NamedTuple):
    """An exchange: its calendar's code, its place, and how Yahoo ends its symbols."""

    code: str
    place: str
    suffixes: str


# Of exchanges with the same days the first is named.
_EXCHANGES = (
    Exchange("XTSE", "Toronto", "TO V CN NE"),
    Exchange("XLON", "London", "L IL"),
    Exchange("XETR", "Frankfurt", "DE F BE DU HM HA MU SG"),
    Exchange("XPAR", "Paris", "PA"),
    Exchange("XAMS", "Amsterdam", "AS"),
    Exchange("XBRU", "Brussels", "BR"),
    Exchange("XLIS", "Lisbon", "LS"),
    Exchange("XMIL", "Milan", "MI"),
    Exchange("XMAD", "Madrid", "MC"),
    Exchange("XSWX", "Zurich", "SW"),
    Exchange("XWBO", "Vienna", "VI"),
    Exchange("XSTO", "Stockholm", "ST"),
    Exchange("XCSE", "Copenhagen", "CO"),
    Exchange("XHEL", "Helsinki", "HE"),
    Exchange("XOSL", "Oslo", "OL"),
    Exchange("XDUB", "Dublin", "IR"),
    Exchange("XICE", "Reykjavik", "IC"),
    Exchange("XWAR", "Warsaw", "WA"),
    Exchange("XBUD", "Budapest", "BD"),
    Exchange("ASEX", "Athens", "AT"),
    Exchange("XIST", "Istanbul", "IS"),
    Exchange("XTAE", "Tel Aviv", "TA"),
    Exchange("XSAU", "Riyadh", "SR"),
    Exchange("XJSE", "Johannesburg", "JO"),
    Exchange("XTKS", "Tokyo", "T"),
    Exchange("XHKG", "Hong Kong", "HK"),
    Exchange("XSHG", "Shanghai", "SS SZ"),
    Exchange("XKRX", "Seoul", "KS KQ"),
    Exchange("XTAI", "Taipei", "TW TWO"),
    Exchange("XBOM", "Mumbai", "BO NS"),
    Exchange("XSES", "Singapore", "SI"),
    Exchange("XKLS", "Kuala Lumpur", "KL"),
    Exchange("XBKK", "Bangkok", "BK"),
    Exchange("XIDX", "Jakarta", "JK"),
    Exchange("XASX", "Sydney", "AX"),
    Exchange("XNZE", "Wellington", "NZ"),
    Exchange("BVMF", "Sao Paulo", "SA"),
    Exchange("XMEX", "Mexico City", "MX"),
    Exchange("XSGO", "Santiago", "SN"),
    Exchange("XBUE", "Buenos Aires", "BA"),
)
_BY_SUFFIX = {suffix: exchange for exchange in _EXCHANGES for suffix in exchange.suffixes.split()}


def exchange_of_symbol(symbol: str) -> Exchange | None:
    """Return the exchange that Yahoo's suffix of a symbol names, None where it has none."""
    name, _, suffix = symbol.rpartition(".")
    return _BY_SUFFIX.get(suffix) if name else None


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
    for exchange in _EXCHANGES:
        theirs = _within(_sessions(exchange.code, days[-1].item().year), days)
        left.append(len(np.setxor1d(days, theirs)) if len(theirs) else difference)
    best = int(np.argmin(left))
    return _EXCHANGES[best] if left[best] <= _MAX_LEFT * difference else None


def _within(sessions: np.ndarray, days: np.ndarray) -> np.ndarray:
    return sessions[(sessions >= days[0]) & (sessions <= days[-1])]


@lru_cache(maxsize=256)
def _sessions(code: str, last_year: int) -> np.ndarray:
    """Return an exchange's sessions in the years that are compared; none where its calendar has none."""
    first = max(_FIRST_DAY.item(), date(last_year - _YEARS_COMPARED - 1, 1, 1))
    try:
        calendar = exchange_calendars.get_calendar(code, start=str(first), end=f"{last_year}-12-31")
    except ValueError:  # the calendar begins later, or contradicts itself
        return np.array([], "datetime64[D]")
    return calendar.sessions.to_numpy().astype("datetime64[D]")
