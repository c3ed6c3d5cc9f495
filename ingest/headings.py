"""Headings as people write them: which column of the canonical shape each of them means."""

import re
from collections.abc import Sequence

from ingest.errors import InputError, shown

REQUIRED = ("session_date", "open", "high", "low", "close", "adj_close", "volume")
OPTIONAL = ("dividends", "splits", "capital_gains")
FIELDS = frozenset((*REQUIRED[1:], *OPTIONAL))

# Lower-cased and freed of blanks and marks.
_HEADINGS = {
    "date": "session_date",
    "sessiondate": "session_date",
    "tradedate": "session_date",
    "tradingdate": "session_date",
    "timestamp": "session_date",
    "datetime": "session_date",
    "time": "time",
    "open": "open",
    "openprice": "open",
    "high": "high",
    "highprice": "high",
    "low": "low",
    "lowprice": "low",
    "close": "close",
    "closeprice": "close",
    "closelast": "close",
    "adjclose": "adj_close",
    "adjcloseprice": "adj_close",
    "adjustedclose": "adj_close",
    "adjustedcloseprice": "adj_close",
    "closeadj": "adj_close",
    "closeadjusted": "adj_close",
    "volume": "volume",
    "vol": "volume",
    "dividend": "dividends",
    "dividends": "dividends",
    "dividendamount": "dividends",
    "exdividend": "dividends",
    "splits": "splits",
    "stocksplits": "splits",
    "splitratio": "splits",
    "splitcoefficient": "splits",
    "capitalgains": "capital_gains",
    "symbol": "symbol",
    "ticker": "symbol",
}
# The page of Yahoo explains its headings in their own cells.
_EXPLAINED = re.compile(
    "(?<=close)(closepriceadjustedforsplits|adjustedclosepriceadjustedforsplitsanddividendandor.*)$"
)
# What pandas calls an index without a name, in CSV and in parquet.
_UNNAMED = ("", "index", "unnamed0", "indexlevel0")
_YFINANCE = {"Open", "High", "Low", "Close", "Volume"}


def plain(heading: str) -> str:
    """Return a heading in lower case, without blanks and marks."""
    return _EXPLAINED.sub("", re.sub(r"[\W_]", "", heading.lower()))


def meaning(heading: str) -> str | None:
    """Return the canonical column that a heading means, None for any other."""
    return _HEADINGS.get(plain(heading))


def date_heading(headings: Sequence[str]) -> str | None:
    """Return the heading of the dates: named as such, or an index without a name."""
    named = [heading for heading in headings if meaning(heading) == "session_date"]
    unnamed = [heading for heading in headings if plain(heading) in _UNNAMED]
    return next(iter(named + unnamed), None)


def recognised(headings: Sequence[str], where: str) -> dict[str, str]:
    """Return which heading holds which canonical column.

    Parameters
    ----------
    headings
        The column names of the input.
    where
        The input's name, for messages.

    Raises
    ------
    InputError
        A required column is missing, or two headings mean the same column.
    """
    found: dict[str, str] = {}
    for heading in headings:
        name = meaning(heading)
        if name is None:
            continue
        if name in found:
            raise InputError(
                f"{where}: columns {shown(found[name])} and {shown(heading)} both mean {name}; keep one"
            )
        found[name] = heading
    if "session_date" not in found and (unnamed := date_heading(headings)) is not None:
        found["session_date"] = unnamed
    missing = [name.replace("session_date", "date") for name in REQUIRED if name not in found]
    if missing:
        raise InputError(f"{where}: no column {', '.join(missing)}{_way_out(headings, missing)}")
    return found


def _way_out(headings: Sequence[str], missing: list[str]) -> str:
    named = f"found: {shown(', '.join(headings))}"
    if missing == ["adj_close"] and (
        set(headings) >= _YFINANCE or {meaning(heading) for heading in headings} >= {"dividends", "splits"}
    ):
        return f": probably saved with auto_adjust=True; save with auto_adjust=False ({named})"
    return (
        f" ({named}); add it: date, open, high, low, close, adj_close and volume are needed, "
        "dividends and splits welcome"
    )
