"""Files as people have them: what yfinance writes, other vendors' headings, other countries' numbers."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import Result

Ingest = Callable[..., Result]
Query = Callable[[str], list[tuple]]
Frame = Callable[..., pd.DataFrame]
Csv = Callable[[str, pd.DataFrame], Path]

FIELDS = ["Adj Close", "Close", "High", "Low", "Open", "Volume"]
# The bars of `frame(3)` as they land.
LANDED = [
    (date(2020, 1, 2), 100.0, 101.0, 99.0, 100.0, 90.0, 1_000_000),
    (date(2020, 1, 3), 100.25, 101.25, 99.25, 100.25, 100.25 * 0.9, 1_000_001),
    (date(2020, 1, 6), 100.5, 101.5, 99.5, 100.5, 100.5 * 0.9, 1_000_002),
]
BARS = "select session_date, open, high, low, close, round(adj_close, 9), volume from raw.bars"
WANTED = [(*row[:5], round(row[5], 9), row[6]) for row in LANDED]


def downloaded(frame: Frame, symbols: list[str], *, ticker_first: bool = False) -> pd.DataFrame:
    """Return what `yf.download(symbols, auto_adjust=False)` returns."""
    pieces = {symbol: frame(3).set_index("Date")[FIELDS] for symbol in symbols}
    table = pd.concat(pieces, axis=1, names=["Ticker", "Price"])
    table.index = pd.DatetimeIndex(table.index, name="Date")
    return table if ticker_first else table.swaplevel(axis=1).sort_index(axis=1)


@pytest.mark.parametrize("ticker_first", [False, True])
@pytest.mark.parametrize("symbols", [["SPY"], ["AAPL", "BRK-B", "SPY"]])
@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
def test_what_yf_download_writes(
    ending: str,
    symbols: list[str],
    ticker_first: bool,
    ingest: Ingest,
    query: Query,
    frame: Frame,
    tmp_path: Path,
) -> None:
    table = downloaded(frame, symbols, ticker_first=ticker_first)
    path = tmp_path / f"data.{ending}"
    table.to_parquet(path) if ending == "parquet" else table.to_csv(path)
    if ending == "csv":
        assert len(path.read_text().splitlines()) == 6, "three lines of headings"
    result = ingest("files", path)
    assert result.exit_code == 0, result.output
    for symbol in symbols:
        assert query(f"{BARS} where symbol = '{symbol}' order by row_number") == WANTED


def test_two_lines_of_headings(ingest: Ingest, query: Query, frame: Frame, tmp_path: Path) -> None:
    table = downloaded(frame, ["AAPL", "SPY"]).rename_axis(index=None)
    table.columns.names = [None, None]
    path = tmp_path / "data.csv"
    table.to_csv(path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join(line for line in lines if line.strip(",")))
    assert ingest("files", path).exit_code == 0
    assert query(f"{BARS} where symbol = 'AAPL' order by row_number") == WANTED


@pytest.mark.parametrize("style", ["%Y-%m-%d", "%b %d, %Y"])
def test_a_first_bar_of_nothing_is_no_line_of_headings(
    style: str, ingest: Ingest, query: Query, frame: Frame, csv: Csv
) -> None:
    table = frame(5).astype(object)
    table["Date"] = pd.to_datetime(table["Date"]).dt.strftime(style)
    table.iloc[0, 1:] = "null"
    assert ingest("files", csv("SPY.csv", table)).exit_code == 0
    assert query("select symbol, count(*), count(close) from raw.bars group by 1") == [("SPY", 4, 4)]


def test_a_download_of_different_ages_is_trimmed(
    ingest: Ingest, query: Query, frame: Frame, tmp_path: Path
) -> None:
    table = downloaded(frame, ["AAPL", "NEW"])
    table.loc[table.index[0], pd.IndexSlice[:, "NEW"]] = np.nan
    table.to_csv(tmp_path / "data.csv")
    result = ingest("files", tmp_path / "data.csv")
    assert "1 empty row before 2020-01-03 trimmed" in " ".join(result.stdout.split())
    assert query("select symbol, count(*) from raw.bars group by 1 order by 1") == [("AAPL", 3), ("NEW", 2)]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("shape", ["history", "download", "bare"])
def test_what_is_adjusted_already_is_told_so(
    shape: str, ending: str, ingest: Ingest, house: Path, frame: Frame, tmp_path: Path
) -> None:
    if shape == "download":
        table = downloaded(frame, ["SPY", "QQQ"]).drop(columns="Adj Close", level=0)
    else:
        table = frame().set_index("Date").drop(columns="Adj Close")
        table.index = pd.DatetimeIndex(table.index).tz_localize("America/New_York")
    if shape == "history":
        table = table.assign(Dividends=0.0, **{"Stock Splits": 0.0})
    path = tmp_path / f"SPY.{ending}"
    table.to_parquet(path) if ending == "parquet" else table.to_csv(path)
    result = ingest("files", path)
    assert result.exit_code == 1
    assert "saved with auto_adjust=True; save with auto_adjust=False" in result.stderr
    assert not house.exists()


@pytest.mark.parametrize(
    "headings",
    [
        ["timestamp", "open", "high", "low", "close", "adjusted_close", "volume"],
        ["Date", "Open", "High", "Low", "Close", "Adj. Close", "Vol."],
        ["datetime", "Open", "High", "Low", "Close*", "Adj Close**", "Volume"],
        ["Trade Date", "Open", "High", "Low", "Close/Last", "Adjusted Close", "Volume"],
        ["<DATE>", "<OPEN>", "<HIGH>", "<LOW>", "<CLOSE>", "<ADJCLOSE>", "<VOL>"],
        ["", "Open", "High", "Low", "Close", "Adj Close", "Volume"],
        ["Unnamed: 0", "Open", "High", "Low", "Close", "Adj Close", "Volume"],
        [
            "Date",
            "Open",
            "High",
            "Low",
            "Close Close price adjusted for splits.",
            "Adj Close Adjusted close price adjusted for splits and dividend and/or capital gain "
            "distributions.",
            "Volume",
        ],
    ],
)
def test_headings_of_other_vendors(
    headings: list[str], ingest: Ingest, query: Query, frame: Frame, csv: Csv
) -> None:
    result = ingest("files", csv("SPY.csv", frame(3).set_axis(headings, axis=1)))
    assert result.exit_code == 0, result.output
    assert query(f"{BARS} order by row_number") == WANTED


def test_an_index_without_a_name_in_parquet(
    ingest: Ingest, query: Query, frame: Frame, tmp_path: Path
) -> None:
    table = frame(3)
    table.index = pd.DatetimeIndex(table.pop("Date"), name=None)
    table.to_parquet(tmp_path / "SPY.parquet")
    assert ingest("files", tmp_path / "SPY.parquet").exit_code == 0
    assert query(f"{BARS} order by row_number") == WANTED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("around", [False, True])
def test_delimiters_encodings_titles_and_footers(
    delimiter: str, encoding: str, around: bool, ingest: Ingest, query: Query, frame: Frame, tmp_path: Path
) -> None:
    text = frame(3)[::-1].to_csv(index=False, sep=delimiter)
    if around:
        text = f"Kurse für SPY, täglich\nStand: 7. Januar\n\n{text}\nQuelle: Börse, ohne Gewähr\n"
    path = tmp_path / "SPY.csv"
    path.write_bytes(text.encode(encoding))
    result = ingest("files", path)
    assert result.exit_code == 0, result.output
    assert ("1 line below the bars left out" in result.stdout) == around
    assert query(f"{BARS} order by row_number") == WANTED[::-1]


def test_a_line_that_is_cut_short_is_no_footer(ingest: Ingest, frame: Frame, csv: Csv) -> None:
    path = csv("SPY.csv", frame(3))
    path.write_text(path.read_text() + "2020-01")
    assert "(Row #5: Expected 7 columns, got 1)" in ingest("files", path).stderr


def test_a_line_between_the_bars_is_no_footer(ingest: Ingest, frame: Frame, csv: Csv) -> None:
    path = csv("SPY.csv", frame(3))
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], "remark", *lines[2:]]))
    assert "(Row #3: Expected 7 columns, got 1)" in ingest("files", path).stderr


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("Close", "n.m.", "column close, row 7, symbol 'BAD', 2020-01-03: 'n.m.' is no number"),
        ("Date", "2020-02-30", "column date, row 7, symbol 'BAD': '2020-02-30' is no date"),
        ("Volume", "many", "column volume, row 7, symbol 'BAD', 2020-01-03: 'many' is no number"),
        ("symbol", "", "column symbol, row 7: no symbol"),
    ],
)
def test_a_bad_value_of_a_long_file_is_its_symbols(
    column: str,
    value: str,
    message: str,
    ending: str,
    ingest: Ingest,
    query: Query,
    frame: Frame,
    tmp_path: Path,
) -> None:
    pieces = [frame().assign(symbol=symbol) for symbol in ("AAPL", "BAD", "SPY")]
    table = pd.concat(pieces, ignore_index=True).astype({column: str})
    table.loc[6, column] = value
    path = tmp_path / f"all.{ending}"
    table.to_parquet(path) if ending == "parquet" else table.to_csv(path, index=False)
    result = ingest("files", path)
    assert result.exit_code == 1
    assert message in result.stderr and len(result.stderr.splitlines()) == 1
    kept = {("AAPL", 5), ("SPY", 5)} | ({("BAD", 4)} if column == "symbol" else set())
    assert set(query("select symbol, count(*) from raw.bars group by 1")) == kept


def test_what_a_folder_holds_besides_is_listed(ingest: Ingest, query: Query, frame: Frame, csv: Csv) -> None:
    folder = csv("SPY.csv", frame()).parent
    (folder / "._A.csv").write_bytes(b"\x00\x05\x16\x07")
    (folder / ".hidden.parquet").write_bytes(b"")
    (folder / "book.xlsx").write_bytes(b"PK")
    (folder / "more").mkdir()
    result = ingest("files", folder)
    assert result.exit_code == 0, result.output
    assert f"Left out of {folder}: ._A.csv, .hidden.parquet, book.xlsx, more/" in result.stdout
    assert query("select distinct symbol from raw.bars") == [("SPY",)]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("index", ["Date", None])
def test_a_table_of_prices_alone(
    index: str | None, ending: str, ingest: Ingest, query: Query, frame: Frame, tmp_path: Path
) -> None:
    table = pd.DataFrame(
        {"AAPL": [1.5, 2.5, np.nan, 4.5, 5.5], "NEW": [np.nan, 20.0, 30.0, 40.0, np.nan], "BTC-USD": 1.0},
        index=pd.DatetimeIndex(frame()["Date"], name=index),
    )
    path = tmp_path / f"prices.{ending}"
    table.to_parquet(path) if ending == "parquet" else table.to_csv(path)
    refused = ingest("files", path)
    assert refused.exit_code == 1 and "take them as adjusted closes with --prices" in refused.stderr
    result = ingest("files", path, "--prices")
    assert result.exit_code == 1 and "BTC-USD does not trade" in result.stderr
    assert "volume is unknown, so strategies that need it have no forecast" in " ".join(result.stdout.split())
    columns = "symbol, session_date::varchar, close, adj_close, open, volume"
    assert query(f"select {columns} from raw.bars order by 1, 2") == [
        ("AAPL", "2020-01-02", 1.5, 1.5, None, None),
        ("AAPL", "2020-01-03", 2.5, 2.5, None, None),
        ("AAPL", "2020-01-07", 4.5, 4.5, None, None),
        ("AAPL", "2020-01-08", 5.5, 5.5, None, None),
        ("NEW", "2020-01-03", 20.0, 20.0, None, None),
        ("NEW", "2020-01-06", 30.0, 30.0, None, None),
        ("NEW", "2020-01-07", 40.0, 40.0, None, None),
    ]  # fmt: skip


def test_prices_of_many_symbols_and_of_a_download(
    ingest: Ingest, query: Query, frame: Frame, tmp_path: Path
) -> None:
    many = pd.DataFrame(1.0, pd.Index(frame()["Date"]), [f"S{number}" for number in range(500)])
    many.to_csv(tmp_path / "many.csv", sep=";", decimal=",")
    downloaded(frame, ["AAPL", "SPY"])[["Close"]].to_csv(tmp_path / "closes.csv")
    assert "--prices" in ingest("files", tmp_path / "closes.csv").stderr
    assert ingest("files", tmp_path, "--prices").exit_code == 0
    assert query("select count(distinct symbol), count(*) from raw.bars") == [(502, 2_506)]


def test_bars_are_not_taken_for_prices(ingest: Ingest, house: Path, frame: Frame, csv: Csv) -> None:
    result = ingest("files", csv("SPY.csv", frame()), "--prices")
    assert "holds bars (high, low, open, volume), not prices alone; leave --prices out" in result.stderr
    assert not house.exists()
