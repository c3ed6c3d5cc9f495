"""What Yahoo's answers look like, and what lands of each: what it wrote, not what yfinance makes of it."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import Result
from yahoo_server import Yahoo, chart

from ingest import clock
from ingest.manifests import read_manifests

Ingest = Callable[..., Result]
Query = Callable[[str], list[tuple]]
Edit = Callable[[dict], None]

DAYS = [date(2020, 1, day) for day in (2, 3, 6, 7, 8)]
RANGE = ("--start", str(DAYS[0]), "--end", str(DAYS[-1]))
BARS = """
select day(session_date), close, adj_close, volume, dividends, splits from raw.bars order by row_number
"""
GOOD = [(day.day, 100.0 + n, (100.0 + n) * 0.9, 1_000 + n, 0.0, 0.0) for n, day in enumerate(DAYS)]
GOOD[1] = (*GOOD[1][:4], 1.5, 0.0)
GOOD[2] = (*GOOD[2][:4], 0.0, 2.0)
# Computed when capital gains were not read yet.
CONTENT_BEFORE_GAINS_WERE_READ = "72dc6d4009dd03d207c3dac6ebc4ea8afd07eea6262556f74b5c9e3b0c363346"


def series(result: dict) -> list[list]:
    """Return all that is one value a day: timestamps, prices, adjusted close, volume."""
    indicators = result["indicators"]
    return [result["timestamp"], *indicators["quote"][0].values(), indicators["adjclose"][0]["adjclose"]]


@pytest.fixture
def answer(yahoo: Yahoo) -> Callable[[Edit], None]:
    """Return a function that lets Yahoo answer with a good history, but for an edit."""

    def let(edit: Edit) -> None:
        def answered(begin: int, end: int) -> dict:
            shape = chart("SPY", begin, end)
            edit(shape["chart"]["result"][0])
            return shape

        yahoo.answers["SPY"] = answered

    return let


def _without(name: str) -> Edit:
    def edit(result: dict) -> None:
        (quote,) = result["indicators"]["quote"]
        for values in quote.values() if name == "all" else [quote[name]]:
            values[2] = None
        if name == "all":
            result["indicators"]["adjclose"][0]["adjclose"][2] = None

    return edit


def _reversed(result: dict) -> None:
    for values in series(result):
        values.reverse()


def _shuffled(result: dict) -> None:
    for values in series(result):
        values[:] = [values[number] for number in (3, 0, 4, 1, 2)]


def _last_missing(result: dict) -> None:
    for values in series(result):
        values.pop()


def _repeated(result: dict) -> None:
    for values in series(result):
        values.insert(3, values[2])


def _as_it_goes(result: dict) -> None:
    # Yahoo shows the session of the day twice: its bar, and the trade of this moment behind it.
    for values in series(result):
        values.insert(4, values[4])
    (quote,) = result["indicators"]["quote"]
    result["timestamp"][4] -= 3600
    quote["volume"][4] -= 50


def _row(number: int, **changes: object) -> tuple:
    names = ("day", "close", "adj_close", "volume", "dividends", "splits")
    return tuple((dict(zip(names, GOOD[number], strict=True)) | changes).values())


SHAPES = {
    "good": (lambda result: None, GOOD),
    "no volume": (_without("volume"), [*GOOD[:2], _row(2, volume=None), *GOOD[3:]]),
    "no price": (_without("close"), [*GOOD[:2], _row(2, close=None), *GOOD[3:]]),
    "empty row": (
        _without("all"),
        [*GOOD[:2], _row(2, close=None, adj_close=None, volume=None), *GOOD[3:]],
    ),
    "no last day": (_last_missing, GOOD[:4]),
    "backwards": (_reversed, GOOD),
    "out of order": (_shuffled, GOOD),
    "a day twice": (_repeated, GOOD),
    "a session as it goes": (_as_it_goes, GOOD),
    "no events": (
        lambda result: result.pop("events"),
        [GOOD[0], _row(1, dividends=0.0), _row(2, splits=0.0), *GOOD[3:]],
    ),
}


@pytest.mark.parametrize(("edit", "landed"), SHAPES.values(), ids=SHAPES)
def test_what_yahoo_wrote_lands(
    edit: Edit, landed: list[tuple], answer: Callable, ingest: Ingest, query: Query
) -> None:
    answer(edit)
    result = ingest("yahoo", "--symbols", "SPY", *RANGE)
    assert result.exit_code == 0, result.output
    assert query(BARS) == landed
    assert ("1 identical duplicate row kept once" in result.stdout) == (edit is _repeated)


def test_two_bars_of_one_day_that_differ_land_both(answer: Callable, ingest: Ingest, query: Query) -> None:
    def edit(result: dict) -> None:
        _repeated(result)
        result["timestamp"][3] += 60
        result["indicators"]["quote"][0]["close"][3] = 7.0

    answer(edit)
    assert ingest("yahoo", "--symbols", "SPY", *RANGE).exit_code == 0
    assert query(BARS) == [*GOOD[:3], _row(2, close=7.0), *GOOD[3:]], "for validation to name"


@pytest.mark.parametrize("kind", ["ETF", "MUTUALFUND"])
def test_capital_gains_of_funds_land_beside_their_dividends(
    kind: str, yahoo: Yahoo, ingest: Ingest, query: Query
) -> None:
    def answered(begin: int, end: int) -> dict:
        shape = chart("SPY", begin, end, kind=kind)
        (result,) = shape["chart"]["result"]
        at = result["timestamp"][3]
        result["events"]["capitalGains"] = {str(at): {"amount": 6.42, "date": at}}
        return shape

    yahoo.answers["SPY"] = answered
    assert ingest("yahoo", "--symbols", "SPY", *RANGE).exit_code == 0
    assert query(BARS) == GOOD
    gains = query("select day(session_date), capital_gains from raw.bars order by row_number")
    assert gains == [(2, None), (3, None), (6, None), (7, 6.42), (8, None)]
    assert "1 unchanged" in ingest("yahoo", "--symbols", "SPY", *RANGE, "--full").stdout


def test_a_fund_without_capital_gains_lands_as_it_always_did(
    answer: Callable, ingest: Ingest, query: Query, house: Path
) -> None:
    answer(lambda result: None)
    assert ingest("yahoo", "--symbols", "SPY", *RANGE).exit_code == 0
    assert query("select count(capital_gains) from raw.bars") == [(0,)]
    (manifest,) = read_manifests(house / "raw")
    assert manifest["symbols"][0]["content_sha256"] == CONTENT_BEFORE_GAINS_WERE_READ


@pytest.mark.parametrize("is_null", [False, True])
def test_no_adjusted_close_is_refused(
    is_null: bool, answer: Callable, ingest: Ingest, yahoo: Yahoo, house: object
) -> None:
    def edit(result: dict) -> None:
        if is_null:
            result["indicators"]["adjclose"][0]["adjclose"] = [None] * 5
        else:
            del result["indicators"]["adjclose"]

    answer(edit)
    result = ingest("yahoo", "--symbols", "SPY", *RANGE)
    assert result.exit_code == 1
    assert (
        "Yahoo's answer for SPY has no adjusted close, so no returns either; run this again" in result.stderr
    )
    assert not house.exists() and yahoo.symbols == ["SPY"]


def test_a_missing_last_day_is_asked_for_the_next_time(
    yahoo: Yahoo, answer: Callable, ingest: Ingest, query: Query, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "utc_now", lambda: datetime(2020, 1, 8, 23, tzinfo=UTC))
    answer(_last_missing)
    assert ingest("yahoo", "--symbols", "SPY", *RANGE).exit_code == 0
    answer(lambda result: None)
    assert "1 new session" in ingest("yahoo", "--symbols", "SPY", *RANGE).stdout
    assert query("select count(distinct session_date) from raw.bars") == [(5,)]
    assert len(yahoo.asked) == 2
    ingest("yahoo", "--symbols", "SPY")
    assert len(yahoo.asked) == 2, "the newest session that has closed is there"


def test_a_split_in_the_middle_reads_everything_again(
    yahoo: Yahoo, answer: Callable, ingest: Ingest, query: Query
) -> None:
    answer(lambda result: result.pop("events"))
    assert ingest("yahoo", "--symbols", "SPY", *RANGE).exit_code == 0

    def halved(result: dict) -> None:
        for values in [*list(result["indicators"]["quote"][0].values())[:4], series(result)[-1]]:
            values[:] = [price / 2 if number < 5 else price for number, price in enumerate(values)]

    answer(halved)
    result = ingest("yahoo", "--symbols", "SPY", "--start", str(DAYS[0]), "--end", "2020-01-10")
    assert "re-read: adjustment changed" in result.stdout
    assert len(yahoo.asked) == 3
    newest = "(select batch_id from raw.batches order by ingested_at desc limit 1)"
    assert query(f"select close from raw.bars where batch_id = {newest} order by session_date") == [
        (50.0,), (50.5,), (51.0,), (51.5,), (52.0,), (105.0,), (106.0,),
    ]  # fmt: skip
