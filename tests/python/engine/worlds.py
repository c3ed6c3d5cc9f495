"""Worlds of five years whose truth is known; tests/python/referee has longer ones."""

import numpy as np
from panels import weekdays

from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.registry import Values
from plumbline.engine.registry import strategy as register_strategy
from plumbline.engine.strategies import StrategyView
from plumbline.engine.types import Floats

COUNT = 1250
ASSETS = 3
SESSIONS = np.array(weekdays("2015-02-02", COUNT), dtype="datetime64[D]")
PAIR = {"up": "up", "down": "down"}  # what a variant follows that follows the strategies of these worlds


def market_of(returns: Floats, volume: Floats) -> Market:
    """Return a market of returns and volumes, (sessions, assets)."""
    shape = returns.shape
    price = 50 * np.cumprod(1 + returns, axis=0)
    symbols = tuple(f"ASSET{i}" for i in range(shape[1]))
    return Market(Panel(SESSIONS, symbols, price, volume, np.ones(shape, bool), np.zeros(shape, bool)))


def random_walk(seed: int) -> Market:
    """Return correlated assets that drift, mostly upwards, in spells of high and low volatility."""
    generator = np.random.default_rng([seed, 1])
    shape = (COUNT, ASSETS)
    drift = generator.normal(0.0004, 0.0004, ASSETS)
    spells = np.repeat(generator.uniform(0.005, 0.02, (COUNT // 50, ASSETS)), 50, axis=0)
    noise = 0.6 * generator.standard_normal((COUNT, 1)) + 0.8 * generator.standard_normal(shape)
    return market_of(drift + spells * noise, generator.lognormal(13, 0.5, shape))


def at_random(name: str, seed: int, share: float, sessions: int) -> None:
    """Register a strategy that enters on a share of all sessions, whatever the bars say."""

    @register_strategy(name)
    def enters(view: StrategyView, parameters: Values) -> Floats:
        """Enter at random."""
        entry = np.random.default_rng([seed, sessions]).random(view.price.shape) < share
        return view.hold(entry, sessions)


def planted(seed: int, *, in_turn: bool) -> Market:
    """Return a world in which two signals foretell returns, each to be read off the volume.

    Each asset rises or falls by 0.4 % a session in spells of 80 to 240 sessions, which the allocator sees in
    its momentum. Every session has two signals, up or down at random, the two lowest bits of the volume. The
    next return has ±0.8 % by a signal, beside noise of 1 %: `in_turn` by the first in rising spells and by
    the second in falling ones, else by both, half each, at all times.
    """
    generator = np.random.default_rng([seed, 2])
    rises = np.zeros((COUNT, ASSETS), bool)
    for asset in range(ASSETS):
        first, is_rising = 0, bool(generator.integers(2))
        while first < COUNT:
            length = int(generator.integers(80, 240))
            rises[first : first + length, asset] = is_rising
            first, is_rising = first + length, not is_rising
    bits = generator.integers(0, 2, (2, COUNT, ASSETS))
    signal = 2.0 * (np.where(rises, bits[0], bits[1]) if in_turn else bits.mean(axis=0)) - 1.0
    returns = np.where(rises, 0.004, -0.004) + 0.01 * generator.standard_normal((COUNT, ASSETS))
    returns[1:] += 0.008 * signal[:-1]
    return market_of(returns, 1_000_000.0 + bits[0] + 2 * bits[1])


def by_volume(name: str, bit: int) -> None:
    """Register a strategy that holds for a session where that bit of the volume is set."""

    @register_strategy(name)
    def reads(view: StrategyView, parameters: Values) -> Floats:
        """Hold for a session where the bit is set."""
        entry = (view.volume.astype(np.int64) >> bit & 1).astype(bool)
        return view.hold(entry, 1)
