"""Inverse volatility of the asset itself (docs/method.md, alternatives)."""

from plumbline.engine.portfolio import AssetStreams, inverse
from plumbline.engine.registry import Values, weighting
from plumbline.engine.types import Floats
from plumbline.engine.variants import VOL_WINDOW
from plumbline.engine.view import View
from plumbline.engine.windows import rolling_std


@weighting("asset", VOL_WINDOW, looks_at="age")
def asset(view: View, parameters: Values, streams: AssetStreams) -> Floats:
    """Weighs an asset by the inverse of the volatility of its return: one in cash gets no large weight.

    ``1 / sd(ret_1d[t-n+1..t])`` with ``n = vol_window``, once its stream has n observations.
    """
    return inverse(rolling_std(view.market.ret, streams.age, parameters.vol_window))
