"""The stability layer: perturbed variants, one pass of the engine over all of them, benchmarks."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from plumbline.engine.benchmarks import benchmark_returns
from plumbline.engine.line import Line, StrategyRow, run_line
from plumbline.engine.market import Market, portfolio_age
from plumbline.engine.perturbations import changed_panel, data_changes, grid, joint, one_at_a_time
from plumbline.engine.summary import state_agreement, state_mix, summarise
from plumbline.engine.variants import INTEGERS, PARAMETERS, Variant
from plumbline.layers.progress import tracked
from plumbline.layers.tables import stack, the_baseline

KINDS = {"grid": grid, "one_at_a_time": one_at_a_time, "joint": joint}
PERTURBED = {
    "variant_id": pa.string(),
    "family": pa.string(),
    "detail": pa.string(),
    "base_variant_id": pa.string(),
    "description": pa.string(),
    **{name: pa.float64() for name in PARAMETERS},
    **dict.fromkeys(("warm_up", "cap", "cost_basis", "weighting", "allocator"), pa.string()),
    "kind": pa.string(),
    "parameter": pa.string(),
    "value": pa.float64(),
}
MEASURES = ("sharpe", "total_return", "max_drawdown", "avg_leverage", "annual_turnover", "state_agreement")
RUNS = {
    "variant_id": pa.string(),
    "sessions": pa.int64(),
    **{name: pa.float64() for name in MEASURES},
    "year": pa.int32(),
    "pct_trend": pa.float64(),
    "pct_meanrev": pa.float64(),
    "pct_cash": pa.float64(),
}
BENCHMARKS = {"benchmark_id": pa.string(), "session_date": pa.date32(), "net_return": pa.float64()}


def perturbed_variants(
    variants: list[Variant], sweeps: list[tuple[str, str]], symbols: tuple[str, ...]
) -> pa.Table:
    """Return one row per perturbation of the sweeps asked for.

    Parameters
    ----------
    variants
        The named variants, those to be perturbed among them.
    sweeps
        Pairs of base variant and kind, as in seeds/sweeps.csv.
    symbols
        The assets: each can be left out.

    Raises
    ------
    ValueError
        A sweep names no variant.
    """
    named = {variant.variant_id: variant for variant in variants}
    rows = []
    for base_id, kind in sweeps if variants else []:
        if base_id not in named:
            raise ValueError(
                f"seeds/sweeps.csv: no daily variant '{base_id}'; known: {', '.join(sorted(named))}"
            )
        if kind == "data":
            changes = data_changes(named[base_id], symbols)
            rows += [_row(base_id, each.variant, kind, each.parameter, each.value) for each in changes]
        else:
            rows += [_row(base_id, *perturbation) for perturbation in KINDS[kind](named[base_id])]
    return pa.Table.from_pylist(rows, schema=pa.schema(PERTURBED.items()))


def _row(base_id: str, variant: Variant, kind: str, parameter: str | None, value: float | None) -> dict:
    what = {"grid": "limits of the 20-session momentum", "joint": "all parameters at once"}.get(
        kind, parameter
    )
    values = {name: getattr(variant, name) for name in PARAMETERS}
    return {
        "variant_id": variant.variant_id,
        "family": "perturbation",
        "detail": "summary",
        "base_variant_id": base_id,
        "description": f"{base_id} with a change of {what}" + ("" if value is None else f" ({value:g})"),
        **{name: float(value) if name in INTEGERS else value for name, value in values.items()},
        "kind": kind,
        "parameter": parameter,
        "value": value,
    }


def sweep_runs(
    market: Market, variants: list[Variant], strategies: list[StrategyRow], sweeps: list[tuple[str, str]]
) -> pa.Table:
    """Run every variant and every perturbation; one row per variant and year with sessions in a fold.

    The measures are of the whole run and stand on each of its rows; a run without a year has one row,
    with NULL.

    Parameters
    ----------
    market
        Bars and features, shared by all runs but those on changed bars.
    variants, strategies, sweeps
        As for `perturbed_variants`; the named variants are run, too.
    """
    named = {variant.variant_id: variant for variant in variants}
    sweeps = sweeps if variants else []
    bases = {base_id: run_line(market, named[base_id], strategies) for base_id, _ in sweeps}

    def rows() -> Iterator[pa.Table]:
        for variant in variants:
            yield _run(variant, market, run_line(market, variant, strategies), np.nan)
        for base_id, kind in sweeps:
            base = bases[base_id]
            for variant, bars in _changes(market, named[base_id], kind):
                line = run_line(bars, variant, strategies)
                yield _run(variant, bars, line, state_agreement(bars, line, market, base))

    total = len(variants) + perturbed_variants(variants, sweeps, market.panel.symbols).num_rows
    return stack(tracked(rows(), total, "stability sweep"), RUNS)


def _changes(market: Market, base: Variant, kind: str) -> Iterator[tuple[Variant, Market]]:
    if kind == "data":
        for change in data_changes(base, market.panel.symbols):
            yield change.variant, Market(changed_panel(market.panel, change))
    else:
        for perturbation in KINDS[kind](base):
            yield perturbation.variant, market


def _run(variant: Variant, market: Market, line: Line, agreement: float) -> pa.Table:
    mix = state_mix(market, line)
    years = max(len(mix.year), 1)
    summary = summarise(line.portfolio)._asdict() | {"state_agreement": agreement}
    measures = {name: pa.array(np.full(years, summary[name]), from_pandas=True) for name in MEASURES}
    by_year = mix._asdict() if len(mix.year) else {name: [None] for name in mix._fields}
    return pa.table(
        {
            "variant_id": pa.repeat(variant.variant_id, years),
            "sessions": pa.repeat(summary["sessions"], years),
            **measures,
            **by_year,
        }
    )


def benchmark_daily(market: Market, variants: list[Variant]) -> pa.Table:
    """Return one row per benchmark and session of the portfolio of `baseline`."""
    baseline = the_baseline(variants)
    if baseline is None:
        return stack([], BENCHMARKS)
    sessions = market.panel.sessions[portfolio_age(market, baseline) > 0]
    tables = (
        pa.table(
            {
                "benchmark_id": pa.repeat(name, len(sessions)),
                "session_date": pa.array(sessions, pa.date32()),
                "net_return": returns,
            }
        )
        for name, returns in benchmark_returns(market, baseline).items()
    )
    return stack(tables, BENCHMARKS)
