"""Inverse volatility of the asset's stream (docs/method.md, section 6)."""

from plumbline.engine.portfolio import AssetStreams, inverse
from plumbline.engine.registry import Values, weighting
from plumbline.engine.types import Floats
from plumbline.engine.variants import VOL_WINDOW
from plumbline.engine.view import View
from plumbline.engine.windows import rolling_std


@weighting("stream", VOL_WINDOW, looks_at="volatility")
def stream(view: View, parameters: Values, streams: AssetStreams) -> Floats:
    """Weighs an asset by the inverse of the volatility of its stream.

    ``1 / sd(m[t-n+1..t])`` with ``n = vol_window`` and m the stream, once it has n observations.
    """
    return inverse(rolling_std(streams.gross + streams.cost, streams.age, parameters.vol_window))
