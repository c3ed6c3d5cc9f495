"""Asking a source only for what is new, and for everything again where its prices stand on another basis."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingest import calendar
from ingest.bars import Bars
from ingest.errors import DelistedError, InputError, NoBarsError
from ingest.history import History, are_the_same, landed_history, rows_in_force
from ingest.left_behind import row_of_ended
from ingest.load import DamagedLandingError
from ingest.manifests import LandedBars
from ingest.summary import counted
from ingest.symbols import validate_symbol

# What is asked for again before the last landed session, to compare with.
OVERLAP_SESSIONS = 10

# Relative changes that mean another basis: a dividend or split moves adj_close/close, a split the close.
_MAX_FACTOR_CHANGE = 1e-7
_MAX_CLOSE_CHANGE = 1e-5

Fetch = Callable[..., list[Bars]]


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
        again at all: the range then reaches over all of it. What a range with `full` has left out before
        its start is not asked for again without `full`.
    full
        Read the range as it is, whatever has landed: what comes is to replace it.

    Raises
    ------
    InputError
        `fetch` refuses the symbol, or a landed file that is needed to compare with is damaged.
    NoBarsError
        It has no bars; where some have landed, the message says how to say that the symbol has ended.
    DelistedError
        It says that the symbol, of which some have landed from there, was delisted.
    """
    symbol = validate_symbol(text)
    history = landed_history(symbol, source, landing, landed.get(symbol, []))
    if history is None:
        try:
            return fetch(symbol, start=start, end=end)
        except DelistedError as error:  # or misspelt: it says so of whatever it does not know
            raise NoBarsError(str(error)) from error
    try:
        if full:
            return fetch(symbol, start=start, end=end)
        if history.begins is not None and start is not None:
            start = max(start, history.begins)
        if start is not None and start < history.asked_from:
            return [_all(fetch, history, start, end)]
        if history.last >= (newest if end is None else min(newest, end)):
            return [_landed_already(history, start, end)]
        return [_new(fetch, history, start, end)]
    except DelistedError as error:
        raise DelistedError(
            f"{error}; it has landed up to {history.last}, and counts as ended there until new bars land"
        ) from error
    except NoBarsError as error:
        raise NoBarsError(
            f"{error}; if it has ended, add to seeds/ended_symbols.csv the row "
            f"{row_of_ended(symbol, history.last, 'no bars any more')}"
        ) from error
    except DamagedLandingError as error:
        raise InputError(f"{symbol} cannot be compared with what has landed: {error}") from error


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


def _compared(bars: Bars, landed: pa.Table, note: str = "") -> Bars:
    notes = (note, *bars.notes) if note else bars.notes
    return bars._replace(notes=notes, is_in_force=are_the_same(bars.table, landed))
