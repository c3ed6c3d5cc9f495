"""What a claim's metrics answer, judged one by one: the slow plain twin of the models that do it in SQL."""

import csv
from collections.abc import Iterable, Mapping
from math import isnan, nan
from pathlib import Path
from typing import NamedTuple, TypeAlias

SEEDS = Path(__file__).parents[3] / "seeds"
YES, NO, INCONCLUSIVE = "yes", "no", "inconclusive"
SIGNIFICANT = 0.05  # the largest p-value of a placebo test that a skill may have

Placebos: TypeAlias = Mapping[str, list[Mapping[tuple[str, str], float]]]


class Rule(NamedTuple):
    """A row of seeds/verdict_rules.csv: what a metric must reach for an answer to a question."""

    question_id: str
    metric: str
    subject: str  # empty: every subject of the metric
    better: str  # more or less
    yes_at: float
    no_at: float  # NaN: never no
    is_gain: bool  # no_at is the claim's minimum gain
    is_skill: bool  # a yes must be rare in placebo worlds, too


class Judged(NamedTuple):
    """What one metric of a claim answers to one question; `p_placebo` NaN where it is not asked for."""

    question_id: str
    metric: str
    subject: str
    answer: str
    p_placebo: float


def read_rules(path: Path = SEEDS / "verdict_rules.csv") -> list[Rule]:
    """Return the rules of the seed, in the order of their positions."""
    with path.open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["position"]))
    return [
        Rule(
            row["question_id"],
            row["metric"],
            row["subject"],
            row["better"],
            float(row["yes_at"]),
            float(row["no_at"]) if row["no_at"] else nan,
            row["is_gain"] == "true",
            row["is_skill"] == "true",
        )
        for row in rows
    ]


def is_beyond(value: float, limit: float, better: str) -> bool:
    """Return whether a value lies strictly on the good side of a limit; never where either is NaN."""
    return value > limit if better == "more" else value < limit


def is_as_good(value: float, other: float, better: str) -> bool:
    """Return whether a value is at least as good as another; never where either is NaN."""
    return value >= other if better == "more" else value <= other


def placebo_probability(value: float, key: tuple[str, str], better: str, placebos: Placebos) -> float:
    """Return how often luck alone is at least as good: the larger of the families' probabilities.

    Parameters
    ----------
    value, key
        What was measured on the bars at hand, and its metric and subject.
    better
        `more` or `less`.
    placebos
        Values by metric and subject, a mapping a world, a list of worlds a family; a world that lacks the
        metric counts as one that is not as good.
    """
    if isnan(value):
        return nan
    found = []
    for worlds in placebos.values():
        as_good = 0
        for world in worlds:
            if is_as_good(world.get(key, nan), value, better):
                as_good += 1
        found.append((1 + as_good) / (1 + len(worlds)))
    return max(found, default=nan)


def judge_metric(rule: Rule, measured: NamedTuple, minimum_gain: float, placebos: Placebos) -> Judged:
    """Return what a metric (a `plumbline.engine.referee.Measured`) answers by one rule."""
    key = measured.metric, measured.subject
    p = placebo_probability(measured.value, key, rule.better, placebos) if rule.is_skill else nan
    return Judged(rule.question_id, *key, _answer(rule, measured, minimum_gain, p), p)


def _answer(rule: Rule, measured: NamedTuple, minimum_gain: float, p_placebo: float) -> str:
    ends = measured.lower, measured.upper
    if isnan(measured.value) or isnan(ends[0]) or isnan(ends[1]):
        return INCONCLUSIVE
    worse = "less" if rule.better == "more" else "more"
    no_at = minimum_gain if rule.is_gain else rule.no_at
    if is_beyond(ends[0], no_at, worse) and is_beyond(ends[1], no_at, worse):
        return NO
    if is_beyond(ends[0], rule.yes_at, rule.better) and is_beyond(ends[1], rule.yes_at, rule.better):
        return YES if not rule.is_skill or p_placebo <= SIGNIFICANT else INCONCLUSIVE
    return INCONCLUSIVE


def judge_metrics(
    rules: Iterable[Rule], metrics: Iterable[NamedTuple], minimum_gain: float, placebos: Placebos
) -> list[Judged]:
    """Return what every metric answers to every question that a rule puts to it."""
    metrics = list(metrics)
    return [
        judge_metric(rule, measured, minimum_gain, placebos)
        for rule in rules
        for measured in metrics
        if measured.metric == rule.metric and rule.subject in ("", measured.subject)
    ]


def answer_questions(rules: Iterable[Rule], judged: Iterable[Judged]) -> dict[str, str]:
    """Return the answer to every question: that of its weakest metric; inconclusive without any."""
    found: dict[str, list[str]] = {rule.question_id: [] for rule in rules}
    for each in judged:
        found[each.question_id].append(each.answer)
    answers = {}
    for question, said in found.items():
        if NO in said:
            answers[question] = NO
        elif INCONCLUSIVE in said or not said:
            answers[question] = INCONCLUSIVE
        else:
            answers[question] = YES
    return answers
