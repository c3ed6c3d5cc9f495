"""Each asset, bought once (docs/robustness.md, section 3)."""

import numpy as np

from plumbline.engine.benchmarks import BenchmarkView
from plumbline.engine.registry import Values, benchmark
from plumbline.engine.types import Floats


@benchmark("buy_and_hold")
def buy_and_hold(view: BenchmarkView, parameters: Values) -> dict[str, Floats]:
    """Holds one asset from the first session on, or from its first bar; costs its entry."""
    trading = (view.is_live & view.is_session).astype(np.float64)
    columns = np.arange(len(view.symbols))
    return {symbol: np.where(columns == place, trading, 0.0) for place, symbol in enumerate(view.symbols)}
