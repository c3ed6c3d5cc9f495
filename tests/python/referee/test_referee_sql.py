"""The models judge in SQL as the plain twin does, on the warehouse of the sample and of real bars."""

from math import nan

import pytest
from judging import answer_questions, judge_metrics, read_rules

from plumbline.engine.referee import Measured

METRICS = (
    "select metric, subject, value, lower, upper from marts.rpt_claim_metrics where claim_id = 'baseline'"
)
PLACEBOS = (
    "select family, world, metric, subject, value from marts.fct_placebo_metrics where claim_id = 'baseline'"
)
VERDICTS = """
    select question_id, metric, subject, answer, p_placebo, is_skill from marts.rpt_verdicts
    where claim_id = 'baseline' order by position, subject
"""
ANSWERS = "select question_id, answer from marts.rpt_answers where claim_id = 'baseline'"
UNITS = """
    select value, lower, upper, threshold, detectable, placebo_q95, is_skill from marts.rpt_verdicts
    where unit = 'sharpe' and detectable is not null
"""


@pytest.mark.parametrize("name", ["sample", "real"])
def test_sql_judges_as_the_plain_twin_does(request, query, name):
    warehouse = request.getfixturevalue(name)
    metrics = [
        Measured(metric, subject, *(nan if number is None else number for number in numbers))
        for metric, subject, *numbers in query(warehouse, METRICS)
    ]
    worlds: dict[str, dict[int, dict]] = {}
    for family, world, metric, subject, value in query(warehouse, PLACEBOS):
        own = worlds.setdefault(family, {}).setdefault(world, {})
        own[metric, subject] = nan if value is None else value
    placebos = {family: list(found.values()) for family, found in worlds.items()}
    assert {family: len(found) for family, found in placebos.items()} == {
        "signs_flipped": 100,
        "returns_shuffled": 100,
    }
    (minimum,) = query(warehouse, "select minimum_gain from marts.dim_claims where claim_id = 'baseline'")[0]
    rules = read_rules()
    judged = judge_metrics(rules, metrics, minimum, placebos)
    twin = {(each.question_id, each.metric, each.subject): each for each in judged}
    said = query(warehouse, VERDICTS)
    assert {tuple(row[:3]) for row in said} == set(twin)
    for *key, answer, p_placebo, is_skill in said:
        assert twin[tuple(key)].answer == answer, key
        if is_skill:
            assert twin[tuple(key)].p_placebo == pytest.approx(p_placebo, rel=1e-12), key
    assert dict(query(warehouse, ANSWERS)) == answer_questions(rules, judged)


def test_what_bars_could_have_seen_is_four_in_five_of_a_normal_error(sample, query):
    """By scipy's quantiles: yes needs the whole of a 95 % interval, and a skill the placebos' 95 %."""
    from scipy.stats import norm

    for _, lower, upper, threshold, detectable, high, is_skill in query(sample, UNITS):
        error = (upper - lower) / (2 * norm.ppf(0.975))
        known = threshold + (norm.ppf(0.975) + norm.ppf(0.8)) * error
        if is_skill:
            known = max(known, high + norm.ppf(0.8) * error)
        assert detectable == pytest.approx(known, abs=1e-6)
