"""Fifteen years of bars whose truth is known: without a signal, or with one that was planted."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numba import njit
from panels import trend_forecast, weekdays

from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.referee import Claim
from plumbline.engine.registry import Values
from plumbline.engine.registry import strategy as register_strategy
from plumbline.engine.strategies import StrategyView
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant

FIRST, YEARS = "2010-01-01", 15  # two years to learn from, thirteen that are judged
SESSIONS = np.array(
    [day for day in weekdays(FIRST, 262 * (YEARS + 1)) if day.year < 2010 + YEARS], dtype="datetime64[D]"
)
ASSETS = 3
TAILS = 5  # degrees of freedom of the innovations
COMMON = 0.4  # share of the variance of a return that all assets have in common
EDGE = 0.23  # adds 0.6 to the Sharpe ratio of `baseline`: the mean of 300 pairs of worlds
READ = 0.0765  # adds 0.6 to that of a strategy that reads the signal
PLAIN = 0.4  # a signal that is plain to see
DRIFT = 0.0003, 0.0002  # mean and deviation of an asset's mean return, per session
LEVEL = 0.009, 0.016  # lowest and highest volatility of an asset, per session
SPELLS = 0.98, 0.35  # persistence and deviation of the log volatility
EXPECTED, MEMORY = 0.34, 250.0  # mean exposure at first, and sessions over which it is learned anew
MINIMUM_GAIN = 0.1  # of every claim, in annual Sharpe ratio
RUN = 10.0  # mean length of a signal, in sessions


class Noise(NamedTuple):
    """A history without any signal: returns, their volatility known in advance, volumes, (S, A) each."""

    returns: Floats
    volatility: Floats
    volume: Floats


def noise(seed: int, assets: int = ASSETS, level: tuple[float, ...] | None = None) -> Noise:
    """Return correlated assets that drift, with fat tails, in spells of high and low volatility.

    Parameters
    ----------
    seed
        Of this world.
    assets
        How many.
    level
        Volatility of each asset per session; drawn between the bounds of `LEVEL`, if not given.
    """
    generator = np.random.default_rng([seed, 3])
    shape = len(SESSIONS), assets
    drift = generator.normal(*DRIFT, assets)
    level = generator.uniform(*LEVEL, assets) if level is None else np.array(level)
    persistence, spread = SPELLS
    steps = _shared(generator.standard_normal((shape[0], 1)), generator.standard_normal(shape))
    logs = _persistent(steps, persistence) * spread
    volatility = level * np.exp(logs - spread**2)  # the mean square is that of the level
    tails = generator.standard_t(TAILS, (shape[0], 1)), generator.standard_t(TAILS, shape)
    innovation = _shared(*tails) / np.sqrt(TAILS / (TAILS - 2))
    volume = np.round(np.exp(13 + 0.5 * logs + 0.4 * generator.standard_normal(shape)))
    return Noise(drift + volatility * innovation, volatility, volume)


def _shared(common: Floats, own: Floats) -> Floats:
    """Return what has `COMMON` of its variance in common."""
    return np.sqrt(COMMON) * common + np.sqrt(1.0 - COMMON) * own


@njit(cache=True)
def _persistent(steps, persistence):
    out = np.empty_like(steps)
    out[0] = steps[0]
    for t in range(1, len(steps)):
        out[t] = persistence * out[t - 1] + np.sqrt(1.0 - persistence**2) * steps[t]
    return out


def market_of(returns: Floats, volume: Floats) -> Market:
    """Return the market of returns and volumes, (S, A); the first return is not earned."""
    returns = np.maximum(returns, -0.5)
    price = 50.0 * np.cumprod(1.0 + np.where(np.arange(len(returns))[:, None] > 0, returns, 0.0), axis=0)
    symbols = tuple(f"ASSET{i}" for i in range(returns.shape[1]))
    every = np.ones(returns.shape, bool)
    sessions = SESSIONS[: len(returns)]
    return Market(Panel(sessions, symbols, price, np.ascontiguousarray(volume), every, ~every))


def without_signal(seed: int, assets: int = ASSETS) -> Market:
    """Return a world in which nothing can be foretold."""
    own = noise(seed, assets)
    return market_of(own.returns, own.volume)


class Planted(NamedTuple):
    """A world with an edge in what trend and meanrev hold, and what they hold in it, (2, S, A)."""

    market: Market
    held: Floats


def with_edge(seed: int, variant: Variant, delta: float, assets: int = ASSETS) -> Planted:
    """Return a world in which trend and meanrev of `variant` are right.

    The next return of an asset has `delta` times its mean volatility more, times how much more than
    expected the two hold of it on average; so that its mean and its volatility stay. What is expected is
    what they held over the last `MEMORY` sessions or so. There is no edge before the first fold; what
    they hold hangs on returns that were changed, and on the fits of them, so that the years follow each
    other, and in a year the sessions.
    """
    own = noise(seed, assets)
    returns = np.maximum(own.returns, -0.5)
    scale = delta * own.volatility.mean(axis=0)
    years = SESSIONS.astype("datetime64[Y]").astype(int)
    first_of_year = np.flatnonzero(np.diff(years, prepend=years[0] - 1))
    state = np.zeros((2, assets), np.int64)
    expected = np.full(assets, EXPECTED)
    p = variant.values
    limits = np.array(
        [p["trend_ret20_min"], p["prediction_threshold"], p["meanrev_ret5_max"], p["meanrev_entry_vol20_max"]]
    )
    holds = np.array([p["trend_hold"], p["meanrev_hold"]])
    held = np.zeros((2, *returns.shape))
    for year, first in enumerate(first_of_year):
        last = first_of_year[year + 1] if year + 1 < len(first_of_year) else len(returns)
        if first < p["min_train_sessions"]:
            continue
        market = market_of(returns[:last], own.volume[:last])
        fit = market.fits(trend_forecast(variant)).coefficients[-1]
        volume = market.features("continuous").rvol_10
        _plant(returns, volume, fit, first, last, limits, holds, scale, state, expected, held)
    return Planted(market_of(returns, own.volume), held)


@njit(cache=True)
def _change(returns, t, i, window):
    grown = 1.0
    for k in range(window):
        grown *= 1.0 + returns[t - k, i]
    return grown - 1.0


@njit(cache=True)
def _plant(returns, volume, fit, first, last, limits, holds, scale, state, expected, held):
    """Write the edge to the returns of the sessions after `first` to `last`, one after the other."""
    for t in range(first, last):
        for i in range(returns.shape[1]):
            moved = [_change(returns, t, i, window) for window in (1, 5, 10, 20)]
            forecast = fit[i, 0] + fit[i, 5] * volume[t, i]
            for k in range(4):
                forecast += fit[i, 1 + k] * moved[k]
            vol = np.sqrt(252.0 * returns[t - 19 : t + 1, i].var() * 20.0 / 19.0)
            entry = (
                forecast > limits[1] and moved[3] > limits[0],
                moved[1] < limits[2] and vol < limits[3],
            )
            mean = 0.0
            for s in range(2):
                if state[s, i] == 0 and entry[s]:
                    state[s, i] = holds[s]
                held[s, t, i] = state[s, i] > 0
                mean += held[s, t, i] / 2.0
                state[s, i] = max(state[s, i] - 1, 0)
            if t + 1 < len(returns):
                returns[t + 1, i] += scale[i] * (mean - expected[i])
            expected[i] += (mean - expected[i]) / MEMORY


def with_reader(
    seed: int, delta: float, assets: int = ASSETS, level: tuple[float, ...] | None = None
) -> Market:
    """Return a world with a signal of its own: the lowest bit of the volume foretells the next return.

    It is set half of the time, in runs of `RUN` sessions on average. The next return has half of `delta`
    times the mean volatility more where it is set, and as much less where it is not.
    """
    own = noise(seed, assets, level)
    generator = np.random.default_rng([seed, 4])
    turns = generator.random(own.returns.shape) < 1.0 / RUN
    is_set = (np.cumsum(turns, axis=0) + generator.integers(0, 2, assets)) % 2
    returns = own.returns.copy()
    returns[1:] += delta * own.volatility.mean(axis=0) * (is_set[:-1] - 0.5)
    return market_of(returns, 2.0 * np.floor(own.volume / 2.0) + is_set)


def with_turns(seed: int, delta: float, assets: int = ASSETS) -> Market:
    """Return a world in which two signals are right in turn, which an allocator can tell from momentum.

    As `worlds.planted`: each asset rises or falls by 0.4 % a session in spells of 80 to 240 sessions. The two
    lowest bits of the volume are set in runs of `RUN` sessions; the first one foretells the next return in
    a rise, the other one in a fall: half of `delta` times the mean volatility more where it is set.
    """
    own = noise(seed, assets, (0.01,) * assets)
    generator = np.random.default_rng([seed, 5])
    shape = own.returns.shape
    rises = np.zeros(shape, bool)
    for asset in range(assets):
        first, is_rising = 0, bool(generator.integers(2))
        while first < len(rises):
            length = int(generator.integers(80, 240))
            rises[first : first + length, asset] = is_rising
            first, is_rising = first + length, not is_rising
    turns = generator.random((2, *shape)) < 1.0 / RUN
    bits = (np.cumsum(turns, axis=1) + generator.integers(0, 2, (2, 1, assets))) % 2
    returns = own.returns - own.returns.mean(axis=0) + np.where(rises, 0.004, -0.004)
    returns[1:] += delta * own.volatility.mean(axis=0) * (np.where(rises, *bits)[:-1] - 0.5)
    return market_of(returns, 4.0 * np.floor(own.volume / 4.0) + bits[0] + 2 * bits[1])


def hold_by_volume() -> None:
    """Register the strategies `first` and `second`, which read a bit of the volume each, and `sides`."""
    _reader("first", 0)
    _reader("second", 1)

    @register_strategy("sides", shorts=True)
    def sides(view: StrategyView, parameters: Values) -> Floats:
        """Hold long where the first bit is set, else short."""
        return np.where(view.may_enter, 2.0 * (view.volume.astype(np.int64) & 1) - 1.0, 0.0)


def _reader(name: str, bit: int) -> None:
    @register_strategy(name)
    def reads(view: StrategyView, parameters: Values) -> Floats:
        """Hold for a session where the bit is set."""
        return view.hold((view.volume.astype(np.int64) >> bit & 1).astype(bool), 1)


class Question(NamedTuple):
    """A claim, and the worlds by seed that it is put to."""

    claim: Claim
    world: Callable[[int], Market]


UNEQUAL = 0.004, 0.012, 0.036  # volatilities of assets among which a weighting must tell
READER = {"allocator": "always", "follows": "first"}
SIDES = {"allocator": "always", "follows": "sides", "weighting": "asset", "max_leverage": 10.0}


def question_of(kind: str, variant: Callable[..., Variant]) -> Question:
    """Return the question about `noise`, `edge`, `reader`, `turns` or `sides`; `variant` makes variants.

    The strategies of `hold_by_volume` are registered.
    """

    def about(world: Callable[[int], Market], **changes: object) -> Question:
        claimed = variant("baseline", **changes)
        return Question(Claim("claimed", claimed, "always_long", MINIMUM_GAIN), world)

    if kind == "noise":
        return about(without_signal)
    if kind == "edge":
        return about(lambda seed: with_edge(seed, variant("baseline"), EDGE).market)
    if kind == "reader":
        return about(lambda seed: with_reader(seed, READ), **READER)
    if kind == "turns":
        return about(lambda seed: with_turns(seed, PLAIN), up="first", down="second")
    assert kind == "sides"
    return about(lambda seed: with_reader(seed, PLAIN, level=UNEQUAL), **SIDES)
