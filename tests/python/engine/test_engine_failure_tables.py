"""The failure modes of every variant: the table, a line in memory, and known falls of real bars."""

import numpy as np
import pyarrow as pa
import pytest
from falls import modes
from panels import SEEDS, layers_of, make_market, random_raws, run_layers, variant_ids, weekdays
from pyarrow.csv import read_csv

from plumbline.engine.drawdowns import find_episodes
from plumbline.engine.failures import Rule, weigh_failures
from plumbline.engine.held import held_line
from plumbline.engine.line import run_line
from plumbline.tables.drawdowns import drawdown_episodes, failure_modes, read_rules

SESSIONS = weekdays("2015-02-02", 640)
EXACT = 1e-12


@pytest.fixture(scope="module")
def tables(short):
    """Return a panel, its variants and their layers."""
    market = make_market(random_raws(44, SESSIONS), SESSIONS)
    variants = [short(name) for name in variant_ids("core", "bridge", "alternative")]
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
    assert [(row["evidence"], row["lost"]) for row in rows] == [(None, None)] * len(rows)
    assert {(row["variant_id"], row["episode_id"]) for row in rows} == deep(tables, 0.03)
    assert len(rows) == len(deep(tables, 0.03)) > 0


def test_the_table_holds_what_a_line_in_memory_is_weighed_at(tables):
    market, variants, _ = tables
    rows = [row for row in classified(tables, modes()) if row["failure_mode"] != "unclassified"]
    found = {}
    for variant in variants:
        weighed = weigh_failures(market, variant, run_line(market, variant), modes())
        for e, m in np.argwhere(weighed.occurs):
            key = (variant.variant_id, int(weighed.numbers[e]) + 1, weighed.modes[m])
            share = weighed.by_episode[e, m]
            found[key] = (weighed.roles[m], share, -share * weighed.depths[e], weighed.thresholds[m])
    assert {(row["variant_id"], row["episode_id"], row["failure_mode"]) for row in rows} == found.keys()
    assert len(rows) > 50
    for row in rows:
        role, *numbers = found[row["variant_id"], row["episode_id"], row["failure_mode"]]
        assert row["role"] == role
        assert [row["evidence"], row["lost"], row["threshold"]] == pytest.approx(numbers, abs=EXACT)
        assert row["evidence"] >= row["threshold"]


def test_constant_exposure_and_the_parts_add_up_to_the_depth_in_every_variant(tables):
    everything = classified(tables, modes(min_depth=0.0, threshold=-np.inf))
    lost: dict[tuple[str, int], float] = {}
    for row in everything:
        if row["role"] != "aspect":
            key = (row["variant_id"], row["episode_id"])
            lost[key] = lost.get(key, 0.0) + row["lost"]
    market, _, found = tables
    episodes = drawdown_episodes(market, found["lines"]).to_pylist()
    known = {(row["variant_id"], row["episode_id"]): -row["depth"] for row in episodes}
    assert len(lost) == len(known) > 100
    assert [lost[key] for key in known] == pytest.approx(list(known.values()), abs=EXACT)


def test_a_rule_for_a_measure_that_does_not_exist_is_refused(tables):
    with pytest.raises(ValueError, match="mine: 'bad_luck' is none of constant, cost"):
        classified(tables, [Rule("mine", "bad_luck", None, 0.0, 0.5)])


def test_a_mode_of_a_state_that_a_variant_does_not_have_fits_none_of_its_episodes(tables):
    rule = Rule("mine", "entered", "BREAKOUT", 0.03, 1e-9)
    assert {row["failure_mode"] for row in classified(tables, [rule])} == {"unclassified"}


def test_rules_are_those_of_the_seed_and_may_be_0():
    assert read_rules(read_csv(SEEDS / "failure_modes.csv")) == modes()
    names = ("failure_mode", "measure", "state", "min_depth", "threshold")
    for state in ("", None):
        table = pa.table(
            {name: [value] for name, value in zip(names, ("m", "cost", state, 0, 0), strict=True)}
        )
        assert read_rules(table) == [Rule("m", "cost", None, 0, 0)]


def test_the_named_falls_of_the_real_three_are_what_they_were(three_symbols, variant):
    """The gap of 2020 and that of October 2025 hit what stood; the second deepest fall has a cause."""
    baseline = variant("baseline")
    found = run_line(three_symbols, baseline)
    held = held_line(three_symbols, baseline, found)
    weighed = weigh_failures(three_symbols, baseline, found, modes())
    dates = three_symbols.panel.sessions[found.portfolio.age > 0]
    starts = [str(day) for day in dates[find_episodes(held.equity).start[weighed.numbers]]]
    occurring = {
        start: {name for name, occurs in zip(weighed.modes, row, strict=True) if occurs}
        for start, row in zip(starts, weighed.occurs, strict=True)
    }
    assert "late_exit" not in occurring["2020-02-19"]
    assert "late_exit" not in occurring["2025-10-08"]
    assert "hit_while_long" in occurring["2025-10-08"]
    assert weighed.depths[starts.index("2024-12-17")] == np.sort(weighed.depths)[1]
    assert occurring["2024-12-17"] == {"constant_exposure", "late_reentry"}
