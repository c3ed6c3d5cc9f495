"""The leverage that brings recent volatility to a target (docs/method.md, section 6)."""

from math import sqrt

from numba import njit

from plumbline.engine.features import SESSIONS_PER_YEAR
from plumbline.engine.types import Floats, Ints
from plumbline.engine.variants import Variant
from plumbline.engine.windows import rolling_std


@njit(cache=True, nogil=True, error_model="numpy")
def _lever(values, age, window, target, highest):
    """Turn volatilities, in place, into leverage."""
    for j in range(values.size):
        leverage = target / values[j]
        leverage = highest if leverage > highest else leverage
        values[j] = leverage if age[j] >= window else 0.0


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
    leverage = rolling_std(returns, age, variant.vol_window)
    target = variant.target_volatility / sqrt(SESSIONS_PER_YEAR)
    _lever(leverage.ravel(), age.ravel(), variant.vol_window, target, variant.max_leverage)
    return leverage
