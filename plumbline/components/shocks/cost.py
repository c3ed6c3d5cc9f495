"""Dearer trading."""

from plumbline.engine.line import Line
from plumbline.engine.registry import Parameter, Values, shock
from plumbline.engine.stress import Inputs


@shock("cost", Parameter("cost_bps", 10.0, 0.0, unit="basis points", meaning="Cost of trading on each side."))
def cost(inputs: Inputs, line: Line, parameters: Values) -> Inputs:
    """Charges another rate for trading."""
    return inputs._replace(variant=inputs.variant.changed(cost_bps=parameters.cost_bps))
