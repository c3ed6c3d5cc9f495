"""Each failure mode on a line made so that anyone can see why it fell."""

import csv
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from panels import SEEDS, layers_of, make_market, random_raws, run_layers, weekdays
from pyarrow.csv import read_csv

from plumbline.components.allocators.rule import DOWN as MEANREV
from plumbline.components.allocators.rule import UP as TREND
from plumbline.engine.allocator import CASH
from plumbline.engine.drawdowns import find_episodes
from plumbline.engine.failures import HeldLine, failure_evidence
from plumbline.tables.drawdowns import Rule, drawdown_episodes, failure_modes, read_rules

SESSIONS = weekdays("2015-02-02", 640)


def modes(**numbers: float) -> list[Rule]:
    """Return the failure modes of the seed, with other depths or thresholds if given."""
    with (SEEDS / "failure_modes.csv").open(newline="") as file:
        return [
            Rule(
                row["failure_mode"],
                row["measure"],
                row["state"] or None,
                float(row["min_depth"]),
                float(row["threshold"]),
            )._replace(**numbers)
            for row in csv.DictReader(file)
        ]


def thresholds() -> dict[str, float]:
    return {rule.failure_mode: rule.threshold for rule in modes()}


def line(
    ret: Sequence,
    holding: Sequence,
    state: Sequence | int = TREND,
    leverage: Sequence | None = None,
    cost: Sequence | None = None,
) -> HeldLine:
    """Let `holding` at each close earn the next session's return; flat sequences are of one asset."""
    ret, holding = (np.array(each, dtype=float).reshape(len(ret), -1) for each in (ret, holding))
    held = np.vstack([np.zeros_like(holding[:1]), holding[:-1]])
    gross, shape = held * ret, ret.shape
    paid = np.zeros(shape) if cost is None else -np.array(cost, dtype=float).reshape(shape)
    states = np.broadcast_to(np.array(state).reshape(-1, 1), shape)
    before = np.vstack([np.full_like(states[:1], CASH), states[:-1]])
    equity = np.cumprod(1 + (gross + paid).sum(axis=1))
    levels = np.ones(len(ret)) if leverage is None else np.array(leverage, dtype=float)
    return HeldLine(equity, levels, holding, gross, paid, before, states, ret)


def evidence(found: HeldLine) -> dict[str, float]:
    """Measure the deepest episode of a line."""
    episodes = find_episodes(found.equity)
    episode = [each[episodes.depth.argmin()] for each in episodes]
    states = {None: None, "TREND": TREND, "MEANREV": MEANREV}
    return {
        rule.failure_mode: failure_evidence(found, *episode, rule.measure, states[rule.state])
        for rule in modes()
    }


def test_a_position_that_stood_at_the_peak_is_left_too_late():
    found = evidence(line([0.0, 0.1, -0.1, -0.1, 0.3], [1, 1, 1, 1, 1]))
    assert found["late_exit"] == pytest.approx(1.0)
    assert found["trend_whipsaw"] == found["falling_knife"] == found["cost_bleed"] == 0.0


def test_positions_entered_after_the_peak_are_whipsawed():
    """The entry's own cost takes the line off its peak."""
    found = evidence(line([0.0, 0.1, -0.1, -0.1, -0.1, 0.5], [1, 0, 0, 1, 1, 1], cost=[0, 0, 0, 0.01, 0, 0]))
    assert found["trend_whipsaw"] == pytest.approx(0.099 / 0.109)
    assert found["cost_bleed"] == pytest.approx(0.01 / 0.109)
    assert found["late_exit"] == 0.0


def test_one_fall_can_be_both_a_late_exit_and_a_whipsaw():
    """100 falls to 90 on what stood at the peak, then, out and in again, to 72: 10 and 18 of 28."""
    found = evidence(line([0.0, 0.1, -0.1, -0.5, -0.2, 0.9], [1, 1, 0, 1, 1, 1]))
    assert found["late_exit"] == pytest.approx(10 / 28)
    assert found["trend_whipsaw"] == pytest.approx(18 / 28)


def test_a_fall_from_the_first_session_on_was_entered_after_the_peak():
    """Before the first session nothing was held."""
    fallen = line([0.0, -0.1, -0.1, 0.5], [1, 1, 1, 1], cost=[0.01, 0, 0, 0])
    assert find_episodes(fallen.equity).start[0] == -1
    found = evidence(fallen)
    assert found["trend_whipsaw"] == pytest.approx(1.0 - 0.01 / (1 - 0.99 * 0.81))
    assert found["late_exit"] == 0.0


def test_mean_reversion_catches_a_falling_knife():
    found = evidence(line([0.0, 0.1, -0.1, -0.1, 0.5], [1, 1, 1, 1, 1], state=MEANREV))
    assert found["falling_knife"] == pytest.approx(1.0)
    assert found["late_exit"] == found["trend_whipsaw"] == 0.0


def test_a_loss_belongs_to_the_state_that_held_it():
    """The decision of the close before loses, whatever the close of the day names."""
    found = evidence(line([0.0, 0.1, -0.1, -0.5, 2.0], [1, 1, 0, 0, 0], state=[2, 2, 1, 0, 0]))
    assert found["falling_knife"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("after", "missed"),
    [([0, 0, 0, 0], 1.0), ([1, 1, 1, 1], 0.0), ([0, 0, 1, 1], 0.5)],
    ids=["never back", "never out", "back halfway"],
)
def test_what_rises_without_us_was_reentered_late(after, missed):
    found = evidence(line([0.0, 0.0, -0.2, 0.04, 0.04, 0.04, 0.04], [1, 1, *after, 0]))
    assert found["late_reentry"] == pytest.approx(missed)


def test_a_recovery_missed_in_one_of_two_assets_is_missed_by_its_share_of_the_rise():
    ret = [[0.0, -0.2, 0.03, 0.03], [0.0, -0.2, 0.01, 0.01]]
    found = evidence(line(np.transpose(ret), np.transpose([[0.5, 0, 0, 0], [0.5, 0.5, 0.5, 0.5]])))
    assert found["late_reentry"] == pytest.approx(0.75)


def test_a_rise_after_the_recovery_is_not_missed():
    found = evidence(line([0.0, 0.0, -0.5, 1.0, 0.5, 0.5], [1, 1, 1, 0, 0, 0]))
    assert found["late_reentry"] == 0.0


@pytest.mark.parametrize("after", [[], [-0.05], [0.02, -0.05]])
def test_nothing_is_missed_where_nothing_rose_or_nothing_followed(after):
    found = evidence(line([0.0, 0.0, -0.5, *after], [1, 1, 0, *(0 for _ in after)]))
    assert np.isnan(found["late_reentry"])


def test_leverage_halved_after_the_trough_was_cut_by_half():
    found = evidence(line([0.0, 0.0, -0.3, -0.3, 0.1, 0.1], [1] * 6, leverage=[9, 9, 1, 1, 0.5, 0.5]))
    assert found["leverage_cut_after_loss"] == pytest.approx(0.5)
    still_falling = evidence(line([0.0, 0.0, -0.3], [1, 1, 1]))
    assert np.isnan(still_falling["leverage_cut_after_loss"])


def test_the_largest_loser_counts_costs_too():
    ret = np.transpose([[0.0, 0.0, -0.2, 0.5], [0.0, 0.0, -0.05, 0.5]])
    found = evidence(line(ret, np.full((4, 2), 0.5), cost=[[0, 0], [0, 0], [0.0, 0.005], [0, 0]]))
    assert found["single_asset_concentration"] == pytest.approx(0.1 / 0.13)
    assert found["cost_bleed"] == pytest.approx(0.005 / 0.13)
    alone = evidence(line([0.0, 0.0, -0.2, 0.5], [1, 1, 1, 1]))
    assert np.isnan(alone["single_asset_concentration"])


def test_trading_that_earns_nothing_bleeds():
    found = evidence(line([0.0] * 5, [0, 1, 0, 1, 0], cost=[0.0, 0.01, 0.01, 0.01, 0.01]))
    assert found["cost_bleed"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("together", "known"), [(True, 1.0), (False, 0.0)], ids=["falls together", "falls as it was"]
)
def test_assets_that_fall_together_and_did_not_before_have_a_spike(together, known):
    """300 sessions of their own, then 30 falling ones, each asset's the same or each its own."""
    generator = np.random.default_rng(4)
    calm, fall = generator.normal(0.001, 0.01, (300, 3)), generator.normal(-0.02, 0.01, (30, 3))
    fall = np.repeat(fall[:, :1], 3, axis=1) if together else fall
    fallen = line(np.vstack([np.abs(calm), fall]), np.full((330, 3), 1 / 3))
    assert find_episodes(fallen.equity).start[-1] == 299
    assert evidence(fallen._replace(ret=np.vstack([calm, fall])))["correlation_spike"] == pytest.approx(
        known, abs=0.25
    )


def test_a_spike_is_the_difference_of_the_correlations_before_and_in_the_fall():
    """A fall of three sessions is measured over 20; nothing counts from more than 252 before those."""
    generator = np.random.default_rng(6)
    ret = generator.normal(0, 0.001, (400, 2))
    ret[350:353] = -0.1
    fallen = line(np.where(ret == -0.1, ret, np.abs(ret)), np.full((400, 2), 0.5))
    before = np.corrcoef(ret[333 - 252 : 333].T)[0, 1]
    inside = np.corrcoef(ret[333:353].T)[0, 1]
    found = evidence(fallen._replace(ret=ret))["correlation_spike"]
    assert find_episodes(fallen.equity).start[0] == 349
    assert found == pytest.approx(inside - before, abs=1e-9)


def test_too_little_history_has_no_spike():
    ret = np.full((25, 2), 0.01)
    ret[12:] = -0.01
    assert np.isnan(evidence(line(ret, np.full((25, 2), 0.5)))["correlation_spike"])


@pytest.fixture(scope="module")
def tables(short):
    """Return a panel, its variants and their layers."""
    market = make_market(random_raws(44, SESSIONS), SESSIONS)
    variants = [short("baseline"), short("published")]
    return market, variants, run_layers(market, variants)


def classified(tables, rules: list[Rule]) -> list[dict]:
    market, variants, found = tables
    episodes = drawdown_episodes(market, found["lines"])
    return failure_modes(market, layers_of(variants, found), episodes, rules).to_pylist()


def deep(tables, least: float) -> set[tuple[str, int]]:
    market, _, found = tables
    episodes = drawdown_episodes(market, found["lines"]).to_pylist()
    return {(row["variant_id"], row["episode_id"]) for row in episodes if -row["depth"] > least}


def test_an_episode_that_no_mode_fits_says_so_once(tables):
    rows = classified(tables, modes(min_depth=0.03, threshold=np.inf))
    assert {row["failure_mode"] for row in rows} == {"unclassified"}
    assert [row["evidence"] for row in rows] == [None] * len(rows)
    assert {(row["variant_id"], row["episode_id"]) for row in rows} == deep(tables, 0.03)
    assert len(rows) == len(deep(tables, 0.03)) > 0


def test_modes_are_those_whose_evidence_reaches_the_threshold_of_the_seed(tables):
    """All evidence is at hand where no threshold is asked for; the seed's must pick from it."""
    everything = classified(tables, modes(min_depth=0.03, threshold=-np.inf))
    known = {
        (row["variant_id"], row["episode_id"], row["failure_mode"])
        for row in everything
        if row["evidence"] >= thresholds()[row["failure_mode"]]
    }
    rows = [row for row in classified(tables, modes()) if row["failure_mode"] != "unclassified"]
    assert {(row["variant_id"], row["episode_id"], row["failure_mode"]) for row in rows} == known != set()
    assert all(row["evidence"] >= row["threshold"] == thresholds()[row["failure_mode"]] for row in rows)


def test_the_shares_of_what_lost_add_up(tables):
    """Outside CASH every loss is a late exit, a whipsaw, a knife or a cost."""
    everything = classified(tables, modes(min_depth=0.0, threshold=-np.inf))
    shares: dict[tuple[str, int], float] = {}
    for row in everything:
        if row["failure_mode"] in ("trend_whipsaw", "late_exit", "falling_knife", "cost_bleed"):
            key = (row["variant_id"], row["episode_id"])
            shares[key] = shares.get(key, 0.0) + row["evidence"]
    assert len(shares) > 10
    assert list(shares.values()) == pytest.approx([1.0] * len(shares), abs=1e-9)


def test_a_rule_for_a_measure_that_does_not_exist_is_refused(tables):
    with pytest.raises(KeyError, match="bad_luck"):
        classified(tables, [Rule("mine", "bad_luck", None, 0.0, 0.5)])


def test_a_mode_of_a_state_that_a_variant_does_not_have_fits_none_of_its_episodes(tables):
    rule = Rule("mine", "lost", "BREAKOUT", 0.03, -np.inf)
    assert {row["failure_mode"] for row in classified(tables, [rule])} == {"unclassified"}


def test_rules_are_those_of_the_seed_and_may_be_0():
    assert read_rules(read_csv(SEEDS / "failure_modes.csv")) == modes()
    names = ("failure_mode", "measure", "state", "min_depth", "threshold")
    for state in ("", None):
        table = pa.table(
            {name: [value] for name, value in zip(names, ("m", "cost", state, 0, 0), strict=True)}
        )
        assert read_rules(table) == [Rule("m", "cost", None, 0, 0)]
