"""All assets in their folds, under the same risk (docs/robustness.md, section 3)."""

import numpy as np

from plumbline.engine.benchmarks import BenchmarkView, equal_parts
from plumbline.engine.registry import Values, benchmark
from plumbline.engine.types import Floats


@benchmark("always_long")
def always_long(view: BenchmarkView, parameters: Values) -> Floats:
    """Holds equal parts of the assets in their folds, from the first session on.

    Under the variant's volatility target.
    """
    return view.levered(equal_parts((view.in_folds & view.is_session).astype(np.float64)))
