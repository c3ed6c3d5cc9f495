"""Mean reversion after a sharp fall (docs/method.md, section 4)."""

from plumbline.engine.lanes import select
from plumbline.engine.registry import Parameter, Values, strategy
from plumbline.engine.steps import MAY_ENTER, below, momentum, step, volatility
from plumbline.engine.strategies import StrategyView
from plumbline.engine.types import Floats

FALL = Parameter(
    "meanrev_ret5_max",
    -0.02,
    move="relative",
    unit="fraction",
    meaning="Enters below this return over meanrev_return_window sessions.",
)
VOLATILITY = Parameter(
    "meanrev_entry_vol20_max",
    0.40,
    move="relative",
    unit="annual fraction",
    meaning="Enters below this volatility over meanrev_volatility_window sessions.",
)
HOLD = Parameter("meanrev_hold", 3, 1, move="steps", unit="sessions", meaning="How long an entry is held.")
RETURN_WINDOW = Parameter(
    "meanrev_return_window", 5, 1, move="window", unit="sessions", meaning="Window of the fall."
)
VOLATILITY_WINDOW = Parameter(
    "meanrev_volatility_window",
    20,
    2,
    move="window",
    unit="sessions",
    meaning="Window of the volatility at the entry.",
)


@strategy("meanrev", FALL, VOLATILITY, HOLD, RETURN_WINDOW, VOLATILITY_WINDOW)
def meanrev(view: StrategyView, parameters: Values) -> Floats:
    """Enters after a fall of more than 2 % in five sessions while annual volatility is below 40 %;
    holds three sessions.

    An entry where ``momentum(5) < meanrev_ret5_max`` and ``volatility(20) < meanrev_entry_vol20_max``.
    """
    has_fallen = view.momentum(parameters.meanrev_return_window) < parameters.meanrev_ret5_max
    is_calm = view.volatility(parameters.meanrev_volatility_window) < parameters.meanrev_entry_vol20_max
    return view.hold(has_fallen & is_calm, parameters.meanrev_hold)


@step(
    "strategy",
    "meanrev",
    MAY_ENTER,
    below(momentum(RETURN_WINDOW), FALL),
    below(volatility(VOLATILITY_WINDOW), VOLATILITY),
    counts=(HOLD,),
    carries=1,
)
def meanrev_step(may_enter, has_fallen, is_calm, hold, left):
    """Say of one session whether it holds, and for how many sessions more."""
    left = select(may_enter & has_fallen & is_calm & (left == 0), hold, left)
    holds = left > 0
    return holds, select(holds, left - 1, left)
