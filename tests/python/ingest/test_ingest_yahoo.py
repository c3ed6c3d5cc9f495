"""The `yahoo` command: the real yfinance over answers in the shape of Yahoo's chart API."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result
from yahoo_server import DELISTED, DOWN, Reply, Yahoo, chart

Ingest = Callable[..., Result]

RANGE = ("--start", "2020-01-02", "--end", "2020-01-08")


def test_bars_dividends_and_splits_with_the_end_included(
    yahoo: Yahoo, ingest: Ingest, query: Callable
) -> None:
    yahoo.answers["SPY"] = {}
    result = ingest("yahoo", "--symbols", "spy", *RANGE)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    days = [date(2020, 1, day) for day in (2, 3, 6, 7, 8)]
    assert query("select * exclude (batch_id) from raw.bars order by row_number") == [
        (
            "SPY", number + 1, "yahoo", day, *[100.0 + number] * 4, (100.0 + number) * 0.9, 1_000 + number,
            1.5 if number == 1 else 0.0, 2.0 if number == 2 else 0.0, None,
        )
        for number, day in enumerate(days)
    ]  # fmt: skip
    assert query("select price_basis, request from raw.batches") == [
        ("split_adjusted", '{"symbols": ["spy"], "start": "2020-01-02", "end": "2020-01-08"}')
    ]


def test_one_request_a_symbol_over_the_range_in_new_york(yahoo: Yahoo, ingest: Ingest) -> None:
    yahoo.answers["SPY"] = {}
    ingest("yahoo", "--symbols", "SPY", *RANGE)
    ((symbol, params),) = yahoo.asked
    assert symbol == "SPY"
    asked = [pd.Timestamp(params[name], unit="s", tz="America/New_York") for name in ("period1", "period2")]
    assert [str(each) for each in asked] == ["2020-01-02 00:00:00-05:00", "2020-01-09 00:00:00-05:00"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--symbols", "SPY", "AAPL", "MSFT", *RANGE],
        [*RANGE, "--symbols", "SPY", "AAPL", "MSFT"],
        ["--symbols", "SPY", "--symbols", "AAPL", "--symbols", "MSFT", *RANGE],
        ["--symbols", "SPY,AAPL,MSFT", *RANGE],
        ["--symbols", "SPY, aapl", "MSFT", "spy", *RANGE],
    ],
)
def test_symbols_in_every_spelling(
    arguments: list[str], yahoo: Yahoo, ingest: Ingest, query: Callable
) -> None:
    yahoo.answers = {"SPY": {}, "AAPL": {"kind": "EQUITY"}, "MSFT": {"kind": "EQUITY"}}
    assert ingest("yahoo", *arguments).exit_code == 0
    assert query("select distinct symbol from raw.bars order by 1") == [("AAPL",), ("MSFT",), ("SPY",)]
    assert len(yahoo.asked) == 3


def test_without_symbols_the_usage_says_how(ingest: Ingest) -> None:
    result = ingest("yahoo")
    assert result.exit_code == 2
    assert "--symbols SPY AAPL MSFT" in result.stderr


def test_without_start_the_whole_history_is_asked_for(yahoo: Yahoo, ingest: Ingest, query: Callable) -> None:
    begin, end = (
        int(pd.Timestamp(day, tz="America/New_York").timestamp()) for day in ("1930-01-02", "1930-01-09")
    )
    yahoo.answers["^GSPC"] = chart("^GSPC", begin, end, kind="INDEX")
    result = ingest("yahoo", "--symbols", "^GSPC")
    assert result.exit_code == 0, result.stderr
    assert pd.Timestamp(yahoo.asked[0][1]["period1"], unit="s").year == 1927
    assert query("select distinct symbol, min(session_date) from raw.bars group by 1") == [
        ("^GSPC", date(1930, 1, 2))
    ]


FAILURES = {
    "unknown symbol": (
        DELISTED,
        "SPY: Yahoo has no bars of it (No data found, symbol may be delisted); check",
    ),
    "no days": (
        Reply(400, {"chart": {"result": None, "error": {"description": "Data doesn't exist"}}}),
        "SPY: Yahoo has no bars of it (Data doesn't exist); check the symbol's spelling, --start and --end",
    ),
    "no such page": (Reply(404, "<html>"), "SPY: Yahoo has no bars of it (status 404)"),
    "no result": ({"chart": {"result": [], "error": None}}, "SPY: Yahoo has no bars of it"),
    "empty result": (
        {"chart": {"result": [{"meta": {}, "indicators": {"quote": [{}], "adjclose": [{}]}}], "error": None}},
        "SPY: Yahoo has no bars of it",
    ),
    "other shape": (
        {"chart": {"result": [{"indicators": {"quote": [{"open": [1]}]}}]}},
        "cannot be understood",
    ),
    "no chart": ([[1, 2]], "SPY: Yahoo has no bars of it"),
    "crypto": ({"kind": "CRYPTOCURRENCY", "zone": "UTC"}, "SPY does not trade on the XNYS"),
    "future": ({"kind": "FUTURE"}, "SPY does not trade on the XNYS"),
    "London": ({"zone": "Europe/London"}, "its exchange keeps the time of Europe/London"),
}


@pytest.mark.parametrize(("answer", "message"), FAILURES.values(), ids=FAILURES)
def test_what_is_final_is_asked_once_and_names_symbol_and_next_step(
    answer: object, message: str, yahoo: Yahoo, ingest: Ingest, house: Path
) -> None:
    yahoo.answers["SPY"] = answer
    result = ingest("yahoo", "--symbols", "SPY", *RANGE)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert message in line
    assert yahoo.symbols == ["SPY"]
    assert not house.exists()


def test_one_symbols_failure_does_not_stop_the_others(yahoo: Yahoo, ingest: Ingest, query: Callable) -> None:
    yahoo.answers = {"NOPE": DELISTED, "SPY": {}, "QQQ": DOWN}
    result = ingest("yahoo", "--symbols", "NOPE", "../x", "SPY", "QQQ", "BTC-USD", *RANGE)
    assert result.exit_code == 1
    assert len([line for line in result.stderr.splitlines() if line.startswith("Error: ")]) == 4
    assert query("select distinct symbol from raw.bars") == [("SPY",)]
    assert {*yahoo.symbols} == {"NOPE", "SPY", "QQQ"}, "what is no symbol is not asked for"


def test_an_isin_is_no_symbol(yahoo: Yahoo, ingest: Ingest, house: Path) -> None:
    result = ingest("yahoo", "--symbols", "US0378331005", *RANGE)
    assert (result.exit_code, yahoo.asked, yahoo.others) == (1, [], [])
    assert "US0378331005 is an ISIN, not a symbol; give the symbol" in result.stderr


def test_nothing_is_written_to_the_users_cache(
    yahoo: Yahoo, ingest: Ingest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    yahoo.answers["SPY"] = {}
    assert ingest("yahoo", "--symbols", "SPY", *RANGE).exit_code == 0
    assert not (tmp_path / "home").exists() and not (tmp_path / "cache").exists()
