"""What has landed of one symbol from one source and is still in force."""

from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from ingest.bars import BARS_SCHEMA, between, content_sha256
from ingest.load import read_verified
from ingest.manifests import LandedBars, LandedSymbol, in_force
from ingest.symbols import file_name


class History(NamedTuple):
    """The batches of one symbol from one source, without those that a later one of them replaces.

    `files` are the landed file and manifest entry of each batch, oldest first; `asked_from` is the earliest
    start that was ever asked for, at most the first landed session. `begins` is the start that the replacing
    batch was asked for with: what lies before it has been left out on purpose.
    """

    symbol: str
    files: list[tuple[Path, LandedSymbol]]
    first: date
    last: date
    asked_from: date
    begins: date | None


def landed_history(symbol: str, source: str, landing: Path, landed: list[LandedBars]) -> History | None:
    """Return what is in force of `symbol`, None where its newest batch is not of `source`."""
    if not landed or landed[-1].manifest["source"] != source:
        return None
    kept = in_force(landed)
    asked: list[date] = []
    begins = previous = None
    for manifest, _ in landed[landed.index(kept[0]) :]:
        if manifest["source"] == source:
            start = manifest["request"].get("start")
            if start is not None:
                asked.append(date.fromisoformat(start))
            elif previous != source or manifest["request"].get("full"):
                asked.append(date.min)
            if manifest.get("replaces"):
                begins = start and date.fromisoformat(start)
        previous = manifest["source"]
    first = date.fromisoformat(min(entry["first_session"] for _, entry in kept))
    return History(
        symbol,
        [(landing / manifest["batch_id"] / file_name(symbol), entry) for manifest, entry in kept],
        first,
        date.fromisoformat(max(entry["last_session"] for _, entry in kept)),
        asked_from=min([first, *asked]),
        begins=begins,
    )


def rows_in_force(history: History, start: date | None, end: date | None) -> pa.Table:
    """Return the landed rows of these sessions that count, those of the newest batch of each, by session.

    Raises
    ------
    DamagedLandingError
        A landed file is not what its manifest says.
    """
    tables = [BARS_SCHEMA.empty_table()]
    seen = np.array([], dtype="datetime64[D]")
    for path, entry in reversed(history.files):
        too_old = start is not None and entry["last_session"] < start.isoformat()
        too_new = end is not None and entry["first_session"] > end.isoformat()
        if too_old or too_new:
            continue
        rows = between(read_verified(path, entry["sha256"]), start, end)
        dates = rows["session_date"].to_numpy()
        tables.append(rows.filter(pa.array(~np.isin(dates, seen))))
        seen = np.union1d(seen, dates)
    return _in_order(pa.concat_tables(tables))


def are_the_same(bars: pa.Table, landed: pa.Table) -> bool:
    """Return whether two tables of bars hold the same rows, in whatever order."""
    return content_sha256(_in_order(bars)) == content_sha256(_in_order(landed))


def _in_order(table: pa.Table) -> pa.Table:
    """Return `table` by session, then by its other values, numbered anew."""
    by_value = table.drop_columns("row_number").sort_by(
        [(name, "ascending") for name in BARS_SCHEMA.names[1:]]
    )
    numbers = pa.array(np.arange(1, table.num_rows + 1))
    return by_value.add_column(0, BARS_SCHEMA.field("row_number"), numbers)
