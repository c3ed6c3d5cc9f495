"""Yahoo out of order: what is asked for again, after how long a wait, and when it is left alone."""

import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import curl_cffi.requests
import pytest
from click.testing import Result
from yahoo_server import DOWN, HANGS, LIMITED, Clock, Reply, Yahoo, chart

from ingest.errors import StoppedEarly
from ingest.gather import WORKERS
from ingest.sources.pace import FIRST_WAIT, REFUSALS_IN_A_ROW, UNANSWERED_IN_A_ROW, Pace
from ingest.sources.yahoo_session import ATTEMPTS

Ingest = Callable[..., Result]

RANGE = ("--start", "2020-01-02", "--end", "2020-01-08")
MANY = [f"S{number:02}" for number in range(20)]


def half(symbol: str = "SPY") -> Callable[[int, int], Reply]:
    """Return an answer of which the second half is missing."""
    return lambda begin, end: Reply(body=json.dumps(chart(symbol, begin, end))[:400])


PASSING = {
    "rate limit": (LIMITED, "too many requests, status 429"),
    "down": (DOWN, "status 502"),
    "error in JSON": (
        Reply(500, {"chart": {"result": None, "error": {"description": "Oops"}}}),
        "status 500",
    ),
    "no answer": (HANGS, "no answer in time"),
    "connection cut": (Reply(body="x" * 900, cut_after=90), "it cannot be reached: Failed to perform, curl:"),
    "no answer at all": (Reply(cut_after=0, headers={"Content-Length": "9"}), "it cannot be reached"),
    "truncated JSON": (half(), "its answer is cut short, or no JSON"),
    "JSON without end": ("[" * 100_000, "its answer is cut short, or no JSON"),
    "a page of HTML": ("Will be right back", "its answer is cut short, or no JSON"),
}


@pytest.mark.parametrize(("fault", "reason"), PASSING.values(), ids=PASSING)
def test_what_may_pass_is_asked_for_again_and_the_user_sees_it(
    fault: object, reason: str, yahoo: Yahoo, patience: Clock, ingest: Ingest, query: Callable
) -> None:
    yahoo.timeout = 0.3
    yahoo.answers["SPY"] = [fault, fault, {}]
    result = ingest("yahoo", "--symbols", "SPY", *RANGE)
    assert result.exit_code == 0, result.output
    assert query("select count(*) from raw.bars") == [(5,)]
    assert yahoo.symbols == ["SPY"] * 3
    second, third = result.stderr.splitlines()
    assert second.startswith(f"SPY: Yahoo does not answer ({reason}") and "attempt 2 of 5" in second
    assert third.startswith(f"SPY: Yahoo does not answer ({reason}") and "attempt 3 of 5" in third
    assert sum(patience.waited) >= 3, "in no hurry"


@pytest.mark.parametrize(
    "fault", [DOWN, HANGS, half(), Reply(body="{", cut_after=0)], ids=["down", "hangs", "half", "cut"]
)
def test_what_does_not_pass_is_given_up(fault: object, yahoo: Yahoo, ingest: Ingest, query: Callable) -> None:
    yahoo.timeout = 0.2
    yahoo.answers = {"SPY": fault, "QQQ": {}}
    result = ingest("yahoo", "--symbols", "SPY", "QQQ", *RANGE)
    assert result.exit_code == 1
    assert yahoo.symbols.count("SPY") == ATTEMPTS
    *retries, error = result.stderr.splitlines()
    assert len(retries) == ATTEMPTS - 1
    assert error.startswith("Error: SPY: Yahoo does not answer, asked 5 times (")
    assert error.endswith("; check the network connection, then run this again later")
    assert query("select distinct symbol from raw.bars") == [("QQQ",)]


def test_waits_grow_and_are_never_the_same(yahoo: Yahoo, patience: Clock, ingest: Ingest) -> None:
    yahoo.answers["SPY"] = DOWN
    ingest("yahoo", "--symbols", "SPY", *RANGE)
    waits = [seconds for seconds in patience.waited if seconds >= 1]
    assert len(waits) == ATTEMPTS - 1
    for number, seconds in enumerate(waits):
        assert 2**number <= seconds <= 2**number + 1
    assert all(seconds != round(seconds) for seconds in waits), "jitter"


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_honoured(
    as_date: bool, status: int, yahoo: Yahoo, patience: Clock, ingest: Ingest
) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=97), usegmt=True)
    limited = LIMITED._replace(status=status, headers={"Retry-After": at if as_date else "95"})
    yahoo.answers["SPY"] = [limited, {}]
    result = ingest("yahoo", "--symbols", "SPY", *RANGE)
    assert result.exit_code == 0
    assert 94 <= max(patience.waited) <= 98
    assert "asking again in 9" in result.stderr


@pytest.mark.parametrize("header", ["soon", "-5", "", "Thu, 99 Foo 2020 00:00:00 GMT"])
def test_a_retry_after_that_says_nothing_is_none(
    header: str, yahoo: Yahoo, patience: Clock, ingest: Ingest
) -> None:
    yahoo.answers["SPY"] = [LIMITED._replace(headers={"Retry-After": header}), {}]
    assert ingest("yahoo", "--symbols", "SPY", *RANGE).exit_code == 0
    assert FIRST_WAIT <= max(patience.waited) <= 1.25 * FIRST_WAIT


def test_no_other_host_is_asked(yahoo: Yahoo) -> None:
    with pytest.raises(AssertionError, match="is not to be asked"):
        curl_cffi.requests.Session().get("https://example.com/v8/finance/chart/SPY")
    assert yahoo.strangers.pop() == "https://example.com/v8/finance/chart/SPY"


def test_the_progress_bar_counts_symbols_beside_the_retries(
    yahoo: Yahoo, ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # a terminal, says rich
    yahoo.default, yahoo.answers = {}, {"S03": [DOWN, {}], "S05": Reply(404)}
    result = ingest("yahoo", "--symbols", *MANY[:8], *RANGE)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", result.stderr)
    assert "100%" in shown and "Reading" in shown
    assert shown.count("S03: Yahoo does not answer (status 502); asking again in") == 1
    assert shown.count("Error: S05: Yahoo has no bars of it") == 1


def test_nobody_waits_for_an_hour(yahoo: Yahoo, ingest: Ingest) -> None:
    yahoo.default = LIMITED._replace(headers={"Retry-After": "3600"})
    result = ingest("yahoo", "--symbols", *MANY, *RANGE)
    assert result.exit_code == 1
    assert len(yahoo.asked) <= WORKERS, "those under way"
    assert "Error: 20 of 20 not read (S00, S01, S02, S03, S04, …): Yahoo limits the rate" in result.stderr
    assert "asks to wait for 60 minutes; run the same command again then: it goes on where" in result.stderr
    assert result.stderr.count("Error: ") == 1


def test_a_rate_limit_for_ever_ends_the_run(yahoo: Yahoo, ingest: Ingest, house: Path) -> None:
    yahoo.default = LIMITED
    result = ingest("yahoo", "--symbols", *MANY, *RANGE)
    assert result.exit_code == 1
    assert REFUSALS_IN_A_ROW <= len(yahoo.asked) <= REFUSALS_IN_A_ROW * WORKERS
    assert f"Yahoo limits the rate of requests ({REFUSALS_IN_A_ROW} refusals in a row); run" in result.stderr
    assert result.stderr.count("Error: ") == 1 and "FAILED" not in result.stdout
    assert not house.exists()


def test_a_dead_network_ends_the_run(yahoo: Yahoo, ingest: Ingest) -> None:
    yahoo.default = DOWN
    result = ingest("yahoo", "--symbols", *MANY, *RANGE)
    assert result.exit_code == 1
    assert len(yahoo.asked) <= ATTEMPTS * (UNANSWERED_IN_A_ROW + WORKERS - 1)
    assert "Yahoo gives no answer for 5 symbols in a row (status 502); check the network" in result.stderr


def test_unknown_symbols_in_a_row_end_nothing(yahoo: Yahoo, ingest: Ingest, query: Callable) -> None:
    yahoo.default, yahoo.answers["SPY"] = Reply(404, {"chart": {}}), {}
    result = ingest("yahoo", "--symbols", *MANY, "SPY", *RANGE)
    assert result.stderr.count("Error: ") == 20
    assert query("select distinct symbol from raw.bars") == [("SPY",)]


def test_where_a_cookie_is_wanted_yfinance_gets_another(yahoo: Yahoo, ingest: Ingest) -> None:
    unauthorised = {"chart": {"result": None, "error": {"description": "Invalid Crumb"}}}
    yahoo.answers["SPY"] = [Reply(401, unauthorised), {}]
    result = ingest("yahoo", "--symbols", "SPY", *RANGE)
    assert (result.exit_code, yahoo.symbols) == (0, ["SPY", "SPY"])
    yahoo.answers["QQQ"] = Reply(401, unauthorised)
    assert "QQQ: Yahoo has no bars of it (Invalid Crumb)" in ingest("yahoo", "--symbols", "QQQ").stderr


def test_cookies_that_cannot_be_had_cost_one_time_out_a_host(
    yahoo: Yahoo, ingest: Ingest, query: Callable
) -> None:
    yahoo.timeout, yahoo.cookies, yahoo.default = 0.2, HANGS, {}
    assert ingest("yahoo", "--symbols", *MANY[:6], *RANGE).exit_code == 0
    assert query("select count(distinct symbol) from raw.bars") == [(6,)]
    hosts = [path.split("/")[1] for path in yahoo.others]
    assert len(hosts) == len({*hosts})


@pytest.fixture
def pace(patience: Clock) -> Pace:
    return Pace(2, now=patience.monotonic, wait=patience.wait)


def test_all_workers_share_one_rate(pace: Pace) -> None:
    sent: list[float] = []
    workers = [threading.Thread(target=lambda: sent.extend(pace.turn() for _ in range(10))) for _ in range(4)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    sent.sort()
    assert len(sent) == 40
    assert all(after - before >= 0.5 for before, after in pairwise(sent))


def test_a_refusal_slows_everybody_down(pace: Pace) -> None:
    first, second = pace.turn(), pace.turn()
    seconds = pace.refused(first, None)
    assert FIRST_WAIT <= seconds <= 1.25 * FIRST_WAIT
    assert pace.refused(second, None) == seconds, "was under way: it says nothing new"
    assert pace.turn() - second == pytest.approx(seconds)
    third = pace.turn()
    assert pace.turn() - third >= 1.0, "half as fast from now on"
    pace.answered(second)
    assert 2 * FIRST_WAIT <= pace.refused(third, None) <= 2.5 * FIRST_WAIT, "an answer under way says nothing"
    pace.answered(pace.turn())
    assert pace.refused(pace.turn(), None) <= 1.25 * FIRST_WAIT, "no longer in a row"


def test_a_stop_reaches_those_who_wait(pace: Pace) -> None:
    waiting = Pace(0.01)  # with the real clock
    waiting.turn()
    stopped: list[str] = []

    def worker() -> None:
        try:
            waiting.turn()
        except StoppedEarly as error:
            stopped.append(str(error))

    thread = threading.Thread(target=worker)
    thread.start()
    waiting.stop("enough")
    waiting.stop("later reasons do not count")
    thread.join(timeout=5)
    assert stopped == ["enough"]
