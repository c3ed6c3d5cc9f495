"""Compiled kernels against plain loops over one asset, bit for bit: lanes, blocks and rows leave no trace."""

from math import inf, isnan, nan, sqrt

import numpy as np
import pytest

from plumbline.engine import memory
from plumbline.engine.costs import Rates, earn
from plumbline.engine.features import Feature, compute_feature
from plumbline.engine.holding import earned_by, hold
from plumbline.engine.panel import ages
from plumbline.engine.portfolio import capped_weights, sum_assets
from plumbline.engine.regression import fit_by_year, predict
from plumbline.engine.strategies import Span
from plumbline.engine.strategies import hold as hold_entries
from plumbline.engine.windows import change, rolling_max, rolling_mean, rolling_std

# Around the lanes of a vector, and the rows that are added up together.
ASSETS = (1, 2, 3, 7, 8, 9, 31, 32, 33, 40)


def same(found: np.ndarray, expected: np.ndarray) -> bool:
    """Return whether all values are equal, NaN to NaN, and zeros of one sign."""
    return np.array_equal(found, expected, equal_nan=True) and np.array_equal(
        np.signbit(found) & (found == 0), np.signbit(expected) & (expected == 0)
    )


def nasty(seed: int, sessions: int, assets: int) -> tuple[np.ndarray, np.ndarray]:
    """Return values with all that a window may meet, and ages that start afresh now and then."""
    generator = np.random.default_rng(seed)
    values = generator.standard_normal((sessions, assets)) * 10.0 ** generator.integers(-9, 9, assets)
    cells = generator.permutation(values.size)[: values.size // 40]
    values.flat[cells] = generator.choice([nan, inf, -inf, 0.0, -0.0, 5e-324, -3e-310, 1e300], len(cells))
    for _ in range(4):
        first, asset = generator.integers(0, sessions - 30), generator.integers(0, assets)
        values[first : first + 30, asset] = generator.choice([0.1, 1 / 3, 0.0, -7e8, 3e-320])
        values[first + 29, asset] *= 1.0 + 2.0 ** -generator.integers(1, 53)  # nearly equal
    age = np.tile(np.arange(1, sessions + 1)[:, None], (1, assets))
    for asset in range(0, assets, 3):
        start = generator.integers(0, sessions)
        age[start:, asset] = np.arange(1, sessions - start + 1)
    age[:5, -1] = 0
    return values, age.astype(np.int32)


def plain_mean(window: list[float]) -> float:
    total = 0.0
    for value in window:
        total += value
    return total / len(window)


def plain_std(window: list[float]) -> float:
    mean, squares = plain_mean(window), 0.0
    for value in window:
        squares += (value - mean) * (value - mean)
    return 0.0 if len(set(window)) == 1 and not isnan(window[0]) else sqrt(squares / (len(window) - 1))


def plain_max(window: list[float]) -> float:
    largest = window[0]
    for value in window[1:]:
        if isnan(largest) or isnan(value):
            return nan
        largest = value if value >= largest else largest
    return largest


def by_window(values: np.ndarray, age: np.ndarray, n: int, measure, *, least: int) -> np.ndarray:
    """Return a measure of every window, one after the other."""
    out = np.full(values.shape, nan)
    for asset in range(values.shape[1]):
        column = values[:, asset].tolist()
        for t in range(n - 1, len(column)):
            if age[t, asset] >= least:
                out[t, asset] = measure(column[t - n + 1 : t + 1])
    return out


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("assets", ASSETS)
@pytest.mark.parametrize("n", [2, 3, 20, 61])
def test_windows_are_those_of_a_plain_loop(assets, n):
    values, age = nasty(100 * assets + n, 150, assets)
    for rolling, measure in ((rolling_mean, plain_mean), (rolling_std, plain_std), (rolling_max, plain_max)):
        expected = by_window(values, age, n, measure, least=n)
        assert np.isfinite(expected).any()
        assert same(rolling(values, age, n), expected), rolling.__name__


@pytest.mark.parametrize("n", [2, 20, 60])
def test_windows_are_the_same_across_blocks(n):
    """Several blocks of the kernels, and windows that reach further back than a block is long."""
    values, age = nasty(n, 700, 120)
    alone = [[rolling(values[:, [i]], age[:, [i]], n) for i in range(120)] for rolling in ROLLING]
    for rolling, columns in zip(ROLLING, alone, strict=True):
        assert same(rolling(values, age, n), np.hstack(columns)), rolling.__name__


ROLLING = (rolling_mean, rolling_std, rolling_max, change)


@pytest.mark.parametrize("assets", [1, 3, 33, 800])
def test_features_are_made_of_windows_and_changes(assets):
    generator = np.random.default_rng(assets)
    price = 50 * np.exp(np.cumsum(generator.normal(0, 0.02, (300, assets)), axis=0))
    volume = generator.integers(0, 3, price.shape).astype(float)  # whole windows without any
    _, age = nasty(assets, 300, assets)
    price[generator.random(price.shape) < 0.002] = nan
    for n in (2, 10, 60):
        mean = rolling_mean(volume, age, n)
        mean[mean == 0] = nan
        expected = {
            "momentum": change(price, age, n),
            "volatility": rolling_std(change(price, age, 1), age - 1, n) * sqrt(252),
            "drawdown": price / rolling_max(price, age, n) - 1,
            "relative_volume": volume / mean,
        }
        for name, values in expected.items():
            assert same(compute_feature(Feature(name, n), price, volume, age), values), name


@pytest.mark.parametrize("assets", [2, 7, 8, 9, 17])
def test_assets_are_fitted_and_forecast_as_if_each_stood_alone(assets):
    generator = np.random.default_rng(assets)
    x = [generator.normal(0.0, scale, (500, assets)) for scale in (0.01, 0.05, 0.4)]
    y = 0.1 * x[1] + generator.normal(0, 0.02, (500, assets))
    x[1][generator.random(y.shape) < 0.05] = nan
    usable, first = generator.random(y.shape) > 0.1, np.array([0, 100, 261, 499])
    fits = fit_by_year(x, y, usable, first, 5, (0.0, 0.0, 1.0))
    found = predict(fits.coefficients, x, first)
    for i in range(assets):
        column = [values[:, [i]] for values in x]
        alone = fit_by_year(column, y[:, [i]], usable[:, [i]], first, 5, (0.0, 0.0, 1.0))
        assert (alone.rows > 0).any()
        for one, all_of_them in zip(alone, fits, strict=True):
            assert same(one[:, 0], all_of_them[:, i])
        assert same(predict(alone.coefficients, column, first)[:, 0], found[:, i])


def test_a_forecast_adds_its_terms_in_order():
    generator = np.random.default_rng(1)
    coefficients, x = generator.standard_normal((2, 3, 4)), generator.standard_normal((3, 50, 3))
    found = predict(coefficients, list(x), np.array([0, 21]))
    for t in range(50):
        for i in range(3):
            total = (fit := coefficients[int(t >= 21), i])[0]
            for k in range(3):
                total += fit[k + 1] * x[k, t, i]
            assert found[t, i] == total


def test_a_centre_moves_nothing_but_the_intercept():
    generator = np.random.default_rng(2)
    x, usable = generator.normal(1.0, 0.3, (200, 2)), np.ones((200, 2), bool)
    y = 0.5 * x + generator.normal(0, 0.1, x.shape)
    plain = fit_by_year([x], y, usable, np.array([200]), 5)
    centred = fit_by_year([x], y, usable, np.array([200]), 5, [1.0])
    np.testing.assert_allclose(centred.coefficients[..., 1], plain.coefficients[..., 1], rtol=1e-12)
    shift = centred.coefficients[..., 0] - centred.coefficients[..., 1]
    np.testing.assert_allclose(shift, plain.coefficients[..., 0], atol=1e-12)


def plain_earn(position, ret, age, trade, short) -> tuple[np.ndarray, np.ndarray]:
    gross, cost = np.zeros(position.shape), np.zeros(position.shape)
    for t, i in np.argwhere(age > 0):
        held = position[t - 1, i] if age[t, i] > 1 else 0.0
        gross[t, i] = held * ret[t, i]
        cost[t, i] = -trade[t, i] * abs(position[t, i] - held) - short[t, i] * max(-held, 0.0)
    return gross, cost


@pytest.mark.parametrize("assets", [1, 3, 8, 33])
@pytest.mark.parametrize("kind", ["one rate", "short", "rates of each"])
def test_what_is_held_earns_and_costs(assets, kind):
    generator = np.random.default_rng(assets)
    position, ret = generator.uniform(-1, 1, (60, assets)), generator.normal(0, 0.02, (60, assets))
    position[generator.random(position.shape) < 0.3] = 0.0
    trade, short = np.full(ret.shape, 5e-4), np.full(ret.shape, 0.0 if kind == "one rate" else 2e-5)
    if kind == "rates of each":
        trade, short = generator.uniform(0, 1e-3, ret.shape), generator.uniform(0, 1e-4, ret.shape)
    rates = Rates(trade, short) if kind == "rates of each" else Rates(5e-4, float(short[0, 0]))
    session = np.maximum(np.arange(60, dtype=np.int32) - 9, 0)
    session[40:] = np.arange(1, 21)
    apart = np.tile(session[:, None], (1, assets))
    apart[:20, 0] = 0
    apart[20:, 0] = np.arange(1, 41)
    for age in (apart, session[:, None]):
        expected = plain_earn(position, ret, np.broadcast_to(age, ret.shape), trade, short)
        found = earn(position, ret, age, rates)
        assert np.array_equal(found[0], expected[0])
        assert np.array_equal(found[1], expected[1])
    weight = np.abs(position)
    parts = earn(weight * position, ret, session[:, None], rates)
    total = sum_assets(parts[0]) + sum_assets(parts[1])
    assert same(earned_by(weight, position, ret, session, rates), total)


def test_assets_are_added_in_their_order():
    values = np.random.default_rng(3).standard_normal((23, 77)) * 10.0 ** np.arange(-38, 39)
    for row, found in zip(values.tolist(), sum_assets(values), strict=True):
        total = 0.0  # Python's own sum compensates
        for value in row:
            total += value
        assert found == total


def test_a_delay_holds_what_was_decided_before():
    generator = np.random.default_rng(4)
    weight, exposure, leverage = (generator.random(shape) for shape in ((30, 3), (30, 3), 30))
    age = np.maximum(np.arange(30, dtype=np.int32) - 4, 0)
    decided = leverage[:, None] * weight * exposure
    for delay in (0, 1, 3):
        found = hold(weight, exposure, leverage, age, delay)
        for t in range(30):
            assert same(found[t], decided[t - delay] if age[t] > delay else np.zeros(3))


def test_weights_stand_on_the_sessions_of_the_portfolio_alone():
    raw, own = np.random.default_rng(5).random((20, 9)), np.arange(20) > 6
    everywhere = capped_weights(raw, 0.3, "exact")
    assert same(capped_weights(raw, 0.3, "exact", own), np.where(own[:, None], everywhere, 0.0))


def test_ages_count_from_where_an_asset_begins():
    is_live = np.ones((12, 3), bool)
    is_live[:2, 1] = is_live[8:, 1] = is_live[:, 2] = False
    start = np.repeat([0, 5], [5, 7])
    assert ages(is_live)[:, 1].tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0]
    assert ages(is_live, start)[:, 0].tolist() == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 6, 7]
    assert ages(is_live, start)[:, 1].tolist() == [0, 0, 1, 2, 3, 1, 2, 3, 0, 0, 0, 0]
    opens = np.zeros((12, 3), bool)
    opens[4:6] = True
    assert ages(is_live, may_begin=opens)[:, 0].tolist() == [0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert not ages(is_live)[:, 2].any()


@pytest.mark.parametrize("sessions", [1, 3, 10**6])
def test_an_entry_is_held_and_others_are_ignored_meanwhile(sessions):
    generator = np.random.default_rng(sessions)
    entry, may_enter = generator.random((200, 5)) < 0.2, generator.random((200, 5)) < 0.9
    _, age = nasty(sessions, 200, 5)
    age[150:, 1] = 0
    found = hold_entries(entry, Span(age, may_enter), sessions)
    for i in range(5):
        left = 0
        for t in range(200):
            left = 0 if age[t, i] <= 1 else left
            if age[t, i] and not left and entry[t, i] and may_enter[t, i]:
                left = sessions
            assert found[t, i] == (left > 0)
            left = max(left - 1, 0)


def test_who_says_how_malloc_behaves_is_heard(monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "131072")
    assert not memory.keep_freed()
