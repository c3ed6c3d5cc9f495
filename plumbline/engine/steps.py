"""Step forms: what a component says of one session, in the terms that many variants are run by at once.

A strategy or an allocator may have one beside its array form: which quantities of a session it compares
with which of its parameters, which it counts by, and a small function of what holds, of the counts and of
what it carried over from the session before. A sweep then runs it for 32 variants side by side; without
one it runs the array form, variant by variant. A test holds the two equal in every bit.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.registry import Component, Parameter, Values
from plumbline.engine.sweep_loops import loop_over
from plumbline.engine.view import View


class Quantity(NamedTuple):
    """What a condition looks at: ``of(view, parameters)``, (sessions, assets); `reads` are its parameters."""

    reads: tuple[Parameter, ...]
    of: Callable[[View, Values], np.ndarray]


class Condition(NamedTuple):
    """A comparison of a quantity with a parameter; false where the quantity is unknown."""

    quantity: Quantity
    sign: str
    limit: Parameter | None


class Step(NamedTuple):
    """The step form of a component: see `step`."""

    kind: str
    name: str
    conditions: tuple[Condition, ...]
    counts: tuple[Parameter, ...]
    carries: int
    function: Callable
    run: Callable

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The parameters that it hangs on, each once."""
        found = [each.limit for each in self.conditions if each.limit] + [*self.counts]
        found += [parameter for each in self.conditions for parameter in each.quantity.reads]
        return tuple({parameter.name: parameter for parameter in found}.values())


def below(quantity: Quantity, limit: Parameter) -> Condition:
    """Hold where the quantity is below the parameter."""
    return Condition(quantity, "<", limit)


def above(quantity: Quantity, limit: Parameter) -> Condition:
    """Hold where the quantity is above the parameter."""
    return Condition(quantity, ">", limit)


def true(quantity: Quantity) -> Condition:
    """Hold where the quantity, of bools, is true."""
    return Condition(quantity, "is", None)


def known(quantity: Quantity) -> Condition:
    """Hold where the quantity is known, and finite."""
    return true(Quantity(quantity.reads, lambda view, parameters: np.isfinite(quantity.of(view, parameters))))


def momentum(window: Parameter) -> Quantity:
    """Return the change of the price over as many sessions as a parameter says."""
    return Quantity((window,), lambda view, parameters: view.momentum(getattr(parameters, window.name)))


def volatility(window: Parameter) -> Quantity:
    """Return the annual volatility over as many sessions as a parameter says."""
    return Quantity((window,), lambda view, parameters: view.volatility(getattr(parameters, window.name)))


def drawdown(window: Parameter) -> Quantity:
    """Return the drawdown over as many sessions as a parameter says."""
    return Quantity((window,), lambda view, parameters: view.drawdown(getattr(parameters, window.name)))


def relative_volume(window: Parameter) -> Quantity:
    """Return the relative volume over as many sessions as a parameter says."""
    return Quantity(
        (window,), lambda view, parameters: view.relative_volume(getattr(parameters, window.name))
    )


MAY_ENTER = true(Quantity((), lambda view, parameters: view.may_enter))

_steps: dict[tuple[str, str], Step] = {}


def step_of(found: Component) -> Step | None:
    """Return the step form of a component, None where its file gives it none."""
    known = _steps.get((found.kind, found.name))
    return known if known and Path(known.function.py_func.__code__.co_filename) == found.source else None


def step(
    kind: str, name: str, *conditions: Condition, counts: tuple[Parameter, ...] = (), carries: int = 0
) -> Callable[[Callable], Callable]:
    """Give a component a step form: the decorated function.

    It takes what holds, one value a condition; then the values of `counts`; then what it carried over, 0 on
    the first session. It returns what it says, and after it, in a tuple, what it carries over, if anything.
    A strategy says whether it holds 1 (else 0), an allocator whether it follows each of its strategies, in a
    tuple. Values are vectors: ``&``, ``|``, ``~`` instead of words, `select` of `plumbline.engine.lanes`
    instead of ``if``; whole numbers lie between -32,768 and 32,767.

    Parameters
    ----------
    kind, name
        ``"strategy"`` or ``"allocator"``, and the name by which it is registered in the same file.
    conditions
        What is looked at, each `above`, `below` or `true`.
    counts
        Whole-number parameters that the function takes as they are.
    carries
        How many whole numbers are carried from session to session.
    """

    def add(function: Callable) -> Callable:
        compiled = njit(nogil=True, error_model="numpy", forceinline=True)(function)
        _steps[kind, name] = Step(
            kind, name, conditions, counts, carries, compiled, loop_over(kind, compiled)
        )
        return compiled

    return add
