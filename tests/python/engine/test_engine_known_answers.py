"""The numbers of docs/method.md, section 9, on real bars that are not part of the project."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from plumbline.engine.line import run_line
from plumbline.engine.market import Market
from plumbline.engine.measures import annual_turnover, max_drawdown, mean, sharpe, total_return
from plumbline.engine.variants import Variant

KNOWN = {
    "published": {
        "sessions": 3520,
        "sharpe": 1.799206,
        "max_drawdown": -0.083887,
        "total_return": 5.394622,
        "avg_leverage": 0.851704,
    },
    "baseline": {
        "sessions": 3520,
        "sharpe": 1.237561,
        "max_drawdown": -0.131687,
        "total_return": 4.308369,
        "avg_leverage": 0.841492,
    },
}
PRINTED = 1e-6


@pytest.fixture(scope="module")
def measure() -> Callable[[Market, Variant], dict[str, float]]:
    """Measure the portfolio of a variant."""

    def run(market: Market, variant: Variant) -> dict[str, float]:
        portfolio = run_line(market, variant).portfolio
        rows = portfolio.age > 0
        returns = portfolio.net_return[rows]
        return {
            "sessions": len(returns),
            "sharpe": sharpe(returns),
            "max_drawdown": max_drawdown(returns),
            "total_return": total_return(returns),
            "avg_leverage": mean(portfolio.leverage[rows]),
            "turnover": annual_turnover(portfolio.holding[rows], portfolio.age[rows] == 1),
        }

    return run


@pytest.mark.parametrize("name", KNOWN)
def test_three_symbols_give_the_known_answers(measure, variant, three_symbols, name):
    found = measure(three_symbols, variant(name))
    assert {key: found[key] for key in KNOWN[name]} == pytest.approx(KNOWN[name], abs=PRINTED)


def test_the_universe_gives_the_known_sharpe_of_baseline(measure, variant, universe):
    assert len(universe.panel.symbols) == 97
    found = measure(universe, variant("baseline"))
    assert found["sessions"] == 3520
    assert found["sharpe"] == pytest.approx(0.594962, abs=PRINTED)


def test_costs_and_turnover_of_baseline_are_what_the_method_says(measure, variant, three_symbols):
    assert measure(three_symbols, variant("baseline"))["turnover"] == pytest.approx(38, abs=0.5)
    for cost_bps, known in ((0.0, 1.46), (10.0, 1.04)):
        found = measure(three_symbols, variant("baseline", cost_bps=cost_bps))
        assert found["sharpe"] == pytest.approx(known, abs=0.005)


def test_look_ahead_alone_takes_0_59_off_the_published_sharpe(measure, variant, three_symbols):
    lags = ("state_lag", "weight_lag", "leverage_lag")
    steps = [variant("published", **dict.fromkeys(lags[:count], 1)) for count in range(len(lags) + 1)]
    sharpes = np.array([measure(three_symbols, step)["sharpe"] for step in steps])
    assert sharpes[0] - sharpes[-1] == pytest.approx(0.59, abs=0.005)
    assert all(before != after for before, after in pairwise(sharpes)), "each lag acts"
