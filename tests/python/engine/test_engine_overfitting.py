"""Statistics of luck against the papers' own numbers, scipy, simulations and a plain cross-validation."""

import itertools
from math import sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from plumbline.engine.overfitting import (
    Moments,
    backtest_overfitting,
    deflated_sharpe,
    effective_trials,
    expected_maxima,
    expected_maximum_sharpe,
    minimum_track_record,
    moments,
    probabilistic_sharpe,
)

# Bailey and López de Prado (2014), the numerical example: 250 sessions a year.
DSR_SESSIONS = 1250
DSR_FOUND = Moments(2.5 / sqrt(250), -3.0, 10.0, DSR_SESSIONS)
DSR_VARIANCE = 0.5 / 250
# Bailey and López de Prado (2012), two years of monthly returns of a hedge fund.
PSR_SHARPE, PSR_MONTHS = 0.458, 24


def test_the_expected_maximum_is_that_of_the_paper():
    assert expected_maximum_sharpe(DSR_VARIANCE, 100) == pytest.approx(0.1132, abs=5e-5)


@pytest.mark.parametrize(("trials", "printed"), [(100, 0.9004), (46, 0.9505)])
def test_the_deflated_sharpe_ratio_is_that_of_the_paper(trials, printed):
    assert deflated_sharpe(DSR_FOUND, DSR_VARIANCE, trials) == pytest.approx(printed, abs=1e-4)


@pytest.mark.parametrize(
    ("skewness", "kurtosis", "printed"), [(0.0, 3.0, 0.982), (-2.448, 10.164, 0.913)], ids=["normal", "real"]
)
def test_the_probabilistic_sharpe_ratio_is_that_of_the_paper(skewness, kurtosis, printed):
    """The same record looks far less sure once its skewness and its tails count."""
    found = Moments(PSR_SHARPE, skewness, kurtosis, PSR_MONTHS)
    assert probabilistic_sharpe(found, 0.0) == pytest.approx(printed, abs=5e-4)


@pytest.mark.parametrize(("a_year", "printed"), [(250, 2.73), (52, 2.83), (12, 3.24)])
def test_the_minimum_track_record_is_that_of_the_paper(a_year, printed):
    """An annual Sharpe ratio of 2 against 1 at 95 %, observed daily, weekly, monthly."""
    found = Moments(2.0 / sqrt(a_year), 0.0, 3.0, 1)
    assert minimum_track_record(found, 1.0 / sqrt(a_year)) / a_year == pytest.approx(printed, abs=0.005)


@given(
    sharpe=st.floats(0.01, 0.5),
    skewness=st.floats(-2.0, 0.5),
    excess=st.floats(0.0, 10.0),
    confidence=st.floats(0.6, 0.99),
)
def test_a_record_of_the_minimum_length_is_as_sure_as_was_asked(sharpe, skewness, excess, confidence):
    found = Moments(sharpe, skewness, 3.0 + skewness**2 + excess, 0)
    needed = minimum_track_record(found, 0.0, confidence)
    assert probabilistic_sharpe(found._replace(sessions=needed), 0.0) == pytest.approx(confidence, abs=1e-9)


def test_no_record_is_long_enough_for_what_the_sharpe_ratio_does_not_exceed():
    found = Moments(0.1, 0.0, 3.0, 100)
    assert np.isnan(minimum_track_record(found, 0.1))
    assert np.isnan(minimum_track_record(found, 0.2))


@given(seed=st.integers(0, 10_000), count=st.integers(3, 3000))
def test_moments_are_those_of_scipy(seed, count):
    returns = np.random.default_rng(seed).standard_t(5, count) * 0.01 + 0.0005
    found = moments(returns)
    assert found.sharpe == pytest.approx(returns.mean() / np.std(returns), rel=1e-12)
    assert found.skewness == pytest.approx(stats.skew(returns), rel=1e-9, abs=1e-12)
    assert found.kurtosis == pytest.approx(stats.kurtosis(returns, fisher=False), rel=1e-9)
    assert found.sessions == count


def test_returns_that_never_differ_have_no_moments():
    found = moments(np.zeros(50))
    assert np.isnan(found.sharpe)
    assert np.isnan(probabilistic_sharpe(found, 0.0))


def gamma_returns(generator: np.random.Generator, shape: tuple[int, int], mean: float) -> np.ndarray:
    """Return records of skewness -1 and kurtosis 4.5: a shifted gamma turned over, standard deviation 1."""
    return mean - (generator.gamma(4.0, size=shape) - 4.0) / 2.0


@pytest.mark.parametrize("true", [0.1, 0.3])
def test_the_probability_is_as_often_right_as_it_says(true):
    """Against simulation; leaving out skewness and tails would miss the highest level by 0.03."""
    records = gamma_returns(np.random.default_rng(5), (4000, 1000), true)
    sure = np.array([probabilistic_sharpe(moments(record), true) for record in records])
    for level in (0.05, 0.25, 0.75, 0.95):
        assert (sure <= level).mean() == pytest.approx(level, abs=0.02)


def counted(returns: np.ndarray) -> float:
    """Return how many independent trials these are worth."""
    return effective_trials(expected_maxima(returns, 2000, 1)[-1])


def test_trials_that_are_copies_count_as_one():
    one = np.random.default_rng(1).normal(0, 0.01, 500)
    assert counted(np.column_stack([one] * 7)) == 1.0
    assert counted(one[:, None]) == 1.0


@pytest.mark.parametrize("trials", [5, 40, 300])
def test_independent_trials_count_each(trials):
    found = counted(np.random.default_rng(2).normal(0, 0.01, (5000, trials)))
    assert found == pytest.approx(trials, rel=0.12)


def test_copies_of_several_trials_count_as_these():
    """Their mean correlation, 0.2, would count 241 of three hundred."""
    some = np.random.default_rng(3).normal(0, 0.01, (4000, 5))
    assert counted(np.repeat(some, 60, axis=1)) == pytest.approx(counted(some), rel=1e-6)


@pytest.mark.parametrize("correlation", [0.3, 0.6, 0.9])
def test_the_maximum_of_correlated_trials_is_that_of_simulation(correlation):
    generator = np.random.default_rng(4)
    common, own = generator.normal(size=(4000, 1)), generator.normal(size=(4000, 50))
    returns = np.sqrt(correlation) * common + np.sqrt(1.0 - correlation) * own
    shown = np.sqrt(1.0 - correlation) * generator.normal(size=(20_000, 50)).max(axis=1).mean()
    assert expected_maxima(returns, 2000, 1)[-1] == pytest.approx(shown, abs=0.06)


def test_each_maximum_is_that_of_the_trials_up_to_it():
    returns = np.random.default_rng(5).normal(0, 0.01, (300, 20))
    found = expected_maxima(returns, 100, 1)
    assert found[0] == pytest.approx(0.0, abs=1e-12)
    assert (np.diff(found) >= 0.0).all()
    for trials in (1, 2, 13):
        assert found[trials - 1] == pytest.approx(expected_maxima(returns[:, :trials], 100, 1)[-1], abs=1e-12)


def test_trials_are_compared_where_both_have_returns_and_one_that_never_trades_adds_little():
    returns = np.random.default_rng(6).normal(0, 0.01, (2000, 1)) * np.ones(3)
    returns[:1000, 1], returns[:, 2] = np.nan, 0.0
    shared = np.sqrt(0.5)  # the correlation of a sum with its half
    expected = np.sqrt((1.0 - shared) / np.pi)
    assert expected_maxima(returns[:, :2], 4000, 1)[-1] == pytest.approx(expected, abs=0.02)
    assert counted(returns[:, [0, 2]]) < 2.0


def test_the_expected_maximum_is_what_luck_shows():
    """Against simulation; the formula is an approximation, good to a few hundredths from ten trials on."""
    generator = np.random.default_rng(3)
    for trials in (10, 50, 400):
        shown = generator.normal(0, 0.3, (4000, trials)).max(axis=1).mean()
        assert expected_maximum_sharpe(0.09, trials) == pytest.approx(shown, rel=0.03)


def test_a_single_trial_deflates_nothing():
    assert expected_maximum_sharpe(1.0, 1.0) == 0.0
    assert deflated_sharpe(DSR_FOUND, 1.0, 1.0) == probabilistic_sharpe(DSR_FOUND, 0.0)


def plain_overfitting(returns: np.ndarray, blocks: int) -> float:
    """Choose the best of each half by pandas' Sharpe ratio and rank it in the other (Bailey et al. 2017)."""
    length = len(returns) // blocks
    frame = pd.DataFrame(returns[len(returns) - blocks * length :])
    block_of = np.repeat(np.arange(blocks), length)
    below, halves = 0.0, list(itertools.combinations(range(blocks), blocks // 2))
    for half in halves:
        inside = frame[np.isin(block_of, half)]
        outside = frame[~np.isin(block_of, half)]
        best = (inside.mean() / inside.std()).fillna(0.0).idxmax()
        place = (outside.mean() / outside.std()).fillna(0.0).rank()[best] / (frame.shape[1] + 1)
        logit = np.log(place / (1 - place))
        below += 0.5 if logit == 0 else float(logit < 0)
    return below / len(halves)


@pytest.mark.parametrize("blocks", [2, 4, 6, 8])
@pytest.mark.parametrize("trials", [2, 3, 8])
@pytest.mark.parametrize("edge", [0.0, 0.1])
def test_backtest_overfitting_agrees_with_the_plain_way(blocks, trials, edge):
    for seed in range(4):
        returns = np.random.default_rng(seed).normal(0, 0.01, (103, trials))
        returns[:, 0] += edge * 0.01
        returns[:, 1] = 0.0 if seed == 3 else returns[:, 1]  # a trial that never trades
        found = backtest_overfitting(returns, blocks)
        assert found == pytest.approx(plain_overfitting(returns, blocks), abs=1e-12), seed


@pytest.mark.parametrize("blocks", [10, 16])
def test_neither_the_order_of_trials_nor_that_of_blocks_matters(blocks):
    generator = np.random.default_rng(blocks)
    returns = generator.normal(0.0, 0.01, (20 * blocks, 33)) + generator.normal(0, 0.0003, 33)
    known = backtest_overfitting(returns, blocks)
    assert 0.05 < known < 0.95
    for _ in range(5):
        moved = generator.permutation(returns.reshape(blocks, 20, 33)).reshape(returns.shape)
        assert backtest_overfitting(generator.permutation(moved, axis=1), blocks) == known


def test_noise_is_overfitted_as_often_as_not():
    """One matrix of noise can look better or worse; the mean over many is a half."""
    found = [
        backtest_overfitting(np.random.default_rng(seed).normal(0, 0.01, (800, 50)), 8) for seed in range(60)
    ]
    assert np.mean(found) == pytest.approx(0.5, abs=0.06)


def test_a_trial_that_is_truly_better_is_not_overfitted():
    returns = np.random.default_rng(7).normal(0, 0.01, (1600, 50))
    returns[:, 17] += 0.003
    assert backtest_overfitting(returns) < 0.01


def test_trials_that_take_turns_at_luck_are_always_overfitted():
    """What wins in one half is bound to lose in the other where all trials end up with the same mean."""
    returns = np.random.default_rng(8).normal(0, 0.01, (1600, 50))
    returns -= returns.mean(axis=0)
    assert backtest_overfitting(returns) > 0.9


def test_copies_of_one_trial_say_nothing_of_overfitting():
    one = np.random.default_rng(9).normal(0.001, 0.01, 400)
    assert backtest_overfitting(np.column_stack([one] * 5), 8) == 0.5


def test_too_little_to_cut_or_to_choose_from_is_unknown():
    assert np.isnan(backtest_overfitting(np.ones((31, 5))))
    assert np.isnan(backtest_overfitting(np.ones((500, 1))))
