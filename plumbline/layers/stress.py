"""The stress layer: variants under the scenarios of the seed, and on resampled histories."""

import json
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from plumbline.engine.line import Line, StrategyRow, run_line
from plumbline.engine.market import Market
from plumbline.engine.measures import time_under_water
from plumbline.engine.shocks import resample
from plumbline.engine.stress import SHOCKS, Stressed, measure, own_returns, run_shocked, window_returns
from plumbline.engine.variants import Variant
from plumbline.layers.progress import tracked
from plumbline.layers.tables import known

STRESSED = ("baseline", "published")
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


def stressed_variants(variants: list[Variant]) -> list[Variant]:
    """Return the variants that are stressed."""
    return [variant for variant in variants if variant.variant_id in STRESSED]


def scenario_results(
    market: Market, variants: list[Variant], strategies: list[StrategyRow], scenarios: list[dict]
) -> pa.Table:
    """Return one row per stressed variant and scenario, resampled histories left out.

    Changes are against the unstressed run; a window of history changes nothing, so it has none.

    Parameters
    ----------
    market, variants, strategies
        What to run.
    scenarios
        Rows of seeds/scenarios.csv: `scenario_id`, `kind`, `parameters` (JSON).

    Raises
    ------
    ValueError
        A scenario is of no known kind, or its parameters are no JSON.
    """
    asked = [(row["scenario_id"], row["kind"], parameters_of(row)) for row in scenarios]

    def rows() -> Iterator[dict]:
        for variant in stressed_variants(variants):
            line = run_line(market, variant, strategies)
            calm = measure(own_returns(line))
            for scenario_id, kind, given in asked:
                key = {"variant_id": variant.variant_id, "scenario_id": scenario_id}
                if kind == "window":
                    yield key | _window(market, line, given)
                elif kind != "bootstrap":
                    shocked = run_shocked(market, variant, strategies, line, kind, given)
                    yield key | _compared(measure(own_returns(shocked)), calm)

    total = len(stressed_variants(variants)) * sum(kind != "bootstrap" for _, kind, _ in asked)
    found = tracked(rows(), total, "stress tests", "scenarios")
    return pa.Table.from_pylist(list(found), schema=pa.schema(STRESS.items()))


def bootstrap_paths(
    market: Market, variants: list[Variant], strategies: list[StrategyRow], scenarios: list[dict]
) -> pa.Table:
    """Return one row per stressed variant, scenario of kind `bootstrap` and path.

    Stationary block bootstrap of all assets jointly (Politis and Romano 1994), the whole line, features
    included, on each path. Parameters as for `scenario_results`.
    """
    stressed = stressed_variants(variants)
    resampled = (
        [row for row in scenarios if row["kind"] == "bootstrap"] if len(market.panel.sessions) > 2 else []
    )

    def rows() -> Iterator[dict]:
        for row in resampled:
            for number, source in enumerate(_sources(market, **parameters_of(row)), start=1):
                path = Market(resample(market, source))
                for variant in stressed:
                    net = own_returns(run_line(path, variant, strategies))
                    yield {
                        "variant_id": variant.variant_id,
                        "scenario_id": row["scenario_id"],
                        "path": number,
                        **known(measure(net)._asdict()),
                        "time_under_water": time_under_water(net),
                    }

    total = len(stressed) * sum(parameters_of(row)["paths"] for row in resampled)
    found = tracked(rows(), total, "bootstrap", "resampled histories")
    return pa.Table.from_pylist(list(found), schema=pa.schema(PATHS.items()))


def parameters_of(scenario: Mapping) -> dict:
    """Return the parameters of a row of seeds/scenarios.csv."""
    kinds = ("window", "bootstrap", *SHOCKS)
    if scenario["kind"] not in kinds:
        raise ValueError(
            f"seeds/scenarios.csv, {scenario['scenario_id']}: kind '{scenario['kind']}' is none of "
            f"{', '.join(kinds)}"
        )
    try:
        return json.loads(scenario["parameters"])
    except json.JSONDecodeError as error:
        raise ValueError(
            f"seeds/scenarios.csv, {scenario['scenario_id']}: parameters are no JSON ({error})"
        ) from error


def _window(market: Market, line: Line, given: Mapping) -> dict:
    net = window_returns(market, line, np.datetime64(given["from"]), np.datetime64(given["to"]))
    return {"is_covered": net is not None} | (known(measure(net)._asdict()) if net is not None else {})


def _compared(shocked: Stressed, calm: Stressed) -> dict:
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
