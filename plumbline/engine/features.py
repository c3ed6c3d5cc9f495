"""Features of an asset at the close of a session (docs/method.md, section 2)."""

from math import sqrt
from typing import NamedTuple

import numpy as np

from plumbline.engine.types import Floats, Ints
from plumbline.engine.windows import change, rolling_max, rolling_mean, rolling_std

SESSIONS_PER_YEAR = 252


class Features(NamedTuple):
    """Arrays of shape (sessions, assets); NaN where a window is not full or holds an unknown."""

    ret_1d: Floats
    ret_5d: Floats
    ret_10d: Floats
    ret_20d: Floats
    rvol_10: Floats
    mom_20: Floats
    mom_60: Floats
    vol_20: Floats
    drawdown_60: Floats


def compute_features(price: Floats, volume: Floats, age: Ints) -> Features:
    """Compute every feature.

    Parameters
    ----------
    price, volume : ndarray of shape (sessions, assets)
        Adjusted close and shares traded; NaN where unknown.
    age : integer ndarray of the same shape
        Sessions since history starts, 0 where the asset has no row.
    """
    ret_1d = change(price, age, 1)
    ret_20d = change(price, age, 20)
    mean_volume = rolling_mean(volume, age, 10)
    mean_volume[mean_volume == 0.0] = np.nan
    # The first of 20 returns stands on the second session.
    vol_20 = rolling_std(ret_1d, age - 1, 20) * sqrt(SESSIONS_PER_YEAR)
    return Features(
        ret_1d=ret_1d,
        ret_5d=change(price, age, 5),
        ret_10d=change(price, age, 10),
        ret_20d=ret_20d,
        rvol_10=volume / mean_volume,
        mom_20=ret_20d,
        mom_60=change(price, age, 60),
        vol_20=vol_20,
        drawdown_60=price / rolling_max(price, age, 60) - 1.0,
    )
