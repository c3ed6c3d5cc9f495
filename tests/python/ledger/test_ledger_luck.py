"""Three hundred variants of noise, tried one after another: the ledger tells, the best alone does not."""

from collections.abc import Callable

import numpy as np
import pytest

from plumbline.engine.overfitting import expected_maxima, moments, probabilistic_sharpe
from plumbline.engine.types import Floats

TRIALS, SESSIONS, WORLDS = 300, 500, 200


def in_and_out(generator: np.random.Generator) -> Floats:
    """Return what holding a market without drift at random earns beyond holding it: correlated 0.5."""
    market = 0.01 * generator.standard_t(5, (SESSIONS, 1)) / np.sqrt(5 / 3)
    days = generator.random((SESSIONS // 5, TRIALS)) < 0.5
    return (np.repeat(days, 5, axis=0) - 1.0) * market


def unrelated(generator: np.random.Generator) -> Floats:
    return generator.normal(0.0, 0.01, (SESSIONS, TRIALS))


def families(generator: np.random.Generator) -> Floats:
    """Return near copies, correlated 0.9, of twelve unrelated ideas."""
    ideas = np.repeat(generator.normal(size=(SESSIONS, 12)), TRIALS // 12, axis=1)
    return 0.01 * (np.sqrt(0.9) * ideas + np.sqrt(0.1) * generator.normal(size=(SESSIONS, TRIALS)))


KINDS = (in_and_out, unrelated, families)


def beliefs(kind: Callable, seed: int) -> tuple[float, float]:
    """Return how probable the skill of the best trial looks with all trials known, and looked at alone."""
    excess = kind(np.random.default_rng(seed))
    found = moments(excess[:, (excess.mean(axis=0) / excess.std(axis=0)).argmax()])
    luck = expected_maxima(excess, 250, seed=1)[-1] / np.sqrt(SESSIONS - 1.0)
    return probabilistic_sharpe(found, luck), probabilistic_sharpe(found, 0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_best_of_noise_is_not_believed(kind: Callable) -> None:
    """In 95 of 100 worlds at least; looked at alone it is believed in most."""
    found = np.array([beliefs(kind, seed) for seed in range(WORLDS)])
    assert (found[:, 0] < 0.95).mean() >= 0.95
    assert (found[:, 1] >= 0.95).mean() >= 0.6


def test_a_true_edge_among_noise_is_believed() -> None:
    found = []
    for seed in range(20):
        excess = unrelated(np.random.default_rng(seed))
        excess[:, 7] += 0.0028  # an annual Sharpe ratio of 4.4
        luck = expected_maxima(excess, 250, seed=1)[-1] / np.sqrt(SESSIONS - 1.0)
        found.append(probabilistic_sharpe(moments(excess[:, 7]), luck))
    assert np.mean(np.array(found) > 0.95) >= 0.9


def test_the_path_of_luck_is_known_after_every_trial() -> None:
    """Whoever stops at the first one that looks good is told of those before it, and only of those."""
    excess = unrelated(np.random.default_rng(5))
    luck = expected_maxima(excess, 1000, seed=1)
    assert luck[0] == pytest.approx(0.0, abs=1e-12)
    for trials, known in ((10, 1.539), (100, 2.508), (300, 2.882)):  # of so many normal numbers
        assert luck[trials - 1] == pytest.approx(known, abs=0.06)
