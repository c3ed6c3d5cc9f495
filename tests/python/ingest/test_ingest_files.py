"""The `files` command: what it recognises, and how it cuts and names what it reads."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from click.testing import Result

Ingest = Callable[..., Result]
Query = Callable[[str], list[tuple]]
Frame = Callable[..., pd.DataFrame]
Csv = Callable[[str, pd.DataFrame], Path]


def test_csv_named_by_its_symbol(ingest: Ingest, query: Query, frame: Frame, csv: Csv) -> None:
    result = ingest("files", csv("spy.csv", frame()))
    assert result.exit_code == 0, result.output
    rows = query("select * exclude (batch_id) from raw.bars order by row_number")
    assert rows[0] == (
        "SPY", 1, "files", date(2020, 1, 2), 100.0, 101.0, 99.0, 100.0, 90.0, 1_000_000, None, None, None,
    )  # fmt: skip
    assert [row[1] for row in rows] == [1, 2, 3, 4, 5]
    assert query("select price_basis, rows, first_session from raw.batches") == [
        ("split_adjusted", 5, date(2020, 1, 2))
    ]


@pytest.mark.parametrize("name", ["^GSPC.csv", "%5EGSPC.csv", "%5egspc.CSV", "^GSPC.csv.gz"])
def test_index_names_quoted_or_not(name: str, ingest: Ingest, query: Query, frame: Frame, csv: Csv) -> None:
    assert ingest("files", csv(name, frame())).exit_code == 0
    assert query("select distinct symbol from raw.bars") == [("^GSPC",)]


@pytest.mark.parametrize(
    "headings",
    [
        ["date", "open", "high", "low", "close", "adj_close", "volume"],
        ["session_date", "OPEN", "High ", "LOW", "close", "AdjClose", "VOLUME"],
        ["DATE", "Open", "High", "Low", "Close", "adj-close", "Volume"],
    ],
)
def test_headings_in_many_spellings(
    headings: list[str], ingest: Ingest, query: Query, frame: Frame, csv: Csv
) -> None:
    assert ingest("files", csv("SPY.csv", frame().set_axis(headings, axis=1))).exit_code == 0
    assert query("select count(adj_close) from raw.bars") == [(5,)]


def test_dividends_and_splits_where_given(ingest: Ingest, query: Query, frame: Frame, csv: Csv) -> None:
    table = frame().assign(Dividends=[0, 0, 1.5, 0, 0], **{"Stock Splits": [0, 2, 0, 0, 0]})
    assert ingest("files", csv("SPY.csv", table)).exit_code == 0
    assert query("select sum(dividends), max(splits) from raw.bars") == [(1.5, 2.0)]


def test_parquet_as_yfinance_and_pandas_write_it(
    ingest: Ingest, query: Query, frame: Frame, tmp_path: Path
) -> None:
    table = frame()
    table.index = pd.DatetimeIndex(table.pop("Date")).tz_localize("America/New_York")
    table.to_parquet(tmp_path / "SPY.parquet")
    assert ingest("files", tmp_path / "SPY.parquet").exit_code == 0
    assert query("select min(session_date), max(session_date) from raw.bars") == [
        (date(2020, 1, 2), date(2020, 1, 8))
    ]


@pytest.mark.parametrize("heading", ["symbol", "Ticker"])
def test_long_form(heading: str, ingest: Ingest, query: Query, frame: Frame, csv: Csv) -> None:
    table = pd.concat([frame(4).assign(**{heading: "msft"}), frame(3, 50).assign(**{heading: "SPY"})])
    result = ingest("files", csv("universe.csv", table.sort_values("Date")))
    assert result.exit_code == 0
    assert query("select symbol, max(row_number), min(open) from raw.bars group by 1 order by 1") == [
        ("MSFT", 4, 100.0),
        ("SPY", 3, 50.0),
    ]


def test_a_refused_symbol_of_a_long_file_does_not_stop_the_others(
    ingest: Ingest, query: Query, frame: Frame, csv: Csv
) -> None:
    table = pd.concat([frame().assign(symbol=name) for name in ("BTC-USD", "SPY", "a';--")])
    result = ingest("files", csv("universe.csv", table))
    assert result.exit_code == 1
    assert "BTC-USD does not trade on the XNYS" in result.stderr
    assert query("select distinct symbol from raw.bars") == [("SPY",)]


def test_a_folder_means_the_files_in_it(ingest: Ingest, query: Query, frame: Frame, csv: Csv) -> None:
    folder = csv("SPY.csv", frame()).parent
    csv("AAPL.csv.gz", frame())
    (folder / "notes.txt").write_text("not bars")
    assert ingest("files", folder).exit_code == 0
    assert query("select distinct symbol from raw.bars order by 1") == [("AAPL",), ("SPY",)]


def test_a_folder_without_bars_is_refused(ingest: Ingest, tmp_path: Path) -> None:
    result = ingest("files", tmp_path)
    assert result.exit_code == 1
    assert "no file in this folder ends in .parquet" in result.stderr


def test_start_and_end_are_both_included(ingest: Ingest, query: Query, frame: Frame, csv: Csv) -> None:
    assert (
        ingest("files", csv("SPY.csv", frame()), "--start", "2020-01-03", "--end", "2020-01-07").exit_code
        == 0
    )
    assert query("select list(session_date::varchar order by row_number) from raw.bars") == [
        (["2020-01-03", "2020-01-06", "2020-01-07"],)
    ]


def test_price_basis_is_what_the_user_says(ingest: Ingest, query: Query, frame: Frame, csv: Csv) -> None:
    assert ingest("files", csv("SPY.csv", frame()), "--price-basis", "raw").exit_code == 0
    assert query("select price_basis from raw.batches") == [("raw",)]


def test_the_same_symbol_in_two_files_is_refused(
    ingest: Ingest, query: Query, frame: Frame, csv: Csv
) -> None:
    paths = [csv("SPY.csv", frame()), csv("spy.csv.gz", frame(level=7)), csv("AAPL.csv", frame())]
    result = ingest("files", *paths)
    assert result.exit_code == 1
    assert f"SPY comes from {paths[0]} and from {paths[1]}; name one of them" in result.stderr
    assert query("select distinct symbol from raw.bars") == [("AAPL",)]


def test_a_start_after_the_end_is_a_usage_error(ingest: Ingest, frame: Frame, csv: Csv) -> None:
    path = csv("SPY.csv", frame())
    for options in (
        ["--start", "2021-01-01", "--end", "2020-01-01"],
        ["--end", "2020-01-01", "--start", "2021-01-01"],
    ):
        result = ingest("files", path, *options)
        assert result.exit_code == 2
        assert "--start 2021-01-01 lies after --end 2020-01-01" in result.stderr


def test_a_folder_like_a_partition_adds_no_column(
    ingest: Ingest, query: Query, frame: Frame, tmp_path: Path
) -> None:
    folder = tmp_path / "symbol=QQQ"
    folder.mkdir()
    pyarrow.parquet.write_table(pa.Table.from_pandas(frame()), folder / "SPY.parquet")
    assert ingest("files", folder).exit_code == 0
    assert query("select distinct symbol from raw.bars") == [("SPY",)]


def test_the_universe_comes_whole(ingest: Ingest, query: Query, shared: Path) -> None:
    result = ingest("files", shared / "data" / "universe_100.parquet")
    assert result.exit_code == 0, result.stderr
    assert query("select count(*), count(distinct symbol) from raw.bars") == [(378_461, 97)]
