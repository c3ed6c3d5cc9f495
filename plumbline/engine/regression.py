"""Expanding-window least squares, one fit per asset and calendar year (docs/method.md, section 3).

Moments are added row by row, oldest first, so that a fit depends on nothing after its training
set and its last bit on no library: LAPACK's results change with CPU and thread count, and serve
as the oracle in the tests.
"""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.lanes import EIGHT, load, select, splat, store
from plumbline.engine.types import Bools, Floats, Ints

SIDE = len(EIGHT)  # assets whose moments are added side by side
ROWS = 32  # sessions at a time: their design stays in the first-level cache
QUAD = 4  # moments at a time, each in its own register

# A regressor is left out (coefficient 0) where the earlier ones explain all but this share of it.
COLLINEAR = 1e-10


class YearlyFits(NamedTuple):
    """Least-squares fits of shape (years, assets), each on the rows before its year.

    `coefficients` is of shape (years, assets, 1 + regressors), intercept first, NaN where there
    are fewer rows than that; `rows` counts the training rows; `r_squared` is in sample, NaN
    where the label does not vary.
    """

    coefficients: Floats
    rows: Ints
    r_squared: Floats


@njit(cache=True, nogil=True)
def _solve(moments, scale, lower, coefficients):
    """Solve the normal equations by Cholesky; `moments` is Z'Z of (1, regressors, label).

    `scale`, (size,), and `lower`, of the shape of `moments`, are room to work in.
    """
    size = moments.shape[0]
    label = size - 1
    for j in range(size):
        scale[j] = sqrt(moments[j, j]) if moments[j, j] > 0.0 else 1.0
    lower[:] = 0.0
    for j in range(label):
        pivot = moments[j, j] / (scale[j] * scale[j])
        for k in range(j):
            pivot -= lower[j, k] * lower[j, k]
        if pivot <= COLLINEAR:
            continue
        lower[j, j] = sqrt(pivot)
        for i in range(j + 1, size):
            rest = moments[j, i] / (scale[j] * scale[i])
            for k in range(j):
                rest -= lower[i, k] * lower[j, k]
            lower[i, j] = rest / lower[j, j]
    for j in range(label - 1, -1, -1):
        coefficients[j] = 0.0
        if lower[j, j] > 0.0:
            rest = lower[label, j]
            for k in range(j + 1, label):
                rest -= lower[k, j] * coefficients[k]
            coefficients[j] = rest / lower[j, j]
    for j in range(label):
        coefficients[j] *= scale[label] / scale[j]
    explained = 0.0
    for j in range(1, label):
        explained += lower[label, j] * lower[label, j]
    total = moments[label, label] / (scale[label] * scale[label]) - lower[label, 0] * lower[label, 0]
    return explained / total if total > 0.0 else np.nan


@njit(cache=True, nogil=True)
def _gather(column, centre, first, side, rows, assets, values, known):
    """Copy a block of one column of the design to `values`, and take from `known` where it is no number."""
    for r in range(rows):
        place, at = first + r * assets, r * SIDE
        # What lies beyond the last asset is in no row, and dropped with the rows that are none.
        if side == SIDE or place + SIDE <= column.size:
            value = load(column, place, EIGHT) - splat(centre, EIGHT)
            store(values, at, value)
            sound = (value - value) == splat(0.0, EIGHT)
            store(known, at, select(sound, load(known, at, EIGHT), splat(0.0, EIGHT)))
        else:
            for i in range(side):
                values[at + i] = column[place + i] - centre
                if not np.isfinite(values[at + i]):
                    known[at + i] = 0.0


@njit(cache=True, nogil=True)
def _drop_rows(values, known, rows):
    """Write 0 where a row is no training row: it leaves every sum as it is."""
    for at in range(0, rows * SIDE, SIDE):
        is_row = load(known, at, EIGHT) > splat(0.0, EIGHT)
        store(values, at, select(is_row, load(values, at, EIGHT), splat(0.0, EIGHT)))


@njit(cache=True, nogil=True)
def _add_rows(block, rows, left, right, moments):
    """Add a block of rows to the moments of assets side by side, row by row."""
    for q in range(0, left.size, QUAD):
        a, b = block[left[q]], block[right[q]]
        c, d = block[left[q + 1]], block[right[q + 1]]
        e, f = block[left[q + 2]], block[right[q + 2]]
        g, h = block[left[q + 3]], block[right[q + 3]]
        at = q * SIDE
        first, second = load(moments, at, EIGHT), load(moments, at + SIDE, EIGHT)
        third, fourth = load(moments, at + 2 * SIDE, EIGHT), load(moments, at + 3 * SIDE, EIGHT)
        for r in range(0, rows * SIDE, SIDE):
            first = first + load(a, r, EIGHT) * load(b, r, EIGHT)
            second = second + load(c, r, EIGHT) * load(d, r, EIGHT)
            third = third + load(e, r, EIGHT) * load(f, r, EIGHT)
            fourth = fourth + load(g, r, EIGHT) * load(h, r, EIGHT)
        store(moments, at, first)
        store(moments, at + SIDE, second)
        store(moments, at + 2 * SIDE, third)
        store(moments, at + 3 * SIDE, fourth)


@njit(cache=True, nogil=True)
def _fit(design, centres, usable, first_of_year, horizon, coefficients, rows, r_squared):
    size = len(design) + 1
    sessions, assets = usable.shape
    pairs = size * (size + 1) // 2
    left, right = np.zeros((2, -(-pairs // QUAD) * QUAD), np.int64)
    pair = 0
    for j in range(size):
        for k in range(j, size):
            left[pair], right[pair] = j, k
            pair += 1
    moments = np.zeros((-(-assets // SIDE), left.size * SIDE))
    block = np.empty((size, ROWS * SIDE))
    square, lower, scale = np.zeros((size, size)), np.empty((size, size)), np.empty(size)
    t = 0
    for year in range(first_of_year.size):
        # The label of a row lies `horizon` sessions on and must stand before the year, too.
        end = max(min(first_of_year[year] - horizon, sessions), t)
        for first in range(t, end, ROWS):
            count = min(ROWS, end - first)
            for group in range(moments.shape[0]):
                i = group * SIDE
                side = min(SIDE, assets - i)
                known = block[0]  # the regressor 1, which counts rows: 0 where a row is no training row
                for j in range(known.size):
                    known[j] = 0.0
                for r in range(count):
                    for lane in range(side):
                        known[r * SIDE + lane] = 1.0 if usable[first + r, i + lane] else 0.0
                for j in range(1, size):
                    place = first * assets + i
                    _gather(design[j - 1], centres[j - 1], place, side, count, assets, block[j], known)
                for j in range(1, size):
                    _drop_rows(block[j], known, count)
                _add_rows(block, count, left, right, moments[group])
        for asset in range(assets):
            group, lane = asset // SIDE, asset % SIDE
            seen = moments[group, lane]
            rows[year, asset] = seen
            if seen >= size - 1:
                for pair in range(pairs):
                    square[left[pair], right[pair]] = moments[group, pair * SIDE + lane]
                r_squared[year, asset] = _solve(square, scale, lower, coefficients[year, asset])
        t = end


def fit_by_year(
    regressors: Sequence[Floats],
    label: Floats,
    usable: Bools,
    first_of_year: Ints,
    horizon: int,
    centres: Sequence[float] = (),
) -> YearlyFits:
    """Fit ``label = intercept + regressors`` on the rows before each year, by least squares.

    Parameters
    ----------
    regressors : sequence of ndarray of shape (sessions, assets)
        What the label is explained by.
    label : ndarray of shape (sessions, assets), or without the last `horizon` sessions
        Known `horizon` sessions after its row.
    usable : bool ndarray of shape (sessions, assets)
        Which rows may be training rows at all; those with a NaN are left out besides.
    first_of_year : integer ndarray of shape (years,)
        Index of the first session of each year, ascending.
    horizon : int
        Sessions from a row to its label.
    centres : sequence of float
        What each regressor roughly lies around, none where that is 0: fitted without it, which keeps the
        normal equations well conditioned and only moves the intercept.

    Returns
    -------
    YearlyFits
        Of the regressors without their centres. One that the earlier ones explain entirely gets the
        coefficient 0.
    """
    design = tuple(np.ascontiguousarray(values).ravel() for values in (*regressors, label))
    years, assets = len(first_of_year), label.shape[1]
    fits = YearlyFits(
        coefficients=np.full((years, assets, len(regressors) + 1), np.nan),
        rows=np.zeros((years, assets), np.int32),
        r_squared=np.full((years, assets), np.nan),
    )
    around = np.zeros(len(design))
    around[: len(centres)] = centres
    _fit(design, around, usable, first_of_year, horizon, *fits)
    return fits


@njit(cache=True, nogil=True)
def _predict(coefficients, regressors, first_of_year, out):
    years, assets, terms = coefficients.shape
    # Where assets are few, several sessions go through the same loop.
    together = max(1, 256 // max(assets, 1))
    fit = np.empty((terms, together * assets))
    for year in range(years):
        for place in range(fit.shape[1]):
            for k in range(terms):
                fit[k, place] = coefficients[year, place % assets, k]
        end = (first_of_year[year + 1] if year + 1 < years else out.size // max(assets, 1)) * assets
        for first in range(first_of_year[year] * assets, end, max(fit.shape[1], 1)):
            said = out[first : min(first + fit.shape[1], end)]
            for j in range(said.size):
                said[j] = fit[0, j]
            for k in range(1, terms):
                slope, known = fit[k], regressors[k - 1][first : first + said.size]
                for j in range(said.size):
                    said[j] += slope[j] * known[j]


def predict(coefficients: Floats, regressors: Sequence[Floats], first_of_year: Ints) -> Floats:
    """Return what each session's fit says, NaN where a regressor or the fit is unknown.

    Parameters
    ----------
    coefficients : ndarray of shape (years, assets, 1 + regressors)
        As in `YearlyFits`.
    regressors : sequence of ndarray of shape (sessions, assets)
    first_of_year : integer ndarray of shape (years,)
        Index of the first session of each year: from there on, its fit is in force.

    Returns
    -------
    ndarray of shape (sessions, assets)
        Terms added in the order of the regressors, after the intercept.
    """
    out = np.empty(regressors[0].shape)
    _predict(coefficients, tuple(values.ravel() for values in regressors), first_of_year, out.ravel())
    return out
