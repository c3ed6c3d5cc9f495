"""Asking a source only for what is new, and for everything again where its prices stand on another basis."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from ingest import calendar
from ingest.bars import BARS_SCHEMA, Bars, between, content_sha256
from ingest.errors import InputError
from ingest.load import DamagedLandingError, read_verified
from ingest.manifests import LandedBars, LandedSymbol
from ingest.summary import counted
from ingest.symbols import file_name, validate_symbol

# What is asked for again before the last landed session, to compare with.
OVERLAP_SESSIONS = 10

# Relative changes that mean another basis: a dividend or split moves adj_close/close, a split the close.
_MAX_FACTOR_CHANGE = 1e-7
_MAX_CLOSE_CHANGE = 1e-5

Fetch = Callable[..., list[Bars]]


class History(NamedTuple):
    """What has landed of one symbol from one source.

    `files` are the landed file and manifest entry of each batch, oldest first; `asked_from` is the earliest
    start that was ever asked for, at most the first landed session.
    """

    symbol: str
    files: list[tuple[Path, LandedSymbol]]
    first: date
    last: date
    asked_from: date


def fetch_new(
    text: str,
    *,
    fetch: Fetch,
    source: str,
    landing: Path,
    landed: dict[str, list[LandedBars]],
    newest: date,
    start: date | None = None,
    end: date | None = None,
    full: bool = False,
) -> list[Bars]:
    """Return what `source` has of one symbol beyond what has landed, with an overlap before it.

    Nothing is asked for where the newest session has landed: a bar lands only once its session has closed,
    so that nothing new can come before the next one does. Where the overlap disagrees with the landed rows,
    everything is read again from the first landed session, so that no return is ever computed across two
    bases. A symbol whose newest batch is of another source is read whole, as is one of which something
    earlier than ever is asked for.

    Parameters
    ----------
    text
        The symbol.
    fetch
        What asks the source, called as ``fetch(symbol, start=…, end=…)``.
    source
        The source's name in manifests.
    landing, landed
        The landing folder, and where each symbol has landed there in a batch that is in use, oldest first.
    newest
        The newest session that has closed.
    start, end
        First and last session wanted, both included. What has landed is read again whole where it is read
        again at all: the range then reaches over all of it.
    full
        Read the whole range again, also what has landed.

    Raises
    ------
    InputError
        `fetch` refuses the symbol, or a landed file that is needed to compare with is damaged.
    """
    symbol = validate_symbol(text)
    history = landed_history(symbol, source, landing, landed.get(symbol, []))
    if history is None:
        return fetch(symbol, start=start, end=end)
    try:
        if full or (start is not None and start < history.asked_from):
            return [_all(fetch, history, start, end)]
        if history.last >= (newest if end is None else min(newest, end)):
            return [_landed_already(history, start, end)]
        return [_new(fetch, history, start, end)]
    except DamagedLandingError as error:
        raise InputError(f"{symbol} cannot be compared with what has landed: {error}") from error


def landed_history(symbol: str, source: str, landing: Path, landed: list[LandedBars]) -> History | None:
    """Return what has landed of `symbol`, None where its newest batch is not of `source`."""
    files: list[tuple[Path, LandedSymbol]] = []
    asked: list[date] = []
    previous = None
    for manifest, entry in landed:
        if manifest["source"] == source:
            files.append((landing / manifest["batch_id"] / file_name(symbol), entry))
            if manifest["request"].get("start") is not None:
                asked.append(date.fromisoformat(manifest["request"]["start"]))
            elif previous != source or manifest["request"].get("full"):
                asked.append(date.min)
        previous = manifest["source"]
    if previous != source:
        return None
    first = date.fromisoformat(min(entry["first_session"] for _, entry in files))
    last = date.fromisoformat(max(entry["last_session"] for _, entry in files))
    return History(symbol, files, first, last, asked_from=min([first, *asked]))


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


def other_basis(new: pa.Table, landed: pa.Table) -> str | None:
    """Return why the returns of `new` and of `landed` must not be joined, None where they may be.

    Sessions that only one of the two has, or that lack a price, say nothing.
    """
    _, here, there = np.intersect1d(
        new["session_date"].to_numpy(), landed["session_date"].to_numpy(), return_indices=True
    )
    close, landed_close = new["close"].to_numpy()[here], landed["close"].to_numpy()[there]
    adjusted, landed_adjusted = new["adj_close"].to_numpy()[here], landed["adj_close"].to_numpy()[there]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        close_change = close / landed_close - 1
        factor_change = (adjusted / close) / (landed_adjusted / landed_close) - 1
    comparable = np.isfinite(close_change) & np.isfinite(factor_change)
    if not comparable.any():
        return "no landed session to compare with"
    changed = (abs(factor_change) > _MAX_FACTOR_CHANGE) | (abs(close_change) > _MAX_CLOSE_CHANGE)
    return "adjustment changed" if changed[comparable].any() else None


def _new(fetch: Fetch, history: History, start: date | None, end: date | None) -> Bars:
    begin = max(history.first, calendar.sessions_before(history.last, OVERLAP_SESSIONS))
    (bars,) = fetch(history.symbol, start=begin, end=end)
    landed = rows_in_force(history, begin, end)
    if reason := other_basis(bars.table, landed):
        again = partial(_all, fetch, history, history.first if start is None else start, end)
        return again(note=f"re-read: {reason}")
    new = len(np.setdiff1d(bars.table["session_date"].to_numpy(), landed["session_date"].to_numpy()))
    note = f"{counted(new, 'new session')}, after an overlap from {begin}" if new else "no new session"
    return _compared(bars, landed, note)


def _all(fetch: Fetch, history: History, start: date | None, end: date | None, note: str = "") -> Bars:
    # All that has landed, whatever was asked for: rows left out would stay on the basis of their own batch.
    start = None if start is None else min(start, history.first)
    end = None if end is None else max(end, history.last)
    (bars,) = fetch(history.symbol, start=start, end=end)
    return _compared(bars, rows_in_force(history, start, end), note)


def _landed_already(history: History, start: date | None, end: date | None) -> Bars:
    landed = rows_in_force(history, start, end)
    if landed.num_rows == 0:
        raise InputError(
            f"{history.symbol}: it has landed from {history.first} to {history.last}, with no bars from "
            f"{start or 'the first'} to {end or 'the last'}; ask for other days, or again with --full"
        )
    return Bars(history.symbol, landed, ("landed before, not asked for again",), is_in_force=True)


def _compared(bars: Bars, landed: pa.Table, note: str) -> Bars:
    same = content_sha256(_in_order(bars.table)) == content_sha256(landed)
    return bars._replace(notes=(*([note] if note else []), *bars.notes), is_in_force=same)


def _in_order(table: pa.Table) -> pa.Table:
    """Return `table` by session, then by its other values, numbered anew."""
    by_value = table.drop_columns("row_number").sort_by(
        [(name, "ascending") for name in BARS_SCHEMA.names[1:]]
    )
    numbers = pa.array(np.arange(1, table.num_rows + 1))
    return by_value.add_column(0, BARS_SCHEMA.field("row_number"), numbers)
