"""A step form whose quantity reads a text, such as the symbol that another asset is led by."""

import numpy as np
from panels import make_market, random_raws, weekdays

from plumbline.engine.lanes import select
from plumbline.engine.line import run_line
from plumbline.engine.registry import Parameter, strategy
from plumbline.engine.steps import MAY_ENTER, Quantity, above, step
from plumbline.engine.stress import own_returns
from plumbline.engine.sweep import check, sweep, why_not
from plumbline.engine.variants import make_variant

SESSIONS = weekdays("2015-02-02", 600)
LEADER = Parameter("leader", "ASSET1", of="symbol", meaning="The asset that the others follow.")
WINDOW = Parameter("leader_window", 5, 1, move="window", unit="sessions", meaning="Its momentum's window.")
LIMIT = Parameter("leader_min", 0.0, move="relative", unit="fraction", meaning="Enters above this.")
HOLD = Parameter("leader_hold", 3, 1, move="steps", unit="sessions", meaning="How long.")


def led(view, parameters):
    leader = view.momentum(parameters.leader_window)[:, view.column(parameters.leader)]
    return np.broadcast_to(leader[:, None], view.ret.shape)


def test_a_quantity_may_read_a_symbol(registered, variant):
    @strategy("led", LEADER, WINDOW, LIMIT, HOLD)
    def follows_leader(view, parameters):
        """Hold while another asset rises."""
        return view.hold(led(view, parameters) > parameters.leader_min, parameters.leader_hold)

    rise = Quantity((LEADER, WINDOW), led)

    @step("strategy", "led", MAY_ENTER, above(rise, LIMIT), counts=(HOLD,), carries=1)
    def led_step(may_enter, has_risen, hold, left):
        left = select(may_enter & has_risen & (left == 0), hold, left)
        holds = left > 0
        return holds, select(holds, left - 1, left)

    market = make_market(random_raws(3, SESSIONS), SESSIONS)
    slots = {"cost": "proportional", "weighting": "equal", "allocator": "always", "follows": "led"}
    base = make_variant("base", {**slots, "min_train_sessions": 120})
    assert why_not(market, base) == ""
    for symbol in ("ASSET0", "ASSET2"):
        own = base.changed(leader=symbol)
        changed = {"leader_window": np.array([4, 5, 6]), "leader_min": np.array([-0.01, 0.0, 0.02])}
        found = sweep(market, own, changed, keep=True)
        for number, net in enumerate(found.net):
            values = {name: value[number].item() for name, value in changed.items()}
            assert np.array_equal(net, own_returns(run_line(market, own.changed(**values)))), symbol
        check(market, [own.changed(leader_window=4, leader_min=-0.01)], found)
