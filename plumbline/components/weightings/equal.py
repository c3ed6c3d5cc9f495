"""Equal weights (docs/method.md, alternatives)."""

import numpy as np

from plumbline.engine.portfolio import AssetStreams
from plumbline.engine.registry import Values, weighting
from plumbline.engine.types import Floats
from plumbline.engine.variants import VOL_WINDOW
from plumbline.engine.view import View


@weighting("equal", VOL_WINDOW, looks_at="age")
def equal(view: View, parameters: Values, streams: AssetStreams) -> Floats:
    """Weighs all assets alike, once their streams have vol_window observations."""
    return np.where(streams.age >= parameters.vol_window, 1.0, np.nan)
