"""The rule, but cash in a hostile regime (docs/method.md, alternatives)."""

import numpy as np

from plumbline.components.allocators.rule import (
    CONDITIONS,
    DOWN,
    RULE,
    SLOW_WINDOW,
    UP,
    VOLATILITY_WINDOW,
    rule,
    rule_step,
)
from plumbline.engine.allocator import CASH, Leg
from plumbline.engine.registry import Parameter, Values, allocator
from plumbline.engine.steps import above, below, momentum, step, volatility
from plumbline.engine.view import View

VOLATILITY = Parameter(
    "gate_vol20_max",
    0.40,
    unit="annual fraction",
    meaning="A rise is followed below this volatility only.",
)
MOMENTUM = Parameter(
    "gate_mom60_min",
    -0.10,
    unit="fraction",
    meaning="A fall is followed above this slow momentum only.",
)


@allocator("gated", *RULE, VOLATILITY, MOMENTUM)
def gated(view: View, parameters: Values, legs: tuple[Leg, ...]) -> np.ndarray:
    """Follows the rule, but not up in high volatility, nor down in a fall of more than 10 % over 60 sessions.

    Cash where ``up`` and not ``volatility(20) < gate_vol20_max``, or ``down`` and not
    ``momentum(60) > gate_mom60_min``.
    """
    named = rule(view, parameters, legs)
    is_calm = view.volatility(parameters.rule_volatility_window) < parameters.gate_vol20_max
    is_shallow = view.momentum(parameters.rule_slow_window) > parameters.gate_mom60_min
    return np.where(((named == UP) & ~is_calm) | ((named == DOWN) & ~is_shallow), CASH, named)


@step(
    "allocator",
    "gated",
    *CONDITIONS,
    below(volatility(VOLATILITY_WINDOW), VOLATILITY),
    above(momentum(SLOW_WINDOW), MOMENTUM),
)
def gated_step(
    has_slow,
    has_fast,
    has_drawdown,
    has_volatility,
    is_high,
    is_rising,
    is_falling,
    is_deep,
    is_calm,
    may_rise,
    may_fall,
):
    """Say of one session whether it follows `up`, and whether `down`."""
    is_up, is_down = rule_step(
        has_slow, has_fast, has_drawdown, has_volatility, is_high, is_rising, is_falling, is_deep, is_calm
    )
    return is_up & may_rise, is_down & may_fall
