"""The proofs as a table: every component and line on changed bars, and planted leaks, which must fail."""

import os
from collections.abc import Callable, Iterable, Iterator

import duckdb
import numpy as np
import pyarrow as pa

from plumbline.engine.market import Market
from plumbline.engine.panel import index_rows, spread
from plumbline.engine.proof_controls import controls
from plumbline.engine.proof_worlds import World, first_eligible, truncated, worlds_of_a_build
from plumbline.engine.proofs import FEATURES, LINE, Case, Finding, prove
from plumbline.engine.registry import Component, ComponentError, components
from plumbline.engine.types import Bools
from plumbline.engine.variants import VARIANT_KINDS, Variant, in_line
from plumbline.tables.progress import tracked
from plumbline.tables.strategy import enabled_strategies
from plumbline.tables.sweep import read_base
from plumbline.tables.variants import read_variants, the_baseline
from plumbline.warehouse.paths import PROJECT_ROOT

PROOFS = {
    "kind": pa.string(),
    "component": pa.string(),
    "proof": pa.string(),
    "subject": pa.string(),
    "cuts": pa.int64(),
    "differences": pa.int64(),
    "first_symbol": pa.string(),
    "first_session": pa.date32(),
    "first_column": pa.string(),
    "first_value": pa.float64(),
    "other_value": pa.float64(),
    "found": pa.string(),
    "holds": pa.bool_(),
}
CONTROL = "control"


def cases(variants: list[Variant], strategies: list[str]) -> Iterator[Case]:
    """Yield every enabled component, under each set of values that a daily variant gives it, then every line.

    Parameters
    ----------
    variants
        The daily ones, `baseline` among them.
    strategies
        The enabled ones.
    """
    baseline = the_baseline(variants)
    variants = sorted(variants, key=lambda each: each is not baseline)  # what it has is proven under its name
    for kind in VARIANT_KINDS:
        for name, found in components(kind).items():
            if kind == "strategy" and name not in strategies:
                continue
            uses = [each for each in variants if found in in_line(each)]
            seen = {}
            for variant in uses or [_with(baseline, found)]:
                folds = (variant.warm_up, variant.min_train_sessions, variant.min_test_sessions)
                values = tuple(variant.values[parameter.name] for parameter in found.parameters)
                seen.setdefault((folds, values), variant)
            yield from (Case(kind, name, variant, found) for variant in seen.values())
    yield from (Case(LINE, variant.variant_id, variant) for variant in variants)


def _with(baseline: Variant, found: Component) -> Variant:
    """Return `baseline` with a component in its place; strategies and benchmarks need none."""
    if found.kind in ("strategy", "benchmark"):
        return baseline
    return baseline.changed(**{found.kind: found.name})


def proofs(
    market: Market,
    variants: list[Variant],
    strategies: list[str],
    sessions: pa.Table,
) -> pa.Table:
    """Return one row per case and proof, and per planted leak; none where no session can be judged.

    Parameters
    ----------
    market
        Bars.
    variants, strategies
        As of `cases`.
    sessions
        Column `session_date` and `is_early_close`.
    """
    baseline = the_baseline(variants)
    rows: list[dict] = []
    if baseline is not None and market.panel.symbols:
        market = Market(market.panel)  # whose features are all of one making
        worlds = worlds_of_a_build(market, first_eligible(market, baseline), _early(market, sessions))
        found = list(cases(variants, strategies)) if worlds else []
        for case in tracked(found, len(found), "proofs", "components and lines"):
            rows += rows_of(case, prove(case, market, worlds))
        if worlds:
            rows += _shared(market, baseline, worlds)
            planted = controls(market, baseline, worlds)
            rows += [_row(CONTROL, name, "planted", each) for name, each in planted]
    return pa.Table.from_pylist(rows, schema=pa.schema(PROOFS.items()))


def _shared(market: Market, baseline: Variant, worlds: list[World]) -> list[dict]:
    """Return the rows of what all components are given: computed anew on each of the changed bars."""
    anew = [each._replace(market=market.anew(each.panel)) for each in worlds if each.market is None]
    found = prove(Case(FEATURES, FEATURES, baseline), market, anew)
    return [_row(FEATURES, FEATURES, "all", each) for each in found]


def _early(market: Market, sessions: pa.Table) -> Bools:
    index = index_rows(
        sessions.select(["session_date"]).append_column("symbol", pa.repeat("", len(sessions))),
        market.panel.sessions,
        [""],
    )
    return spread(sessions["is_early_close"], index, False)[:, 0].astype(bool)


def read_proven(
    con: duckdb.DuckDBPyConnection,
) -> tuple[Market, list[Variant], list[str], pa.Table]:
    """Return bars, daily variants, enabled strategies and sessions of a finished warehouse.

    Raises
    ------
    SweepError
        It has not been built.
    """
    market, _ = read_base(con, "baseline")
    resolved = con.table("engine.int_variants__resolved").to_arrow_table()
    strategies = enabled_strategies(con.table("seeds.strategies").to_arrow_table())
    sessions = con.table("intermediate.int_sessions__panel").to_arrow_table()
    return market, read_variants(resolved, "daily"), strategies, sessions


def every_cut(
    market: Market,
    variants: list[Variant],
    strategies: list[str],
    sessions: pa.Table,
    names: tuple[str, ...],
    tick: Callable[[int, int], None],
) -> Iterator[dict]:
    """Yield the rows of some components or variants, or of all, with a cut after every session.

    Parameters
    ----------
    market, variants, strategies, sessions
        As of `proofs`.
    names
        Of components or variants; none for all.
    tick
        Called with how many bars were tried, and how many there are.

    Raises
    ------
    ComponentError
        There is nothing of a name.
    """
    market = Market(market.panel)
    known = list(cases(variants, strategies))
    if unknown := [name for name in names if name not in {case.name for case in known}]:
        raise ComponentError(
            f"no component or variant '{unknown[0]}'; there are {', '.join(sorted({c.name for c in known}))}"
        )
    baseline = the_baseline(variants)
    first = first_eligible(market, baseline)
    build = worlds_of_a_build(market, first, _early(market, sessions))
    if not build:
        raise ComponentError("nothing can be proven: no session lies in a fold, with another after it")
    counts = range(first + 1, len(market.panel.sessions))
    cuts = [truncated(market, count) for count in counts]
    worlds = cuts + [each for each in build if each.proof != "truncation"]
    asked = [case for case in known if not names or case.name in names]
    done, total = 0, len(worlds) * len(asked)

    def one_more() -> None:
        nonlocal done
        done += 1
        tick(done, total)

    for case in asked:
        yield from rows_of(case, prove(case, market, worlds, one_more))


def rows_of(case: Case, findings: Iterable[Finding]) -> list[dict]:
    """Return one row a finding."""
    return [_row(case.kind, case.name, case.variant.variant_id, each) for each in findings]


def _row(kind: str, component: str, subject: str, finding: Finding) -> dict:
    values = {"first_value": finding.value, "other_value": finding.other}
    # What is no number is unknown; a file is named from the project on, whoever's machine it stands on.
    values = {name: x if x is not None and np.isfinite(x) else None for name, x in values.items()}
    found = finding.found and finding.found.replace(f"{PROJECT_ROOT}{os.sep}", "")
    return {
        "kind": kind,
        "component": component,
        "proof": finding.proof,
        "subject": subject,
        "cuts": finding.cuts,
        "differences": finding.differences,
        "first_symbol": finding.symbol,
        "first_session": None if finding.session is None else finding.session.astype(object),
        "first_column": finding.column,
        **values,
        "found": found,
        "holds": finding.holds,
    }


def failure(row: dict, variants: list[Variant]) -> str | None:
    """Return what a row's proof fails on, as the build says it; None where it holds, or need not.

    Executability need not hold of a variant that is not executable, and says so.
    """
    own = {variant.variant_id: variant for variant in variants}[row["subject"]]
    if row["holds"] or (row["proof"] == "executability" and not own.is_executable):
        return None
    what = f"{row['kind']} {row['component']}, {row['proof']}: "
    if row["first_column"] is None:
        return what + row["found"]
    symbol = f" of {row['first_symbol']}" if row["first_symbol"] else ""
    numbers = (row["first_value"], row["other_value"])
    values = ["unknown" if number is None else f"{number:.17g}" for number in numbers]
    return (
        f"{what}{row['first_column']}{symbol} on {row['first_session']} is {values[0]}, "
        f"and {values[1]} by {row['found']}"
    )
