"""No component looks ahead, the project's or the user's own: what it says stands without later bars."""

import numpy as np
import pytest
from panels import make_market, random_raws, weekdays
from test_engine_truncation import Truncation, cut_counts, shorter

from plumbline.engine.benchmarks import benchmark_returns
from plumbline.engine.registry import component, components

SESSIONS = weekdays("2015-02-02", 1000)
CASES = [(kind, name) for kind in ("strategy", "allocator", "weighting", "cost") for name in components(kind)]


def market_for(*owners):
    """Return random bars, some of them under the names that components ask for."""
    raws = random_raws(14, SESSIONS, late=180, early_death=170)
    asked = [p.default for owner in owners for p in owner.parameters if p.of == "symbol"]
    names = dict(zip(raws, [*asked, *raws], strict=False))
    return make_market({names[name]: raw for name, raw in raws.items()}, SESSIONS)


def variant_of(short, kind, name):
    """Return `baseline` with one component in its place; a strategy is followed alone."""
    slots = {"allocator": "always", "follows": name} if kind == "strategy" else {kind: name}
    return short("baseline", **slots)


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_component_knows_nothing_of_later_bars(short, kind, name):
    market, variant = market_for(component(kind, name)), variant_of(short, kind, name)
    truncation = Truncation(market, variant)
    for count in cut_counts(market, variant, 5):
        assert truncation.leaks(shorter(market, count)) == [], f"cut after {market.panel.sessions[count - 1]}"


def test_a_benchmark_knows_nothing_of_later_bars(short):
    market, variant = market_for(*components("benchmark").values()), short("baseline")
    whole = benchmark_returns(market, variant)
    for count in cut_counts(market, variant, 6):
        for name, returns in benchmark_returns(shorter(market, count), variant).items():
            np.testing.assert_array_equal(whole[name][: len(returns)], returns, err_msg=name)
