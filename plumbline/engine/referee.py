"""What is measured of a claim, on the bars at hand and in placebo worlds alike (docs/robustness.md).

One definition a metric: in a placebo world it has a value, on the bars at hand an interval beside it.
"""

from collections.abc import Iterator, Mapping
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from plumbline.engine.benchmarks import held_returns, holdings_of
from plumbline.engine.failures import FailureShares, Rule, weigh_failures
from plumbline.engine.features import SESSIONS_PER_YEAR
from plumbline.engine.folds import portfolio_age
from plumbline.engine.intervals import UNKNOWN, Intervals, binomial_interval, quantile_interval, quantiles
from plumbline.engine.line import Line, hold_allocation, legs_of, run_line
from plumbline.engine.market import Market
from plumbline.engine.measures import sharpe
from plumbline.engine.overfitting import BLOCKS, choice_gains
from plumbline.engine.perturbations import Draws, neighbour_values
from plumbline.engine.registry import Component, components
from plumbline.engine.skill import always, followed_returns, in_equal_parts, permuted_sharpes, timing_returns
from plumbline.engine.stress import own_returns
from plumbline.engine.summary import state_agreement
from plumbline.engine.sweep import sweep, why_not
from plumbline.engine.types import Bools, Floats
from plumbline.engine.variants import Variant, followed, is_legal

ALWAYS_LONG = "always_long"
EQUAL = "equal"  # the weighting that knows nothing
ARCHITECTURE = ("allocator", "weighting")  # slots whose components are architecture, not parameters
WINDOW, TOLERANCE = 63, 0.25  # sessions of a realised volatility, and how far from its target it may lie
LOW = 0.05  # the quantile that stands for the worst of the neighbours
FEW_BLOCKS = 8  # of the cross-validation in a placebo world: 70 halves instead of 12,870
LEAST_SESSIONS = 60  # below, nothing is said


class Claim(NamedTuple):
    """A variant that somebody says is worth more than a benchmark, by an annual Sharpe ratio at least."""

    claim_id: str
    variant: Variant
    benchmark_id: str
    minimum_gain: float = 0.0


class Measured(NamedTuple):
    """A metric of a claim: `value`, its 95 % interval, and what stands beside it; NaN where unknown.

    `subject` is what it is held against or made of, `all` without a choice.
    """

    metric: str
    subject: str
    value: float
    lower: float = np.nan
    upper: float = np.nan
    reference: float = np.nan


class Neighbours(NamedTuple):
    """N variants near another: Sharpe ratios and agreement with its states, (N,), daily returns, (N, T)."""

    sharpes: Floats
    agreement: Floats
    net: Floats


class Ask(NamedTuple):
    """How much is asked: how many neighbours and permutations, and what intervals are drawn with, if any.

    `permutation` and `interval` are rows of draws, block and seed; without `interval` there is none.
    """

    neighbours: Draws
    permutation: Mapping
    interval: Mapping | None = None


def run_neighbours(market: Market, variant: Variant, line: Line, draws: Draws) -> Neighbours:
    """Run the neighbours of a variant; `line` is its own run on the market."""
    values = neighbour_values(variant, market, draws)
    largest = variant.changed(**{name: moved.max().item() for name, moved in values.items()})
    if not why_not(market, largest):
        found = sweep(market, variant, values, choice=line.allocation.state, keep=True)
        return Neighbours(found.measures["sharpe"], found.agreement, found.net)
    lines = [
        run_line(market, variant.changed(**dict(zip(values, (v.item() for v in own), strict=True))))
        for own in zip(*values.values(), strict=True)
    ]
    returns = np.array([own_returns(each) for each in lines])
    agreement = [state_agreement(market, each, market, line) for each in lines]
    return Neighbours(np.array([sharpe(net) for net in returns]), np.array(agreement), returns)


def architectures(variant: Variant, alternatives: list[Variant]) -> list[Variant]:
    """Return the variant with each other allocator and weighting of the alternatives, one at a time.

    Those that follow other strategies, or do not go with its values, are left out.
    """
    found = {}
    for slot in ARCHITECTURE:
        for each in alternatives:
            changed = variant.changed(each.variant_id, **{slot: each.values[slot]})
            is_other = changed.values[slot] != variant.values[slot]
            if is_other and followed(changed) == followed(variant) and is_legal(changed):
                found.setdefault((slot, changed.values[slot]), changed)
    return list(found.values())


def benchmark_of(benchmark_id: str) -> Component | None:
    """Return the benchmark component that a benchmark's name is of; None where there is none."""
    named = [
        found for name, found in components("benchmark").items() if f"{benchmark_id}_".startswith(f"{name}_")
    ]
    return max(named, key=lambda found: len(found.name), default=None)


def benchmark_series(market: Market, variant: Variant, benchmark_id: str) -> Floats | None:
    """Return the daily net returns of one benchmark over the variant's sessions, (T,); None without it."""
    found = benchmark_of(benchmark_id)
    if found is None:
        return None
    for suffix, holding in holdings_of(found, market, variant).items():
        if found.name + suffix == benchmark_id:
            return held_returns(market, variant, holding)[portfolio_age(market, variant) > 0]
    return None


def measure_claim(
    market: Market,
    claim: Claim,
    ask: Ask,
    rules: list[Rule],
    alternatives: list[Variant],
    neighbours: Neighbours | None = None,
) -> Iterator[Measured]:
    """Yield every metric of a claim; none where its portfolio has next to no session.

    Parameters
    ----------
    market
        The bars at hand, or a placebo world made from them.
    claim, ask
        What is claimed, and how much is asked.
    rules
        The failure modes.
    alternatives
        Variants of other architecture than the one that is claimed.
    neighbours
        Runs of its neighbours, where they are at hand already.
    """
    variant = claim.variant
    line = run_line(market, variant)
    own = own_returns(line)
    if len(own) < LEAST_SESSIONS:
        return
    intervals = Intervals(ask.interval)
    near = neighbours or run_neighbours(market, variant, line, ask.neighbours)
    yield from _timing(market, line, intervals)
    yield from _choosing(market, variant, line, own, ask, intervals)
    yield from _allocating(market, claim, line, own, intervals)

    yield from _failing(weigh_failures(market, variant, line, rules), intervals)
    yield from _stability(variant, own, near, intervals)
    yield from _architecture(market, variant, own, near, alternatives, intervals)


def _timing(market: Market, line: Line, intervals: Intervals) -> Iterator[Measured]:
    parts = {"all": line.streams, **{name: {name: stream} for name, stream in line.streams.items()}}
    for subject, streams in parts.items() if len(line.streams) > 1 else [("all", line.streams)]:
        returns = timing_returns(market, streams)
        if len(returns) >= LEAST_SESSIONS and np.ptp(returns) > 0.0:
            yield Measured("timing_skill", subject, sharpe(returns), *intervals.of_sharpe(returns))


def _choosing(
    market: Market, variant: Variant, line: Line, own: Floats, ask: Ask, intervals: Intervals
) -> Iterator[Measured]:
    """Yield what choosing is worth; nothing where there is one strategy, or none, to choose from."""
    legs = legs_of(line.streams)
    if len(legs) < 2:
        return
    value, permuted = permuted_sharpes(market, variant, legs, **ask.permutation)
    at_least = int((permuted >= value).sum())
    draws = len(permuted)
    yield Measured(
        "allocator_permutation",
        "all",
        (1 + at_least) / (1 + draws),
        *(binomial_interval(at_least, draws) if intervals.asked else UNKNOWN),
        reference=value,
    )
    single = {
        f"always_{name}": followed_returns(market, variant, legs, always(market, code))
        for code, name in enumerate(line.streams, start=1)
    }
    single["equal_parts"] = followed_returns(market, variant, legs, in_equal_parts(market, legs))
    for subject, returns in single.items():
        yield from _gain("gain_over_single", subject, own, returns, intervals)


def _allocating(
    market: Market, claim: Claim, line: Line, own: Floats, intervals: Intervals
) -> Iterator[Measured]:
    variant = claim.variant
    long = benchmark_series(market, variant, ALWAYS_LONG)
    benchmark = benchmark_series(market, variant, claim.benchmark_id)
    if benchmark is None:
        yield Measured("gain_over_benchmark", claim.benchmark_id, np.nan)
    else:
        yield from _gain("gain_over_benchmark", claim.benchmark_id, own, benchmark, intervals)
    if variant.weighting != EQUAL and len(market.panel.symbols) > 1:
        equal = hold_allocation(market, variant.changed(weighting=EQUAL), line.allocation)
        returns = equal.net_return[equal.age > 0]
        yield from _gain("gain_over_equal_weights", "weighting_equal", own, returns, intervals)
    if len(own) > WINDOW:
        on_target = _on_target(own, variant)
        beside = _on_target(long, variant).mean() if long is not None else np.nan
        interval = intervals.of_share(on_target, 2.0 * WINDOW)
        yield Measured("volatility_on_target", "all", on_target.mean(), *interval, reference=beside)


def _on_target(returns: Floats, variant: Variant) -> Bools:
    """Return of each window whether its realised volatility lies near the variant's target."""
    realised = sliding_window_view(returns, WINDOW).std(axis=1) * sqrt(SESSIONS_PER_YEAR)
    return np.abs(realised / variant.target_volatility - 1.0) <= TOLERANCE


def _gain(metric: str, subject: str, own: Floats, other: Floats, intervals: Intervals) -> Iterator[Measured]:
    if np.ptp(own) > 0.0 and np.ptp(other) > 0.0:
        beside = sharpe(other)
        yield Measured(
            metric, subject, sharpe(own) - beside, *intervals.of_sharpe(own, other), reference=beside
        )


def _failing(found: FailureShares, intervals: Intervals) -> Iterator[Measured]:
    """Yield what failure modes lost beyond constant exposure; nothing without a deep episode."""
    if not found.episodes:
        return
    lost = -found.depths
    for place, (mode, role) in enumerate(zip(found.modes, found.roles, strict=True)):
        evidence = lost * found.by_episode[:, place]
        share = float(evidence.sum() / lost.sum())
        yield Measured("failure_aspect" if role == "aspect" else "failure_share", mode, share)
        if mode == found.dominant:
            yield Measured("dominant_failure", "all", share, *intervals.of_ratio(evidence, lost))
    interval = intervals.of_cases(lambda cases: found.pick(cases).explained, found.episodes)
    yield Measured("drawdown_explained", "all", found.explained, *interval)


def _stability(variant: Variant, own: Floats, near: Neighbours, intervals: Intervals) -> Iterator[Measured]:
    base, count = sharpe(own), len(near.sharpes)
    if not np.isfinite(base) or not np.isfinite(near.sharpes).all():
        return
    asks = intervals.asked
    if len(followed(variant)) > 1:  # who follows one has no state that could change
        low = float(np.quantile(near.agreement, LOW))
        interval = quantile_interval(near.agreement, LOW) if asks else UNKNOWN
        yield Measured("state_agreement", "all", low, *interval)
    # A Sharpe ratio that may be 0 has nothing that could be kept.
    if base > 0.0 and not intervals.of_sharpe(own)[0] <= 0.0:
        kept = float(np.quantile(near.sharpes, LOW)) / base
        interval = [end / base for end in quantile_interval(near.sharpes, LOW)] if asks else UNKNOWN
        yield Measured("sharpe_kept", "all", kept, *interval, reference=base)
    below = int((near.sharpes < base).sum())
    yield Measured(
        "rank_among_neighbours",
        "all",
        below / count,
        *(binomial_interval(below, count) if asks else UNKNOWN),
        reference=float(np.median(near.sharpes)),
    )


def _architecture(
    market: Market,
    variant: Variant,
    own: Floats,
    near: Neighbours,
    alternatives: list[Variant],
    intervals: Intervals,
) -> Iterator[Measured]:
    others = [own_returns(run_line(market, each)) for each in architectures(variant, alternatives)]
    if not others:
        return
    trials = np.column_stack([own, *near.net, *others])
    families = np.repeat([0, 1], [1 + len(near.net), len(others)])
    gains = choice_gains(trials, families, BLOCKS if intervals.asked else FEW_BLOCKS)
    if len(gains):
        interval = quantiles(gains) if intervals.asked else UNKNOWN
        yield Measured("architecture_gain", "all", float(gains.mean()), *interval)
