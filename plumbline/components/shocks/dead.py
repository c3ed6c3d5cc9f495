"""An asset that ends."""

import numpy as np

from plumbline.engine.line import Line
from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.registry import Parameter, Values, shock
from plumbline.engine.stress import Inputs, largest_holding


def end_asset(market: Market, asset: int, session: int, carried: int) -> Panel:
    """Let an asset have no bar after `session`: its last is carried for `carried` sessions, then gone."""
    panel = market.panel
    price, volume = panel.price.copy(), panel.volume.copy()
    is_live, is_filled = panel.is_live.copy(), panel.is_filled.copy()
    last_bar = np.flatnonzero((is_live & ~is_filled)[: session + 1, asset])[-1]
    after = slice(session + 1, None)
    last = slice(session + 1, last_bar + 1 + carried)
    price[after, asset], volume[after, asset] = np.nan, np.nan
    is_live[after, asset], is_filled[after, asset] = False, False
    price[last, asset], volume[last, asset] = panel.price[session, asset], 0.0
    is_live[last, asset], is_filled[last, asset] = True, True
    return panel._replace(price=price, volume=volume, is_live=is_live, is_filled=is_filled)


@shock(
    "dead",
    Parameter("carried", 5, 0, unit="sessions", meaning="Sessions that its last bar is carried for."),
)
def dead(inputs: Inputs, line: Line, parameters: Values) -> Inputs:
    """Delists the asset with the largest holding on the session it was largest."""
    if (found := largest_holding(line)) is None:
        return inputs
    session, asset = found
    return inputs._replace(market=Market(end_asset(inputs.market, asset, session, parameters.carried)))
