"""Conditions as comparisons of ranks: small whole numbers that compare as the values themselves do."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.registry import Component, Values
from plumbline.engine.steps import Condition, Step
from plumbline.engine.types import Ints
from plumbline.engine.view import View, call

UNKNOWN = np.int16(-32768)  # the rank of what is unknown: above no limit
NEVER = np.int16(32767)  # the limit of a variant in a column that it does not look at


class Ranked(NamedTuple):
    """The conditions of a step for V variants.

    `codes`, (A * S * columns,), are the ranks of each asset's sessions; condition c looks at the columns from
    ``first[c]`` to ``first[c + 1]``, one for each set of values that its quantity is computed from, and holds
    where the rank is above the variant's in `limits`, (columns, V), in any of them. `counts`, (counts, V).
    """

    codes: np.ndarray
    first: Ints
    limits: np.ndarray
    counts: np.ndarray


@njit(cache=True, nogil=True)
def _rank(values, limits, sign, codes, column, columns):
    """Write twice the number of limits below each value, and one more for a value that is a limit itself."""
    sessions, assets = values.shape
    for t in range(sessions):
        for i in range(assets):
            value, rank = values[t, i], UNKNOWN
            if not np.isnan(value):
                low, high = 0, limits.size
                while low < high:
                    middle = (low + high) // 2
                    if limits[middle] < value:
                        low = middle + 1
                    else:
                        high = middle
                is_limit = low < limits.size and limits[low] == value
                rank = np.int16(sign * (2 * low + is_limit))
            codes[(i * sessions + t) * columns + column] = rank


def rank_conditions(
    found: Component, step: Step, view: View, values: Mapping[str, np.ndarray], first: int
) -> Ranked:
    """Rank the quantities of a step among the limits of some variants.

    Parameters
    ----------
    found, step
        A component and its step form.
    view
        What the quantities are computed on.
    values
        Of each parameter of the step, (V,) each, V at most 8,000.
    first
        The session from which they are looked at.
    """
    columns = [_columns(condition, values) for condition in step.conditions]
    starts = np.concatenate([[0], np.cumsum([len(each) for each in columns])]).astype(np.int64)
    width, count = int(starts[-1]), len(next(iter(values.values())))  # all are of one length
    codes = np.empty(view.ret[first:].size * width, np.int16)
    limits = np.full((width, count), NEVER)
    for condition, start, sets in zip(step.conditions, starts, columns, strict=False):
        for column, (given, who) in enumerate(sets, start):
            # A quantity may read what it says that it reads, and nothing else.
            own = replace(found, function=condition.quantity.of, parameters=condition.quantity.reads)
            quantity = np.asarray(call(own, view, Values(own, given)), np.float64)[first:]
            if condition.limit is None:
                _rank(quantity, np.array([0.0]), 1, codes, column, width)
                limits[column, who] = 1  # true is 1.0, above the limit 0.0
                continue
            own_limits = values[condition.limit.name][who].astype(np.float64)
            among = np.unique(own_limits)
            sign = -1 if condition.sign == "<" else 1
            limits[column, who] = sign * (2 * np.searchsorted(among, own_limits) + 1)
            _rank(quantity, among, sign, codes, column, width)
    counts = np.array([values[p.name] for p in step.counts], np.int16).reshape(len(step.counts), count)
    return Ranked(codes, starts, limits, counts)


def _columns(condition: Condition, values: Mapping[str, np.ndarray]) -> list[tuple[dict, np.ndarray]]:
    """Return the sets of values that a condition's quantity is computed from, and whose variants they are."""
    count = len(next(iter(values.values())))
    number = np.zeros(count, np.int64)
    for parameter in condition.quantity.reads:
        _, inverse = np.unique(values[parameter.name], return_inverse=True)
        _, number = np.unique(number * count + inverse, return_inverse=True)
    sets = []
    for each in range(int(number.max()) + 1):
        who = np.flatnonzero(number == each)
        given = {p.name: values[p.name][who[0]].item() for p in condition.quantity.reads}
        sets.append((given, who))
    return sets
