"""Hansen's test and the resampled histories behind it: against arch, plain numpy and simulation."""

import numpy as np
import pytest
from arch.bootstrap import SPA, StationaryBootstrap
from hypothesis import given
from hypothesis import strategies as st

from plumbline.engine.measures import sharpe
from plumbline.engine.resampling import resampled_means, resampled_sharpes, stationary_sources
from plumbline.engine.superiority import long_run_variance, superior_predictive_ability

BLOCK, SEED = 20, 20120101  # of seeds/draws.csv
LOWER_CONSISTENT_UPPER = ["lower", "consistent", "upper"]


def noise(generator, sessions, models):
    return generator.normal(0, 0.01, sessions), generator.normal(0, 0.01, (sessions, models))


def skill(generator, sessions, models):
    """Put one model ahead, and half of them so far behind that they do not matter."""
    benchmark, found = noise(generator, sessions, models)
    found[:, 0] += 0.001
    found[:, models // 2 :] -= 0.004
    return benchmark, found


def behind(generator, sessions, models):
    """Put all behind, so that a draw which is the sample turned round ties with the sample itself."""
    benchmark, found = noise(generator, sessions, models)
    return benchmark, found - found.mean(axis=0) + benchmark.mean() - 0.0005 * (1 + np.arange(models))


def ties(generator, sessions, models):
    """Draw returns in whole cents, most of them 0: means are equal to each other and to those of draws."""
    benchmark, found = noise(generator, sessions, models)
    return np.round(benchmark, 2), np.round(found, 2) * (generator.random(found.shape) < 0.1)


def copies(generator, sessions, models):
    """Draw models that are the benchmark itself, and models that are each other."""
    benchmark, found = noise(generator, sessions, models)
    found[:, : models // 2 + 1] = benchmark[:, None]
    found[:, -1] = found[:, models // 2]
    return benchmark, found


@pytest.mark.parametrize("case", [noise, skill, behind, ties, copies])
@pytest.mark.parametrize(
    ("sessions", "models", "draws", "block"),
    [
        (61, 2, 1000, BLOCK),
        (61, 9, 1000, 60),
        (200, 70, 500, BLOCK),
        (2558, 7, 1000, BLOCK),
        (90, 1, 1000, 40),
    ],
)
def test_p_values_are_those_of_arch(case, sessions, models, draws, block):
    """To the last one of the draws, whatever the order of additions decides."""
    for seed in range(3):
        benchmark, found = case(np.random.default_rng(seed), sessions, models)
        oracle = SPA(-benchmark, -found, block_size=block, reps=draws, seed=SEED + seed)
        oracle.compute()
        sources = stationary_sources(sessions, draws, block, SEED + seed)
        p = superior_predictive_ability(benchmark, found, sources, block)
        assert list(p) == list(oracle.pvalues[LOWER_CONSISTENT_UPPER]), seed


def test_the_cases_tell_the_three_tests_apart():
    benchmark, found = skill(np.random.default_rng(4), 200, 70)
    p = superior_predictive_ability(benchmark, found, stationary_sources(200, 2000, BLOCK, SEED), BLOCK)
    assert p.lower < p.upper
    benchmark, found = behind(np.random.default_rng(4), 200, 40)
    p = superior_predictive_ability(benchmark, found, stationary_sources(200, 2000, BLOCK, SEED), BLOCK)
    assert p.lower < p.consistent < p.upper


@given(seed=st.integers(0, 10_000), ahead=st.floats(-0.002, 0.002))
def test_the_consistent_test_lies_between_the_bounds(seed, ahead):
    benchmark, found = noise(np.random.default_rng(seed), 120, 6)
    sources = stationary_sources(120, 100, BLOCK, seed)
    p = superior_predictive_ability(benchmark, found + ahead * np.arange(6), sources, BLOCK)
    assert 0.0 <= p.lower <= p.consistent <= p.upper <= 1.0


def test_noise_is_found_superior_as_often_as_was_allowed():
    """Against simulation: models as good as the benchmark, the case for which the upper test is exact."""
    rejected = []
    for seed in range(400):
        benchmark, found = noise(np.random.default_rng(seed), 400, 5)
        p = superior_predictive_ability(benchmark, found, stationary_sources(400, 200, 5, seed), 5)
        rejected.append(p.upper <= 0.1)
    assert np.mean(rejected) == pytest.approx(0.1, abs=0.04)


def test_skill_is_found():
    benchmark, found = noise(np.random.default_rng(11), 2500, 50)
    found[:, 31] += 0.0015
    p = superior_predictive_ability(benchmark, found, stationary_sources(2500, 500, BLOCK, SEED), BLOCK)
    assert p.upper < 0.01


def test_the_variance_is_that_of_the_means_drawn():
    """Against simulation, of independent, of persistent and of alternating returns; 0 where none varies."""
    generator = np.random.default_rng(6)
    steps = generator.normal(0, 0.01, (301, 4))
    steps[:, 3] = 0.01
    values = steps[1:] + np.array([0.0, 0.9, -0.9, 0.0]) * steps[:-1]
    drawn = np.array([values[source].mean(axis=0) for source in stationary_sources(300, 20_000, 8, SEED)])
    found = long_run_variance(values, 8)
    assert found[:3] == pytest.approx(300 * drawn[:, :3].var(axis=0), rel=0.04)
    assert found[3] == pytest.approx(0.0, abs=1e-30)


def test_the_draws_are_those_of_arch():
    oracle = StationaryBootstrap(BLOCK, np.arange(150), seed=SEED)
    assert np.array_equal(stationary_sources(150, 50, BLOCK, SEED), [d for (d,), _ in oracle.bootstrap(50)])


def test_blocks_are_as_long_as_was_asked_and_go_on_from_the_last_session_to_the_first():
    sources = stationary_sources(1000, 200, BLOCK, SEED)
    goes_on = sources[:, 1:] == (sources[:, :-1] + 1) % 1000
    assert 1.0 / (1.0 - goes_on.mean()) == pytest.approx(BLOCK, rel=0.03)
    assert (sources[:, 1:][sources[:, :-1] == 999] == 0).mean() == pytest.approx(1 - 1 / BLOCK, abs=0.05)
    assert np.bincount(sources.ravel(), minlength=1000) == pytest.approx(200, rel=0.5)


@pytest.mark.parametrize("columns", [2, 63, 64, 65, 200])
def test_means_are_those_of_numpy_on_the_resampled_rows(columns):
    values = np.random.default_rng(columns).standard_t(3, (317, columns))
    sources = stationary_sources(317, 40, BLOCK, SEED)
    assert np.array_equal(resampled_means(values, sources), [values[s].mean(axis=0) for s in sources])


@pytest.mark.parametrize("sessions", [60, 317, 2558])
def test_sharpe_ratios_are_those_of_the_resampled_returns(sessions):
    """To the last bit those of each draw by itself, and numpy's to rounding."""
    returns = np.random.default_rng(sessions).standard_t(4, sessions) * 0.01 + 0.0003
    sources = stationary_sources(sessions, 100, BLOCK, SEED)
    found = resampled_sharpes(returns, sources)
    assert np.array_equal(found, [sharpe(returns[source]) for source in sources])
    drawn = returns[sources]
    assert found == pytest.approx(np.sqrt(252) * drawn.mean(axis=1) / drawn.std(axis=1), rel=1e-9, abs=1e-12)


def test_a_draw_that_never_moves_has_no_sharpe_ratio():
    returns = np.r_[np.zeros(40), 0.01, 0.02]
    sources = np.array([np.arange(42), np.zeros(42), np.full(42, 41)], np.int32)
    assert list(np.isnan(resampled_sharpes(returns, sources))) == [False, True, True]
