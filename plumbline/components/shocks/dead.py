"""An asset that ends."""

import numpy as np

from plumbline.engine.line import Line
from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.registry import ComponentError, Parameter, Values, shock
from plumbline.engine.shocks import end_asset
from plumbline.engine.stress import Inputs

LARGEST = "largest"


@shock(
    "dead",
    Parameter("symbol", LARGEST, of="symbol", meaning="The asset; `largest`: that of the largest holding."),
    Parameter(
        "date", LARGEST, of="date", meaning="Its last session but one; `largest`: when it was held most."
    ),
    Parameter(
        "loss",
        -0.3,
        -1.0,
        0.0,
        unit="fraction",
        meaning="Return of its last session; -0.3 is the mean of those for performance (Shumway 1997).",
    ),
    Parameter("carried", 5, 0, unit="sessions", meaning="Sessions that its last bar is carried for."),
)
def dead(inputs: Inputs, line: Line, parameters: Values) -> Inputs:
    """Delists an asset: it falls in the next session, and that was its last bar."""
    panel = inputs.market.panel
    holding = np.abs(line.portfolio.holding[:-1])
    holding[~_asked(panel, parameters)[:-1]] = -1.0
    is_free = LARGEST in (parameters.symbol, parameters.date)
    if not holding.size or holding.max() < 0.0 or (is_free and holding.max() == 0.0):
        return inputs
    session, asset = np.unravel_index(holding.argmax(), holding.shape)
    ended = end_asset(inputs.market, asset, session + 1, parameters.loss, parameters.carried)
    return inputs._replace(market=Market(ended))


def _asked(panel: Panel, parameters: Values) -> np.ndarray:
    """Return which sessions and assets the parameters leave to choose from, (sessions, assets)."""
    asked = np.ones(panel.price.shape, bool)
    if parameters.symbol != LARGEST:
        if parameters.symbol not in panel.symbols:
            raise ComponentError(f"symbol '{parameters.symbol}' is none of {', '.join(panel.symbols)}")
        asked &= np.array(panel.symbols) == parameters.symbol
    if parameters.date != LARGEST:
        try:
            day = np.datetime64(parameters.date, "D")
        except ValueError:
            raise ComponentError(f"date '{parameters.date}' is no day such as 2020-02-28") from None
        until = np.searchsorted(panel.sessions, day, side="right") - 1
        asked &= (np.arange(len(asked)) == until)[:, None]
    return asked
