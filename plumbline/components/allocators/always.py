"""One strategy, always (docs/method.md, alternatives)."""

import numpy as np

from plumbline.engine.allocator import Leg
from plumbline.engine.registry import Parameter, Values, allocator
from plumbline.engine.steps import Quantity, step, true
from plumbline.engine.view import View


@allocator("always", Parameter("follows", "trend", of="strategy", meaning="The strategy that is followed."))
def always(view: View, parameters: Values, legs: tuple[Leg, ...]) -> np.ndarray:
    """Follows one strategy on every session of every asset."""
    return np.ones(view.ret.shape, np.int8)


EVERYWHERE = Quantity((), lambda view, parameters: np.ones(view.ret.shape, bool))


@step("allocator", "always", true(EVERYWHERE))
def always_step(is_here):
    """Say of one session that it follows the strategy."""
    return (is_here,)
