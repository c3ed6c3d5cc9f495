"""Placebo worlds: histories without any signal, made from the bars at hand (docs/robustness.md).

Whatever a rule earns on them beyond its exposure, it earns by luck: what the bars of one session say of the
next is gone, while drift, the size of moves and what assets have in common stay. The first family keeps the
clustering of volatility, too, and the second one the skewness of returns.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from plumbline.engine.market import Market
from plumbline.engine.shocks import has_return, mean_known, with_returns


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


def returns_shuffled(market: Market, generator: np.random.Generator) -> Market:
    """Return the market where the returns of all assets trade places, session by session; volumes stay.

    Single sessions, for in a longer block a signal and its outcome stay together; and volumes where they
    stood, for a signal that is read off them must not turn more often than it did. Returns trade places
    among sessions on which the same assets have one. What is carried stays carried.
    """
    has = has_return(market)
    source = np.arange(len(market.ret))
    changes = 1 + np.flatnonzero((has[1:] != has[:-1]).any(axis=1))
    for span in np.split(source.copy(), changes):
        source[span] = generator.permutation(span)
    known = has & ~market.panel.is_filled
    return Market(with_returns(market, np.where(known, market.ret[source], market.ret)))


FAMILIES: dict[str, Callable[[Market, np.random.Generator], Market]] = {
    "signs_flipped": signs_flipped,
    "returns_shuffled": returns_shuffled,
}
