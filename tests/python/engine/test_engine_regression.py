"""Least squares against LAPACK: same coefficients, or the same predictions where many would do."""

import numpy as np
import pytest

from plumbline.components.strategies.trend import HORIZON
from plumbline.engine.regression import fit_by_year

LABEL_HORIZON = HORIZON.default
SESSIONS = 900
FIRST_OF_YEAR = np.array([0, 252, 504, 756], dtype=np.int32)


def features(seed: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Return five regressors of the size of real ones and a label with some of them in it."""
    generator = np.random.default_rng(seed)
    scales = (0.01, 0.025, 0.035, 0.05, 0.4)
    x = [generator.normal(0.001, scale, (SESSIONS, 2)) for scale in scales]
    label = 0.002 + 0.3 * x[0] - 0.1 * x[3] + generator.normal(0, 0.02, (SESSIONS, 2))
    return x, label


def oracle(x: list[np.ndarray], y: np.ndarray, usable: np.ndarray, year: int, asset: int):
    """Return design, label and numpy's minimum-norm solution of one fold."""
    known = usable & np.isfinite(np.stack([*x, y])).all(axis=0)
    rows = np.flatnonzero(known[: max(FIRST_OF_YEAR[year] - LABEL_HORIZON, 0), asset])
    design = np.column_stack([np.ones(len(rows)), *(each[rows, asset] for each in x)])
    return design, y[rows, asset], np.linalg.lstsq(design, y[rows, asset], rcond=None)[0]


def test_coefficients_are_those_of_lapack():
    x, y = features(1)
    usable = np.ones(y.shape, dtype=bool)
    fits = fit_by_year(x, y, usable, FIRST_OF_YEAR, LABEL_HORIZON)
    for year in range(1, 4):
        for asset in range(2):
            design, label, solution = oracle(x, y, usable, year, asset)
            assert fits.rows[year, asset] == len(label)
            np.testing.assert_allclose(fits.coefficients[year, asset], solution, rtol=1e-10, atol=1e-13)
            residual = label - design @ solution
            known = 1 - residual @ residual / ((label - label.mean()) @ (label - label.mean()))
            assert fits.r_squared[year, asset] == pytest.approx(known, abs=1e-12)


def test_rows_that_are_unknown_or_not_usable_are_no_training_rows():
    x, y = features(2)
    generator = np.random.default_rng(2)
    usable = generator.random(y.shape) > 0.1
    x[4][generator.random(y.shape) < 0.05] = np.nan
    y[generator.random(y.shape) < 0.05] = np.nan
    fits = fit_by_year(x, y, usable, FIRST_OF_YEAR, LABEL_HORIZON)
    for year in range(1, 4):
        design, _, solution = oracle(x, y, usable, year, 1)
        assert fits.rows[year, 1] == len(design) < FIRST_OF_YEAR[year] - LABEL_HORIZON
        np.testing.assert_allclose(fits.coefficients[year, 1], solution, rtol=1e-10, atol=1e-13)


# What becomes of the regressors, and which of them (1 is the first) the earlier ones explain.
COLLINEAR = {
    "one regressor twice": (lambda x: [x[0], x[0], x[2], x[3], x[4]], [2]),
    "a sum of two others": (lambda x: [x[0], x[1], x[0] + 2 * x[1], x[3], x[4]], [3]),
    "a constant": (lambda x: [x[0], x[1], np.full_like(x[0], 0.1), x[3], x[4]], [3]),
    "two constants, one of them 0": (
        lambda x: [np.zeros_like(x[0]), x[1], np.full_like(x[0], -3.0), x[3], x[4]],
        [1, 3],
    ),
    "all five constant": (
        lambda x: [np.full_like(x[0], c) for c in (0.0, 0.1, 1.0, -2.0, 0.3)],
        [1, 2, 3, 4, 5],
    ),
    "a multiple of another plus a constant": (lambda x: [x[0], 5 * x[0] + 0.7, x[2], x[3], x[4]], [2]),
}


@pytest.mark.parametrize(("change", "explained"), COLLINEAR.values(), ids=COLLINEAR.keys())
def test_collinear_regressors_predict_what_the_minimum_norm_solution_predicts(change, explained):
    x, y = features(3)
    x = change(x)
    usable = np.ones(y.shape, dtype=bool)
    fits = fit_by_year(x, y, usable, FIRST_OF_YEAR, LABEL_HORIZON)
    for year in range(1, 4):
        for asset in range(2):
            design, _, solution = oracle(x, y, usable, year, asset)
            found = design @ fits.coefficients[year, asset]
            np.testing.assert_allclose(found, design @ solution, atol=1e-12)
            # Not the minimum norm itself, but no wild coefficients on rounding residues either.
            assert (fits.coefficients[year, asset][explained] == 0).all()


def test_labels_never_reach_into_the_test_year():
    """What stands in the last five sessions of the training years, or later, is of no account."""
    x, y = features(4)
    usable = np.ones(y.shape, dtype=bool)
    before = fit_by_year(x, y, usable, FIRST_OF_YEAR, LABEL_HORIZON)
    y[FIRST_OF_YEAR[2] - LABEL_HORIZON :] = 1e6
    after = fit_by_year(x, y, usable, FIRST_OF_YEAR, LABEL_HORIZON)
    assert np.array_equal(before.coefficients[:3], after.coefficients[:3], equal_nan=True)
    assert not np.array_equal(before.coefficients[3], after.coefficients[3])


def test_too_few_rows_give_no_coefficients_rather_than_wild_ones():
    x, y = features(5)
    usable = np.zeros(y.shape, dtype=bool)
    usable[100:105] = True
    fits = fit_by_year(x, y, usable, FIRST_OF_YEAR, LABEL_HORIZON)
    assert (fits.rows[1:] == 5).all()
    assert np.isnan(fits.coefficients).all()


def test_a_label_that_never_moves_is_predicted_as_it_is():
    x, _ = features(6)
    y = np.full((SESSIONS, 2), 0.0)
    fits = fit_by_year(x, y, np.ones(y.shape, dtype=bool), FIRST_OF_YEAR, LABEL_HORIZON)
    assert (fits.coefficients[1:] == 0).all()
    assert np.isnan(fits.r_squared).all()
