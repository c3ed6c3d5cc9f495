"""The stress layer: variants under the scenarios of the seed, and on resampled histories."""

import json
from collections.abc import Iterator, Mapping
from datetime import date

import numpy as np
import pyarrow as pa

from plumbline.engine.line import Line, run_line
from plumbline.engine.market import Market
from plumbline.engine.measures import time_under_water
from plumbline.engine.registry import ComponentError, Parameter, components
from plumbline.engine.shocks import resample
from plumbline.engine.stress import (
    Stressed,
    deaths,
    measure,
    own_returns,
    run_shocked,
    shock_values,
    window_returns,
)
from plumbline.engine.variants import Variant
from plumbline.tables.arrow import known
from plumbline.tables.each import each

STRESSED = ("baseline", "published")
WINDOW, BOOTSTRAP, DELISTING = "window", "bootstrap", "delisting"
SEED = Parameter("seed", 7, 0, meaning="Where the draws start.")
READ = {
    BOOTSTRAP: (
        Parameter("paths", 1000, 1, meaning="Histories."),
        Parameter("block", 20.0, 1.0, unit="sessions", meaning="Mean length of a block."),
        SEED,
    ),
    DELISTING: (
        Parameter("loss", -0.3, -1.0, 0.0, unit="fraction", meaning="Return of the asset's last session."),
        Parameter("dates", 8, 1, meaning="Sessions of each asset."),
        Parameter("runs", 100, 1, meaning="Assets and sessions at most."),
        SEED,
        Parameter("report", "worst", choices=("worst", "median"), meaning="Which of the runs."),
    ),
}
MEASURES = Stressed._fields
STRESS = {
    "variant_id": pa.string(),
    "scenario_id": pa.string(),
    "is_covered": pa.bool_(),
    **{name: pa.float64() for name in MEASURES},
    **{f"{name}_change": pa.float64() for name in MEASURES},
}
PATHS = {
    "variant_id": pa.string(),
    "scenario_id": pa.string(),
    "path": pa.int64(),
    **{name: pa.float64() for name in MEASURES},
    "time_under_water": pa.int64(),
}


def stressed_variants(variants: list[Variant], own: list[str]) -> list[Variant]:
    """Return the variants that are stressed: `baseline`, `published`, and those of the user's own."""
    return [variant for variant in variants if variant.variant_id in (*STRESSED, *own)]


def scenario_results(
    market: Market, variants: list[Variant], scenarios: list[dict], own: list[str]
) -> pa.Table:
    """Return one row per stressed variant and scenario, resampled histories left out.

    Changes are against the unstressed run; a window of history changes nothing, so it has none.

    Parameters
    ----------
    market, variants
        What to run.
    scenarios
        Rows of int_scenarios__stated: `scenario_id`, `kind`, `parameters` (JSON).
    own
        The variants of the user's own.

    Raises
    ------
    ValueError
        A scenario is of no known kind, or its parameters are not what that takes.
    """
    asked = [
        (row["scenario_id"], row["kind"], parameters_of(row)) for row in scenarios if row["kind"] != BOOTSTRAP
    ]
    stressed = stressed_variants(variants, own)
    lines = {variant.variant_id: run_line(market, variant) for variant in stressed}
    tasks = [(variant, *group) for variant in stressed for group in _groups(asked)]
    return each((market, lines), _scenario_rows, tasks, STRESS, "stress tests", "scenarios")


def _groups(asked: list[tuple[str, str, dict]]) -> list[tuple[str, dict, dict]]:
    """Put the scenarios together that report of the same runs: kind, parameters, and who reports what."""
    groups: dict[str, tuple[str, dict, dict]] = {}
    for scenario_id, kind, given in asked:
        shared = {name: value for name, value in given.items() if kind != DELISTING or name != "report"}
        key = json.dumps(shared, sort_keys=True) if kind == DELISTING else scenario_id
        _, _, reports = groups.setdefault(key, (kind, shared, {}))
        reports[scenario_id] = given.get("report")
    return list(groups.values())


def _scenario_rows(context: tuple[Market, dict[str, Line]], task: tuple) -> pa.Table:
    (market, lines), (variant, kind, given, reports) = context, task
    line = lines[variant.variant_id]
    calm = measure(own_returns(line))
    if kind == WINDOW:
        found = dict.fromkeys(reports, _window(market, line, given))
    elif kind == DELISTING:
        runs = _delisted(market, variant, line, **given)
        found = {name: _compared(_reported(runs, report), calm) for name, report in reports.items()}
    else:
        shocked = run_shocked(market, variant, line, kind, given)
        found = dict.fromkeys(reports, _compared(measure(own_returns(shocked)), calm))
    key = {"variant_id": variant.variant_id}
    rows = [key | {"scenario_id": name} | row for name, row in found.items()]
    return pa.Table.from_pylist(rows, schema=pa.schema(STRESS.items()))


def _delisted(
    market: Market, variant: Variant, line: Line, loss: float, dates: int, runs: int, seed: int
) -> list[Stressed]:
    """Measure a run for each asset and session on which it ends."""
    shocks = (death | {"loss": loss} for death in deaths(market, line, dates, runs, seed))
    return [measure(own_returns(run_shocked(market, variant, line, "dead", shock))) for shock in shocks]


def _reported(runs: list[Stressed], report: str) -> Stressed | None:
    """Return the worst or the median of each measure, None without a run."""
    pick = min if report == "worst" else np.median
    known_ones = [[value for value in values if not np.isnan(value)] for values in zip(*runs, strict=True)]
    return Stressed(*(float(pick(values)) if values else np.nan for values in known_ones)) if runs else None


def bootstrap_paths(market: Market, variants: list[Variant], scenarios: list[dict]) -> pa.Table:
    """Return one row per path and scenario of kind `bootstrap`, of `baseline` and of `published`.

    Stationary block bootstrap of all assets jointly (Politis and Romano 1994), the whole line, features
    included, on each path. Parameters as for `scenario_results`.
    """
    stressed = stressed_variants(variants, [])
    is_long = len(market.panel.sessions) > 2
    asked = [row for row in scenarios if row["kind"] == BOOTSTRAP] if is_long else []
    tasks = [
        (row["scenario_id"], number, source)
        for row in asked
        for number, source in enumerate(_sources(market, **parameters_of(row)), start=1)
    ]
    return each((market, stressed), _path_rows, tasks, PATHS, "bootstrap", "resampled histories")


def _path_rows(context: tuple[Market, list[Variant]], task: tuple[str, int, np.ndarray]) -> pa.Table:
    (market, stressed), (scenario_id, number, source) = context, task
    path = Market(resample(market, source))

    def row(variant: Variant) -> dict:
        net = own_returns(run_line(path, variant))
        return {
            "variant_id": variant.variant_id,
            "scenario_id": scenario_id,
            "path": number,
            **known(measure(net)._asdict()),
            "time_under_water": time_under_water(net),
        }

    return pa.Table.from_pylist([row(variant) for variant in stressed], schema=pa.schema(PATHS.items()))


def _wrong(kind: str, given: Mapping) -> str:
    """Return what is wrong with the values of a kind that is no shock, if anything."""
    try:
        for parameter in READ.get(kind, ()):
            parameter.read(given[parameter.name])
        if kind == WINDOW and date.fromisoformat(given["from"]) > date.fromisoformat(given["to"]):
            return "window ends before it begins"
    except (TypeError, ValueError) as error:
        return f"{kind}: {error}; {', '.join(f'{name} {value!r}' for name, value in given.items())}"
    return ""


def parameters_of(scenario: Mapping, place: str = "") -> dict:
    """Return the parameters of a scenario; ValueError names it where they are not what its kind takes."""
    at = place or f"scenario '{scenario['scenario_id']}'"
    kind, kinds = scenario["kind"], (WINDOW, BOOTSTRAP, DELISTING, *components("shock"))
    if kind not in kinds:
        raise ValueError(f"{at}: kind '{kind}' is none of {', '.join(kinds)}")
    try:
        given = json.loads(scenario["parameters"])
    except json.JSONDecodeError as error:
        raise ValueError(f"{at}: parameters are no JSON ({error})") from error
    if not isinstance(given, dict):
        raise ValueError(f"{at}: parameters are no JSON object, such as {{}}")
    fixed = {WINDOW: {"from", "to"}}
    fixed |= {name: {parameter.name for parameter in parameters} for name, parameters in READ.items()}
    if kind in fixed and set(given) != fixed[kind]:
        raise ValueError(
            f"{at}: {kind} takes {', '.join(sorted(fixed[kind]))}, has {', '.join(given) or 'none'}"
        )
    if kind in fixed and (wrong := _wrong(kind, given)):
        raise ValueError(f"{at}: {wrong}")
    if kind not in fixed:
        try:
            shock_values(kind, given)
        except ComponentError as error:
            raise ValueError(f"{at}: {error}") from error
    return given


def _window(market: Market, line: Line, given: Mapping) -> dict:
    net = window_returns(market, line, np.datetime64(given["from"]), np.datetime64(given["to"]))
    return {"is_covered": net is not None} | (known(measure(net)._asdict()) if net is not None else {})


def _compared(shocked: Stressed | None, calm: Stressed) -> dict:
    if shocked is None:
        return {"is_covered": False}
    change = Stressed(*(after - before for after, before in zip(shocked, calm, strict=True)))
    changes = {f"{name}_change": value for name, value in known(change._asdict()).items()}
    return {"is_covered": True} | known(shocked._asdict()) | changes


def _sources(market: Market, paths: int, block: float, seed: int) -> Iterator[np.ndarray]:
    """Yield, for each path, the session that each session takes its returns from; the first has none."""
    # Imported here: it brings statsmodels, a second that no other layer should wait for.
    from arch.bootstrap import StationaryBootstrap

    sessions = np.arange(1, len(market.panel.sessions))
    for (drawn,), _ in StationaryBootstrap(block, sessions, seed=seed).bootstrap(paths):
        yield np.concatenate([[0], drawn])
