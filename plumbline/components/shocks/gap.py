"""A jump of the price in one session."""

import numpy as np

from plumbline.engine.line import Line
from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.registry import Parameter, Values, shock
from plumbline.engine.shocks import with_returns
from plumbline.engine.stress import Inputs, largest_holding
from plumbline.engine.types import Bools


def add_gap(market: Market, session: int, assets: Bools, size: float) -> Panel:
    """Let the price of some assets jump by `size` in one session: r' = (1 + r)(1 + size) - 1."""
    shocked = market.ret.copy()
    hit = assets & market.panel.is_live[session]
    shocked[session, hit] = (1.0 + shocked[session, hit]) * (1.0 + size) - 1.0
    return with_returns(market, shocked)


@shock(
    "gap",
    Parameter("size", -0.1, -0.95, unit="fraction", meaning="Size of the jump."),
    Parameter("assets", "largest", choices=("largest", "all"), meaning="Which assets it hits."),
)
def gap(inputs: Inputs, line: Line, parameters: Values) -> Inputs:
    """Lets the price jump in the session after a holding was largest."""
    if (found := largest_holding(line)) is None:
        return inputs
    session, asset = found
    hit = np.full(len(inputs.market.panel.symbols), parameters.assets == "all")
    hit[asset] = True
    return inputs._replace(market=Market(add_gap(inputs.market, session + 1, hit, parameters.size)))
