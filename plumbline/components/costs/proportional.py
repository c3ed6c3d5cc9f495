"""A charge on what is traded (docs/method.md, section 4)."""

from plumbline.engine.costs import Rates
from plumbline.engine.registry import Parameter, Values, cost
from plumbline.engine.view import View

COST = Parameter(
    "cost_bps",
    5.0,
    0.0,
    move="relative",
    unit="basis points of the traded value, on each side",
    meaning="Cost of trading.",
)


@cost("proportional", COST, is_flat=True)
def proportional(view: View, parameters: Values) -> Rates:
    """Charges cost_bps basis points of whatever is traded; being short costs nothing."""
    return Rates(parameters.cost_bps / 1e4)
