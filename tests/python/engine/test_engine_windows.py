"""Rolling windows against numpy, window by window, in two passes."""

import numpy as np
import pytest

from plumbline.engine.windows import change, lagged, rolling_max, rolling_mean, rolling_std

# Long enough for several blocks of the engine's inner loop, and wide enough to mix up assets.
SESSIONS, ASSETS = 1500, 5
ORACLES = {
    rolling_mean: np.mean,
    rolling_std: lambda window: np.std(window, ddof=1),
    rolling_max: np.max,
}


def data(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return values, and ages that start afresh now and then."""
    generator = np.random.default_rng(seed)
    values = generator.standard_normal((SESSIONS, ASSETS))
    age = np.tile(np.arange(1, SESSIONS + 1)[:, None], (1, ASSETS))
    for asset in range(ASSETS):
        for start in generator.integers(0, SESSIONS, 4):
            age[start:, asset] = np.arange(1, SESSIONS - start + 1)
    age[: 10 * ASSETS, 0] = 0
    return values, age.astype(np.int32)


def by_window(values: np.ndarray, age: np.ndarray, n: int, measure) -> np.ndarray:
    out = np.full(values.shape, np.nan)
    for t in range(n - 1, len(values)):
        for asset in range(values.shape[1]):
            if age[t, asset] >= n:
                out[t, asset] = measure(values[t - n + 1 : t + 1, asset])
    return out


@pytest.mark.parametrize("n", [2, 10, 20, 60])
@pytest.mark.parametrize("rolling", ORACLES, ids=lambda function: function.__name__)
def test_windows_are_those_of_numpy(rolling, n):
    values, age = data(n)
    expected = by_window(values, age, n, ORACLES[rolling])
    assert np.isnan(expected).any()
    assert np.isfinite(expected).any()
    np.testing.assert_allclose(rolling(values, age, n), expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("rolling", ORACLES, ids=lambda function: function.__name__)
def test_an_unknown_value_makes_its_window_unknown_wherever_it_stands(rolling, place):
    values, age = np.array([5.0, 5.0, 5.0]), np.arange(1, 4, dtype=np.int32)
    values[place] = np.nan
    assert np.isnan(rolling(values, age, 3)[2])
    assert np.isnan(rolling(values[:, None], age[:, None], 3)[2, 0])


@pytest.mark.parametrize("scale", [1e-12, 1e-3, 1e9])
def test_the_standard_deviation_keeps_its_digits_far_from_zero(scale):
    """A running sum of squares has none left here."""
    values, age = data(3)
    values = 1e9 * scale + scale * values
    expected = by_window(values, age, 20, ORACLES[rolling_std])
    # Spread over offset is 1e-9: of sixteen digits about seven remain, in any algorithm.
    np.testing.assert_allclose(rolling_std(values, age, 20), expected, rtol=1e-6)


@pytest.mark.parametrize("value", [0.1, 0.0, -0.0, 1 / 3, 1e-300, -7e8])
@pytest.mark.parametrize("n", [2, 10, 19, 20, 60])
def test_equal_values_deviate_by_exactly_nothing(value, n):
    values, age = data(4)
    values[200:400] = value
    found = rolling_std(values, age, n)[200 + n - 1 : 400]
    full = age[200 + n - 1 : 400] >= n
    assert (found[full] == 0.0).all()
    assert full.any()


def test_one_series_is_one_column():
    values, age = data(5)
    for rolling in ORACLES:
        column = rolling(values[:, 2].copy(), age[:, 2].copy(), 20)
        assert np.array_equal(column, rolling(values, age, 20)[:, 2], equal_nan=True)


def test_change_and_lag_reach_back_no_further_than_the_start():
    values = np.array([[2.0], [3.0], [6.0], [3.0]])
    age = np.array([[1], [2], [1], [2]], dtype=np.int32)
    assert np.array_equal(change(values, age, 1)[:, 0], [np.nan, 0.5, np.nan, -0.5], equal_nan=True)
    assert lagged(values, age, 1)[:, 0].tolist() == [0.0, 2.0, 0.0, 6.0]
    assert lagged(values, age, 0)[:, 0].tolist() == [2.0, 3.0, 6.0, 3.0]
    assert lagged(values, age, 5)[:, 0].tolist() == [0.0] * 4


def test_windows_longer_than_the_series_are_unknown():
    values, age = np.ones((3, 2)), np.tile(np.arange(1, 4, dtype=np.int32)[:, None], (1, 2))
    for rolling in ORACLES:
        assert np.isnan(rolling(values, age, 4)).all()
        assert rolling(values[:0], age[:0], 4).shape == (0, 2)
