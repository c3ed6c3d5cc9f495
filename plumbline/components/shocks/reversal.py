"""Entries that turn at once."""

import numpy as np

from plumbline.engine.line import Line
from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.registry import Parameter, Values, shock
from plumbline.engine.shocks import with_returns
from plumbline.engine.stress import Inputs
from plumbline.engine.types import Bools


def reverse_after(market: Market, entries: Bools, sessions: int) -> Panel:
    """Turn every rise in the sessions after an entry into a fall of that size: r' = -|r|."""
    hit = np.zeros_like(entries)
    for k in range(1, sessions + 1):
        hit[k:] |= entries[:-k]
    return with_returns(market, np.where(hit, -np.abs(market.ret), market.ret))


@shock(
    "reversal",
    Parameter("sessions", 1, 0, unit="sessions", meaning="Sessions after an entry that turn."),
    Parameter("strategy", "trend", of="strategy", meaning="Whose entries."),
)
def reversal(inputs: Inputs, line: Line, parameters: Values) -> Inputs:
    """Turns every rise in the sessions after an entry into a fall."""
    if parameters.strategy not in line.streams:
        return inputs
    position = line.streams[parameters.strategy].positions.position
    entries = position > 0.0
    entries[1:] &= position[:-1] == 0.0
    return inputs._replace(market=Market(reverse_after(inputs.market, entries, parameters.sessions)))
