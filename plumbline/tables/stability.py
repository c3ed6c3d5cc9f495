"""The stability layer: perturbed variants, and one run of the line for each."""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from plumbline.engine.allocator import states_of
from plumbline.engine.line import Line, run_line
from plumbline.engine.market import Market
from plumbline.engine.perturbations import (
    Draws,
    changed_panel,
    data_changes,
    grid,
    joint,
    neighbours,
    one_at_a_time,
)
from plumbline.engine.stress import own_returns
from plumbline.engine.summary import state_agreement, state_mix, summarise
from plumbline.engine.sweep import check, sweep, together
from plumbline.engine.variants import Variant, followed
from plumbline.tables.arrow import known, sort_rows
from plumbline.tables.each import each, workers
from plumbline.tables.progress import say
from plumbline.tables.variants import RESOLVED, read_variants, values_of

DATA, NEIGHBOUR = "data", "neighbour"
LEAST_BESIDE = 8  # fewer variants than fit into a vector are run one by one
OWN_SWEEPS = ("one_at_a_time", "joint", DATA)  # of every variant of the user's own
PERTURBED = {
    **RESOLVED,
    "number": pa.int64(),
    "kind": pa.string(),
    "parameter": pa.string(),
    "value": pa.float64(),
    "symbol": pa.string(),
}
MEASURES = ("sharpe", "total_return", "max_drawdown", "avg_leverage", "annual_turnover", "state_agreement")
LINES = {
    "variant_id": pa.string(),
    "sessions": pa.int64(),
    **dict.fromkeys(MEASURES, pa.float64()),
    "state_shares": pa.list_(pa.struct({"year": pa.int32(), "state": pa.string(), "share": pa.float64()})),
    "net_returns": pa.list_(pa.float64()),
}


def read_draws(draws: pa.Table) -> dict[str, dict]:
    """Return the rows of seeds/draws.csv by what they are for."""
    return {row["purpose"]: row for row in draws.to_pylist()}


def _draws(row: Mapping) -> Draws:
    return Draws(row["draws"], row["seed"])


def all_sweeps(sweeps: list[dict], own_variants: list[str], claimed: list[str]) -> list[dict]:
    """Return the rows of seeds/sweeps.csv, and those that the user's own variants and claimed ones have."""
    own = [{"base_variant_id": name, "kind": kind} for name in own_variants for kind in OWN_SWEEPS]
    own += [{"base_variant_id": name, "kind": NEIGHBOUR} for name in sorted(set(claimed))]
    stated = {(row["base_variant_id"], row["kind"]) for row in sweeps}
    return sorted(
        [*sweeps, *(row for row in own if (row["base_variant_id"], row["kind"]) not in stated)],
        key=lambda row: (row["base_variant_id"], row["kind"]),
    )


def perturbed_variants(
    market: Market, variants: list[Variant], sweeps: list[dict], draws: Mapping[str, Mapping]
) -> pa.Table:
    """Return one row per perturbation of the sweeps asked for.

    Parameters
    ----------
    market
        Bars: each asset can be left out, and a parameter can move by its feature's standard deviation.
    variants
        The named variants, those to be perturbed among them.
    sweeps
        Rows of `base_variant_id`, `kind`, and of a grid `parameters` (two, space between) and `step`.
    draws
        The seeds and numbers of random draws, by purpose.

    Raises
    ------
    ValueError
        A sweep names no variant, or no kind.
    """
    named = {variant.variant_id: variant for variant in variants}
    rows: list[dict] = []
    for asked in sweeps if variants else []:
        base_id = asked["base_variant_id"]
        if base_id not in named:
            raise ValueError(f"seeds/sweeps.csv: no variant '{base_id}'; known: {', '.join(sorted(named))}")
        rows += _perturbations(market, named[base_id], asked, draws)
    numbered = ({**row, "number": number} for number, row in enumerate(rows))
    return pa.Table.from_pylist(list(numbered), schema=pa.schema(PERTURBED.items()))


def _perturbations(
    market: Market, base: Variant, sweep: dict, draws: Mapping[str, Mapping]
) -> Iterator[dict]:
    kind = sweep["kind"]
    if kind == DATA:
        for change in data_changes(base, market.panel.symbols, _draws(draws["price_noise"])):
            yield _row(base, change.variant, kind, change.parameter, change.value, change.symbol)
        return
    if kind == "grid":
        changes = grid(base, tuple(sweep["parameters"].split()), sweep["step"])
    elif kind == "one_at_a_time":
        changes = one_at_a_time(base, market)
    elif kind == "joint":
        changes = joint(base, market, _draws(draws["joint"]))
    elif kind == NEIGHBOUR:
        changes = neighbours(base, market, _draws(draws[NEIGHBOUR]))
    else:
        kinds = f"grid, one_at_a_time, joint, {NEIGHBOUR}, {DATA}"
        raise ValueError(f"seeds/sweeps.csv: kind '{kind}' is none of {kinds}")
    for each_change in changes:
        yield _row(base, *each_change)


def _row(
    base: Variant,
    variant: Variant,
    kind: str,
    parameter: str | None,
    value: float | None,
    symbol: str | None = None,
) -> dict:
    what = {
        "grid": "limits of the 20-session momentum",
        "joint": "all parameters at once",
        NEIGHBOUR: "all parameters, windows and horizons at once",
    }.get(kind, parameter)
    return {
        "variant_id": variant.variant_id,
        "family": "perturbation",
        "detail": "summary",
        "base_variant_id": base.variant_id,
        "description": f"{base.variant_id} with a change of {what}"
        + ("" if value is None else f" ({value:g})"),
        "parameters": values_of(variant),
        "follows": list(followed(variant)),
        "kind": kind,
        "parameter": parameter,
        "value": value,
        "symbol": symbol,
    }


def stability_lines(
    market: Market, variants: list[Variant], perturbed: pa.Table, draws: Mapping[str, Mapping]
) -> pa.Table:
    """Run every variant and every perturbation once; one row per run.

    Perturbations of one base run side by side where its components have step forms, else one by one, as do
    variants that are alone in what they are made of.

    Parameters
    ----------
    market
        Bars and features, shared by all runs but those on changed bars.
    variants
        The named variants.
    perturbed
        As `perturbed_variants` returns them.
    draws
        The seeds of random draws, by purpose.
    """
    changes = {row["variant_id"]: row for row in perturbed.drop_columns(["parameters"]).to_pylist()}
    base_ids = {row["base_variant_id"] for row in changes.values()}
    bases = {each.variant_id: run_line(market, each) for each in variants if each.variant_id in base_ids}
    moved: dict[str, list[Variant]] = {}
    alone: list[tuple[Variant, dict | None]] = [(variant, None) for variant in variants]
    for variant in read_variants(perturbed):
        change = changes[variant.variant_id]
        if change["kind"] == DATA:
            alone.append((variant, change))
        else:
            moved.setdefault(change["base_variant_id"], []).append(variant)
    beside = []
    for base_id, family in moved.items():
        reasons: set[str] = set()
        for places, base, changed, reason in together(market, family):
            own = [family[place] for place in places]
            if reason or len(own) < LEAST_BESIDE:
                alone += [(variant, changes[variant.variant_id]) for variant in own]
                if reason:
                    reasons.add(reason)
            else:
                say(f"stability sweep: {len(own):,} perturbations of {base_id}, side by side")
                beside.append(_run_beside(market, own, base, changed, bases[base_id]))
        for reason in sorted(reasons):
            say(f"perturbations of {base_id} run one by one: {reason}")
    context = (market, bases, draws["price_noise"]["seed"])
    found = pa.concat_tables([*beside, each(context, _run, alone, LINES, "stability sweep")])
    return sort_rows(found, "variant_id")


def _run_beside(
    market: Market, variants: list[Variant], base: Variant, changed: Mapping[str, np.ndarray], line: Line
) -> pa.Table:
    """Run variants side by side; `line` is that of the variant which their states are compared with."""
    swept = sweep(market, base, changed, choice=line.allocation.state, keep=True, threads=workers())
    check(market, variants, swept)
    count, states = len(variants), states_of(base)
    total = swept.states[0].sum(axis=1)  # no perturbation moves a fold
    shares = swept.states[:, total > 0] / total[total > 0][:, None]
    years = swept.years[total > 0]
    rows = shares[0].size
    struct = pa.StructArray.from_arrays(
        [
            pa.array(np.tile(np.repeat(years, len(states)), count), pa.int32()),
            pa.array(list(states) * (len(years) * count), pa.string()),
            pa.array(shares.ravel()),
        ],
        ["year", "state", "share"],
    )
    measures = {name: swept.measures[name] for name in MEASURES[:-1]} | {MEASURES[-1]: swept.agreement}
    columns = [
        pa.array([variant.variant_id for variant in variants]),
        pa.repeat(swept.sessions, count),
        *(pa.array(values, mask=~np.isfinite(values)) for values in measures.values()),
        pa.ListArray.from_arrays(_offsets(count, rows), struct),
        pa.ListArray.from_arrays(_offsets(count, swept.sessions), pa.array(swept.net.ravel())),
    ]
    return pa.table(columns, schema=pa.schema(LINES.items()))


def _offsets(lists: int, length: int) -> pa.Array:
    return pa.array(np.arange(lists + 1) * length, pa.int32())


def _run(context: tuple[Market, dict[str, Line], int], task: tuple[Variant, dict | None]) -> pa.Table:
    (market, bases, seed), (variant, change) = context, task
    bars = market
    if change and change["kind"] == DATA:
        what = (change[name] for name in ("parameter", "value", "symbol"))
        bars = Market(changed_panel(market.panel, *what, seed))
    line = run_line(bars, variant)
    measures = summarise(line.portfolio)._asdict() | {"state_agreement": np.nan}
    if change:
        measures["state_agreement"] = state_agreement(bars, line, market, bases[change["base_variant_id"]])
    states = states_of(variant)
    mix = state_mix(bars, line, len(states))
    shares = [
        {"year": int(year), "state": state, "share": share}
        for year, row in zip(mix.year, mix.share, strict=True)
        for state, share in zip(states, row, strict=True)
    ]
    row = {
        "variant_id": variant.variant_id,
        "sessions": measures["sessions"],
        **known({name: measures[name] for name in MEASURES}),
        "state_shares": shares,
    }
    columns = [pa.array([value], LINES[name]) for name, value in row.items()]
    net = own_returns(line)
    columns.append(pa.ListArray.from_arrays(pa.array([0, len(net)], pa.int32()), pa.array(net)))
    return pa.table(columns, schema=pa.schema(LINES.items()))
