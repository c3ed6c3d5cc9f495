"""All assets that trade, in equal parts (docs/robustness.md, section 3)."""

import numpy as np

from plumbline.engine.benchmarks import BenchmarkView, equal_parts
from plumbline.engine.registry import Values, benchmark
from plumbline.engine.types import Floats


@benchmark("equal_weight")
def equal_weight(view: BenchmarkView, parameters: Values) -> Floats:
    """Holds equal parts of the assets that trade, rebalanced at the cost of what the weights change by."""
    return equal_parts((view.is_live & view.is_session).astype(np.float64))
