"""The whole line for one variant in memory, each layer on the one before."""

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
    legs = {
        STATES.index(row.state): Leg(
            streams[row.strategy].positions.position, streams[row.strategy].gross, streams[row.strategy].cost
        )
        for row in strategies
        if row.state
    }
    allocation = allocate(market, variant, legs)
    inputs = AssetStreams(allocation.age, allocation.exposure, allocation.gross, allocation.cost)
    portfolio = build_portfolio(inputs, market.ret, portfolio_age(market, variant), variant, execution)
    return Line(streams, allocation, portfolio)
