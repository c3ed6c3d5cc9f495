"""Step forms: what a component says of one session, in the terms that many variants are run by at once.

A strategy or an allocator may have one beside its array form: which quantities of a session it compares
with which of its parameters, which it counts by, and a small function of what holds, of the counts and of
what it carried over from the session before. A sweep then runs it for 32 variants side by side; without
one it runs the array form, variant by variant. A test holds the two equal in every bit.
"""

import zlib
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numba.extending import overload

from plumbline.engine.lanes import bits, load, select, splat, splat_at, store
from plumbline.engine.registry import Component, Parameter, Values
from plumbline.engine.view import View

OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy"}


class Quantity(NamedTuple):
    """What a condition looks at, ``of(view, parameters)``, (sessions, assets), and the parameters it reads."""

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
        compiled = njit(nogil=True, error_model="numpy")(function)
        template = _positions if kind == "strategy" else _choices
        _steps[kind, name] = Step(
            kind, name, conditions, counts, carries, compiled, _compiled_for(template, compiled)
        )
        return compiled

    return add


def _compiled_for(template: Callable, function: Callable) -> Callable:
    """Return a loop over sessions that calls a step, compiled and kept beside the file of the step."""
    code = function.py_func.__code__
    # The cache of compiled code goes by file and name: the name says which loop it was compiled from.
    name = f"{code.co_name}_{zlib.crc32(Path(__file__).read_bytes()):08x}"
    own = template.__code__.replace(
        co_filename=code.co_filename, co_firstlineno=code.co_firstlineno, co_name=name, co_qualname=name
    )
    loop = FunctionType(own, {**template.__globals__, "step_function": function}, name)
    loop.__qualname__, loop.__module__ = name, function.py_func.__module__
    return njit(**OPTIONS)(loop)


# ---------------------------------------------------------------- tuples of lanes, unrolled


def _is_true(codes, cell, limits, row, first, c, lanes):
    """Return where the c-th condition holds, in any of its columns: a lane has a limit in its own only."""
    place = first[c]
    held = splat_at(codes, cell + place, lanes) > load(limits, (row + place) * len(lanes), lanes)
    for k in range(first[c] + 1, first[c + 1]):
        more = splat_at(codes, cell + k, lanes) > load(limits, (row + k) * len(lanes), lanes)
        held = held | more
    return held


_is_true_compiled = njit(nogil=True)(_is_true)


def _held(codes, cell, limits, row, first, places, lanes):
    """Return where each condition holds, as a tuple."""


@overload(_held)
def _(codes, cell, limits, row, first, places, lanes):
    if not len(places):
        return lambda codes, cell, limits, row, first, places, lanes: ()

    def impl(codes, cell, limits, row, first, places, lanes):
        held = _is_true_compiled(codes, cell, limits, row, first, places[0], lanes)
        return (held, *_held(codes, cell, limits, row, first, places[1:], lanes))

    return impl


def _loaded(values, row, places, lanes):
    """Return the lanes of successive rows from `row` on, as a tuple."""


@overload(_loaded)
def _(values, row, places, lanes):
    if not len(places):
        return lambda values, row, places, lanes: ()

    def impl(values, row, places, lanes):
        return (load(values, row * len(lanes), lanes), *_loaded(values, row + 1, places[1:], lanes))

    return impl


def _said(out, places):
    """Return what a step says, and what it carries over."""


@overload(_said)
def _(out, places):
    if not len(places):
        return lambda out, places: (out, ())
    return lambda out, places: (out[0], out[1:])


def _exposed(choices, positions, tile, t, i):
    """Return the bits of the variants that hold 1: those whose choice is a strategy that does."""


@overload(_exposed)
def _(choices, positions, tile, t, i):
    if not len(choices):
        return lambda choices, positions, tile, t, i: np.uint32(0)

    def impl(choices, positions, tile, t, i):
        first = bits(choices[0]) & positions[0][tile, t, i]
        return first | _exposed(choices[1:], positions[1:], tile, t, i)

    return impl


def _named(choices, code, number):
    """Return where the choice is the one that a base has on the session."""


@overload(_named)
def _(choices, code, number):
    if len(choices) == 1:
        return lambda choices, code, number: (choices[0] & (code == number)) | (~choices[0] & (code == 0))

    def impl(choices, code, number):
        rest = _named(choices[1:], code, number + 1)
        return (choices[0] & (code == number)) | (~choices[0] & rest)

    return impl


def _counted(counters, masks):
    """Return each counter, one more where its mask is true."""


@overload(_counted)
def _(counters, masks):
    if not len(counters):
        return lambda counters, masks: ()
    return lambda counters, masks: (
        select(masks[0], counters[0] + 1, counters[0]),
        *_counted(counters[1:], masks[1:]),
    )


def _add(counters, scratch, totals, row, lanes):
    """Add counters to rows of totals, (rows, lanes), from `row` on."""


@overload(_add)
def _(counters, scratch, totals, row, lanes):
    if not len(counters):
        return lambda counters, scratch, totals, row, lanes: None

    def impl(counters, scratch, totals, row, lanes):
        store(scratch, 0, counters[0])
        for lane in range(len(lanes)):
            totals[row, lane] += scratch[lane]
        _add(counters[1:], scratch, totals, row + 1, lanes)

    return impl


# ---------------------------------------------------------------- loops over sessions


def step_function(*values: Any) -> Any:
    """Stand for the step in the loops below; each compiled loop has its own."""
    raise NotImplementedError


def _positions(codes, first, limits, counts, begin, end, words, places, numbers, carried, lanes):
    """Write which variants hold 1 at each close, a bit each, (tiles, 1 + sessions, assets).

    `codes`, (assets, sessions, columns), flat, are the quantities as ranks; `limits`, (tiles, columns,
    lanes), flat, those of the parameters, condition c in the columns from ``first[c]`` on; `counts`,
    (tiles, numbers, lanes), flat.
    """
    width, sessions = first[-1], words.shape[1] - 1
    for tile in range(words.shape[0]):
        constant = _loaded(counts, tile * len(numbers), numbers, lanes)
        for i in range(begin.size):
            state = _zeros(carried, lanes)
            for t in range(begin[i], end[i]):
                cell = (i * sessions + t) * width
                held = _held(codes, cell, limits, tile * width, first, places, lanes)
                position, state = _said(step_function(*(held + constant + state)), carried)
                words[tile, t + 1, i] = bits(position)


def _choices(
    codes,
    lead,
    first,
    limits,
    counts,
    begin,
    end,
    reported,
    base,
    years,
    positions,
    words,
    totals,
    places,
    numbers,
    carried,
    lanes,
):
    """Write which variants are exposed at each close, as `_positions` does, and count their choices.

    Codes begin `lead` sessions before the first that counts. `reported`, (sessions, assets), says where a
    choice acts and counts; `base`, of that shape, is the choice that agreement is with; `years` are the
    first sessions of the years, and the last's end. `positions` are the words of the strategies, in the
    order of the choices; `totals`, (tiles, years * (choices + 1), lanes), the sessions of each choice,
    and those that agree.
    """
    width, sessions, kinds = first[-1], words.shape[1] - 1, len(positions) + 1
    scratch = np.zeros(len(lanes), np.int16)
    for tile in range(words.shape[0]):
        constant = _loaded(counts, tile * len(numbers), numbers, lanes)
        for i in range(begin.size):
            state = _zeros(carried, lanes)
            for t in range(begin[i], min(end[i], 0)):
                cell = (i * (lead + sessions) + lead + t) * width
                held = _held(codes, cell, limits, tile * width, first, places, lanes)
                _, state = _said(step_function(*(held + constant + state)), carried)
            for year in range(years.size - 1):
                counters = _counters(positions, lanes)
                for t in range(max(years[year], begin[i]), min(years[year + 1], end[i])):
                    cell = (i * (lead + sessions) + lead + t) * width
                    held = _held(codes, cell, limits, tile * width, first, places, lanes)
                    choices, state = _said(step_function(*(held + constant + state)), carried)
                    if reported[t, i]:
                        words[tile, t + 1, i] = _exposed(choices, positions, tile, t + 1, i)
                        agrees = _named(choices, splat_at(base, t * begin.size + i, lanes), 1)
                        counters = _counted(counters, (*choices, agrees))
                _add(counters, scratch, totals[tile], year * kinds, lanes)


def _zeros(places, lanes):
    """Return as many zeros as there are places, as a tuple."""


@overload(_zeros)
def _(places, lanes):
    if not len(places):
        return lambda places, lanes: ()
    return lambda places, lanes: (splat(0, lanes), *_zeros(places[1:], lanes))


def _counters(positions, lanes):
    """Return a zero for each choice, and one for agreement."""


@overload(_counters)
def _(positions, lanes):
    if not len(positions):
        return lambda positions, lanes: (splat(0, lanes),)
    return lambda positions, lanes: (splat(0, lanes), *_counters(positions[1:], lanes))
