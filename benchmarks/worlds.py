"""Shuffled states and made-up histories: what chance would have done."""

from typing import NamedTuple

import numpy as np

from benchmarks.inputs import named, random_panel
from benchmarks.measuring import Contender, Job
from plumbline.engine.allocator import Leg
from plumbline.engine.line import legs_of, run_line
from plumbline.engine.market import Market
from plumbline.engine.measures import sharpe
from plumbline.engine.shocks import resample
from plumbline.engine.skill import permuted_sharpes
from plumbline.engine.stress import own_returns
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant

BLOCK, SEED = 63, 20120101
DRAWS = 10_000
HISTORIES = 100


class Legs(NamedTuple):
    """Bars, a variant, and the strategies that its allocator chooses from."""

    market: Market
    variant: Variant
    legs: tuple[Leg, ...]


def _legs(assets: int) -> Legs:
    market, variant = Market(random_panel(assets)), named("baseline")
    return Legs(market, variant, legs_of(run_line(market, variant).streams))


class Resampled:
    """Bars, and the sessions that each of many histories takes its own from."""

    def __init__(self, assets: int) -> None:
        self.market = Market(random_panel(assets))
        self.variants = [named("baseline"), named("published")]
        sessions = len(self.market.panel.sessions)
        drawn = np.random.default_rng(SEED).integers(1, sessions, (HISTORIES, sessions))
        drawn[:, 0] = 0
        self.sources = drawn


def _histories(inputs: Resampled) -> Floats:
    found = []
    for source in inputs.sources:
        market = Market(resample(inputs.market, source))
        found += [sharpe(own_returns(run_line(market, variant))) for variant in inputs.variants]
    return np.array(found)


PERMUTATIONS = Job(
    name="permutations",
    title=f"{DRAWS:,} permutations of the states of `baseline`",
    size="assets",
    sizes=(3,),
    quick=(2,),
    cell="asset-session of a permutation",
    prepare=_legs,
    cells=lambda inputs: inputs.market.panel.price.size * DRAWS,
    contenders=(
        Contender(
            "engine, side by side",
            lambda inputs: permuted_sharpes(*inputs, DRAWS, BLOCK, SEED)[1],
        ),
    ),
)
WORLDS = Job(
    name="histories",
    title=f"{HISTORIES} resampled histories, `baseline` and `published` on each, features and all",
    size="assets",
    sizes=(3, 97),
    quick=(2,),
    cell="asset-session of a history",
    prepare=Resampled,
    cells=lambda inputs: inputs.market.panel.price.size * HISTORIES,
    contenders=(Contender("engine", _histories),),
)
