"""Episodes by hand and against empyrical; what each is made of adds up, by the state that it belongs to."""

from collections import defaultdict

import empyrical
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import layers_of, make_market, random_raws, run_layers, variant_ids, weekdays
from twin_portfolio import drawdown_episodes as plain_episodes

from plumbline.components.allocators.rule import DOWN as MEANREV
from plumbline.components.allocators.rule import UP as TREND
from plumbline.engine.allocator import CASH
from plumbline.engine.drawdowns import attribute, find_episodes
from plumbline.engine.market import Market
from plumbline.engine.variants import Variant
from plumbline.tables.drawdowns import drawdown_attribution, drawdown_episodes

EXACT = 1e-12
SESSIONS = weekdays("2015-02-02", 640)
EVERY = variant_ids()


@pytest.mark.parametrize(
    ("equity", "known"),
    [
        ([1.0, 1.125, 1.25], []),
        ([], []),
        # Down from the start: the peak is the capital before the first session.
        ([0.75, 0.5, 0.875, 1.0, 1.125], [(-1, 1, 3, -0.5)]),
        ([0.5], [(-1, 0, -1, -0.5)]),
        # Still under water at the end.
        ([1.0, 2.0, 1.5, 1.0, 1.875], [(1, 3, -1, -0.5)]),
        # Back at exactly the peak is the end, and the next fall starts there.
        ([2.0, 1.0, 2.0, 1.5, 2.0], [(0, 1, 2, -0.5), (2, 3, 4, -0.25)]),
        # Sessions at the peak are no drawdown; the last of them starts it.
        ([2.0, 2.0, 2.0, 1.0, 3.0], [(2, 3, 4, -0.5)]),
        # Of two equal troughs the first counts.
        ([4.0, 3.0, 2.0, 3.0, 2.0, 5.0], [(0, 2, 5, -0.5)]),
        # A rise that does not reach the peak ends nothing.
        ([4.0, 2.0, 3.875, 1.0, 8.0, 4.0], [(0, 3, 4, -0.75), (4, 5, -1, -0.5)]),
    ],
)
def test_episodes_of_a_curve_worked_out_by_hand(equity, known):
    found = find_episodes(np.array(equity))
    assert [tuple(each) for each in zip(*found, strict=True)] == known


@given(seed=st.integers(0, 10_000), count=st.integers(1, 600), ticks=st.booleans())
def test_the_deepest_episode_is_the_drawdown_of_empyrical(seed, count, ticks):
    generator = np.random.default_rng(seed)
    returns = generator.normal(0, 0.01, count)
    if ticks:  # halves and doubles come back to the very same peaks
        returns = generator.choice([-0.5, 0.0, 1.0], count)
    episodes = find_episodes(np.cumprod(1 + returns))
    deepest = min(episodes.depth, default=0.0)
    assert deepest == pytest.approx(empyrical.max_drawdown(pd.Series(returns)), abs=EXACT)
    ends = [None if end < 0 else int(end) for end in episodes.end]
    found = [(int(s), int(t), end) for s, t, end in zip(episodes.start, episodes.trough, ends, strict=True)]
    assert found == plain_episodes(list(returns))


def test_the_parts_of_a_fall_weigh_by_what_was_left_of_the_peak():
    """Two assets, three sessions, by hand: equity 1, then 1.25, 1 and 0.5."""
    gross = np.array([[0.25, 0.0], [-0.15, -0.04], [-0.1, -0.4]])
    cost = np.array([[0.0, 0.0], [0.0, -0.01], [0.0, 0.0]])
    state = np.array([[TREND, CASH], [TREND, TREND], [MEANREV, TREND]])
    before = np.array([[CASH, CASH], [TREND, CASH], [TREND, TREND]])
    equity = np.array([1.25, 1.0, 0.5])
    parts = attribute(find_episodes(equity), equity, gross, cost, before, state, 3)
    known = np.zeros((1, 2, 3))
    known[0, 0, TREND] = -0.15 - 0.8 * 0.1
    known[0, 1, CASH] = -0.04
    known[0, 1, TREND] = 0.8 * -0.4
    np.testing.assert_allclose(parts.gross, known, atol=EXACT)
    np.testing.assert_allclose(parts.cost[0, 1, [CASH, TREND, MEANREV]], [0.0, -0.01, 0.0], atol=EXACT)
    assert parts.sessions[0][:, [CASH, TREND, MEANREV]].tolist() == [[0, 1, 1], [0, 2, 0]]
    assert (parts.gross + parts.cost).sum() == pytest.approx(0.5 / 1.25 - 1, abs=EXACT)


def layers(market: Market, variant: Variant) -> dict[str, pd.DataFrame]:
    """Run one variant up to the attribution of its drawdowns."""
    tables = run_layers(market, [variant])
    found = {
        "daily": tables["portfolio"],
        "held": tables["holdings"],
        "states": tables["allocator"],
        "episodes": drawdown_episodes(market, tables["lines"]),
    }
    found["parts"] = drawdown_attribution(market, layers_of([variant], tables), found["episodes"])
    return {name: table.to_pandas() for name, table in found.items()}


@pytest.mark.parametrize("name", EVERY)
@settings(max_examples=6)
@given(seed=st.integers(0, 10_000), late=st.integers(0, 300), early_death=st.integers(0, 300))
def test_attribution_adds_up_to_the_depth_and_contributions_to_the_return(
    short, name, seed, late, early_death
):
    market = make_market(random_raws(seed, SESSIONS, late=late, early_death=early_death), SESSIONS)
    found = layers(market, short(name))
    held, episodes, parts = found["held"], found["episodes"], found["parts"]
    contribution = held["gross_contribution"] + held["cost_contribution"]
    returns = found["daily"].set_index("session_date")["net_return"]
    added = contribution.groupby(held["session_date"]).sum()
    np.testing.assert_allclose(added, returns[added.index], rtol=0, atol=EXACT)
    depth = parts.groupby("episode_id")["contribution"].sum()
    np.testing.assert_allclose(depth, episodes["depth"], rtol=0, atol=EXACT)
    gross, cost = parts["gross_contribution"], parts["cost_contribution"]
    np.testing.assert_allclose(parts["contribution"], gross + cost, rtol=0, atol=EXACT)
    assert (cost <= 0).all()
    spent = parts.groupby(["episode_id", "symbol"])["sessions"].sum().groupby("episode_id").first()
    assert spent.tolist() == episodes["sessions_to_trough"].tolist()


def plain_parts(found: dict[str, pd.DataFrame], variant: Variant, symbol: str) -> dict[tuple, list[float]]:
    """Attribute one asset's part of each fall, a session at a time, from the tables alone (section 7)."""
    days = found["daily"]["session_date"].tolist()
    equity = [1.0, *found["daily"]["equity"]]  # from before the first session on
    held = found["held"].query("symbol == @symbol").set_index("session_date")
    own = found["states"].query("symbol == @symbol")
    state = dict(zip(own["session_date"], own["state"], strict=True))

    def ago(t: int, lag: int) -> str:
        is_fresh = variant.warm_up == "year" and t >= lag and days[t - lag].year != days[t].year
        return "CASH" if t < lag or is_fresh else state.get(days[t - lag], "CASH")

    parts: dict[tuple, list[float]] = defaultdict(lambda: [0.0, 0.0, 0])
    for row in found["episodes"].itertuples():
        first = days.index(row.start_date) if row.start_date in days else -1
        for t in range(first + 1, days.index(row.trough_date) + 1):
            left = equity[t] / equity[first + 1]
            of_gross, of_cost = (1, 0)
            if variant.cost_basis == "strategy":
                of_gross = of_cost = variant.state_lag
            parts[row.episode_id, ago(t, of_gross)][0] += left * held["gross_contribution"][days[t]]
            parts[row.episode_id, ago(t, of_cost)][1] += left * held["cost_contribution"][days[t]]
            parts[row.episode_id, ago(t, of_cost)][2] += 1
    return parts


@pytest.mark.parametrize("name", EVERY)
def test_parts_belong_to_the_states_that_the_method_names(short, name):
    variant = short(name)
    sessions = weekdays("2015-02-02", 900)  # falls reach over New Year, where `year` forgets the state
    market = make_market(random_raws(41, sessions, early_death=90), sessions)
    found = layers(market, variant)
    for symbol in market.panel.symbols:
        plain = plain_parts(found, variant, symbol)
        known = {key: parts for key, parts in plain.items() if parts != [0.0, 0.0, 0]}
        rows = list(found["parts"].query("symbol == @symbol").itertuples())
        assert {(row.episode_id, row.state) for row in rows} == known.keys()
        for row in rows:
            parts = [row.gross_contribution, row.cost_contribution, row.sessions]
            assert parts == pytest.approx(known[row.episode_id, row.state], abs=EXACT)
    ranks = found["episodes"].sort_values("rank")["depth"]
    assert ranks.is_monotonic_increasing


@pytest.mark.parametrize("name", [each for each in EVERY if each != "allocator_blend"])
@pytest.mark.parametrize("count", [640, 520], ids=["whole years", "a last year too short for a fold"])
def test_nothing_is_earned_in_cash(short, name, count):
    """Blend apart, which still follows what it names no more."""
    sessions = SESSIONS[:count]
    for seed in (42, 43):
        found = layers(make_market(random_raws(seed, sessions), sessions), short(name))
        idle = found["parts"].query("state == 'CASH'")
        assert (idle["gross_contribution"] == 0).all(), seed
