"""The whole line for one variant in memory, each layer on the one before (docs/method.md, section 1)."""

from collections.abc import Mapping
from typing import NamedTuple

from plumbline.engine.allocator import Allocation, Choice, Leg, allocate
from plumbline.engine.market import Market
from plumbline.engine.portfolio import AT_ONCE, AssetStreams, Execution, Portfolio, build_portfolio
from plumbline.engine.strategies import Streams, run_strategy
from plumbline.engine.variants import Variant, followed


class Line(NamedTuple):
    """The result of every layer; `streams` of the strategies that are followed, by name."""

    streams: dict[str, Streams]
    allocation: Allocation
    portfolio: Portfolio


def run_line(
    market: Market, variant: Variant, execution: Execution = AT_ONCE, choice: Choice | None = None
) -> Line:
    """Run the followed strategies, the allocator and the portfolio of one variant.

    Parameters
    ----------
    market, variant
        What is run, on what.
    execution
        How far trading lags behind deciding.
    choice
        What to follow instead of the allocator's own choice.
    """
    streams = {name: run_strategy(name, market, variant) for name in followed(variant)}
    allocation = allocate(market, variant, legs_of(streams), choice)
    return Line(streams, allocation, hold_allocation(market, variant, allocation, execution))


def legs_of(streams: Mapping[str, Streams]) -> tuple[Leg, ...]:
    """Return what an allocator chooses among, in the order of the choices."""
    return tuple(streams.values())


def hold_allocation(
    market: Market, variant: Variant, allocation: Allocation, execution: Execution = AT_ONCE
) -> Portfolio:
    """Build the portfolio of what the allocator chose."""
    inputs = AssetStreams(allocation.age, allocation.exposure, allocation.gross, allocation.cost)
    return build_portfolio(market, variant, inputs, execution)
