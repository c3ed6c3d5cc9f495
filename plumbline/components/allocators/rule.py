"""The rule: a strategy by momentum, drawdown and volatility (docs/method.md, section 5)."""

import numpy as np
from numba import njit

from plumbline.engine.allocator import Leg
from plumbline.engine.registry import Parameter, Values, allocator
from plumbline.engine.steps import above, below, drawdown, known, momentum, step, volatility
from plumbline.engine.view import View

UP, DOWN = 1, 2  # choices, in the order of the parameters that name a strategy

FAST_WINDOW = Parameter(
    "rule_fast_window", 20, 1, move="window", unit="sessions", meaning="Window of the fast momentum."
)
SLOW_WINDOW = Parameter(
    "rule_slow_window", 60, 1, move="window", unit="sessions", meaning="Window of the slow momentum."
)
DRAWDOWN_WINDOW = Parameter(
    "rule_drawdown_window", 60, 1, move="window", unit="sessions", meaning="Window of the drawdown."
)
VOLATILITY_WINDOW = Parameter(
    "rule_volatility_window", 20, 2, move="window", unit="sessions", meaning="Window of the volatility."
)
RULE = (
    Parameter("up", "trend", of="strategy", meaning="Strategy to follow in a rise."),
    Parameter("down", "meanrev", of="strategy", meaning="Strategy to follow in a fall that is calm."),
    Parameter(
        "trend_mom60_min",
        0.0,
        move="relative",
        unit="fraction",
        meaning="A rise needs momentum over rule_slow_window sessions above this.",
    ),
    Parameter(
        "trend_mom20_min",
        -0.01,
        move="relative",
        unit="fraction",
        meaning="A rise needs momentum over rule_fast_window sessions above this.",
    ),
    Parameter(
        "meanrev_mom20_max",
        -0.02,
        move="relative",
        unit="fraction",
        meaning="A fall needs momentum over rule_fast_window sessions below this.",
    ),
    Parameter(
        "meanrev_dd60_max",
        -0.03,
        move="relative",
        unit="fraction",
        meaning="A fall needs a drawdown over rule_drawdown_window sessions below this.",
    ),
    Parameter(
        "meanrev_vol20_max",
        0.40,
        move="relative",
        unit="annual fraction",
        meaning="A fall needs a volatility over rule_volatility_window sessions below this.",
    ),
    FAST_WINDOW,
    SLOW_WINDOW,
    DRAWDOWN_WINDOW,
    VOLATILITY_WINDOW,
)


@allocator("rule", *RULE)
def rule(view: View, parameters: Values, legs: tuple[Leg, ...]) -> np.ndarray:
    """Follows `up` while an asset rises, `down` while it falls and is calm, else holds cash.

    ``up`` where ``momentum(60) > trend_mom60_min`` and ``momentum(20) > trend_mom20_min``; else ``down``
    where ``momentum(20) < meanrev_mom20_max``, ``drawdown(60) < meanrev_dd60_max`` and
    ``volatility(20) < meanrev_vol20_max``; cash where any of them is unknown.
    """
    state = np.empty(view.ret.shape, np.int8)
    _name(
        view.momentum(parameters.rule_slow_window).ravel(),
        view.momentum(parameters.rule_fast_window).ravel(),
        view.drawdown(parameters.rule_drawdown_window).ravel(),
        view.volatility(parameters.rule_volatility_window).ravel(),
        parameters.trend_mom60_min,
        parameters.trend_mom20_min,
        parameters.meanrev_mom20_max,
        parameters.meanrev_dd60_max,
        parameters.meanrev_vol20_max,
        state.ravel(),
    )
    return state


LIMIT = {parameter.name: parameter for parameter in RULE}
CONDITIONS = (
    known(momentum(SLOW_WINDOW)),
    known(momentum(FAST_WINDOW)),
    known(drawdown(DRAWDOWN_WINDOW)),
    known(volatility(VOLATILITY_WINDOW)),
    above(momentum(SLOW_WINDOW), LIMIT["trend_mom60_min"]),
    above(momentum(FAST_WINDOW), LIMIT["trend_mom20_min"]),
    below(momentum(FAST_WINDOW), LIMIT["meanrev_mom20_max"]),
    below(drawdown(DRAWDOWN_WINDOW), LIMIT["meanrev_dd60_max"]),
    below(volatility(VOLATILITY_WINDOW), LIMIT["meanrev_vol20_max"]),
)


@step("allocator", "rule", *CONDITIONS)
def rule_step(
    has_slow, has_fast, has_drawdown, has_volatility, is_high, is_rising, is_falling, is_deep, is_calm
):
    """Say of one session whether it follows `up`, and whether `down`."""
    is_known = has_slow & has_fast & has_drawdown & has_volatility
    is_up = is_known & is_high & is_rising
    return is_up, is_known & is_falling & is_deep & is_calm & ~is_up


@njit(cache=True, nogil=True)
def _name(slow, fast, drawdown, volatility, high, rising, falling, deep, calm, state):
    for j in range(state.size):
        is_up, is_down = rule_step(
            np.isfinite(slow[j]),
            np.isfinite(fast[j]),
            np.isfinite(drawdown[j]),
            np.isfinite(volatility[j]),
            slow[j] > high,
            fast[j] > rising,
            fast[j] < falling,
            drawdown[j] < deep,
            volatility[j] < calm,
        )
        state[j] = UP * is_up + DOWN * is_down
