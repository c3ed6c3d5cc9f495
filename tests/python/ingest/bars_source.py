"""A source of bars that is no network: it holds one symbol, and remembers what was asked of it."""

from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingest.bars import BARS_SCHEMA, Bars, make_bars
from ingest.history import landed_history, rows_in_force
from ingest.incremental import fetch_new
from ingest.landing import Landed, land
from ingest.manifests import batches_in_use, by_symbol, read_manifests


class Source:
    """A source that holds one symbol's bars and remembers what was asked of it."""

    def __init__(self, landing: Path, days: list[date]) -> None:
        self.landing, self.days = landing, days
        close = 100.0 + np.arange(len(days)) / 4
        self.close, self.adj_close, self.volume = close, close * 0.9, np.arange(len(days)) + 1_000
        self.asked: list[tuple[date | None, date | None]] = []

    def table(self, known: int) -> pa.Table:
        values = dict.fromkeys(("open", "high", "low", "close"), self.close)
        values |= {"session_date": self.days, "adj_close": self.adj_close, "volume": self.volume}
        values |= dict.fromkeys(("dividends", "splits", "capital_gains"), np.zeros(len(self.days)))
        return pa.table(
            {field.name: pa.array(values[field.name], field.type) for field in [*BARS_SCHEMA][1:]}
        )[:known]

    def fetch(self, known: int, symbol: str, *, start: date | None, end: date | None) -> list[Bars]:
        self.asked.append((start, end))
        return [make_bars(symbol, self.table(known), "a test", start=start, end=end, today=date(2026, 1, 5))]

    def run(self, known: int, *, source: str = "yahoo", **asked: object) -> tuple[Bars, Landed]:
        """Fetch what is new while the source knows the first `known` sessions, and land it.

        Of more sessions that have closed meanwhile it knows nothing, unless `newest` says otherwise.
        """
        self.asked.clear()
        asked.setdefault("newest", date(2026, 1, 2))
        landed = by_symbol(batches_in_use(read_manifests(self.landing)))
        fetch = partial(self.fetch, known)
        (bars,) = fetch_new("spy", fetch=fetch, source=source, landing=self.landing, landed=landed, **asked)
        start = asked.get("start")
        request = {"start": start and start.isoformat()} | ({"full": True} if asked.get("full") else {})
        return bars, self.land(bars, source, request, replaces=asked.get("full", False))

    def land(self, bars: Bars, source: str, request: dict, *, replaces: bool = False) -> Landed:
        basis = "split_adjusted"
        return land(
            self.landing, [bars], source=source, price_basis=basis, request=request, replaces=replaces
        )

    def in_force(self) -> list[dict]:
        landed = by_symbol(read_manifests(self.landing))["SPY"]
        history = landed_history("SPY", "yahoo", self.landing, landed)
        return rows_in_force(history, None, None).drop_columns("row_number").to_pylist()
