"""The loops of a sweep over assets, tiles of variants and sessions, one for each step form.

A step takes and returns tuples of lanes; the functions over tuples below are unrolled when compiled.
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
from numba import njit
from numba.extending import overload

from plumbline.engine.lanes import bits, load, select, splat, splat_at, store

OPTIONS = {"cache": True, "nogil": True, "error_model": "numpy"}
INLINED = {"forceinline": True}  # a mask that passes through memory costs more than all that is done with it


def loop_over(kind: str, function: Callable) -> Callable:
    """Return the loop over sessions that calls a step, compiled and kept beside the file of the step."""
    template = _positions if kind == "strategy" else _choices
    code = function.py_func.__code__
    # The cache of compiled code goes by file, line and name: each loop has those of its step.
    own = template.__code__.replace(
        co_filename=code.co_filename,
        co_firstlineno=code.co_firstlineno,
        co_name=code.co_name,
        co_qualname=code.co_qualname,
    )
    loop = FunctionType(own, {**template.__globals__, "step_function": function}, code.co_name)
    loop.__qualname__, loop.__module__ = code.co_qualname, function.py_func.__module__
    return njit(**OPTIONS)(loop)


def _is_true(codes, cell, limits, row, first, c, lanes):
    """Return where the c-th condition holds, in any of its columns: a lane has a limit in its own only."""
    place = first[c]
    held = splat_at(codes, cell + place, lanes) > load(limits, (row + place) * len(lanes), lanes)
    for k in range(first[c] + 1, first[c + 1]):
        more = splat_at(codes, cell + k, lanes) > load(limits, (row + k) * len(lanes), lanes)
        held = held | more
    return held


_is_true_compiled = njit(nogil=True, forceinline=True)(_is_true)


def _held(codes, cell, limits, row, first, places, lanes):
    """Return where each condition holds, as a tuple."""


@overload(_held, jit_options=INLINED)
def _(codes, cell, limits, row, first, places, lanes):
    if not len(places):
        return lambda codes, cell, limits, row, first, places, lanes: ()

    def impl(codes, cell, limits, row, first, places, lanes):
        held = _is_true_compiled(codes, cell, limits, row, first, places[0], lanes)
        return (held, *_held(codes, cell, limits, row, first, places[1:], lanes))

    return impl


def _loaded(values, row, places, lanes):
    """Return the lanes of successive rows from `row` on, as a tuple."""


@overload(_loaded, jit_options=INLINED)
def _(values, row, places, lanes):
    if not len(places):
        return lambda values, row, places, lanes: ()

    def impl(values, row, places, lanes):
        return (load(values, row * len(lanes), lanes), *_loaded(values, row + 1, places[1:], lanes))

    return impl


def _said(out, places):
    """Return what a step says, and what it carries over."""


@overload(_said, jit_options=INLINED)
def _(out, places):
    if not len(places):
        return lambda out, places: (out, ())
    return lambda out, places: (out[0], out[1:])


def _exposed(choices, words, leg, tile, i, t):
    """Return the bits of the variants that hold 1: those whose choice is a strategy that does."""


@overload(_exposed, jit_options=INLINED)
def _(choices, words, leg, tile, i, t):
    if not len(choices):
        return lambda choices, words, leg, tile, i, t: np.uint32(0)

    def impl(choices, words, leg, tile, i, t):
        first = bits(choices[0]) & words[leg, tile, i, t]
        return first | _exposed(choices[1:], words, leg + 1, tile, i, t)

    return impl


def _named(choices, code, number):
    """Return where the choice is the one that a base has on the session."""


@overload(_named, jit_options=INLINED)
def _(choices, code, number):
    if len(choices) == 1:
        return lambda choices, code, number: (choices[0] & (code == number)) | (~choices[0] & (code == 0))

    def impl(choices, code, number):
        rest = _named(choices[1:], code, number + 1)
        return (choices[0] & (code == number)) | (~choices[0] & rest)

    return impl


def _counted(counters, masks):
    """Return each counter, one more where its mask is true."""


@overload(_counted, jit_options=INLINED)
def _(counters, masks):
    if not len(counters):
        return lambda counters, masks: ()
    return lambda counters, masks: (
        select(masks[0], counters[0] + 1, counters[0]),
        *_counted(counters[1:], masks[1:]),
    )


def _add(counters, scratch, totals, row, lanes):
    """Add counters to rows of totals, (rows, lanes), from `row` on."""


@overload(_add, jit_options=INLINED)
def _(counters, scratch, totals, row, lanes):
    if not len(counters):
        return lambda counters, scratch, totals, row, lanes: None

    def impl(counters, scratch, totals, row, lanes):
        store(scratch, 0, counters[0])
        for lane in range(len(lanes)):
            totals[row, lane] += scratch[lane]
        _add(counters[1:], scratch, totals, row + 1, lanes)

    return impl


def step_function(*values: Any) -> Any:
    """Stand for the step in the loops below; each compiled loop has its own."""
    raise NotImplementedError


def _positions(codes, first, limits, counts, begin, end, words, places, numbers, carried, lanes):
    """Write which variants hold 1 at each close, a bit each, (tiles, assets, 1 + sessions).

    `codes`, (assets, sessions, columns), flat, are the quantities as ranks; `limits`, (tiles, columns,
    lanes), flat, those of the parameters, condition c in the columns from ``first[c]`` on; `counts`,
    (tiles, numbers, lanes), flat.
    """
    width, sessions = first[-1], words.shape[2] - 1
    for i in range(begin.size):
        for tile in range(words.shape[0]):  # while the asset's codes are in the cache
            constant = _loaded(counts, tile * len(numbers), numbers, lanes)
            state = _zeros(carried, lanes)
            for t in range(begin[i], end[i]):
                cell = (i * sessions + t) * width
                held = _held(codes, cell, limits, tile * width, first, places, lanes)
                position, state = _said(step_function(*(held + constant + state)), carried)
                words[tile, i, t + 1] = bits(position)


def _choices(
    codes,
    first,
    limits,
    counts,
    begin,
    end,
    words,
    places,
    numbers,
    carried,
    lanes,
    lead,
    reported,
    base,
    years,
    totals,
    legs,
):
    """Write which variants are exposed at each close, as `_positions` does, and count their choices.

    Codes begin `lead` sessions before the first that counts. `reported`, (sessions, assets), says where a
    choice acts and counts; `base`, of that shape, is the choice that agreement is with; `years` are the
    first sessions of the years, and the last's end. `words` are those of the strategies, in the order of
    the choices, and at their end the allocator's own; `totals`, (tiles, years * (choices + 1), lanes), the
    sessions of each choice, and those that agree.
    """
    width, sessions, kinds = first[-1], words.shape[3] - 1, len(legs) + 1
    scratch = np.zeros(len(lanes), np.int16)
    for i in range(begin.size):
        for tile in range(words.shape[1]):
            constant = _loaded(counts, tile * len(numbers), numbers, lanes)
            state = _zeros(carried, lanes)
            for year in range(-1, years.size - 1):  # the first of these is before the portfolio begins
                counters = _counters(legs, lanes)
                since = begin[i] if year < 0 else max(years[year], begin[i])
                for t in range(since, min(years[year + 1], end[i])):
                    cell = (i * (lead + sessions) + lead + t) * width
                    held = _held(codes, cell, limits, tile * width, first, places, lanes)
                    choices, state = _said(step_function(*(held + constant + state)), carried)
                    if t >= 0 and reported[t, i]:
                        words[-1, tile, i, t + 1] = _exposed(choices, words, 0, tile, i, t + 1)
                        agrees = _named(choices, splat_at(base, t * begin.size + i, lanes), 1)
                        counters = _counted(counters, (*choices, agrees))
                if year >= 0:
                    _add(counters, scratch, totals[tile], year * kinds, lanes)


def _zeros(places, lanes):
    """Return as many zeros as there are places, as a tuple."""


@overload(_zeros, jit_options=INLINED)
def _(places, lanes):
    if not len(places):
        return lambda places, lanes: ()
    return lambda places, lanes: (splat(0, lanes), *_zeros(places[1:], lanes))


def _counters(legs, lanes):
    """Return a zero for each choice, and one for agreement."""


@overload(_counters, jit_options=INLINED)
def _(legs, lanes):
    if not len(legs):
        return lambda legs, lanes: (splat(0, lanes),)
    return lambda legs, lanes: (splat(0, lanes), *_counters(legs[1:], lanes))
