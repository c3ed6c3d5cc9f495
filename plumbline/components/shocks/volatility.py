"""Returns further from their mean."""

import numpy as np

from plumbline.engine.line import Line
from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.registry import Parameter, Values, shock
from plumbline.engine.shocks import has_return, mean_known, with_returns
from plumbline.engine.stress import Inputs


def scale_volatility(market: Market, factor: float) -> Panel:
    """Spread each asset's returns about their mean: r' = r + (factor - 1)(r - mean)."""
    known = has_return(market)
    deviation = np.where(known, market.ret - mean_known(market.ret, known), 0.0)
    return with_returns(market, market.ret + (factor - 1.0) * deviation)


@shock(
    "volatility",
    Parameter(
        "factor", 1.5, 0.0, unit="multiple", meaning="How many times as far from its mean a return lies."
    ),
)
def volatility(inputs: Inputs, line: Line, parameters: Values) -> Inputs:
    """Spreads every asset's returns about their mean."""
    return inputs._replace(market=Market(scale_volatility(inputs.market, parameters.factor)))
