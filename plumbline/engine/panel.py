"""Long tables to arrays of shape (sessions, assets), and back (docs/method.md, section 8)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit

from plumbline.engine.types import Bools, Floats, Ints


class Panel(NamedTuple):
    """Aligned daily bars of all assets.

    `sessions` holds every exchange session from the first bar to the last, ascending, as
    datetime64[D]; `symbols` are ascending. Arrays are of shape (sessions, assets): `price`
    (adjusted close) and `volume` (in shares of one basis), NaN where an asset has no row; `is_live`
    where it has one, which is one unbroken run an asset; `is_filled` where that row only carries the
    last price.
    """

    sessions: np.ndarray
    symbols: tuple[str, ...]
    price: Floats
    volume: Floats
    is_live: Bools
    is_filled: Bools


class Index(NamedTuple):
    """Where the rows of a long table stand in arrays of shape (sessions, assets)."""

    row: np.ndarray
    column: np.ndarray
    shape: tuple[int, int]


def index_rows(table: pa.Table, sessions: np.ndarray, symbols: Sequence[str]) -> Index:
    """Find session and asset of each row of `table` (columns `session_date`, `symbol`).

    Raises
    ------
    ValueError
        A row stands on a date that is no session of the panel.
    """
    dates = pc.cast(table["session_date"], pa.date32()).to_numpy().astype("datetime64[D]")
    column = pc.index_in(table["symbol"], value_set=pa.array(symbols, pa.string()))
    row = np.searchsorted(sessions, dates)
    is_session = row < len(sessions)
    is_session[is_session] = sessions[row[is_session]] == dates[is_session]
    off = np.flatnonzero(~is_session)
    if len(off):
        raise ValueError(f"{table['symbol'][off[0]]} {dates[off[0]]}: no session of the panel")
    return Index(row, column.to_numpy(), (len(sessions), len(symbols)))


def spread(values: pa.ChunkedArray, index: Index, empty: float | bool | int = np.nan) -> np.ndarray:
    """Return a column as an array of shape (sessions, assets), `empty` where there is no row."""
    out = np.full(index.shape, empty)
    out[index.row, index.column] = values.to_numpy()
    return out


def make_panel(bars: pa.Table, sessions: pa.Table) -> Panel:
    """Pivot aligned bars.

    Parameters
    ----------
    bars
        Columns `symbol`, `session_date`, `adj_close`, `share_volume`, `is_filled`; any row order.
    sessions
        Column `session_date`: every session from the first bar to the last.
    """
    dates = np.sort(pc.cast(sessions["session_date"], pa.date32()).to_numpy().astype("datetime64[D]"))
    symbols = tuple(sorted(pc.unique(bars["symbol"]).to_pylist()))
    index = index_rows(bars, dates, symbols)
    return Panel(
        sessions=dates,
        symbols=symbols,
        price=spread(pc.cast(bars["adj_close"], pa.float64()), index),
        volume=spread(pc.cast(bars["share_volume"], pa.float64()), index),
        is_live=spread(pa.chunked_array([pa.repeat(True, len(bars))]), index, False),
        is_filled=spread(bars["is_filled"], index, False),
    )


def take_assets(panel: Panel, kept: np.ndarray) -> Panel:
    """Return the panel of some assets; `kept` is a mask of shape (assets,)."""
    # Numpy picks columns into another layout, for which every kernel would be compiled once more.
    arrays = (np.ascontiguousarray(values[:, kept]) for values in panel[2:])
    return Panel(panel.sessions, tuple(np.array(panel.symbols, dtype=object)[kept]), *arrays)


def since(panel: Panel, first: int) -> Panel:
    """Return the panel of the bars from session number `first` on, of the assets that have any.

    Nothing is carried from before: an asset starts with the first bar of its own.
    """
    price, volume, is_live, is_filled = (values[first:] for values in panel[2:])
    has_begun = np.logical_or.accumulate(is_live & ~is_filled, axis=0)
    later = Panel(
        sessions=panel.sessions[first:],
        symbols=panel.symbols,
        price=np.where(has_begun, price, np.nan),
        volume=np.where(has_begun, volume, np.nan),
        is_live=is_live & has_begun,
        is_filled=is_filled & has_begun,
    )
    return take_assets(later, has_begun.any(axis=0))


def melt(panel: Panel, rows: Bools, columns: Mapping[str, np.ndarray]) -> pa.Table:
    """Return arrays as a long table of symbol, session_date and `columns`.

    Parameters
    ----------
    panel
        Gives sessions and symbols.
    rows : ndarray of shape (sessions, assets)
        Which cells become rows, ordered by symbol, then session.
    columns
        Arrays of that shape by name. NaN becomes NULL.
    """
    asset, session = np.nonzero(rows.T)
    symbols = pa.array(panel.symbols, pa.string())
    data = {
        "symbol": symbols.take(pa.array(asset)),
        "session_date": pa.array(panel.sessions[session], pa.date32()),
    }
    data |= {name: pa.array(values.T[rows.T], from_pandas=True) for name, values in columns.items()}
    return pa.table(data)


def melt_sessions(panel: Panel, rows: Bools, columns: Mapping[str, Floats]) -> pa.Table:
    """Return arrays of shape (sessions,) as a table of session_date and `columns`, where `rows`."""
    data = {"session_date": pa.array(panel.sessions[rows], pa.date32())}
    data |= {name: pa.array(values[rows], from_pandas=True) for name, values in columns.items()}
    return pa.table(data)


@njit(cache=True, nogil=True)
def _ages(is_live, may_begin, start, first, out):
    for t in range(out.shape[0]):
        now, since = np.int32(t), start[t]
        for i in range(out.shape[1]):
            first[i] = now if may_begin[t, i] & (first[i] > now) else first[i]
            age = max(now + np.int32(1) - max(since, first[i]), 0)
            out[t, i] = age if is_live[t, i] else 0


def ages(is_live: Bools, start: Ints | int = 0, may_begin: Bools | None = None) -> Ints:
    """Count each asset's sessions since a start.

    Parameters
    ----------
    is_live : ndarray of shape (sessions, assets)
        Where the asset has a row.
    start : int or integer ndarray of shape (sessions,)
        Index of the first session that counts at t; the one on which the asset begins, if that is later.
    may_begin : ndarray of shape (sessions, assets)
        Where an asset can begin; wherever it has a row, if not given.

    Returns
    -------
    ndarray of shape (sessions, assets)
        1 on the first session, 0 before it and where the asset has no row.
    """
    sessions, assets = is_live.shape
    since, first = np.full(sessions, start, np.int32), np.full(assets, sessions, np.int32)
    out = np.empty(is_live.shape, np.int32)
    _ages(is_live, is_live if may_begin is None else may_begin, since, first, out)
    return out
