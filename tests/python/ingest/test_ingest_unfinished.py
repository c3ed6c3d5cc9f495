"""The bar of a session that has not closed yet: Yahoo shows it as it goes, and it must not land."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import numpy as np
import pytest
from click.testing import Result
from yahoo_server import Yahoo

from ingest import clock
from ingest.bars import Bars
from ingest.calendar import closed_sessions, last_finished_day

Fetch = Callable[..., list[Bars]]

WINTER = date(2025, 1, 7)
SUMMER = date(2025, 7, 8)
EARLY = date(2024, 11, 29)
CLOSES = {WINTER: (21, 0), SUMMER: (20, 0), EARLY: (18, 0)}


@pytest.mark.parametrize(("day", "close"), CLOSES.items(), ids=["winter", "summer", "early close"])
def test_a_bar_lands_from_its_close_on(day: date, close: tuple[int, int], yahoo: Yahoo, fetch: Fetch) -> None:
    yahoo.answers["SPY"] = {}
    at_close = datetime(day.year, day.month, day.day, *close, tzinfo=UTC)
    start = day.replace(day=1)
    (before,) = fetch("SPY", start=start, end=day, now=lambda: at_close.replace(hour=close[0] - 1, minute=59))
    (after,) = fetch("SPY", start=start, end=day, now=lambda: at_close)
    assert after.table["session_date"][-1].as_py() == day
    assert not [note for note in after.notes if "unfinished" in note]
    assert before.table["session_date"].to_pylist() == after.table["session_date"].to_pylist()[:-1]
    assert before.notes == (f"unfinished bar of {day} dropped",)


def test_bars_of_later_days_are_dropped_as_well(yahoo: Yahoo, fetch: Fetch) -> None:
    yahoo.answers["SPY"] = {}
    now = datetime(2025, 1, 7, 22, tzinfo=UTC)
    (bars,) = fetch("SPY", start=date(2025, 1, 2), end=date(2025, 1, 16), now=lambda: now)
    assert bars.table["session_date"][-1].as_py() == date(2025, 1, 7)
    assert bars.notes == ("unfinished bars of 2025-01-08, 2025-01-09, 2025-01-10, … dropped",)


def test_the_clock_is_asked_before_yahoo(yahoo: Yahoo, fetch: Fetch) -> None:
    # What Yahoo said before the close is unfinished, though the close has passed by the time it is read.
    times = iter([datetime(2025, 1, 7, 20, 59, 59, tzinfo=UTC)])

    def answer(begin: int, end: int) -> dict:
        assert next(times, None) is None, "asked already"
        return {}

    yahoo.answers["SPY"] = answer
    (bars,) = fetch("SPY", start=date(2025, 1, 3), end=date(2025, 1, 7), now=lambda: next(times))
    assert bars.table["session_date"].to_pylist() == [date(2025, 1, 3), date(2025, 1, 6)]


def test_the_command_line_says_so(
    yahoo: Yahoo, ingest: Callable[..., Result], query: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    yahoo.answers["SPY"] = {}
    monkeypatch.setattr(clock, "utc_now", lambda: datetime(2024, 11, 29, 17, 59, tzinfo=UTC))
    result = ingest("yahoo", "--symbols", "SPY", "--start", "2024-11-25", "--end", "2024-11-29")
    assert "unfinished bar of 2024-11-29 dropped" in result.stdout
    assert query("select max(session_date) from raw.bars") == [(date(2024, 11, 28),)]
    assert query("select ingested_at = timestamptz '2024-11-29 17:59+00' from raw.batches") == [(True,)]


def test_nothing_but_the_unfinished_bar_is_refused(
    yahoo: Yahoo, ingest: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    yahoo.answers["SPY"] = {}
    monkeypatch.setattr(clock, "utc_now", lambda: datetime(2024, 11, 25, 17, tzinfo=UTC))
    result = ingest("yahoo", "--symbols", "SPY", "--start", "2024-11-25", "--end", "2024-11-27")
    assert result.exit_code == 1
    assert "Yahoo's answer for SPY holds only the unfinished bar of 2024-11-25" in result.stderr
    assert "run this again once that session has closed" in result.stderr


@pytest.mark.parametrize(
    ("now", "finished"),
    [
        (datetime(2025, 1, 7, 3, tzinfo=UTC), date(2025, 1, 6)),  # still Monday evening in New York
        (datetime(2025, 1, 11, 3, tzinfo=UTC), date(2025, 1, 10)),  # and Friday evening
        (datetime(2025, 1, 11, 12, tzinfo=UTC), date(2025, 1, 11)),  # a Saturday has no session to wait for
        (datetime(2025, 1, 13, 14, tzinfo=UTC), date(2025, 1, 12)),  # Monday morning
        (datetime(2025, 1, 1, 12, tzinfo=UTC), date(2025, 1, 1)),  # a holiday
    ],
)
def test_the_last_finished_day(now: datetime, finished: date) -> None:
    assert last_finished_day(now) == finished


def test_sessions_close_at_their_close() -> None:
    last = closed_sessions(datetime(2024, 11, 29, 18, tzinfo=UTC))[-1]
    assert last == np.datetime64("2024-11-29")
    assert closed_sessions(datetime(2024, 11, 29, 17, 59, tzinfo=UTC))[-1] == np.datetime64("2024-11-27")
