"""Nothing held (docs/robustness.md, section 3)."""

import numpy as np

from plumbline.engine.benchmarks import BenchmarkView
from plumbline.engine.registry import Values, benchmark
from plumbline.engine.types import Floats


@benchmark("cash")
def cash(view: BenchmarkView, parameters: Values) -> Floats:
    """Holds nothing, and earns 0."""
    return np.zeros(view.ret.shape)
