"""What is the matter where the dates of bars are not those of daily bars from New York."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.errors import InputError
from ingest.exchanges import Exchange
from ingest.foreign_days import exchange_of_days
from ingest.symbols import off_calendar

# New York traded on Saturdays until then, which the calendar does not know.
_SATURDAYS_END = np.datetime64("1952-09-29")
_SUNDAY, _MONDAY, _FRIDAY, _SATURDAY = 0, 1, 5, 6

# Instruments of other markets trade on about nine NYSE holidays a year, 3.5 % of their days; a share with a
# handful of misdated rows in a history of years stays below this and lands.
_MAX_OFF_SHARE = 0.02
_MIN_OFF = 2
# An explanation must leave but this share of the bars that fall on no session.
_MAX_LEFT = 1 / 3
_REPEATED_SHARE = 0.9
# Clocks change twice a year and some sessions close early, in two zones perhaps.
_MAX_TIMES = 8
_WEEK, _MONTH = (5, 9), (20, 45)


def check_daily(symbol: str, table: pa.Table, where: str) -> None:
    """Refuse bars of several times a day.

    Raises
    ------
    InputError
        Most days have several, or there are many times of day.
    """
    if "time_of_day" not in table.column_names:
        return
    moments = (
        table.select(["session_date", "time_of_day"]).group_by(["session_date", "time_of_day"]).aggregate([])
    )
    days, times = np.unique(moments["session_date"].to_numpy(), return_counts=True)
    several = int((times > 1).sum())
    distinct = pc.count_distinct(moments["time_of_day"], mode="all").as_py()
    if distinct > _MAX_TIMES or (_are_most(several, len(days)) and times.max() + len(days) > 3):
        first = days[times > 1].min() if several else days.min()
        raise InputError(
            f"{where}: {symbol} has intraday bars, not daily ones: {distinct} different times of day on "
            f"{len(days)} days, first {first}; make one bar a session of them"
        )


def check_dates(symbol: str, table: pa.Table, where: str, sessions: np.ndarray) -> tuple[str, ...]:
    """Refuse bars whose dates are not those of New York's sessions, and say what they are.

    A few bars on other days pass, for the checks to quarantine.

    Parameters
    ----------
    symbol
        The symbol.
    table
        Its bars, of canonical columns, without empty rows on closed days.
    where
        The input's name, for messages.
    sessions
        New York's sessions, ascending, to after the last bar.

    Returns
    -------
    tuple
        A note, if any.

    Raises
    ------
    InputError
        The bars are those of another exchange, or misdated as a whole, or not daily.
    """
    dates = table["session_date"].to_numpy()
    days, rows_a_day = np.unique(dates, return_counts=True)
    if _are_most(int((rows_a_day > 1).sum()), len(days)) and len(days) > 1:
        raise InputError(
            f"{where}: {symbol} has several different bars on {(rows_a_day > 1).sum()} of its {len(days)} "
            f"days, first {days[rows_a_day > 1].min()}: intraday bars, or two listings under one name; give "
            "one bar a session"
        )
    off = days[~np.isin(days, sessions)]
    saturdays = off[(_weekday(off) == _SATURDAY) & (off < _SATURDAYS_END)]
    off = np.setdiff1d(off, saturdays)
    if len(off) >= _MIN_OFF:
        count = f"{len(off):,} of its {len(days):,} bars, first {off.min()}, fall on no session"
        if len(off) > _MAX_OFF_SHARE * len(days):
            _explain(symbol, table, where, days, off, sessions, count)
        elif exchange := exchange_of_days(days, sessions):
            raise InputError(f"{where}: {_listed(symbol, exchange, count)}")
    if not len(saturdays):
        return ()
    return (
        f"{len(saturdays):,} bars on Saturdays to {saturdays.max()}, when New York traded on them: the "
        "calendar has no such sessions, so the build quarantines them",
    )


def _explain(
    symbol: str,
    table: pa.Table,
    where: str,
    days: np.ndarray,
    off: np.ndarray,
    sessions: np.ndarray,
    count: str,
) -> None:
    """Raise what explains best that many bars fall on no session."""
    at = f"{where}: {symbol}"

    def is_explained_by(moved: np.ndarray) -> bool:
        left = (~np.isin(moved, sessions)).sum()
        return left <= min(_MAX_OFF_SHARE * len(days), _MAX_LEFT * len(off))

    gap = float(np.median(np.diff(days).astype(int)))
    for (least, most), name in ((_WEEK, "weekly"), (_MONTH, "monthly")):
        if least <= gap <= most:
            raise InputError(
                f"{at} has {name} bars, not daily ones: {gap:.0f} days from one to the next, and {count}; "
                "give a bar for every session"
            )
    if gap > _WEEK[1]:
        raise InputError(
            f"{at} has no daily bars: {gap:.0f} days from one to the next; give one for every session"
        )
    for step, name, other, cause in (
        (1, "early", "later", "midnight in UTC shown as New York's evening before"),
        (-1, "late", "earlier", "New York's evening shown in UTC"),
    ):
        for moved, part in ((days + step, ""), (_moved_in_part(days, step), "in part ")):
            if is_explained_by(moved):
                raise InputError(
                    f"{at} is dated a day {name} {part}({count}, but would a day {other}; for example "
                    f"{off.min()} for {off.min() + step}): probably {cause}; write each session's own date"
                )
    if is_explained_by(_swapped(days)):
        is_all = (_day(days) <= 12).all()
        rows = "" if is_all else ", where the day is 12 or less"
        (example,) = _swapped(off.min()[None])
        raise InputError(
            f"{at} has day and month swapped{rows} ({count}, but would the other way round; for example "
            f"{off.min()} for {example}); write dates as YYYY-MM-DD"
        )
    repeated = _repeated(table, off)
    if repeated >= _REPEATED_SHARE * len(off):
        raise InputError(
            f"{at} has closed days filled with the bar before ({count}; {repeated} of them repeat the day "
            "before); leave those rows out"
        )
    if exchange := exchange_of_days(days, sessions):
        raise InputError(f"{where}: {_listed(symbol, exchange, count)}")
    if _is_of_other_days(days, off, sessions):
        raise InputError(f"{where}: {off_calendar(symbol, count)}")
    raise InputError(
        f"{at} is not dated by the sessions of the XNYS calendar: {count}; check how its dates were written, "
        "or leave those rows out"
    )


def _listed(symbol: str, exchange: Exchange, count: str) -> str:
    return off_calendar(symbol, f"its days are those of {exchange.place}, {exchange.code}: {count}")


def _is_of_other_days(days: np.ndarray, off: np.ndarray, sessions: np.ndarray) -> bool:
    """Return whether the listing is the likeliest cause: bars on nearly all days of a kind that is closed."""
    every = np.arange(days[0], days[-1] + 1)
    closed = every[~np.isin(every, sessions)]
    weekday = _weekday(closed)
    kinds = (weekday == _SUNDAY, weekday == _SATURDAY, (weekday > _SUNDAY) & (weekday < _SATURDAY))
    shares = [np.isin(closed[kind], off).mean() for kind in kinds if kind.any()]
    is_daily = len(np.setdiff1d(_within(sessions, days), days)) <= 0.1 * len(days)
    return is_daily and max(shares, default=0.0) >= 0.5


def _moved_in_part(days: np.ndarray, step: int) -> np.ndarray:
    """Return `days` with those weeks moved that begin on a Sunday and lack a Friday, or the reverse."""
    week, weekday = (days.astype(int) + 4) // 7, _weekday(days)
    extra, lacking = (_SUNDAY, _FRIDAY) if step > 0 else (_SATURDAY, _MONDAY)
    moved = np.setdiff1d(week[weekday == extra], week[weekday == lacking])
    return np.where(np.isin(week, moved), days + step, days)


def _swapped(days: np.ndarray) -> np.ndarray:
    """Return `days` with day and month swapped wherever that makes a date."""
    years, months, number = days.astype("datetime64[Y]"), _month(days), _day(days)
    other = (years.astype("datetime64[M]") + (number - 1)).astype("datetime64[D]") + (months - 1)
    return np.where(number <= 12, other, days)


def _repeated(table: pa.Table, off: np.ndarray) -> int:
    """Return how many bars of the days `off` equal the bar before in close and adjusted close."""
    ordered = table.sort_by("session_date")
    days = ordered["session_date"].to_numpy()
    same = np.ones(max(len(days) - 1, 0), bool)
    for name in ("close", "adj_close"):
        values = ordered[name].to_numpy()
        same &= values[1:] == values[:-1]
    return int((same & np.isin(days[1:], off)).sum())


def _within(sessions: np.ndarray, days: np.ndarray) -> np.ndarray:
    return sessions[(sessions >= days[0]) & (sessions <= days[-1])]


def _are_most(some: int, all_: int) -> bool:
    return some > all_ / 2


def _weekday(days: np.ndarray) -> np.ndarray:
    """Return the day of the week, 0 for Sunday."""
    return (days.astype("datetime64[D]").astype(int) + 4) % 7


def _month(days: np.ndarray) -> np.ndarray:
    return days.astype("datetime64[M]").astype(int) % 12 + 1


def _day(days: np.ndarray) -> np.ndarray:
    return (days - days.astype("datetime64[M]")).astype(int) + 1
