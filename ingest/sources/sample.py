"""Bars from the sample that comes with the project; `ingest/sample/PROVENANCE.md` says from where."""

from datetime import date
from importlib import resources

import pyarrow.parquet

from ingest.bars import Bars, make_bars
from ingest.symbols import file_name

SYMBOLS = ("AAPL", "MSFT", "^GSPC")

# Open, high, low and close of the shares are as traded; an index has no splits.
PRICE_BASIS = "raw"


def read_sample(
    symbol: str, *, start: date | None = None, end: date | None = None, today: date
) -> list[Bars]:
    """Return the sample's bars of one of `SYMBOLS`, cut to `start` and `end`, both included."""
    with resources.as_file(resources.files("ingest") / "sample" / file_name(symbol)) as path:
        table = pyarrow.parquet.read_table(path)
    return [make_bars(symbol, table, "the sample", start=start, end=end, today=today)]
