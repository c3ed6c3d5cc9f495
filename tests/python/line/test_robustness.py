"""Why it fails and whether to believe it: the tables that answer, on real bars and on the sample."""

import json
import os
import subprocess
import sys

import duckdb
import pytest
from warehouses import DATA_TESTS, ROOT, copy_of, dbt

# Known for each step, to six digits.
BRIDGE = [1.799206, 1.384800, 1.382397, 1.210588, 1.315945, 1.338486, 1.286426, 1.243864, 1.237561]
DEEPEST = ["2014-11-26", "2022-08-15", "2024-12-17", "2012-04-02", "2018-10-03"]


def test_the_bridge_has_its_known_steps(real, query):
    steps = query(real, "select step, sharpe, sharpe_change from marts.rpt_convention_bridge order by step")
    assert [sharpe for _, sharpe, _ in steps] == pytest.approx(BRIDGE, abs=1e-6)
    assert [step for step, _, _ in steps] == list(range(9))
    assert sum(change for *_, change in steps[1:4]) == pytest.approx(-0.59, abs=0.005)


def test_the_five_deepest_drawdowns_of_published_start_when_they_are_known_to(real, query):
    sql = """
        select cast(start_date as varchar) from marts.fct_drawdown_episodes
        where variant_id = 'published' and rank <= 5 order by rank
    """
    assert [start for (start,) in query(real, sql)] == DEEPEST


@pytest.mark.parametrize("name", ["real", "sample"])
def test_attribution_adds_up_to_the_depth_and_contributions_to_returns(request, query, name):
    warehouse = request.getfixturevalue(name)
    episodes = """
        select count(*), max(abs(parts.total - episodes.depth)), max(abs(parts.share - 1))
        from marts.fct_drawdown_episodes as episodes
        left join (
            select variant_id, episode_id, sum(contribution) as total, sum(share) as share
            from marts.rpt_drawdown_attribution group by all
        ) as parts using (variant_id, episode_id)
    """
    count, worst, share = query(warehouse, episodes)[0]
    assert count > 1000
    assert worst < 1e-12
    assert share < 1e-9
    parts = "gross_contribution + cost_contribution - contribution"
    for table in ("rpt_drawdown_attribution", "fct_holdings_daily"):
        (wrong,) = query(warehouse, f"select max(abs({parts})) from marts.{table}")[0]
        assert wrong < 1e-12, table


def test_the_deepest_episode_is_the_maximum_drawdown(real, query):
    sql = """
        select max(abs(episodes.depth - performance.max_drawdown)), count(*)
        from marts.fct_drawdown_episodes as episodes
        inner join marts.rpt_performance as performance using (variant_id)
        where episodes.rank = 1
    """
    assert query(real, sql) == [(0.0, 14)]


@pytest.mark.parametrize("name", ["real", "sample"])
@pytest.mark.parametrize("base", ["baseline", "published"])
def test_the_centre_of_a_grid_is_its_base_bit_for_bit(request, query, name, base):
    warehouse = request.getfixturevalue(name)
    columns = "sharpe, total_return, max_drawdown, avg_leverage, annual_turnover"
    centre = query(
        warehouse,
        f"select {columns}, state_agreement from marts.rpt_stability_sweep where variant_id = ?",
        f"{base}~grid_5",
    )
    assert centre == [
        (*row, 1.0)
        for row in query(warehouse, f"select {columns} from marts.rpt_performance where variant_id = ?", base)
    ]
    changes = """
        select max(abs(pct_trend_change)), max(abs(pct_meanrev_change)), max(abs(pct_cash_change))
        from marts.rpt_state_mix where variant_id = ?
    """
    assert query(warehouse, changes, f"{base}~grid_5") == [(0.0, 0.0, 0.0)]


def test_every_perturbation_is_a_variant_and_was_run(real, query):
    sql = """
        select sweep.kind, count(*), count(distinct sweep.variant_id), min(variants.detail)
        from marts.rpt_stability_sweep as sweep
        inner join marts.dim_variants as variants using (variant_id, base_variant_id)
        where variants.family = 'perturbation' and sweep.sharpe is not null
        group by sweep.kind order by sweep.kind
    """
    assert query(real, sql) == [
        ("data", 25, 25, "summary"),
        ("grid", 18, 18, "summary"),
        ("joint", 1000, 1000, "summary"),
        ("neighbour", 200, 200, "summary"),
        ("one_at_a_time", 64, 64, "summary"),
    ]


def test_an_always_long_portfolio_reaches_what_it_is_known_to(real, query):
    sql = "select value from marts.rpt_overfitting where statistic = 'sharpe' and subject = 'always_long'"
    assert query(real, sql)[0][0] == pytest.approx(1.22, abs=0.005)


def test_baseline_is_not_told_from_always_long(real, query):
    """On real bars they are hardly distinguishable: the interval of the gain says so."""
    sql = "select answer, value, lower, upper from marts.rpt_verdicts where metric = 'gain_over_benchmark'"
    ((answer, value, lower, upper),) = query(real, sql)
    assert answer == "inconclusive"
    assert value == pytest.approx(0.01, abs=0.01)
    assert lower < -0.2 and upper > 0.2


def test_an_allocator_that_chance_equals_gets_no_yes(real, query):
    """Shuffled choices hold less, and drift pays for holding: without drift they do as well in 13 of 100."""
    sql = "select answer, value from marts.rpt_verdicts where metric = 'allocator_permutation'"
    ((answer, value),) = query(real, sql)
    assert answer == "inconclusive"
    assert value == pytest.approx(0.126, abs=0.01)


def test_every_question_has_one_answer_with_evidence_at_hand(real, query):
    answers = query(real, "select question_id, answer, sentence from marts.rpt_answers order by position")
    assert [question[:2] for question, *_ in answers] == ["q1", "q2", "q3", "q4", "q5", "c1", "c2", "c3"]
    assert {answer for _, answer, _ in answers} <= {"yes", "no", "inconclusive"}
    assert not [said for *_, said in answers if "{" in said or "unknown" in said]
    for value, lower, upper, table in query(
        real, "select value, lower, upper, evidence_table from marts.rpt_verdicts"
    ):
        assert value is not None and lower <= upper
        assert query(real, f"select count(*) from {table}")[0][0] > 0


def test_every_metric_stands_beside_two_hundred_placebo_worlds(real, query):
    sql = """
        select count(*), count(distinct (family, world)), min(worlds)
        from (select *, count(value) over (partition by metric, subject, family) as worlds
              from marts.fct_placebo_metrics where metric not in ('sharpe_kept'))
    """
    rows, worlds, fewest = query(real, sql)[0]
    assert rows > 2000
    assert worlds == 200
    assert fewest == 100


def test_windows_beyond_the_bars_are_reported_as_not_covered(real, sample, query):
    sql = """
        select scenario_id from marts.rpt_stress inner join marts.dim_scenarios using (scenario_id)
        where kind = 'window' and variant_id = 'baseline' and is_covered order by scenario_id
    """
    assert [name for (name,) in query(real, sql)] == [
        "china_2015",
        "covid_2020",
        "fourth_quarter_2018",
        "rates_2022",
        "tariffs_2025",
    ]
    assert [name for (name,) in query(sample, sql)] == ["august_2011", "crisis_2008", "flash_crash_2010"]
    measured = "select count(sharpe), count(*) from marts.rpt_stress where not is_covered"
    assert query(real, measured)[0][0] == 0


def test_what_costs_do_is_what_is_known(real, query):
    sql = """
        select scenario_id, round(sharpe, 2) from marts.rpt_stress
        where variant_id = 'baseline' and scenario_id in ('cost_0', 'cost_10') order by scenario_id
    """
    assert query(real, sql) == [("cost_0", 1.46), ("cost_10", 1.04)]


def test_every_scenario_of_the_seed_was_run(real, query):
    sql = """
        select count(*) from marts.dim_scenarios
        cross join (values ('baseline'), ('published')) as stressed(variant_id)
        left join marts.rpt_stress using (scenario_id, variant_id)
        where rpt_stress.is_covered is null
    """
    assert query(real, sql) == [(0,)]
    assert query(
        real, "select variant_id, count(*) from marts.fct_bootstrap_paths group by 1 order by 1"
    ) == [
        ("baseline", 1000),
        ("published", 1000),
    ]


def test_a_build_prints_its_answers(sample, tmp_path):
    """Only where they were built: another selection says nothing of them."""
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "build", "--select"]
    warehouse = tmp_path / "warehouse.duckdb"
    warehouse.write_bytes(sample.read_bytes())
    variables = {"WAREHOUSE_PATH": str(warehouse), "LANDING_PATH": str(sample.parent / "raw")}
    variables |= {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path)}

    def printed(name):
        done = subprocess.run(
            [*command, name], cwd=ROOT, env=os.environ | variables, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    said = printed("rpt_answers")
    assert "Claim baseline (marts.rpt_answers):" in said
    assert said.count("Do the strategies generalise under walk-forward?") == 1
    assert "Claim" not in printed("dim_scenarios")


def test_hashes_of_the_evidence_are_published(sample):
    with duckdb.connect(str(sample), read_only=True) as con:
        tables = {name for (name,) in con.sql("select table_name from meta.table_hashes").fetchall()}
        versions = json.loads(con.sql("select versions from meta.build").fetchall()[0][0])
    assert {"rpt_answers", "rpt_verdicts", "rpt_stability_sweep", "rpt_stress", "rpt_overfitting"} <= tables
    assert {"scipy", "arch"} <= versions.keys()


@pytest.mark.parametrize("arguments", [("--empty",), ("--vars", "{end_session: 2001-06-30}")])
def test_no_bar_and_no_fold_are_no_error(sample, tmp_path, query, arguments):
    """The whole graph runs on nothing, and on bars that no walk-forward year can be made of."""
    warehouse = copy_of(sample, tmp_path)
    assert dbt(*DATA_TESTS, *arguments, warehouse=warehouse)
    assert query(warehouse, "select count(*) from marts.rpt_overfitting") == [(0,)]
    answers = query(warehouse, "select answer, count(*) from marts.rpt_answers group by answer")
    assert answers in ([("inconclusive", 8)], [])
