"""Numbers and dates as people write them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import Result

Ingest = Callable[..., Result]
Query = Callable[[str], list[tuple]]
Frame = Callable[..., pd.DataFrame]
Csv = Callable[[str, pd.DataFrame], Path]

# The bars of `frame(3)` as they land.
LANDED = [
    (date(2020, 1, 2), 100.0, 101.0, 99.0, 100.0, 90.0, 1_000_000),
    (date(2020, 1, 3), 100.25, 101.25, 99.25, 100.25, 100.25 * 0.9, 1_000_001),
    (date(2020, 1, 6), 100.5, 101.5, 99.5, 100.5, 100.5 * 0.9, 1_000_002),
]
BARS = "select session_date, open, high, low, close, round(adj_close, 9), volume from raw.bars"


NUMBERS = {
    "decimal commas": (";", ",", "", ""),
    "decimal commas, thousands with points": (";", ",", ".", ""),
    "thousands with commas": ("\t", ".", ",", ""),
    "dollars": ("|", ".", ",", "$"),
    "thousands with blanks": (";", ",", " ", ""),
    "thousands with apostrophes": (",", ".", "'", ""),
}


@pytest.mark.parametrize(("delimiter", "decimal", "thousands", "sign"), NUMBERS.values(), ids=NUMBERS)
def test_numbers_of_other_countries(
    delimiter: str,
    decimal: str,
    thousands: str,
    sign: str,
    ingest: Ingest,
    query: Query,
    frame: Frame,
    tmp_path: Path,
) -> None:
    table = frame(3)
    for name, decimals in {"Open": 2, "High": 2, "Low": 2, "Close": 2, "Adj Close": 3}.items():
        table[name] = [f"{sign}{price:.{decimals}f}".replace(".", decimal) for price in table[name]]
    table["Volume"] = [f"{volume:,}".replace(",", thousands) for volume in table["Volume"]]
    table.to_csv(tmp_path / "SPY.csv", index=False, sep=delimiter)
    result = ingest("files", tmp_path / "SPY.csv")
    assert result.exit_code == 0, result.output
    landed = query(f"{BARS} order by row_number")
    assert landed == [(*row[:5], round(row[5], 3), row[6]) for row in LANDED]


def test_prices_above_a_thousand_in_both_countries(
    ingest: Ingest, query: Query, frame: Frame, tmp_path: Path
) -> None:
    for name, delimiter, cells in (("US.csv", ";", "1,234.56"), ("DE.csv", ";", "1.234,56")):
        table = frame(3).astype(object)
        for column in ("Open", "High", "Low", "Close", "Adj Close"):
            table[column] = cells
        table.to_csv(tmp_path / name, index=False, sep=delimiter)
    assert ingest("files", tmp_path).exit_code == 0
    assert query("select distinct close from raw.bars") == [(1234.56,)]


def test_commas_that_may_be_either_are_refused(
    ingest: Ingest, house: Path, frame: Frame, tmp_path: Path
) -> None:
    table = frame(3).astype(object)
    for column in ("Open", "High", "Low", "Close", "Adj Close"):
        table[column] = "101,125"
    table.to_csv(tmp_path / "SPY.csv", index=False, sep=";")
    assert (
        "column open, row 1, 2020-01-02: '101,125' is no number"
        in ingest("files", tmp_path / "SPY.csv").stderr
    )
    assert not house.exists()


def test_volumes_in_units_and_fractions(ingest: Ingest, query: Query, frame: Frame, csv: Csv) -> None:
    table = frame().assign(Volume=["1.23M", "350K", "2B", "10.5", "11.49"])
    result = ingest("files", csv("SPY.csv", table))
    assert result.exit_code == 0, result.output
    assert "2 volumes rounded to whole shares" in result.stdout
    assert query("select volume from raw.bars order by row_number") == [
        (1_230_000,), (350_000,), (2_000_000_000,), (10,), (11,),
    ]  # fmt: skip


DATES = [
    "%Y-%m-%d",
    "%Y%m%d",
    "%Y/%m/%d",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%m-%d-%Y",
    "%Y-%m-%d 16:00:00",
    "%m/%d/%Y 16:00",
    "%a %d %b %Y",
    "%Y-%m-%dT00:00:00Z",
]


@pytest.mark.parametrize("style", DATES)
def test_dates_in_their_usual_spellings(
    style: str, ingest: Ingest, query: Query, frame: Frame, csv: Csv
) -> None:
    table = frame(12)
    days = pd.to_datetime(table["Date"])
    result = ingest("files", csv("SPY.csv", table.assign(Date=days.dt.strftime(style))))
    assert result.exit_code == 0, result.output
    assert query("select session_date from raw.bars order by row_number") == [(day.date(),) for day in days]


def test_days_and_months_that_nobody_can_tell_apart(
    ingest: Ingest, house: Path, frame: Frame, csv: Csv
) -> None:
    days = pd.to_datetime(frame(5)["Date"])
    line = ingest("files", csv("SPY.csv", frame(5).assign(Date=days.dt.strftime("%d/%m/%Y")))).stderr
    assert "row 1: '02/01/2020' may be day and month or month and day" in line
    assert "write dates as YYYY-MM-DD" in line
    both = [*days[:3].dt.strftime("%d/%m/%Y"), "01/13/2020", "14/01/2020"]
    line = ingest("files", csv("SPY.csv", frame(5).assign(Date=both))).stderr
    assert "is day and month or month and day, and the column has both" in line
    assert not house.exists()
