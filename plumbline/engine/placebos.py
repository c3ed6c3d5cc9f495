"""Placebo worlds: histories without any signal, made from the bars at hand (docs/robustness.md).

Whatever a rule earns on them beyond its exposure, it earns by luck: what the bars of one session say of the
next is gone, while drift, the size of moves and what assets have in common stay.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from plumbline.engine.market import Market
from plumbline.engine.shocks import has_return, mean_known, resample, with_returns

BLOCK = (
    5  # sessions: shorter than what a rule looks back over, so that no block holds a signal and its outcome
)


class World(NamedTuple):
    """A family of placebos, and the number of a world in it, from 1."""

    family: str
    number: int


def placebo(market: Market, world: World, seed: int) -> Market:
    """Return the market of a placebo world; the same seed and world give the same bars anywhere.

    Parameters
    ----------
    market
        The bars that it is made from.
    world
        Its family is one of `FAMILIES`.
    seed
        Of all worlds; each has draws of its own.
    """
    place = list(FAMILIES).index(world.family)
    return FAMILIES[world.family](market, np.random.default_rng([seed, place, world.number]))


def signs_flipped(market: Market, generator: np.random.Generator) -> Market:
    """Return the market where each session's deviations from the mean return have a sign drawn at random.

    All assets together: drift, the clustering of volatility and the correlation of assets stay, and so does
    every session's volume. What is carried stays carried.
    """
    known = has_return(market) & ~market.panel.is_filled
    drift = mean_known(market.ret, known)
    signs = generator.choice([-1.0, 1.0], len(market.ret))[:, None]
    return Market(with_returns(market, np.where(known, drift + signs * (market.ret - drift), market.ret)))


def blocks_shuffled(market: Market, generator: np.random.Generator) -> Market:
    """Return the market whose weeks stand in an order drawn at random, returns and volumes of all assets."""
    sessions = len(market.ret)
    first = 1  # the first session has no return
    blocks = [np.arange(at, min(at + BLOCK, sessions)) for at in range(first, sessions, BLOCK)]
    order = generator.permutation(len(blocks))
    source = np.concatenate([np.arange(min(first, sessions)), *(blocks[number] for number in order)])
    return Market(resample(market, source))


FAMILIES: dict[str, Callable[[Market, np.random.Generator], Market]] = {
    "signs_flipped": signs_flipped,
    "blocks_shuffled": blocks_shuffled,
}
