"""What luck explains: cross-validation, the test of superior ability, the bootstrap of a Sharpe ratio."""

from itertools import combinations
from typing import NamedTuple

import numpy as np
from arch.bootstrap import SPA

from benchmarks.measuring import Contender, Job
from plumbline.engine.overfitting import BLOCKS, backtest_overfitting
from plumbline.engine.resampling import resampled_sharpes, stationary_sources
from plumbline.engine.superiority import superior_predictive_ability
from plumbline.engine.types import Floats, Ints

SESSIONS = 2558  # of the sample's folds
DRAWS, BLOCK, SEED = 1000, 20, 20120101


class Trials(NamedTuple):
    """Daily returns of a benchmark and of trials that share half of its moves, and what is drawn of them."""

    benchmark: Floats
    models: Floats
    sources: Ints


def trials(count: int) -> Trials:
    """Return so many trials."""
    generator = np.random.default_rng(SEED)
    benchmark = generator.normal(0.0004, 0.012, SESSIONS)
    models = 0.5 * benchmark[:, None] + generator.normal(0.0002, 0.01, (SESSIONS, count))
    return Trials(benchmark, models, stationary_sources(SESSIONS, DRAWS, BLOCK, SEED))


def draws(count: int) -> Trials:
    """Return one history and so many draws of it."""
    return trials(1)._replace(sources=stationary_sources(SESSIONS, count, BLOCK, SEED))


def _arch(inputs: Trials) -> Floats:
    """Run Hansen's test by arch."""
    test = SPA(-inputs.benchmark, -inputs.models, block_size=BLOCK, reps=DRAWS, seed=SEED)
    test.compute()
    return test.pvalues.to_numpy()


def _numpy_overfitting(inputs: Trials) -> Floats:
    """Cross-validate with one product of matrices: every half of the blocks is a row of zeros and ones."""
    returns = inputs.models
    length, count = len(returns) // BLOCKS, returns.shape[1]
    cut = returns[len(returns) - length * BLOCKS :].reshape(BLOCKS, length, count)
    halves = np.array(list(combinations(range(BLOCKS), BLOCKS // 2)))
    inside = np.zeros((len(halves), BLOCKS))
    np.put_along_axis(inside, halves, 1.0, axis=1)
    total, squares = cut.sum(axis=1), (cut**2).sum(axis=1)
    sessions = length * BLOCKS // 2

    def sharpes(half: Floats) -> Floats:
        mean = half @ total / sessions
        return mean / np.sqrt(half @ squares / sessions - mean**2)

    best, outside = sharpes(inside).argmax(axis=1), sharpes(1.0 - inside)
    chosen = np.take_along_axis(outside, best[:, None], axis=1)
    rank = (outside < chosen).sum(axis=1) + ((outside == chosen).sum(axis=1) + 1.0) / 2.0
    relative = rank / (count + 1.0)
    return np.array([((relative < 0.5) + 0.5 * (relative == 0.5)).mean()])


def _numpy_sharpes(inputs: Trials) -> Floats:
    """Gather all draws at once."""
    drawn = inputs.benchmark[inputs.sources]
    return np.sqrt(252.0) * drawn.mean(axis=1) / drawn.std(axis=1)


OVERFITTING = Job(
    name="overfitting",
    title=f"Cross-validation for overfitting, {BLOCKS} blocks of {SESSIONS:,} sessions",
    size="trials",
    sizes=(100, 300, 1000),
    quick=(10, 30),
    cell="trial-session",
    prepare=trials,
    cells=lambda inputs: inputs.models.size,
    contenders=(
        Contender("engine", lambda inputs: np.array([backtest_overfitting(inputs.models)])),
        Contender("numpy, all halves at once", _numpy_overfitting),
    ),
)
SUPERIORITY = Job(
    name="superiority",
    title=f"Superior predictive ability, {DRAWS:,} draws of {SESSIONS:,} sessions",
    size="trials",
    sizes=(100, 300, 1000),
    quick=(3, 10),
    cell="trial-session of a draw",
    prepare=trials,
    cells=lambda inputs: inputs.models.size * DRAWS,
    contenders=(
        Contender(
            "engine",
            lambda inputs: np.array(
                superior_predictive_ability(inputs.benchmark, inputs.models, inputs.sources, BLOCK)
            ),
        ),
        Contender("arch", _arch),
    ),
)
BOOTSTRAP = Job(
    name="bootstrap",
    title=f"Bootstrap of a Sharpe ratio of {SESSIONS:,} sessions",
    size="draws",
    sizes=(100, 1000, 10000),
    quick=(10, 100),
    cell="session of a draw",
    prepare=draws,
    cells=lambda inputs: inputs.sources.size,
    contenders=(
        Contender("engine", lambda inputs: resampled_sharpes(inputs.benchmark, inputs.sources)),
        Contender("numpy, all draws at once", _numpy_sharpes),
    ),
)
