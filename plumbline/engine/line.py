"""The whole line for one variant in memory, each layer on the one before."""

from collections.abc import Mapping
from typing import NamedTuple

from plumbline.engine.allocator import STATES, Allocation, Leg, allocate
from plumbline.engine.market import Market, portfolio_age
from plumbline.engine.portfolio import AT_ONCE, AssetStreams, Execution, Portfolio, build_portfolio
from plumbline.engine.strategies import Streams, run_strategy
from plumbline.engine.variants import Variant


class StrategyRow(NamedTuple):
    """A row of dim_strategies: the registered name, the state that follows it, whether it is fitted."""

    strategy: str
    state: str | None
    is_fitted: bool


class Line(NamedTuple):
    """The result of every layer; `streams` by strategy."""

    streams: dict[str, Streams]
    allocation: Allocation
    portfolio: Portfolio


def run_line(
    market: Market, variant: Variant, strategies: list[StrategyRow], execution: Execution = AT_ONCE
) -> Line:
    """Run strategies, allocator and portfolio of one variant."""
    streams = {
        row.strategy: run_strategy(row.strategy, market, variant, is_fitted=row.is_fitted)
        for row in strategies
    }
    allocation = allocate(market, variant, legs_of(streams, strategies))
    return Line(streams, allocation, hold_allocation(market, variant, allocation, execution))


def legs_of(streams: Mapping[str, Streams], strategies: list[StrategyRow]) -> dict[int, Leg]:
    """Return the strategy that each state follows."""
    return {
        STATES.index(row.state): Leg(
            streams[row.strategy].positions.position, streams[row.strategy].gross, streams[row.strategy].cost
        )
        for row in strategies
        if row.state
    }


def hold_allocation(
    market: Market, variant: Variant, allocation: Allocation, execution: Execution = AT_ONCE
) -> Portfolio:
    """Build the portfolio of what the allocator chose."""
    inputs = AssetStreams(allocation.age, allocation.exposure, allocation.gross, allocation.cost)
    return build_portfolio(inputs, market.ret, portfolio_age(market, variant), variant, execution)
