"""What shocks of the bars are made of (docs/robustness.md).

Returns are changed and prices compounded from them again, so that every feature sees the shock; a shock
of size zero returns the very same numbers.
"""

import numpy as np

from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.types import Bools, Floats

LOWEST_RETURN = -0.95  # no shock makes a price negative; a bar that lost more by itself stands


def with_returns(market: Market, shocked: Floats) -> Panel:
    """Return the panel whose returns are `shocked`, (sessions, assets), and whose first prices stand."""
    lowest = np.minimum(market.ret, LOWEST_RETURN)
    ratio = (1.0 + np.maximum(shocked, lowest)) / (1.0 + market.ret)
    return market.panel._replace(price=market.panel.price * np.cumprod(ratio, axis=0))


def resample(market: Market, source: np.ndarray) -> Panel:
    """Let session t have the returns and volumes of session ``source[t]``, all assets together.

    An asset trades when it did; where it has no return in the source, it does not move.
    """
    panel, known = market.panel, has_return(market)
    drawn = np.where(known[source], market.ret[source], 0.0)
    drawn = np.where(known, drawn, 0.0)
    first = np.nanmax(np.where(panel.is_live & ~known, panel.price, np.nan), axis=0)
    price = np.where(panel.is_live, first * np.cumprod(1.0 + drawn, axis=0), np.nan)
    volume = np.where(known[source] & np.isfinite(panel.volume[source]), panel.volume[source], panel.volume)
    return panel._replace(
        price=price,
        volume=np.where(panel.is_live, volume, np.nan),
        is_filled=panel.is_live & known & known[source] & panel.is_filled[source],
    )


def has_return(market: Market) -> Bools:
    """Return where an asset has a session before this one, (sessions, assets)."""
    return market.age("continuous") > 1


def mean_known(values: Floats, known: Bools) -> Floats:
    """Return the mean of each asset's known values, (assets,)."""
    return np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
