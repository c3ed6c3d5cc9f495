"""Time the engine beside the plain pandas way: ``python -m benchmarks.engine [--assets 3 30 300]``."""

import argparse
import time
from collections.abc import Callable

import numpy as np

from benchmarks.pandas_line import net_returns
from plumbline.components import load
from plumbline.engine.line import run_line
from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.variants import Variant
from plumbline.tables.variants import read_rows, resolve
from plumbline.warehouse.paths import PROJECT_ROOT

SESSIONS = 4025


def random_panel(assets: int) -> Panel:
    """Return seeded random walks of 16 years."""
    generator = np.random.default_rng(assets)
    days = np.arange("2010-01-04", "2026-12-31", dtype="datetime64[D]")
    days = days[np.is_busday(days)][:SESSIONS]
    returns = generator.normal(0.0004, 0.012, (SESSIONS, assets))
    volume = generator.integers(10**5, 10**6, (SESSIONS, assets)).astype(float)
    live = np.ones((SESSIONS, assets), bool)
    symbols = tuple(f"A{i:04d}" for i in range(assets))
    return Panel(days, symbols, 100 * np.cumprod(1 + returns, axis=0), volume, live, ~live)


def baseline() -> Variant:
    """Return the variant `baseline` of seeds/variants.csv."""
    load()
    variants = [variant for _, variant in resolve(read_rows(PROJECT_ROOT / "seeds", "seeds"))]
    return next(variant for variant in variants if variant.variant_id == "baseline")


def seconds(run: Callable[[], object], repeats: int) -> float:
    """Return the best CPU time of `repeats` runs."""
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        run()
        best = min(best, time.process_time() - start)
    return best


def main() -> None:
    """Print CPU milliseconds of both, from bars to the portfolio's returns, and their largest difference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assets", type=int, nargs="+", default=[3, 30])
    variant = baseline()
    run_line(Market(random_panel(1)), variant)  # compiles
    print(f"{'assets':>6} {'pandas ms':>10} {'engine ms':>10} {'features once':>13} {'difference':>10}")
    for assets in parser.parse_args().assets:
        panel = random_panel(assets)
        market = Market(panel)
        portfolio = run_line(market, variant).portfolio
        difference = np.abs(
            net_returns(panel, variant).to_numpy() - portfolio.net_return[portfolio.age > 0]
        ).max()
        plain = seconds(lambda panel=panel: net_returns(panel, variant), 1)
        whole = seconds(lambda panel=panel: run_line(Market(panel), variant), 5)
        again = seconds(lambda market=market: run_line(market, variant), 5)
        print(f"{assets:6} {plain * 1e3:10.1f} {whole * 1e3:10.2f} {again * 1e3:13.2f} {difference:10.1e}")


if __name__ == "__main__":
    main()
