"""What the referee says of a claim: the engine's metrics, judged by the plain twin."""

from collections.abc import Sequence
from typing import NamedTuple

from judging import SEEDS, YES, Judged, Rule, answer_questions, judge_metrics, read_rules
from panels import seed_draws
from pyarrow.csv import read_csv

from plumbline.engine.market import Market
from plumbline.engine.perturbations import Draws
from plumbline.engine.placebos import FAMILIES, World, placebo
from plumbline.engine.referee import Ask, Claim, measure_claim
from plumbline.engine.variants import Variant
from plumbline.tables import drawdowns

RULES = read_rules()
MODES = drawdowns.read_rules(read_csv(SEEDS / "failure_modes.csv"))
SEED = seed_draws()


class Counts(NamedTuple):
    """How many neighbours, permutations, resampled histories, and placebo worlds of each family."""

    neighbours: int
    permutations: int
    histories: int
    worlds: int


QUICK = Counts(128, 400, 400, 20)
LONG = Counts(200, 1000, 1000, 40)
OF_PLACEBO = Counts(32, 99, 0, 0)  # what is asked in a placebo world


def ask_for(counts: Counts) -> Ask:
    """Return how much is asked with these counts; no interval where there are no histories."""
    return Ask(
        Draws(counts.neighbours, SEED["neighbour"]["seed"]),
        _drawn("permutation", counts.permutations),
        _drawn("interval", counts.histories) if counts.histories else None,
    )


def _drawn(purpose: str, draws: int) -> dict:
    return {"draws": draws} | {name: SEED[purpose][name] for name in ("block", "seed")}


class Said(NamedTuple):
    """The answer to each question, and that of each metric behind it."""

    answers: dict[str, str]
    judged: list[Judged]


def ask(market: Market, claim: Claim, alternatives: list[Variant], counts: Counts, seed: int = 1) -> Said:
    """Return what the referee says.

    Placebo worlds can turn a yes into inconclusive and do nothing else, so that none is run where the
    intervals alone say yes to no question.
    """
    found = [
        each
        for each in measure_claim(market, claim, ask_for(counts), MODES, alternatives)
        if each.subject == "all" or each.metric != "timing_skill"
    ]
    without = [rule._replace(is_skill=False) for rule in RULES]
    said = _judge(without, found, claim, {})
    if YES not in said.answers.values():
        return said
    few = ask_for(OF_PLACEBO)
    placebos = {
        family: [
            {
                (each.metric, each.subject): each.value
                for each in measure_claim(
                    placebo(market, World(family, number), seed), claim, few, MODES, alternatives
                )
            }
            for number in range(1, counts.worlds + 1)
        ]
        for family in FAMILIES
    }
    return _judge(RULES, found, claim, placebos)


def _judge(rules: Sequence[Rule], found: list, claim: Claim, placebos: dict) -> Said:
    judged = judge_metrics(rules, found, claim.minimum_gain, placebos)
    return Said(answer_questions(rules, judged), judged)
