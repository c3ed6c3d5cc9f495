"""The rule, followed gradually (docs/method.md, alternatives)."""

import numpy as np

from plumbline.components.allocators.rule import RULE, rule
from plumbline.engine.allocator import Choice, Leg, state_shares
from plumbline.engine.registry import Parameter, Values, allocator
from plumbline.engine.view import View

SESSIONS = Parameter(
    "blend_sessions",
    10,
    1,
    move="window",
    unit="sessions",
    meaning="Sessions over which a state's share is taken.",
)


@allocator("blend", *RULE, SESSIONS, shares=True)
def blend(view: View, parameters: Values, legs: tuple[Leg, ...]) -> Choice:
    """Follows each strategy by its state's share of the last ten sessions, so that switching is gradual."""
    named = rule(view, parameters, legs)
    shares = [
        state_shares(named, view.age, code, parameters.blend_sessions) for code in range(1, len(legs) + 1)
    ]
    return Choice(named, np.stack(shares))
