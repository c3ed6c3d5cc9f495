"""Expanding-window least squares, one fit per asset and calendar year (docs/method.md, section 3).

Moments are added row by row, oldest first, so that a fit depends on nothing after its training
set and its last bit on no library: LAPACK's results change with CPU and thread count, and serve
as the oracle in the tests.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np
from numba import njit

from plumbline.engine.types import Bools, Floats, Ints

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
def _solve(moments, coefficients):
    """Solve the normal equations by Cholesky; `moments` is Z'Z of (1, regressors, label)."""
    size = moments.shape[0]
    label = size - 1
    scale = np.ones(size)
    for j in range(size):
        if moments[j, j] > 0.0:
            scale[j] = sqrt(moments[j, j])
    lower = np.zeros((size, size))
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
def _fit(design, usable, first_of_year, horizon, coefficients, rows, r_squared):
    regressors, sessions, assets = design.shape[0] - 1, design.shape[1], design.shape[2]
    size = regressors + 2
    moments = np.zeros((assets, size, size))
    seen = np.zeros(assets, np.int32)
    z = np.ones(size)
    t = 0
    for year in range(first_of_year.size):
        # The label of a row lies `horizon` sessions on and must stand before the year, too.
        while t < min(first_of_year[year] - horizon, sessions):
            for i in range(assets):
                if usable[t, i]:
                    seen[i] += 1
                    for j in range(regressors + 1):
                        z[j + 1] = design[j, t, i]
                    for j in range(size):
                        for k in range(j, size):
                            moments[i, j, k] += z[j] * z[k]
            t += 1
        for i in range(assets):
            rows[year, i] = seen[i]
            if seen[i] >= regressors + 1:
                r_squared[year, i] = _solve(moments[i], coefficients[year, i])


def fit_by_year(
    regressors: list[Floats], label: Floats, usable: Bools, first_of_year: Ints, horizon: int
) -> YearlyFits:
    """Fit ``label = intercept + regressors`` on the rows before each year, by least squares.

    Parameters
    ----------
    regressors : list of ndarray of shape (sessions, assets)
        Best roughly centred on 0, which keeps the normal equations well conditioned.
    label : ndarray of shape (sessions, assets)
        Known `horizon` sessions after its row.
    usable : bool ndarray of shape (sessions, assets)
        Which rows may be training rows at all; those with a NaN are left out besides.
    first_of_year : integer ndarray of shape (years,)
        Index of the first session of each year, ascending.
    horizon : int
        Sessions from a row to its label.

    Returns
    -------
    YearlyFits
        A regressor that the earlier ones explain entirely gets the coefficient 0.
    """
    design = np.stack([*regressors, label])
    usable = usable & np.isfinite(design).all(axis=0)
    years, assets = len(first_of_year), label.shape[1]
    fits = YearlyFits(
        coefficients=np.full((years, assets, len(regressors) + 1), np.nan),
        rows=np.zeros((years, assets), np.int32),
        r_squared=np.full((years, assets), np.nan),
    )
    _fit(design, usable, first_of_year, horizon, *fits)
    return fits


@njit(cache=True, nogil=True)
def predict(coefficients, regressors, year_of):
    """Return what each session's fit says, NaN where a regressor or the fit is unknown.

    Parameters
    ----------
    coefficients : ndarray of shape (years, assets, 1 + regressors)
        As in `YearlyFits`.
    regressors : ndarray of shape (regressors, sessions, assets)
    year_of : integer ndarray of shape (sessions,)
        The year whose fit is in force.

    Returns
    -------
    ndarray of shape (sessions, assets)
        Terms added in the order of the regressors, after the intercept.
    """
    count, sessions, assets = regressors.shape
    out = np.empty((sessions, assets))
    for t in range(sessions):
        for i in range(assets):
            fit = coefficients[year_of[t], i]
            total = fit[0]
            for k in range(count):
                total += fit[k + 1] * regressors[k, t, i]
            out[t, i] = total
    return out
