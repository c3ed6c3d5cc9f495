"""The evidence for and against belief: generalisation of strategies, luck of the Sharpe ratios."""

from collections.abc import Iterator, Mapping
from math import sqrt

import numpy as np
import pyarrow as pa

from plumbline.engine.benchmarks import benchmark_returns
from plumbline.engine.features import SESSIONS_PER_YEAR
from plumbline.engine.folds import portfolio_age
from plumbline.engine.line import legs_of, run_line
from plumbline.engine.market import Market
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
from plumbline.engine.resampling import resampled_sharpes, stationary_sources
from plumbline.engine.skill import (
    always,
    followed_returns,
    in_equal_parts,
    in_sample_sharpes,
    permuted_sharpes,
    timing_returns,
)
from plumbline.engine.strategies import Streams
from plumbline.engine.stress import own_returns
from plumbline.engine.superiority import superior_predictive_ability
from plumbline.engine.types import Floats, Ints
from plumbline.engine.variants import Variant
from plumbline.tables.arrow import known, stack
from plumbline.tables.variants import the_baseline

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
ALWAYS_LONG = "always_long"
TRIALS = ("grid", "one_at_a_time", "joint")  # kinds of perturbation that count as trials
LEAST_SESSIONS = 60  # below, nothing is said
ANNUAL = sqrt(SESSIONS_PER_YEAR)


def generalisation(market: Market, variants: list[Variant], strategies: list[str]) -> pa.Table:
    """Return the in-sample Sharpe ratio of each symbol, strategy and fold of `baseline`."""
    baseline = the_baseline(variants)

    def rows(strategy: str) -> pa.Table:
        found = in_sample_sharpes(market, baseline, strategy)
        year, asset = np.nonzero(np.isfinite(found))
        return pa.table(
            {
                "symbol": pa.array(market.panel.symbols, pa.string()).take(pa.array(asset)),
                "strategy": pa.repeat(strategy, len(year)),
                "year": market.years[year],
                "in_sample_sharpe": found[year, asset],
            }
        )

    return stack(map(rows, strategies if baseline else []), GENERALISATION)


def overfitting(
    market: Market,
    variants: list[Variant],
    perturbed: pa.Table,
    lines: pa.Table,
    draws: Mapping[str, Mapping],
) -> pa.Table:
    """Return one row per statistic and subject; none where `baseline` has next to no session.

    Parameters
    ----------
    market
        Bars and features.
    variants
        The named variants, `baseline` among them.
    perturbed, lines
        The perturbations, and the run of each variant and perturbation.
    draws
        Number, block and seed of random draws, by purpose.
    """
    baseline = the_baseline(variants)
    sessions = int((portfolio_age(market, baseline) > 0).sum()) if baseline else 0
    if sessions < LEAST_SESSIONS:
        return pa.table({name: pa.array([], kind) for name, kind in OVERFITTING.items()})
    returns = _returns(lines)
    named = {variant.variant_id: returns[variant.variant_id] for variant in variants}
    held = benchmark_returns(market, baseline)
    trials = [returns[name] for name in _trials(perturbed)]
    own_trials = np.column_stack([*trials, *(r for r in named.values() if len(r) == sessions)])
    executable = [r for name, r in named.items() if _is_executable(name, variants, r, sessions)]
    found = [
        *_sharpes(_Draws(draws["interval"]), named | held, held[ALWAYS_LONG]),
        *_luck(named, own_trials, sessions),
        _row("backtest_overfitting", BASELINE, backtest_overfitting(np.column_stack(trials)), reference=0.5),
        *_superior(held, executable, draws["superiority"]),
        *skill_statistics(market, baseline, draws),
    ]
    return pa.Table.from_pylist(found, schema=pa.schema(OVERFITTING.items()))


def _returns(lines: pa.Table) -> dict[str, Floats]:
    """Return the daily net returns of each run, (T,)."""
    values = lines["net_returns"].combine_chunks()
    flat, offsets = values.values.to_numpy(), values.offsets.to_numpy()
    return {
        name: flat[offsets[row] : offsets[row + 1]]
        for row, name in enumerate(lines["variant_id"].to_pylist())
    }


def _trials(perturbed: pa.Table) -> list[str]:
    """Return every perturbation of the parameters of `baseline`, grid first, then by number."""
    rows = perturbed.select(["variant_id", "base_variant_id", "kind", "number"]).to_pylist()
    found = [row for row in rows if row["base_variant_id"] == BASELINE and row["kind"] in TRIALS]
    return [r["variant_id"] for r in sorted(found, key=lambda r: (TRIALS.index(r["kind"]), r["number"]))]


def skill_statistics(market: Market, variant: Variant, draws: Mapping[str, Mapping]) -> Iterator[dict]:
    """Yield the rows of `overfitting` that say whether strategies time and the allocator chooses.

    Parameters
    ----------
    market, variant
        What is run; cost_basis of the variant is not `strategy`.
    draws
        Of `interval` and `permutation`.
    """
    resampled = _Draws(draws["interval"])
    line = run_line(market, variant)
    legs = legs_of(line.streams)
    single = {
        f"always_{name}": followed_returns(market, variant, legs, always(market, code))
        for code, name in enumerate(line.streams, start=1)
    }
    if len(legs) == 2:
        single["half_half"] = followed_returns(market, variant, legs, in_equal_parts(market, legs))
    yield from _gains(resampled, own_returns(line), single)
    drawn = draws["permutation"]
    value, permuted = permuted_sharpes(market, variant, legs, drawn["draws"], drawn["block"], drawn["seed"])
    at_least = float((1 + (permuted >= value).sum()) / (1 + drawn["draws"]))
    yield _row("allocator_permutation", BASELINE, at_least, *_interval(permuted), reference=value)
    yield from _timing(resampled, market, line.streams)


def _is_executable(name: str, variants: list[Variant], returns: Floats, sessions: int) -> bool:
    (variant,) = (variant for variant in variants if variant.variant_id == name)
    return variant.is_executable and len(returns) == sessions


class _Draws:
    """Sharpe ratios of resampled histories; series of one length share their draws, so they are paired."""

    def __init__(self, drawn: Mapping) -> None:
        self._drawn = drawn
        self._sources: dict[int, Ints] = {}

    def __call__(self, returns: Floats) -> Floats:
        """Return the Sharpe ratio of each draw from daily returns, (draws,)."""
        sessions = len(returns)
        if sessions not in self._sources:
            self._sources[sessions] = _sources(sessions, self._drawn)
        return resampled_sharpes(returns, self._sources[sessions])


def _sources(sessions: int, drawn: Mapping) -> Ints:
    return stationary_sources(sessions, drawn["draws"], drawn["block"], drawn["seed"])


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


def _superior(held: dict[str, Floats], models: list[Floats], drawn: Mapping) -> Iterator[dict]:
    executable = np.column_stack(models)
    sources = _sources(len(executable), drawn)
    for subject, returns in held.items():
        p = superior_predictive_ability(returns, executable, sources, drawn["block"])
        yield _row("superior_predictive_ability", subject, p.consistent, p.lower, p.upper)


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
