"""Bars that are lost."""

import numpy as np

from plumbline.engine.line import Line
from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.registry import Parameter, Values, shock
from plumbline.engine.shocks import has_return
from plumbline.engine.stress import Inputs


def drop_sessions(market: Market, share: float, seed: int) -> Panel:
    """Lose a share of all bars, each asset's at random: they are carried (section 8), never two in a row."""
    panel = market.panel
    lost = np.random.default_rng(seed).random(panel.price.shape) < share
    lost &= has_return(market) & ~panel.is_filled
    lost[1:] &= ~(lost | panel.is_filled)[:-1]
    lost[:-1] &= ~panel.is_filled[1:]
    price = panel.price.copy()
    price[1:] = np.where(lost[1:], price[:-1], price[1:])
    return panel._replace(
        price=price, volume=np.where(lost, 0.0, panel.volume), is_filled=panel.is_filled | lost
    )


@shock(
    "missing",
    Parameter("share", 0.01, 0.0, 1.0, unit="fraction", meaning="Share of the bars that are lost."),
    Parameter("seed", 11, 0, meaning="Where the draw of the bars starts."),
)
def missing(inputs: Inputs, line: Line, parameters: Values) -> Inputs:
    """Loses a share of the bars, which are then carried."""
    return inputs._replace(market=Market(drop_sessions(inputs.market, parameters.share, parameters.seed)))
