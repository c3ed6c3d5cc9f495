"""The rule, once it has said the same for some sessions (docs/method.md, alternatives)."""

import numpy as np
from numba import njit

from plumbline.components.allocators.rule import CONDITIONS, RULE, rule, rule_step
from plumbline.engine.allocator import CASH, Leg
from plumbline.engine.lanes import select
from plumbline.engine.registry import Parameter, Values, allocator
from plumbline.engine.steps import step
from plumbline.engine.types import Ints
from plumbline.engine.view import View

CONFIRM = Parameter(
    "confirm_sessions",
    3,
    1,
    move="window",
    unit="sessions",
    meaning="Sessions in a row that must name a state to change to it.",
)


@njit(cache=True, nogil=True)
def _confirm(named, age, sessions):
    state = np.full(named.shape, CASH, np.int8)
    for i in range(named.shape[1]):
        held, candidate, seen = CASH, CASH, 0
        for t in range(named.shape[0]):
            if age[t, i] <= 1:
                held, candidate, seen = CASH, CASH, 0
            if age[t, i] == 0:
                continue
            seen = seen + 1 if named[t, i] == candidate else 1
            candidate = named[t, i]
            if seen >= sessions:
                held = candidate
            state[t, i] = held
    return state


def confirmed(named: np.ndarray, age: Ints, sessions: int) -> np.ndarray:
    """Return the state that was last named on `sessions` sessions in a row, cash before.

    Parameters
    ----------
    named : integer ndarray of shape (sessions, assets)
        What the rule says of each close.
    age : integer ndarray of shape (sessions, assets)
        Sessions since the history starts, 0 where the asset has no row.
    sessions : int
        How many in a row.
    """
    return _confirm(named, age, sessions)


@allocator("hysteresis", *RULE, CONFIRM)
def hysteresis(view: View, parameters: Values, legs: tuple[Leg, ...]) -> np.ndarray:
    """Follows the state that the rule named on three sessions in a row; cash before any."""
    return confirmed(rule(view, parameters, legs), view.age, parameters.confirm_sessions)


@step("allocator", "hysteresis", *CONDITIONS, counts=(CONFIRM,), carries=3)
def hysteresis_step(
    has_slow,
    has_fast,
    has_drawdown,
    has_volatility,
    is_high,
    is_rising,
    is_falling,
    is_deep,
    is_calm,
    sessions,
    held,
    candidate,
    seen,
):
    """Say of one session what it follows; carries the state, what was named last, and how often in a row."""
    is_up, is_down = rule_step(
        has_slow, has_fast, has_drawdown, has_volatility, is_high, is_rising, is_falling, is_deep, is_calm
    )
    named = select(is_up, 1, select(is_down, 2, 0))
    seen = select(named == candidate, seen + 1, 1)
    held = select(seen >= sessions, named, held)
    return (held == 1, held == 2), held, named, seen
