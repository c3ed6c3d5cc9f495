"""Time the statistics of luck beside the plain ways: ``python -m benchmarks.luck [--trials 100 1000]``."""

import argparse

import numpy as np
from arch.bootstrap import SPA

from benchmarks.engine import seconds
from plumbline.engine.measures import sharpe
from plumbline.engine.overfitting import backtest_overfitting
from plumbline.engine.resampling import resampled_sharpes, stationary_sources
from plumbline.engine.superiority import superior_predictive_ability
from plumbline.engine.types import Floats

SESSIONS = 2558  # of the sample's folds
DRAWS, BLOCK, SEED = 1000, 20, 20120101


def arch_superiority(benchmark: Floats, models: Floats, draws: int = DRAWS) -> tuple[float, ...]:
    """Return the p-values of Hansen's test by arch."""
    test = SPA(-benchmark, -models, block_size=BLOCK, reps=draws, seed=SEED)
    test.compute()
    return tuple(test.pvalues)


def main() -> None:
    """Print CPU seconds of each statistic, and whether both ways say the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, nargs="+", default=[100, 1000])
    generator = np.random.default_rng(SEED)
    benchmark = generator.normal(0.0004, 0.012, SESSIONS)
    sources = stationary_sources(SESSIONS, DRAWS, BLOCK, SEED)
    for run in (backtest_overfitting, lambda r: superior_predictive_ability(r[:, 0], r, sources[:2], BLOCK)):
        run(np.tile(benchmark[:, None], 2))  # compiles
    print(f"{'statistic':>28} {'trials':>6} {'plain s':>8} {'engine s':>8} equal")

    def report(name: str, trials: int, engine, plain=None) -> None:
        beside = f"{seconds(plain, 1):8.3f}" if plain else f"{'':8}"
        equal = np.array_equal(engine(), plain()) if plain else ""
        print(f"{name:>28} {trials:6} {beside} {seconds(engine, 3):8.3f} {equal}")

    report(
        "bootstrap of a Sharpe ratio",
        1,
        lambda: resampled_sharpes(benchmark, sources),
        lambda: np.array([sharpe(benchmark[source]) for source in sources]),
    )
    for trials in parser.parse_args().trials:
        models = 0.5 * benchmark[:, None] + generator.normal(0.0002, 0.01, (SESSIONS, trials))
        report("cross-validation", trials, lambda models=models: backtest_overfitting(models))
        report(
            "superior predictive ability",
            trials,
            lambda models=models: superior_predictive_ability(benchmark, models, sources, BLOCK),
            lambda models=models: arch_superiority(benchmark, models),
        )


if __name__ == "__main__":
    main()
