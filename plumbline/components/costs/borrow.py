"""A charge on what is traded, and a yearly rate on what is short (docs/method.md, section 4)."""

from plumbline.components.costs.proportional import COST
from plumbline.engine.costs import Rates
from plumbline.engine.features import SESSIONS_PER_YEAR
from plumbline.engine.registry import Parameter, Values, cost
from plumbline.engine.view import View

BORROW = Parameter(
    "borrow_rate",
    0.005,
    0.0,
    move="relative",
    unit="annual fraction of what is short",
    meaning="Rate at which shares are borrowed.",
)


@cost("borrow", COST, BORROW)
def borrow(view: View, parameters: Values) -> Rates:
    """Charges cost_bps basis points of what is traded, and borrow_rate a year on what is short overnight."""
    return Rates(parameters.cost_bps / 1e4, parameters.borrow_rate / SESSIONS_PER_YEAR)
