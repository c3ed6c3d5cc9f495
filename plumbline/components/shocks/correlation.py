"""Assets that move together."""

import numpy as np

from plumbline.engine.line import Line
from plumbline.engine.market import Market
from plumbline.engine.measures import mean_correlation
from plumbline.engine.panel import Panel
from plumbline.engine.registry import Parameter, Values, shock
from plumbline.engine.shocks import has_return, mean_known, with_returns
from plumbline.engine.stress import Inputs
from plumbline.engine.types import Floats


def raise_correlation(market: Market, target: float) -> Panel:
    """Mix every asset's standardised return with the mean of all, until their mean correlation is `target`.

    z' = (1 - λ) z + λ c, standardised again, with c the mean of z over the assets of the session; means and
    volatilities stay, and λ is found by bisection. Returns that are as correlated already stay as they are.
    """
    known = has_return(market)
    centre = mean_known(market.ret, known)
    spread = np.sqrt(mean_known((market.ret - centre) ** 2, known))
    moving = known & (spread > 0.0)
    z = np.where(moving, (market.ret - centre) / np.where(spread > 0.0, spread, 1.0), 0.0)
    common = z.sum(axis=1, keepdims=True) / np.maximum(moving.sum(axis=1, keepdims=True), 1)

    def mixed(share: float) -> Floats:
        blend = (1.0 - share) * z + share * common
        blend = np.where(moving, blend - mean_known(blend, moving), 0.0)
        deviation = np.sqrt(mean_known(blend**2, moving))
        return blend / np.where(deviation > 0.0, deviation, 1.0)

    balanced = (moving | ~moving.any(axis=0)).all(axis=1)  # one that never moves has no correlation
    if balanced.sum() < 2 or mean_correlation(z[balanced]) >= target:
        return market.panel
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2.0
        low, high = (middle, high) if mean_correlation(mixed(middle)[balanced]) < target else (low, middle)
    return with_returns(market, np.where(moving, centre + spread * mixed(high), market.ret))


@shock(
    "correlation",
    Parameter("target", 0.95, -1.0, 1.0, unit="correlation", meaning="Mean correlation to reach."),
)
def correlation(inputs: Inputs, line: Line, parameters: Values) -> Inputs:
    """Drives the assets' mean correlation up."""
    return inputs._replace(market=Market(raise_correlation(inputs.market, parameters.target)))
