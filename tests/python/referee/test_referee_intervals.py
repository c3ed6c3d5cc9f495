"""Intervals against numbers computed elsewhere, and against what they promise."""

import numpy as np
import pytest
from scipy.stats import binomtest, quantile_test
from statsmodels.stats.proportion import proportion_confint

from plumbline.engine.intervals import Intervals, binomial_interval, quantile_interval

DRAWN = {"draws": 500, "block": 5, "seed": 7}


@pytest.mark.parametrize(("count", "trials"), [(0, 1), (0, 99), (3, 1000), (40, 80), (199, 200), (200, 200)])
def test_the_interval_of_a_probability_is_that_of_scipy_and_of_statsmodels(count, trials):
    found = binomial_interval(count, trials)
    assert found == pytest.approx(binomtest(count, trials).proportion_ci(0.95, method="exact"), rel=1e-10)
    assert found == pytest.approx(proportion_confint(count, trials, 0.05, method="beta"), rel=1e-10)


@pytest.mark.parametrize("share", [0.05, 0.25, 0.5, 0.95])
@pytest.mark.parametrize("count", [10, 71, 72, 200, 1000])
def test_the_interval_of_a_quantile_is_that_of_scipy(count, share):
    """Open where fewer than 72 values have no end for the twentieth part of them."""
    values = np.random.default_rng([count, 1]).standard_normal(count)
    known = quantile_test(values, p=share).confidence_interval(0.95)
    found = quantile_interval(values, share)
    np.testing.assert_array_equal(found, known)
    if share == 0.05:
        assert np.isnan(found[0]) == (count < 72)


def test_the_interval_of_a_quantile_covers_it_as_often_as_it_says():
    generator, covered = np.random.default_rng(3), 0
    for _ in range(2000):
        lower, upper = quantile_interval(generator.random(200), 0.05)
        covered += lower <= 0.05 <= upper
    assert 0.95 <= covered / 2000 <= 0.98  # ranks are whole: never below what is said, but for luck


def test_series_of_one_length_share_their_draws():
    """What a series gains over itself is nothing in each draw; over its double, nothing again."""
    returns = np.random.default_rng(5).normal(0.001, 0.01, 300)
    assert Intervals(DRAWN).of_sharpe(returns, returns) == (0.0, 0.0)
    assert Intervals(DRAWN).of_sharpe(2.0 * returns, returns) == pytest.approx((0.0, 0.0), abs=1e-12)


def test_the_interval_of_a_sharpe_ratio_is_as_wide_as_theory_has_it():
    """Lo (2002): of independent returns the ratio has the standard error sqrt((1 + SR^2 / 2) / n)."""
    returns = np.random.default_rng(6).normal(0.0005, 0.01, 3392)
    lower, upper = Intervals(DRAWN | {"block": 1.01}).of_sharpe(returns)
    assert upper - lower == pytest.approx(2 * 1.96 * np.sqrt(252 / len(returns)), rel=0.1)


def test_a_ratio_of_parts_that_never_differ_is_known_exactly():
    whole = np.array([1.0, 2.0, 5.0])
    assert Intervals(DRAWN).of_ratio(whole / 4.0, whole) == pytest.approx((0.25, 0.25))


def test_without_draws_nothing_is_known():
    asked = Intervals(None)
    assert not asked.asked
    values = np.arange(5.0)
    for found in (
        asked.of_sharpe(values),
        asked.of_share(values > 2, 3.0),
        asked.of_ratio(values, values + 1),
        Intervals(DRAWN).of_ratio(values[:1], values[:1]),
    ):
        assert np.isnan(found).all()
