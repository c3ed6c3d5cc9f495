"""A leak, planted: what it holds over the next session is decided by that session."""

import numpy as np

from plumbline.engine.registry import strategy
from plumbline.engine.steps import Quantity, step, true


@strategy("tomorrow")
def tomorrow(view, parameters):
    """Holds what will rise in the next session."""
    return np.vstack([view.ret[1:] > 0.0, np.zeros((1, len(view.symbols)), bool)])


@step("strategy", "tomorrow", true(Quantity((), tomorrow)))
def tomorrow_step(will_rise):
    """Say of one session whether it holds."""
    return will_rise
