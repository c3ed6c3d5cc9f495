"""What shocks of the bars are made of (docs/robustness.md).

Returns are changed and prices compounded from them again, so that every feature sees the shock; a shock
of size zero returns the very same numbers.
"""

import numpy as np
from numba import njit

from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.types import Bools, Floats

LOWEST_RETURN = -0.95  # no shock makes a price negative; a bar that lost more by itself stands


def with_returns(market: Market, shocked: Floats) -> Panel:
    """Return the panel whose returns are `shocked`, (sessions, assets), and whose first prices stand."""
    lowest = np.minimum(market.ret, LOWEST_RETURN)
    ratio = (1.0 + np.maximum(shocked, lowest)) / (1.0 + market.ret)
    return market.panel._replace(price=market.panel.price * np.cumprod(ratio, axis=0))


@njit(cache=True, nogil=True)
def _resample(price, volume, is_live, is_filled, ret, age, source, new_price, new_volume, new_filled):
    first, grown = np.full(price.shape[1], np.nan), np.ones(price.shape[1])
    for t in range(price.shape[0]):
        s = source[t]
        for i in range(price.shape[1]):
            moves, is_known = age[t, i] > 1, age[s, i] > 1
            first[i] = price[t, i] if age[t, i] == 1 else first[i]
            grown[i] *= 1.0 + (ret[s, i] if moves & is_known else 0.0)
            new_price[t, i] = first[i] * grown[i] if is_live[t, i] else np.nan
            traded = volume[s, i] if is_known & np.isfinite(volume[s, i]) else volume[t, i]
            new_volume[t, i] = traded if is_live[t, i] else np.nan
            new_filled[t, i] = is_live[t, i] & moves & is_known & is_filled[s, i]


def resample(market: Market, source: np.ndarray) -> Panel:
    """Let session t have the returns and volumes of session ``source[t]``, all assets together.

    An asset trades when it did; where it has no return in the source, it does not move.
    """
    panel = market.panel
    price, volume, is_filled = (
        np.empty_like(values) for values in (panel.price, panel.volume, panel.is_filled)
    )
    _resample(
        *panel[2:], market.ret, market.age("continuous"), source.astype(np.int64), price, volume, is_filled
    )
    return panel._replace(price=price, volume=volume, is_filled=is_filled)


def end_asset(market: Market, asset: int, session: int, loss: float, carried: int) -> Panel:
    """Let an asset fall by `loss` in a session that is its last: no bar comes after.

    Parameters
    ----------
    market
        Where it lived.
    asset, session : int
        What ends, and when; one that is not live then and the session before stays as it is.
    loss : float
        Return of that session, from -1 (the price is 0) to 0.
    carried : int
        Sessions that the last bar is carried for.
    """
    panel = market.panel
    if session < 1 or not panel.is_live[session - 1 : session + 1, asset].all():
        return panel
    price, volume, is_live, is_filled = (values.copy() for values in panel[2:])
    after, last = slice(session + 1, None), slice(session + 1, session + 1 + carried)
    price[session, asset] = panel.price[session - 1, asset] * (1.0 + loss)
    price[after, asset], volume[after, asset] = np.nan, np.nan
    is_live[after, asset], is_filled[session:, asset] = False, False
    price[last, asset], volume[last, asset] = price[session, asset], 0.0
    is_live[last, asset], is_filled[last, asset] = True, True
    return panel._replace(price=price, volume=volume, is_live=is_live, is_filled=is_filled)


def has_return(market: Market) -> Bools:
    """Return where an asset has a session before this one, (sessions, assets)."""
    return market.age("continuous") > 1


def mean_known(values: Floats, known: Bools) -> Floats:
    """Return the mean of each asset's known values, (assets,)."""
    return np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
