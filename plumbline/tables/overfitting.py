"""The evidence for and against belief: generalisation of strategies, luck of the Sharpe ratios."""

from collections.abc import Iterator, Mapping
from math import sqrt

import numpy as np
import pyarrow as pa

from plumbline.engine.benchmarks import benchmark_returns
from plumbline.engine.features import SESSIONS_PER_YEAR
from plumbline.engine.folds import portfolio_age
from plumbline.engine.intervals import Intervals, quantiles
from plumbline.engine.market import Market
from plumbline.engine.measures import population_std, sharpe
from plumbline.engine.overfitting import (
    backtest_overfitting,
    deflated_sharpe,
    effective_trials,
    expected_maxima,
    expected_maximum_sharpe,
    minimum_track_record,
    moments,
    probabilistic_sharpe,
)
from plumbline.engine.referee import ALWAYS_LONG, LEAST_SESSIONS
from plumbline.engine.resampling import stationary_sources
from plumbline.engine.skill import in_sample_sharpes
from plumbline.engine.superiority import superior_predictive_ability
from plumbline.engine.types import Floats
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
    "trials": pa.int64(),
}
BASELINE = "baseline"
TRIALS = ("grid", "one_at_a_time", "joint")  # kinds of perturbation that count as trials
ANNUAL = sqrt(SESSIONS_PER_YEAR)
VOLATILITY = 0.10  # annual, of all returns that are compared by their mean


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
    tried: list[Floats],
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
    tried
        The daily returns of every trial over these symbols, (sessions,) each, those of the ledger too.
    draws
        Number, block and seed of random draws, by purpose.
    """
    baseline = the_baseline(variants)
    sessions = int((portfolio_age(market, baseline) > 0).sum()) if baseline else 0
    if sessions < LEAST_SESSIONS:
        return pa.table({name: pa.array([], kind) for name, kind in OVERFITTING.items()})
    returns = returns_of(lines)
    named = {variant.variant_id: returns[variant.variant_id] for variant in variants}
    held = benchmark_returns(market, baseline)
    trials = [returns[name] for name in _trials(perturbed)]
    is_session = portfolio_age(market, baseline) > 0
    executable = [r for name, r in named.items() if _is_executable(name, variants, r, sessions)]
    found = [
        *_sharpes(Intervals(draws["interval"]), named | held, held[ALWAYS_LONG]),
        *_luck(named, [each[is_session] for each in tried], held[ALWAYS_LONG], draws["luck"]),
        _row(
            "backtest_overfitting",
            BASELINE,
            backtest_overfitting(np.column_stack(trials)),
            reference=0.5,
            trials=len(trials),
        ),
        *_superior(held, executable, draws["superiority"]),
    ]
    return pa.Table.from_pylist(found, schema=pa.schema(OVERFITTING.items()))


def returns_of(lines: pa.Table) -> dict[str, Floats]:
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


def _is_executable(name: str, variants: list[Variant], returns: Floats, sessions: int) -> bool:
    (variant,) = (variant for variant in variants if variant.variant_id == name)
    return variant.is_executable and len(returns) == sessions


def _sharpes(intervals: Intervals, series: dict[str, Floats], long: Floats) -> Iterator[dict]:
    of_long = intervals.drawn(long)
    for subject, returns in series.items():
        if len(returns) < LEAST_SESSIONS or not np.ptp(returns) > 0.0:
            continue
        drawn, found = intervals.drawn(returns), moments(returns)
        yield _row("sharpe", subject, sharpe(returns), *quantiles(drawn), reference=0.0)
        yield _row("probabilistic_sharpe", subject, probabilistic_sharpe(found, 0.0), reference=0.0)
        yield _row(
            "minimum_track_record", subject, minimum_track_record(found, 0.0), reference=found.sessions
        )
        if len(returns) == len(long) and subject != ALWAYS_LONG:
            gain = drawn - of_long
            better = float((gain > 0.0).mean() + 0.5 * (gain == 0.0).mean())
            yield _row("beats_always_long", subject, better, *quantiles(gain), reference=sharpe(long))


def _luck(
    named: dict[str, Floats], tried: list[Floats], long: Floats, drawn: Mapping[str, int]
) -> Iterator[dict]:
    """Yield what luck over all trials explains of what is earned beyond `always_long`.

    In excess of it: in a market that rises any portfolio that is held has a ratio that luck does not explain.
    """
    excess = np.column_stack(tried) - long[:, None]
    excess = excess[:, np.isfinite(excess).sum(axis=0) >= LEAST_SESSIONS]
    number, variance = excess.shape[1], 1.0 / (len(long) - 1.0)  # of a Sharpe ratio without skill
    count = effective_trials(expected_maxima(excess, drawn["draws"], drawn["seed"])[-1])
    yield _row("effective_trials", "all", count, reference=float(number), trials=number)
    expected = expected_maximum_sharpe(variance, count) * ANNUAL
    for subject, returns in named.items():
        if len(returns) == len(long) and np.ptp(returns - long) > 0.0:
            value = deflated_sharpe(moments(returns - long), variance, count)
            yield _row("deflated_sharpe", subject, value, reference=expected, trials=number)


def _superior(held: dict[str, Floats], models: list[Floats], drawn: Mapping) -> Iterator[dict]:
    """Yield the test of each benchmark, all at one volatility: it asks for the mean, which leverage buys."""
    executable = np.column_stack([_at_one_volatility(returns) for returns in models])
    sources = stationary_sources(len(executable), drawn["draws"], drawn["block"], drawn["seed"])
    for subject, returns in held.items():
        p = superior_predictive_ability(_at_one_volatility(returns), executable, sources, drawn["block"])
        yield _row("superior_predictive_ability", subject, p.consistent, p.lower, p.upper, trials=len(models))


def _at_one_volatility(returns: Floats) -> Floats:
    """Return daily returns at an annual volatility of 10 %; those that never differ as they are."""
    deviation = population_std(returns)
    return returns * (VOLATILITY / ANNUAL / deviation) if deviation > 0.0 else returns


def _row(
    statistic: str,
    subject: str,
    value: float,
    lower: float = np.nan,
    upper: float = np.nan,
    reference: float = np.nan,
    trials: int | None = None,
) -> dict:
    numbers = {"value": value, "lower": lower, "upper": upper, "reference": reference}
    return {"statistic": statistic, "subject": subject, **known(numbers), "trials": trials}
