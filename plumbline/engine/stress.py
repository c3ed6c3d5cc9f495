"""One variant under one scenario: the whole line again, on shocked inputs (docs/robustness.md)."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from plumbline.engine import shocks
from plumbline.engine.line import Line, StrategyRow, run_line
from plumbline.engine.market import Market
from plumbline.engine.measures import max_drawdown, sharpe, total_return
from plumbline.engine.panel import Panel
from plumbline.engine.portfolio import AT_ONCE, Execution
from plumbline.engine.types import Floats
from plumbline.engine.variants import LAG_ACTS, Variant


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


Shock = Callable[[Inputs, Line, Mapping], Inputs]


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


def _on(panel: Callable[[Market, Line, Mapping], Panel]) -> Shock:
    """Make a shock of a function that changes the bars alone."""

    def shock(inputs: Inputs, line: Line, parameters: Mapping) -> Inputs:
        return inputs._replace(market=Market(panel(inputs.market, line, parameters)))

    return shock


def _largest_holding(line: Line) -> tuple[int, int] | None:
    """Return session and asset of the largest holding that another session follows, None without any."""
    holding = line.portfolio.holding[:-1]
    return np.unravel_index(np.argmax(holding), holding.shape) if holding.any() else None


def _gap(market: Market, line: Line, parameters: Mapping) -> Panel:
    if (found := _largest_holding(line)) is None:
        return market.panel
    session, asset = found
    hit = np.full(len(market.panel.symbols), parameters["assets"] == "all")
    hit[asset] = True
    return shocks.add_gap(market, session + 1, hit, parameters["size"])


def _dead(market: Market, line: Line, parameters: Mapping) -> Panel:
    if (found := _largest_holding(line)) is None:
        return market.panel
    session, asset = found
    return shocks.end_asset(market, asset, session, parameters.get("carried", 5))


def _reverse(market: Market, line: Line, parameters: Mapping) -> Panel:
    if "trend" not in line.streams:
        return market.panel
    position = line.streams["trend"].positions.position
    entries = position > 0.0
    entries[1:] &= position[:-1] == 0.0
    return shocks.reverse_after(market, entries, parameters["sessions"])


def _costs(inputs: Inputs, line: Line, parameters: Mapping) -> Inputs:
    return inputs._replace(variant=replace(inputs.variant, cost_bps=float(parameters["cost_bps"])))


def _delay(inputs: Inputs, line: Line, parameters: Mapping) -> Inputs:
    sessions, variant = parameters["sessions"], inputs.variant
    if variant.cost_basis == "net":
        return inputs._replace(execution=inputs.execution._replace(delay=sessions))
    lags = {
        name: getattr(variant, name) + sessions
        for name, acts in LAG_ACTS.items()
        if variant.cost_basis in acts
    }
    return inputs._replace(variant=replace(variant, **lags))


def _stale(inputs: Inputs, line: Line, parameters: Mapping) -> Inputs:
    return inputs._replace(execution=inputs.execution._replace(stale=parameters["sessions"]))


SHOCKS: dict[str, Shock] = {
    "volatility": _on(lambda market, line, given: shocks.scale_volatility(market, given["factor"])),
    "gap": _on(_gap),
    "correlation": _on(lambda market, line, given: shocks.raise_correlation(market, given["target"])),
    "cost": _costs,
    "delay": _delay,
    "missing": _on(lambda market, line, given: shocks.drop_sessions(market, given["share"], given["seed"])),
    "stale": _stale,
    "reversal": _on(_reverse),
    "dead": _on(_dead),
}


def run_shocked(
    market: Market,
    variant: Variant,
    strategies: list[StrategyRow],
    line: Line,
    kind: str,
    parameters: Mapping,
) -> Line:
    """Run the line under one scenario of a kind in `SHOCKS`.

    Parameters
    ----------
    market, variant, strategies
        The unstressed run.
    line
        Its result: some shocks hit where it holds most.
    kind, parameters
        The scenario, as in seeds/scenarios.csv.
    """
    shocked = SHOCKS[kind](Inputs(market, variant), line, parameters)
    return run_line(shocked.market, shocked.variant, strategies, shocked.execution)
