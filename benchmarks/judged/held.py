"""What is held throughout: everything, or one asset."""

import numpy as np

from plumbline.engine.registry import Parameter, strategy
from plumbline.engine.steps import Quantity, step, true

ASSET = Parameter("held_asset", "^GSPC", of="symbol", meaning="The asset that is held.")


@strategy("everything")
def everything(view, parameters):
    """Holds every asset on every session."""
    return np.ones(view.ret.shape)


@strategy("one_asset", ASSET)
def one_asset(view, parameters):
    """Holds one asset on every session, and no other."""
    return (np.array(view.symbols) == parameters.held_asset) & np.ones(view.ret.shape, bool)


@step("strategy", "everything", true(Quantity((), lambda view, parameters: everything(view, parameters) > 0)))
def everything_step(is_held):
    """Say of one session whether it holds."""
    return is_held
