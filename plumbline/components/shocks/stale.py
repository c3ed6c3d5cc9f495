"""Old volatilities."""

from plumbline.engine.line import Line
from plumbline.engine.registry import Parameter, Values, shock
from plumbline.engine.stress import Inputs


@shock("stale", Parameter("sessions", 20, 0, unit="sessions", meaning="Age of the volatilities."))
def stale(inputs: Inputs, line: Line, parameters: Values) -> Inputs:
    """Lets the volatilities behind weights and leverage be old."""
    return inputs._replace(execution=inputs.execution._replace(stale=parameters.sessions))
