"""Late execution."""

from plumbline.engine.line import Line
from plumbline.engine.registry import Parameter, Values, shock
from plumbline.engine.stress import Inputs
from plumbline.engine.variants import LAG_ACTS


@shock("delay", Parameter("sessions", 1, 0, unit="sessions", meaning="How late every decision is executed."))
def delay(inputs: Inputs, line: Line, parameters: Values) -> Inputs:
    """Executes every decision late: holdings where cost_basis is net, the lags that act elsewhere."""
    variant = inputs.variant
    if variant.cost_basis == "net":
        return inputs._replace(execution=inputs.execution._replace(delay=parameters.sessions))
    lags = {
        name: variant.values[name] + parameters.sessions
        for name, acts in LAG_ACTS.items()
        if variant.cost_basis in acts
    }
    return inputs._replace(variant=variant.changed(**lags))
