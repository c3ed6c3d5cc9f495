"""Faults of files: what refuses the file, and what lands as it came for validation to name."""

import hashlib
import re
from collections.abc import Callable
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


def flat(text: str) -> str:
    """Return `text` without the line breaks of a table."""
    return " ".join(text.split())


def _with(column: str, value: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return what plants `value` in row 2 of `column`."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        return table.assign(**{column: [value if row == 1 else old for row, old in enumerate(table[column])]})

    return change


STRUCTURAL = {
    "missing column": (lambda table: table.drop(columns="Adj Close"), "no column adj_close"),
    "missing date": (lambda table: table.drop(columns="Date"), "no column date"),
    "column twice": (
        lambda table: table.assign(close=1.0),
        "columns 'Close' and 'close' both mean close",
    ),
    "text in a price": (
        _with("Close", "n.m."),
        "column close, row 2, 2020-01-03: 'n.m.' is no number",
    ),
    "text in volume": (_with("Volume", "many"), "column volume, row 2, 2020-01-03: 'many' is no number"),
    "infinite volume": (_with("Volume", "inf"), "column volume, row 2, 2020-01-03: inf is no whole number"),
    "unparsable date": (_with("Date", "03/01/2020"), "column date, row 2: '03/01/2020' is no date"),
    "impossible date": (_with("Date", "2020-02-30"), "column date, row 2: '2020-02-30' is no date"),
    "no date": (_with("Date", ""), "column date, row 2: '' is no date"),
    "date of another age": (_with("Date", "1899-12-31"), "a bar of 1899-12-31, outside 1927 to"),
    "no rows": (lambda table: table.head(0), "no rows below the heading"),
}


@pytest.mark.parametrize(("change", "message"), STRUCTURAL.values(), ids=STRUCTURAL)
def test_structural_faults_refuse_the_file(
    change: Callable, message: str, ingest: Ingest, house: Path, frame: Frame, csv: Csv
) -> None:
    path = csv("SPY.csv", change(frame()))
    result = ingest("files", path)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"Error: {path}: ") and message in line
    assert ";" in line, "the next step"
    assert message in flat(result.stdout)
    assert not house.exists(), "nothing is made for a refused input"


@pytest.mark.parametrize("name", ["SPY.csv", "SPY.parquet", "SPY.csv.gz"])
@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "the file is empty"), (b"\x00\xff no table \x13\n,,,\n\x80", "(cannot be read as|no column)")],
    ids=["empty", "noise"],
)
def test_files_that_are_none_of_their_kind(
    name: str, content: bytes, message: str, ingest: Ingest, house: Path, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    result = ingest("files", path)
    assert result.exit_code == 1
    assert str(path) in result.stderr
    assert re.search(message, result.stderr)
    assert len(result.stderr.splitlines()) == 1
    assert not house.exists()


def test_ragged_rows_name_the_row(ingest: Ingest, frame: Frame, csv: Csv) -> None:
    path = csv("SPY.csv", frame())
    path.write_text(path.read_text() + "2020-01-09,1,2\n")
    assert "(Row #7: Expected 7 columns, got 3)" in ingest("files", path).stderr


def test_parquet_with_text_prices_or_numeric_dates(ingest: Ingest, frame: Frame, tmp_path: Path) -> None:
    text, numeric = tmp_path / "SPY.parquet", tmp_path / "AAPL.parquet"
    frame().assign(Close=["1", "2", "three", "4", "5"]).to_parquet(text)
    frame().assign(Date=[20200102, 20200103, 20200106, 20200107, 20200108]).to_parquet(numeric)
    result = ingest("files", text, numeric)
    assert "column close, row 3, 2020-01-06: 'three' is no number" in result.stderr
    assert "column date holds int64, not dates" in result.stderr


def test_a_fault_in_a_long_file_names_the_symbol(ingest: Ingest, frame: Frame, csv: Csv) -> None:
    table = pd.concat([frame().assign(symbol="MSFT"), _with("Open", "x")(frame()).assign(symbol="SPY")])
    result = ingest("files", csv("all.csv", table))
    assert "column open, row 7, symbol 'SPY', 2020-01-03: 'x' is no number" in result.stderr


@pytest.mark.parametrize("name", ["..%2Fx.csv", "a';--.csv", "EURUSD=X.csv", "BTC-USD.parquet"])
def test_file_names_that_are_no_symbol(
    name: str, ingest: Ingest, house: Path, frame: Frame, tmp_path: Path
) -> None:
    path = tmp_path / name
    frame().to_parquet(path) if name.endswith("parquet") else frame().to_csv(path)
    result = ingest("files", path)
    assert result.exit_code == 1
    assert "is no symbol" in result.stderr or "does not trade on the XNYS" in result.stderr
    assert not house.exists()


def test_missing_and_unknown_files(ingest: Ingest, query: Query, frame: Frame, csv: Csv) -> None:
    good = csv("SPY.csv", frame())
    result = ingest("files", good.parent / "AAPL.csv", good, csv("notes.txt", frame()))
    assert result.exit_code == 1
    assert "AAPL.csv: no such file" in result.stderr
    assert "notes.txt: the name ends in none of" in result.stderr
    assert query("select distinct symbol from raw.bars") == [("SPY",)], "the others go on"


def test_what_trades_every_day_is_refused_by_its_dates(
    ingest: Ingest, house: Path, frame: Frame, csv: Csv
) -> None:
    daily = frame(14).assign(Date=pd.date_range("2020-01-02", periods=14).strftime("%Y-%m-%d"))
    result = ingest("files", csv("BTC.csv", daily))
    assert result.exit_code == 1
    assert "BTC does not trade on the XNYS" in result.stderr
    assert "4 of its 14 bars, first 2020-01-04" in result.stderr
    assert not house.exists()


ROW_FAULTS = {
    "negative price": _with("Close", -5.0),
    "zero price": _with("Close", 0.0),
    "infinite price": _with("Close", "inf"),
    "missing price": _with("Adj Close", ""),
    "missing price in words": _with("Adj Close", "null"),
    "missing volume": _with("Volume", ""),
    "no session": _with("Date", "2020-01-04"),
    "conflicting duplicate": _with("Date", "2020-01-02"),
    "out of order": lambda table: table[::-1],
    "gap": lambda table: table.drop(index=2),
    "high below low": _with("High", 1.0),
}


@pytest.mark.parametrize("change", ROW_FAULTS.values(), ids=ROW_FAULTS)
def test_faults_of_single_rows_land_as_they_came(
    change: Callable, ingest: Ingest, query: Query, frame: Frame, csv: Csv
) -> None:
    table = change(frame())
    result = ingest("files", csv("SPY.csv", table))
    assert result.exit_code == 0, result.output
    landed = query("select session_date::varchar, close, adj_close, volume from raw.bars order by row_number")
    wanted = table.replace(["", "null"], None)
    assert landed == [
        (day, float(close), None if pd.isna(adj) else adj, None if pd.isna(volume) else int(volume))
        for day, close, adj, volume in zip(
            wanted["Date"], wanted["Close"], wanted["Adj Close"], wanted["Volume"], strict=True
        )
    ]


def test_identical_duplicate_rows_are_kept_once_with_a_note(
    ingest: Ingest, query: Query, frame: Frame, csv: Csv
) -> None:
    table = frame()
    first = ingest("files", csv("SPY.csv", pd.concat([table, table.tail(2)])))
    assert first.exit_code == 0
    assert "2 identical duplicate rows kept once" in first.stdout
    assert query("select count(*), max(row_number) from raw.bars") == [(5, 5)]
    assert "unchanged" in ingest("files", csv("SPY.csv", table)).stdout


def test_numbers_keep_every_bit(ingest: Ingest, query: Query, frame: Frame, csv: Csv) -> None:
    values = [0.1 + 0.2, 1 / 3, 5e-324, 1.7976931348623157e308, -0.0]
    assert ingest("files", csv("SPY.csv", frame().assign(Close=[repr(v) for v in values]))).exit_code == 0
    landed = [close for (close,) in query("select close from raw.bars order by row_number")]
    assert [value.hex() for value in landed] == [value.hex() for value in values]


def test_whole_numbers_beyond_doubles_keep_every_digit(
    ingest: Ingest, query: Query, frame: Frame, csv: Csv
) -> None:
    assert ingest("files", csv("SPY.csv", _with("Volume", 2**53 + 1)(frame()))).exit_code == 0
    assert query("select max(volume) from raw.bars") == [(2**53 + 1,)]


def test_a_refused_input_leaves_warehouse_and_landing_as_they_were(
    ingest: Ingest, house: Path, frame: Frame, csv: Csv
) -> None:
    assert ingest("files", csv("SPY.csv", frame())).exit_code == 0

    def state() -> dict[Path, str]:
        return {
            path: hashlib.sha256(path.read_bytes()).hexdigest() for path in house.rglob("*") if path.is_file()
        }

    before = state()
    assert ingest("files", csv("SPY.csv", _with("Close", "x")(frame()))).exit_code == 1
    assert state() == before


def test_a_time_zone_that_nobody_knows_refuses_its_file_alone(
    ingest: Callable, query: Callable, tmp_path: Path, frame: Callable
) -> None:
    odd = pa.Table.from_pandas(frame(), preserve_index=False)
    days = pa.array(pd.to_datetime(frame()["Date"]).astype("datetime64[s]"))
    odd = odd.set_column(0, "Date", days.cast(pa.timestamp("s", "Foo/Bar")))
    pyarrow.parquet.write_table(odd, tmp_path / "ODD.parquet")
    frame().to_csv(tmp_path / "SPY.csv", index=False)
    result = ingest("files", tmp_path / "ODD.parquet", tmp_path / "SPY.csv")
    assert result.exit_code == 1
    assert "ODD.parquet: a value cannot be converted" in " ".join(result.stderr.split())
    assert query("select distinct symbol from raw.bars") == [("SPY",)]
