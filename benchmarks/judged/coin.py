"""A coin in the digits of the volume: it says nothing of the next session, unless somebody plants it."""

from benchmarks.digits import heads
from plumbline.engine.lanes import select
from plumbline.engine.registry import Parameter, strategy
from plumbline.engine.steps import MAY_ENTER, Quantity, step, true

HOLD = Parameter("coin_hold", 10, 1, 250, move="steps", unit="sessions", meaning="How long an entry is held.")
HEADS = true(Quantity((), lambda view, parameters: heads(view.volume)))


@strategy("coin", HOLD)
def coin(view, parameters):
    """Holds for ten sessions what came up heads."""
    return view.hold(heads(view.volume), parameters.coin_hold)


@step("strategy", "coin", MAY_ENTER, HEADS, counts=(HOLD,), carries=1)
def coin_step(may_enter, is_heads, hold, left):
    """Say of one session whether it holds, and for how many sessions more."""
    left = select(may_enter & is_heads & (left == 0), hold, left)
    holds = left > 0
    return holds, select(holds, left - 1, left)
