"""The evidence for and against belief: generalisation of strategies, luck of the Sharpe ratios."""

from collections.abc import Iterator
from math import sqrt

import numpy as np
import pyarrow as pa

from plumbline.engine.allocator import STATES
from plumbline.engine.benchmarks import ALWAYS_LONG, benchmark_returns
from plumbline.engine.features import SESSIONS_PER_YEAR
from plumbline.engine.line import StrategyRow, legs_of, run_line
from plumbline.engine.market import Market, portfolio_age
from plumbline.engine.measures import sharpe
from plumbline.engine.overfitting import (
    backtest_overfitting,
    deflated_sharpe,
    effective_trials,
    expected_maximum_sharpe,
    minimum_track_record,
    moments,
    probabilistic_sharpe,
)
from plumbline.engine.perturbations import grid, joint, one_at_a_time
from plumbline.engine.skill import (
    allocated_returns,
    in_sample_sharpes,
    mixed_returns,
    permuted_sharpes,
    timing_returns,
)
from plumbline.engine.strategies import Streams
from plumbline.engine.stress import own_returns
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant
from plumbline.layers.progress import tracked
from plumbline.layers.tables import known, stack, the_baseline

GENERALISATION = {
    "symbol": pa.string(),
    "strategy": pa.string(),
    "year": pa.int32(),
    "in_sample_sharpe": pa.float64(),
}
OVERFITTING = {
    "statistic": pa.string(),
    "subject": pa.string(),
    "value": pa.float64(),
    "lower": pa.float64(),
    "upper": pa.float64(),
    "reference": pa.float64(),
}
BASELINE = "baseline"
DRAWS = 1000  # of bootstrap and permutation
BLOCK = 20  # mean length of a bootstrap block, sessions
SEED = 20120101
LEAST_SESSIONS = 60  # below, nothing is said
ANNUAL = sqrt(SESSIONS_PER_YEAR)


def generalisation(market: Market, variants: list[Variant], strategies: list[StrategyRow]) -> pa.Table:
    """Return the in-sample Sharpe ratio of each symbol, strategy and fold of `baseline`."""
    baseline = the_baseline(variants)

    def rows(row: StrategyRow) -> pa.Table:
        found = in_sample_sharpes(market, baseline, row)
        year, asset = np.nonzero(np.isfinite(found))
        return pa.table(
            {
                "symbol": pa.array(market.panel.symbols, pa.string()).take(pa.array(asset)),
                "strategy": pa.repeat(row.strategy, len(year)),
                "year": market.years[year],
                "in_sample_sharpe": found[year, asset],
            }
        )

    return stack(map(rows, strategies if baseline else []), GENERALISATION)


def overfitting(market: Market, variants: list[Variant], strategies: list[StrategyRow]) -> pa.Table:
    """Return one row per statistic and subject; none where `baseline` has next to no session.

    Parameters
    ----------
    market
        Bars and features.
    variants, strategies
        The named variants, `baseline` among them, and the strategies.
    """
    baseline = the_baseline(variants)
    sessions = int((portfolio_age(market, baseline) > 0).sum()) if baseline else 0
    if sessions < LEAST_SESSIONS:
        return pa.table({name: pa.array([], kind) for name, kind in OVERFITTING.items()})
    named = {variant.variant_id: own_returns(run_line(market, variant, strategies)) for variant in variants}
    held = benchmark_returns(market, baseline)
    trials = _trials(market, baseline, strategies)
    own_trials = np.column_stack([*trials, *(r for r in named.values() if len(r) == sessions)])
    found = [
        *_sharpes(_Draws(DRAWS), named | held, held[ALWAYS_LONG]),
        *_luck(named, own_trials, sessions),
        _row("backtest_overfitting", BASELINE, backtest_overfitting(np.column_stack(trials)), reference=0.5),
        *_superior(held, [r for name, r in named.items() if _is_executable(name, variants, r, sessions)]),
        *skill_statistics(market, baseline, strategies, DRAWS),
    ]
    return pa.Table.from_pylist(found, schema=pa.schema(OVERFITTING.items()))


def skill_statistics(
    market: Market, variant: Variant, strategies: list[StrategyRow], draws: int
) -> Iterator[dict]:
    """Yield the rows of `overfitting` that say whether strategies time and the allocator chooses.

    Parameters
    ----------
    market, variant, strategies
        What is run; cost_basis of the variant is not `strategy`.
    draws
        Of bootstrap and permutation.
    """
    resampled = _Draws(draws)
    line = run_line(market, variant, strategies)
    legs = legs_of(line.streams, strategies)
    single = {
        f"always_{row.strategy}": allocated_returns(
            market, variant, legs, np.full(market.ret.shape, STATES.index(row.state), np.int8)
        )
        for row in strategies
        if row.state
    }
    if len(legs) == 2:
        single["half_half"] = mixed_returns(market, variant, legs)
    yield from _gains(resampled, own_returns(line), single)
    value, permuted = permuted_sharpes(market, variant, legs, draws, SEED)
    at_least = float((1 + (permuted >= value).sum()) / (1 + draws))
    yield _row("allocator_permutation", BASELINE, at_least, *_interval(permuted), reference=value)
    yield from _timing(resampled, market, line.streams)


def _trials(market: Market, base: Variant, strategies: list[StrategyRow]) -> list[Floats]:
    """Return the daily returns of every perturbation of the parameters."""
    changes = [*grid(base), *one_at_a_time(base), *joint(base)]
    running = tracked(changes, len(changes), "overfitting")
    return [own_returns(run_line(market, each.variant, strategies)) for each in running]


def _is_executable(name: str, variants: list[Variant], returns: Floats, sessions: int) -> bool:
    (variant,) = (variant for variant in variants if variant.variant_id == name)
    return variant.cost_basis == "net" and len(returns) == sessions


class _Draws:
    """Sharpe ratios of resampled histories; series of one length share their draws, so they are paired."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._sources: dict[int, list[np.ndarray]] = {}

    def __call__(self, returns: Floats) -> Floats:
        """Return the Sharpe ratio of each draw from daily returns, (draws,)."""
        from arch.bootstrap import StationaryBootstrap

        sessions = len(returns)
        if sessions not in self._sources:
            drawn = StationaryBootstrap(BLOCK, np.arange(sessions), seed=SEED).bootstrap(self._count)
            self._sources[sessions] = [source for (source,), _ in drawn]
        return np.array([sharpe(returns[source]) for source in self._sources[sessions]])


def _sharpes(draws: _Draws, series: dict[str, Floats], long: Floats) -> Iterator[dict]:
    of_long = draws(long)
    for subject, returns in series.items():
        if len(returns) < LEAST_SESSIONS or not np.ptp(returns) > 0.0:
            continue
        drawn, found = draws(returns), moments(returns)
        yield _row("sharpe", subject, sharpe(returns), *_interval(drawn), reference=0.0)
        yield _row("probabilistic_sharpe", subject, probabilistic_sharpe(found, 0.0), reference=0.0)
        yield _row(
            "minimum_track_record", subject, minimum_track_record(found, 0.0), reference=found.sessions
        )
        if len(returns) == len(long) and subject != ALWAYS_LONG:
            gain = drawn - of_long
            better = float((gain > 0.0).mean() + 0.5 * (gain == 0.0).mean())
            yield _row("beats_always_long", subject, better, *_interval(gain), reference=sharpe(long))


def _luck(named: dict[str, Floats], trials: Floats, sessions: int) -> Iterator[dict]:
    ratios = np.array([moments(trial).sharpe for trial in trials.T])
    variance, count = float(np.nanvar(ratios)), effective_trials(trials)
    yield _row("effective_trials", "all", count, reference=float(trials.shape[1]))
    expected = expected_maximum_sharpe(variance, count) * ANNUAL
    for subject, returns in named.items():
        if len(returns) == sessions and np.ptp(returns) > 0.0:
            value = deflated_sharpe(moments(returns), variance, count)
            yield _row("deflated_sharpe", subject, value, reference=expected)


def _superior(held: dict[str, Floats], models: list[Floats]) -> Iterator[dict]:
    from arch.bootstrap import SPA

    losses = -np.column_stack(models)
    for subject, returns in held.items():
        test = SPA(-returns, losses, block_size=BLOCK, reps=DRAWS, seed=SEED)
        test.compute()
        p = test.pvalues
        yield _row("superior_predictive_ability", subject, p["consistent"], p["lower"], p["upper"])


def _gains(draws: _Draws, own: Floats, single: dict[str, Floats]) -> Iterator[dict]:
    drawn = draws(own)
    for subject, returns in single.items():
        if np.ptp(returns) > 0.0:
            gain, reference = sharpe(own) - sharpe(returns), sharpe(returns)
            yield _row(
                "allocator_gain", subject, gain, *_interval(drawn - draws(returns)), reference=reference
            )


def _timing(draws: _Draws, market: Market, streams: dict[str, Streams]) -> Iterator[dict]:
    for subject, part in {"all": streams, **{name: {name: s} for name, s in streams.items()}}.items():
        returns = timing_returns(market, part)
        if len(returns) >= LEAST_SESSIONS and np.ptp(returns) > 0.0:
            value = probabilistic_sharpe(moments(returns), 0.0)
            yield _row("timing_skill", subject, value, *_interval(draws(returns)), reference=sharpe(returns))


def _interval(draws: Floats) -> tuple[float, float]:
    known = draws[np.isfinite(draws)]
    return tuple(np.quantile(known, [0.025, 0.975])) if len(known) else (np.nan, np.nan)


def _row(
    statistic: str,
    subject: str,
    value: float,
    lower: float = np.nan,
    upper: float = np.nan,
    reference: float = np.nan,
) -> dict:
    numbers = {"value": value, "lower": lower, "upper": upper, "reference": reference}
    return {"statistic": statistic, "subject": subject, **known(numbers)}
