"""The referee's tables: every metric of every claim, on the bars at hand and in placebo worlds."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from plumbline.engine.failures import Rule
from plumbline.engine.market import Market
from plumbline.engine.perturbations import Draws
from plumbline.engine.placebos import FAMILIES, World, placebo
from plumbline.engine.referee import Ask, Claim, Measured, Neighbours, measure_claim
from plumbline.engine.variants import Variant
from plumbline.tables.arrow import known
from plumbline.tables.each import each
from plumbline.tables.progress import say
from plumbline.tables.variants import read_variants

METRICS = {
    **dict.fromkeys(("claim_id", "metric", "subject"), pa.string()),
    **dict.fromkeys(("value", "lower", "upper", "reference"), pa.float64()),
}
PLACEBOS = {
    **dict.fromkeys(("claim_id", "metric", "subject", "family"), pa.string()),
    "world": pa.int32(),
    "value": pa.float64(),
}
NEIGHBOUR, ALTERNATIVE = "neighbour", "alternative"


class Case(NamedTuple):
    """What is judged by what: claims, failure modes, variants of other architecture, numbers of draws."""

    claims: list[Claim]
    rules: list[Rule]
    alternatives: list[Variant]
    draws: Mapping[str, Mapping]

    def ask(self, prefix: str = "") -> Ask:
        """Return how much is asked; of a placebo world less, and no interval."""
        neighbours, permutation = (self.draws[f"{prefix}{name}"] for name in (NEIGHBOUR, "permutation"))
        return Ask(
            Draws(neighbours["draws"], neighbours["seed"]),
            {name: permutation[name] for name in ("draws", "block", "seed")},
            None if prefix else self.draws["interval"],
        )


def alternatives_of(resolved: pa.Table) -> list[Variant]:
    """Return the variants of the family `alternative`, by id."""
    families = dict(zip(*(resolved[name].to_pylist() for name in ("variant_id", "family")), strict=True))
    return [each for each in read_variants(resolved) if families[each.variant_id] == ALTERNATIVE]


def claim_metrics(market: Market, case: Case, perturbed: pa.Table, lines: pa.Table) -> pa.Table:
    """Return one row per claim, metric and subject, with 95 % intervals.

    Parameters
    ----------
    market, case
        The bars, and what is judged.
    perturbed, lines
        The perturbations, and the run of each: neighbours are not run again.
    """
    rows = []
    for claim in case.claims:
        say(f"referee: claim {claim.claim_id}")
        near = neighbours_of(claim.variant.variant_id, perturbed, lines)
        found = list(measure_claim(market, claim, case.ask(), case.rules, case.alternatives, near))
        if any(row.metric == "gain_over_benchmark" and np.isnan(row.value) for row in found):
            say(f"claim {claim.claim_id}: there is no benchmark {claim.benchmark_id} on these bars")
        rows += _rows(claim, found)
    return pa.Table.from_pylist(rows, schema=pa.schema(METRICS.items()))


def _rows(claim: Claim, found: Iterable[Measured]) -> list[dict]:
    return [
        {"claim_id": claim.claim_id, "metric": row.metric, "subject": row.subject}
        | known({name: getattr(row, name) for name in ("value", "lower", "upper", "reference")})
        for row in found
    ]


def neighbours_of(variant_id: str, perturbed: pa.Table, lines: pa.Table) -> Neighbours | None:
    """Return the runs of a variant's neighbours from the tables of the sweep; None where it has none."""
    asked = [
        row["variant_id"]
        for row in perturbed.select(["variant_id", "base_variant_id", "kind"]).to_pylist()
        if row["base_variant_id"] == variant_id and row["kind"] == NEIGHBOUR
    ]
    if not asked:
        return None
    place = {name: row for row, name in enumerate(lines["variant_id"].to_pylist())}
    own = lines.take([place[name] for name in asked])
    sharpes, agreement = (own[name].to_numpy(zero_copy_only=False) for name in ("sharpe", "state_agreement"))
    net = own["net_returns"].combine_chunks().flatten().to_numpy()
    return Neighbours(sharpes, agreement, net.reshape(len(asked), -1))


def placebo_metrics(market: Market, case: Case) -> pa.Table:
    """Return one row per claim, metric, subject and placebo world; none without a claim or a session."""
    worlds = case.draws["placebo"]
    is_long = len(market.panel.sessions) > 2
    tasks = [
        World(family, number)
        for family in (FAMILIES if case.claims and is_long else ())
        for number in range(1, worlds["draws"] + 1)
    ]
    return each((market, case), _placebo_rows, tasks, PLACEBOS, "placebos", "worlds without signal")


def _placebo_rows(context: tuple[Market, Case], world: World) -> pa.Table:
    market, case = context
    bars = placebo(market, world, case.draws["placebo"]["seed"])
    rows = [
        {"claim_id": claim.claim_id, "metric": row.metric, "subject": row.subject, "family": world.family}
        | {"world": world.number}
        | known({"value": row.value})
        for claim in case.claims
        for row in measure_claim(bars, claim, case.ask("placebo_"), case.rules, case.alternatives)
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(PLACEBOS.items()))
