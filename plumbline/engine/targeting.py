"""The leverage that brings recent volatility to a target (docs/method.md, section 6)."""

from math import sqrt

import numpy as np

from plumbline.engine.features import SESSIONS_PER_YEAR
from plumbline.engine.types import Floats, Ints
from plumbline.engine.variants import Variant
from plumbline.engine.windows import rolling_std


def target_leverage(returns: Floats, age: Ints, variant: Variant) -> Floats:
    """Return the leverage that brings recent volatility to the target.

    Parameters
    ----------
    returns : ndarray of shape (sessions, assets) or (sessions,)
    age : integer ndarray of the same shape
        Observations at hand.
    variant
        Gives `target_volatility` (annual), `max_leverage` and `vol_window`.

    Returns
    -------
    ndarray of the same shape
        0 before the window is full, `max_leverage` where nothing moved in it.
    """
    volatility = rolling_std(returns, age, variant.vol_window)
    daily_target = variant.target_volatility / sqrt(SESSIONS_PER_YEAR)
    with np.errstate(divide="ignore"):
        leverage = np.minimum(variant.max_leverage, daily_target / volatility)
    return np.where(age < variant.vol_window, 0.0, leverage)
