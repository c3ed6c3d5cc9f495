"""One variant under one scenario: the whole line again, on shocked inputs (docs/robustness.md).

A shock is a function ``(inputs, line, parameters) -> inputs``, where `line` is the unstressed run.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from plumbline.engine.line import Line, run_line
from plumbline.engine.market import Market
from plumbline.engine.measures import max_drawdown, sharpe, total_return
from plumbline.engine.portfolio import AT_ONCE, Execution
from plumbline.engine.registry import Component, ComponentError, Values, component
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant
from plumbline.engine.view import call


class Inputs(NamedTuple):
    """What a scenario makes of a run: its bars, its variant, its execution."""

    market: Market
    variant: Variant
    execution: Execution = AT_ONCE


class Stressed(NamedTuple):
    """Measures of a stressed run, NaN where nothing is covered."""

    sharpe: float
    total_return: float
    max_drawdown: float


def measure(net: Floats) -> Stressed:
    """Measure daily net returns, (sessions,)."""
    return Stressed(sharpe(net), total_return(net), max_drawdown(net))


def own_returns(line: Line) -> Floats:
    """Return the net returns of the portfolio's own sessions, (T,)."""
    return line.portfolio.net_return[line.portfolio.age > 0]


def window_returns(market: Market, line: Line, first: np.datetime64, last: np.datetime64) -> Floats | None:
    """Return the net returns from `first` to `last`, None where the portfolio does not cover them."""
    own = line.portfolio.age > 0
    sessions = market.panel.sessions
    wanted = (sessions >= first) & (sessions <= last)
    is_inside = len(sessions) and sessions[0] <= first and sessions[-1] >= last
    return line.portfolio.net_return[wanted] if is_inside and own[wanted].all() and wanted.any() else None


def largest_holding(line: Line) -> tuple[int, int] | None:
    """Return session and asset of the largest holding that another session follows, None without any."""
    holding = np.abs(line.portfolio.holding[:-1])
    return np.unravel_index(np.argmax(holding), holding.shape) if holding.any() else None


def deaths(market: Market, line: Line, dates: int, runs: int, seed: int) -> list[dict[str, str]]:
    """Return parameters of the shock `dead`: each asset on several sessions on which it was held.

    Parameters
    ----------
    market, line
        The unstressed run.
    dates : int
        Sessions of each asset at most, spread evenly over those on which it was held and that a bar of its
        own follows.
    runs : int
        How many in all at most; above that, every asset has one drawn before any has two.
    seed : int
        Where the draws start.
    """
    panel, portfolio = market.panel, line.portfolio
    has_bar = (panel.is_live & ~panel.is_filled)[1:]
    can_end = (portfolio.holding[:-1] != 0.0) & has_bar & (portfolio.age[:-1] > 0)[:, None]
    generator, drawn = np.random.default_rng(seed), []
    for asset in range(len(panel.symbols)):
        held = np.flatnonzero(can_end[:, asset])
        spread = np.unique(((np.arange(dates) + 0.5) / dates * len(held)).astype(int)) if len(held) else []
        for turn, place in enumerate(generator.permutation(spread)):
            drawn.append((turn, generator.random(), asset, held[int(place)]))
    return [
        {"symbol": panel.symbols[asset], "date": str(panel.sessions[session])}
        for _, _, asset, session in sorted(drawn)[:runs]
    ]


def shock_values(kind: str, given: Mapping[str, Any]) -> tuple[Component, Values]:
    """Return a shock and what it reads of a scenario's parameters, defaults for what is not given.

    Raises
    ------
    ComponentError
        There is no such shock, it has no such parameter, or a value is not legal.
    """
    found = component("shock", kind)
    known = {parameter.name: parameter for parameter in found.parameters}
    for name in given:
        if name not in known:
            raise ComponentError(f"{kind} has no parameter '{name}'; it has {', '.join(known) or 'none'}")
    values = {}
    for name, parameter in known.items():
        try:
            values[name] = parameter.read(given.get(name, parameter.default))
            if parameter.of not in ("", "symbol", "date"):
                component(parameter.of, str(values[name]))
        except ComponentError:
            raise
        except ValueError as error:
            raise ComponentError(f"{name} {error}") from None
    return found, Values(found, values)


def run_shocked(market: Market, variant: Variant, line: Line, kind: str, given: Mapping[str, Any]) -> Line:
    """Run the line under one scenario.

    Parameters
    ----------
    market, variant
        The unstressed run.
    line
        Its result: some shocks hit where it holds most.
    kind, given
        A registered shock, and its parameters.
    """
    found, values = shock_values(kind, given)
    shocked = call(found, Inputs(market, variant), line, values)
    if not isinstance(shocked, Inputs):
        raise ComponentError(f"{found.place} returned {type(shocked).__name__}; it must return Inputs")
    return run_line(shocked.market, shocked.variant, shocked.execution)
