"""The plain twin's own answers, case by case."""

from math import nan

import pytest
from judging import (
    INCONCLUSIVE,
    NO,
    YES,
    Judged,
    Rule,
    answer_questions,
    judge_metric,
    judge_metrics,
    placebo_probability,
    read_rules,
)

from plumbline.engine.referee import Measured

MORE = Rule("q", "m", "", "more", 0.8, 0.6, False, False)
LESS = Rule("q", "m", "", "less", 0.9, 0.95, False, False)
GAIN = Rule("q", "m", "", "more", 0.0, nan, True, False)
NEVER_NO = Rule("q", "m", "", "less", 0.01, nan, False, False)


def said(rule: Rule, lower: float, upper: float, value: float = 0.5, minimum: float = 0.1) -> str:
    return judge_metric(rule, Measured("m", "all", value, lower, upper), minimum, {}).answer


@pytest.mark.parametrize(
    ("rule", "lower", "upper", "known"),
    [
        (MORE, 0.81, 0.9, YES),
        (MORE, 0.8, 0.9, INCONCLUSIVE),  # beyond is strictly beyond
        (MORE, 0.5, 0.59, NO),
        (MORE, 0.5, 0.6, INCONCLUSIVE),
        (MORE, 0.5, 0.9, INCONCLUSIVE),
        (LESS, 0.1, 0.89, YES),
        (LESS, 0.1, 0.9, INCONCLUSIVE),
        (LESS, 0.96, 1.0, NO),
        (LESS, 0.95, 1.0, INCONCLUSIVE),
        (NEVER_NO, 0.5, 0.6, INCONCLUSIVE),
        (NEVER_NO, 0.0, 0.009, YES),
        (GAIN, -0.5, 0.09, NO),
        (GAIN, 0.01, 0.09, NO),  # worth something, but less than is claimed
        (GAIN, 0.01, 0.1, YES),
        (GAIN, -0.1, 0.3, INCONCLUSIVE),
        (MORE, nan, 0.9, INCONCLUSIVE),
        (MORE, 0.81, nan, INCONCLUSIVE),
    ],
)
def test_the_whole_interval_must_lie_beyond(rule, lower, upper, known):
    assert said(rule, lower, upper) == known


def test_what_is_not_known_is_inconclusive():
    assert said(MORE, 0.9, 0.95, value=nan) == INCONCLUSIVE


def worlds(*values: float) -> list[dict]:
    return [{("m", "all"): value} for value in values]


def test_the_placebo_probability_is_that_of_the_family_in_which_luck_does_best():
    key = "m", "all"
    few, many = worlds(0.1, 0.2, 0.5), worlds(0.5, 0.6, 0.7, nan)
    assert placebo_probability(0.5, key, "more", {"few": few, "many": many}) == 4 / 5
    assert placebo_probability(0.5, key, "more", {"few": few}) == 2 / 4
    assert placebo_probability(0.5, key, "less", {"few": few, "many": many}) == 1.0
    assert placebo_probability(0.5, key, "more", {"few": [*few, {}]}) == 2 / 5
    assert placebo_probability(0.9, key, "more", {"few": few, "many": many}) == 1 / 4


@pytest.mark.parametrize(("count", "known"), [(18, INCONCLUSIVE), (19, YES)])
def test_skill_must_be_rare_among_placebos_to_be_a_yes(count, known):
    """One in twenty with the claim itself among them; without placebos nothing is known to be rare."""
    rule, found = MORE._replace(is_skill=True), Measured("m", "all", 0.85, 0.81, 0.9)
    rare = {family: worlds(*[0.1] * count) for family in "ab"}
    assert judge_metric(rule, found, 0.1, rare).answer == known
    assert judge_metric(rule, found, 0.1, {}).answer == INCONCLUSIVE
    assert judge_metric(rule, found._replace(upper=0.59, lower=0.5), 0.1, {}).answer == NO


def test_a_question_is_as_good_as_its_weakest_metric():
    rules = [MORE._replace(question_id=name) for name in "abcd"]

    def of(question: str, *answers: str) -> list[Judged]:
        return [Judged(question, "m", "all", answer, nan) for answer in answers]

    judged = [*of("a", YES, INCONCLUSIVE, NO), *of("b", YES, INCONCLUSIVE), *of("c", YES, YES)]
    assert answer_questions(rules, judged) == {"a": NO, "b": INCONCLUSIVE, "c": YES, "d": INCONCLUSIVE}


def test_a_rule_is_about_its_subject_or_about_each():
    found = [Measured("m", subject, 0.85, 0.81, 0.9) for subject in ("all", "trend")]
    assert [each.subject for each in judge_metrics([MORE], found, 0.1, {})] == ["all", "trend"]
    assert [each.subject for each in judge_metrics([MORE._replace(subject="all")], found, 0.1, {})] == ["all"]
    assert judge_metrics([MORE._replace(metric="other")], found, 0.1, {}) == []


def test_the_rules_of_the_seed_are_read_in_order():
    rules = read_rules()
    assert rules[0] == Rule("q1_generalise", "timing_skill", "all", "more", 0.0, 0.0, False, True)
    assert len({(rule.question_id, rule.metric, rule.subject) for rule in rules}) == len(rules)
    assert all(rule.better in ("more", "less") for rule in rules)
