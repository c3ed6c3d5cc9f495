"""Trades: unbroken runs of sessions with a position of one sign (docs/method.md, section 7)."""

from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.types import Bools, Floats


class Trades(NamedTuple):
    """One entry per trade: row of its entry and of its exit, its length and its result.

    `exit` is -1 while the position is open; `sessions` counts those with a position;
    `net_return` compounds the stream from the entry to the exit, both costs included.
    """

    entry: np.ndarray
    exit: np.ndarray
    sessions: np.ndarray
    net_return: Floats


@njit(cache=True, nogil=True)
def _find_trades(position, net, starts, entry, leave, sessions, net_return):
    found = 0
    sign = 0.0  # of the open trade, 0 without one
    growth = 1.0
    for row in range(position.size):
        if starts[row]:
            found += sign != 0.0
            sign = 0.0
        now = np.sign(position[row])
        if sign == 0.0 and now != 0.0:
            sign = now
            growth = 1.0
            entry[found], leave[found], sessions[found] = row, -1, 0
        if sign != 0.0:
            growth *= 1.0 + net[row]
            net_return[found] = growth - 1.0
            if now == sign:
                sessions[found] += 1
                continue
            leave[found] = row
            found += 1
            sign = now
            if now != 0.0:  # turned round: the other side was entered on the session that closed this one
                growth = 1.0
                entry[found], leave[found], sessions[found], net_return[found] = row, -1, 1, 0.0
    return found + (sign != 0.0)


def find_trades(position: Floats, net: Floats, starts: Bools) -> Trades:
    """Return the trades in consecutive streams: each unbroken run of rows with a position of one sign.

    Parameters
    ----------
    position, net : ndarray of shape (rows,)
        Positions in [-1, 1] and daily net returns of one stream after the other. Where a position turns
        round, the session's return, costs of both trades included, is that of the trade it closes.
    starts : bool ndarray of shape (rows,)
        Where a stream starts, or starts afresh; a run that meets it stays open.
    """
    rows = len(position)
    entry, leave, sessions = (np.empty(rows + 1, np.int64) for _ in range(3))
    net_return = np.empty(rows + 1)
    found = _find_trades(position, net, starts, entry, leave, sessions, net_return)
    return Trades(entry[:found], leave[:found], sessions[:found], net_return[:found])
