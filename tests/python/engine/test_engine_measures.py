"""Measures against empyrical, drawdown rules by hand, and trades against a plain loop."""

from itertools import pairwise

import empyrical
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twin_portfolio import drawdown_episodes
from twin_portfolio import max_drawdown as plain_drawdown
from twin_portfolio import measures as plain_measures

from plumbline.engine.measures import (
    annual_return,
    annual_turnover,
    annual_volatility,
    equity_curve,
    group_means,
    group_offsets,
    max_drawdown,
    measure_groups,
    sharpe,
    total_return,
)
from plumbline.engine.trades import find_trades


@pytest.fixture(params=range(5))
def returns(request: pytest.FixtureRequest) -> np.ndarray:
    generator = np.random.default_rng(request.param)
    return generator.normal(0.0004, 0.011, int(generator.integers(30, 3000)))


def test_measures_are_those_of_empyrical(returns):
    """Empyrical divides by n - 1 where the method divides by n; its drawdown starts from 1, too."""
    to_population = np.sqrt((len(returns) - 1) / len(returns))
    series = pd.Series(returns)
    assert sharpe(returns) == pytest.approx(empyrical.sharpe_ratio(series) / to_population, rel=1e-12)
    assert annual_volatility(returns) == pytest.approx(
        empyrical.annual_volatility(series) * to_population, rel=1e-12
    )
    assert total_return(returns) == pytest.approx(empyrical.cum_returns_final(series), rel=1e-10)
    assert annual_return(returns) == pytest.approx(empyrical.annual_return(series), rel=1e-10)
    assert max_drawdown(returns) == pytest.approx(empyrical.max_drawdown(series), rel=1e-12)


def test_measures_agree_with_the_twin(returns):
    found = {
        "sharpe": sharpe(returns),
        "total_return": total_return(returns),
        "annual_return": annual_return(returns),
        "annual_volatility": annual_volatility(returns),
    }
    assert found == pytest.approx(plain_measures(list(returns)), rel=1e-12)
    for start, opening in ((1.0, 1.0), (0.0, None)):
        assert max_drawdown(returns, start) == pytest.approx(plain_drawdown(returns, opening), rel=1e-12)


def test_returns_that_never_differ_have_no_sharpe():
    for value in (0.0, 0.1, -0.001):
        assert np.isnan(sharpe(np.full(7, value)))
        assert annual_volatility(np.full(7, value)) == 0.0


def test_nothing_to_measure_is_unknown():
    for measure in (sharpe, total_return, annual_return, annual_volatility, max_drawdown):
        assert np.isnan(measure(np.array([])))


def test_a_yearly_drawdown_starts_with_the_first_equity_and_a_whole_one_with_the_capital():
    falling = np.array([-0.10, 0.02, -0.05, 0.30])
    assert max_drawdown(falling) == pytest.approx(0.90 * 1.02 * 0.95 - 1)
    assert max_drawdown(falling, 0.0) == pytest.approx(-0.05)
    _, _, yearly, _ = measure_groups(np.concatenate([falling, falling]), np.array([0, 4, 8]))
    assert yearly.tolist() == pytest.approx([-0.05, -0.05])


def test_daily_equity_starts_from_one_before_the_first_session():
    equity, drawdown = equity_curve(np.array([-0.10, 0.20, -0.05]))
    np.testing.assert_allclose(equity, [0.90, 1.08, 1.026])
    np.testing.assert_allclose(drawdown, [-0.10, 0.0, -0.05], atol=1e-15)


def test_the_deepest_daily_drawdown_is_the_whole_one(returns):
    assert equity_curve(returns).drawdown.min() == max_drawdown(returns)


def test_episodes_of_the_twin_cover_exactly_the_sessions_below_the_peak(returns):
    """The twin's episodes stand by for the SQL's; the engine's drawdown says which days they cover."""
    below = set(np.flatnonzero(equity_curve(returns).drawdown < 0))
    episodes = drawdown_episodes(list(returns))
    covered = [
        t for start, _, end in episodes for t in range(start + 1, len(returns) if end is None else end)
    ]
    assert set(covered) == below
    assert len(covered) == len(set(covered))
    assert drawdown_episodes([-0.1, 0.2, -0.05, -0.05, 0.01]) == [(-1, 0, 1), (1, 3, None)]


def test_measures_by_year_are_those_of_each_year_alone(returns):
    keys = np.sort(np.random.default_rng(1).integers(0, 4, len(returns)))
    offsets = group_offsets(keys)
    found = np.array(measure_groups(returns, offsets))
    for g, (first, last) in enumerate(pairwise(offsets)):
        one = returns[first:last]
        alone = [sharpe(one), total_return(one), max_drawdown(one, 0.0), max_drawdown(one, 1.0)]
        assert found[:, g].tolist() == alone
        assert group_means(returns, offsets)[g] == pytest.approx(one.mean(), abs=1e-15)


def test_groups_end_where_any_key_changes():
    assert group_offsets(np.array([1, 1, 2, 2]), np.array([5, 6, 6, 6])).tolist() == [0, 1, 2, 4]
    assert group_offsets(np.array([3])).tolist() == [0, 1]
    assert group_offsets(np.array([], dtype=int)).tolist() == [0]


def test_turnover_counts_every_change_from_nothing_at_each_start():
    holding = np.array([[0.5, 0.0], [0.25, 0.5], [0.25, 0.5], [0.0, 0.1]])
    once = np.array([True, False, False, False])
    assert annual_turnover(holding, once) == pytest.approx((0.5 + 0.75 + 0.0 + 0.65) * 252 / 4)
    twice = np.array([True, False, True, False])
    assert annual_turnover(holding, twice) == pytest.approx((0.5 + 0.75 + 0.75 + 0.65) * 252 / 4)


def plain_trades(position, net, starts) -> list[tuple[int, int, int, float]]:
    """Split into streams, then into runs; the first row without a position pays the exit of a run."""
    found = []
    bounds = [*np.flatnonzero(starts), len(position)]
    for first, last in pairwise(bounds):
        t = first
        while t < last:
            if position[t] == 0:
                t += 1
                continue
            leave = next((k for k in range(t, last) if position[k] == 0), None)
            end = last if leave is None else leave
            rows = net[t:end] if leave is None else net[t : leave + 1]
            found.append((t, -1 if leave is None else leave, end - t, np.prod(1 + rows) - 1))
            t = end
    return found


def test_trades_of_a_worked_example():
    """Two streams: a closed and an open trade, then one over a single session and one at the very end."""
    position = np.array([0, 1, 1, 0, 1, 1, 0, 0, 1], dtype=float)
    net = np.array([0.0, -0.01, 0.10, -0.02, -0.01, 0.05, 0.07, 0.0, -0.01])
    starts = np.array([True, False, False, False, False, True, False, False, False])
    trades = find_trades(position, net, starts)
    assert trades.entry.tolist() == [1, 4, 5, 8]
    assert trades.exit.tolist() == [3, -1, 6, -1]
    assert trades.sessions.tolist() == [2, 1, 1, 1]
    known = [0.99 * 1.10 * 0.98 - 1, -0.01, 1.05 * 1.07 - 1, -0.01]
    np.testing.assert_allclose(trades.net_return, known, atol=1e-15)


@given(st.lists(st.tuples(st.booleans(), st.floats(-0.2, 0.2), st.booleans()), max_size=60))
def test_trades_are_those_of_a_plain_loop(rows):
    position = np.array([row[0] for row in rows], dtype=float)
    net = np.array([row[1] for row in rows], dtype=float)
    starts = np.array([t == 0 or row[2] for t, row in enumerate(rows)], dtype=bool)
    trades = find_trades(position, net, starts)
    expected = plain_trades(position, net, starts)
    found = list(zip(trades.entry.tolist(), trades.exit.tolist(), trades.sessions.tolist(), strict=True))
    assert found == [each[:3] for each in expected]
    np.testing.assert_allclose(trades.net_return, [each[3] for each in expected], atol=1e-12)
