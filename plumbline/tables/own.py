"""All that is the user's: read, checked and put into schema ``own`` before the first table is built."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from plumbline.components import load
from plumbline.engine.allocator import state_name
from plumbline.engine.benchmarks import benchmark_returns
from plumbline.engine.line import run_line
from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.registry import Component, ComponentError, component, components
from plumbline.engine.variants import Variant, followed, make_variant, named_symbols
from plumbline.tables.claims import read_claims
from plumbline.tables.stress import parameters_of
from plumbline.tables.variants import KEYS, Row, RowError, read_csv, read_rows, resolve
from plumbline.warehouse.paths import PROJECT_ROOT, own_path

SEVERITIES = ("reject", "fail", "stop", "warn")
TABLES = {
    "variants": dict.fromkeys((*KEYS, "place"), pa.string()),
    "variant_parameters": dict.fromkeys(("variant_id", "parameter", "value", "place"), pa.string()),
    "scenarios": dict.fromkeys(("scenario_id", "kind", "description", "parameters", "place"), pa.string()),
    "data_check_overrides": {
        **dict.fromkeys(("check_id", "symbol", "severity"), pa.string()),
        "threshold": pa.float64(),
        **dict.fromkeys(("reason", "place"), pa.string()),
    },
    "claims": {
        **dict.fromkeys(("claim_id", "variant_id", "benchmark_id"), pa.string()),
        "minimum_gain": pa.float64(),
        "stated_on": pa.date32(),
        **dict.fromkeys(("description", "place"), pa.string()),
    },
}


def load_own(con: duckdb.DuckDBPyConnection) -> None:
    """Read the user's components and rows, refuse what cannot be used, and put the rows into schema ``own``.

    Parameters
    ----------
    con
        The warehouse; what has landed says which symbols a parameter may name.

    Raises
    ------
    ComponentError, RowError, ValueError
        Something of the user's cannot be used: names file, line, and what is allowed.
    """
    load()
    folder, seeds = own_path(), PROJECT_ROOT / "seeds"
    turned_off = _turned_off(seeds)
    rows = read_rows(folder, "own", "user")
    resolved = resolve([*read_rows(seeds, "seeds"), *rows])
    landed = con.execute("select distinct symbol from raw.bars order by symbol").fetchall()
    symbols = [symbol for (symbol,) in landed]
    _check_symbols(symbols, resolved)
    for row, variant in resolved:
        if off := sorted(turned_off & set(followed(variant))):
            raise RowError(
                row.place,
                None,
                f"variant '{row.variant_id}' follows {off[0]}, which seeds/strategies.csv turns off",
            )
    for each in _own_components():
        _try(each, symbols)
    tables = {
        "variants": [{name: getattr(row, name) for name in (*KEYS, "place")} for row in rows],
        "variant_parameters": [
            {
                "variant_id": row.variant_id,
                "parameter": name,
                "value": str(value),
                "place": row.places.get(name, row.place),
            }
            for row in rows
            for name, value in row.given.items()
        ],
        "scenarios": _scenarios(folder, seeds),
        "data_check_overrides": list(_overrides(folder, seeds)),
        "claims": _claims(folder, seeds, {row.variant_id: row.detail for row, _ in resolved}),
    }
    con.execute("create schema if not exists own")
    for name, found in tables.items():
        stated = pa.Table.from_pylist(found, schema=pa.schema(TABLES[name].items()))
        con.register("stated", stated)
        con.execute(f"create or replace table own.{name} as select * from stated")
        con.unregister("stated")


def _own_components() -> Iterator[Component]:
    for kind in ("strategy", "allocator", "weighting", "cost", "benchmark"):
        yield from (found for found in components(kind).values() if found.is_own)


def _turned_off(seeds: Path) -> set[str]:
    """Return the strategies that are turned off, and refuse what is turned on and is none.

    A state of the older way, given to another strategy than the one it is named after, is refused, too.
    """
    turned_off = set()
    columns = ("strategy", "state", "is_enabled")
    for place, cells in read_csv(seeds / "strategies.csv", "seeds/strategies.csv", columns):
        name, state = cells["strategy"], cells["state"]
        if cells["is_enabled"].lower() != "true":
            turned_off.add(name)
        else:
            try:
                component("strategy", name)
            except ComponentError as error:
                raise RowError(place, "strategy", str(error)) from error
        if state not in ("", state_name(name)):
            raise RowError(
                place,
                "state",
                f"states are strategies' names now; to trade '{name}', leave the cell empty and add to "
                f"own/variants.csv a variant with allocator always and follows {name}",
            )
    return turned_off


def _check_symbols(landed: list[str], resolved: list[tuple[Row, Variant]]) -> None:
    """Refuse a variant that trades what has not landed."""
    for row, variant in resolved if landed else []:
        for name, symbol in named_symbols(variant).items():
            if symbol not in landed:
                raise RowError(
                    row.places.get(name, row.place),
                    name,
                    f"symbol '{symbol}' has not landed; there are {', '.join(landed[:20])}",
                )


def _try(found: Component, symbols: list[str]) -> None:
    """Run a component once on made-up bars: what it returns is wrong there as anywhere."""
    slots = {"cost": "proportional", "weighting": "equal", "allocator": "always", "min_train_sessions": 252}
    if found.kind == "strategy":
        slots["follows"] = found.name
    elif found.kind != "benchmark":
        slots[found.kind] = found.name
    variant = make_variant(f"trial of {found.name}", slots)
    market = Market(_made_up([*symbols, *(each.default for each in found.parameters if each.of == "symbol")]))
    if found.kind == "benchmark":
        benchmark_returns(market, variant)
    else:
        run_line(market, variant)


def _made_up(symbols: list[str]) -> Panel:
    names = tuple(sorted({*symbols, "A", "B"}))
    sessions = np.arange(np.datetime64("2001-01-01"), np.datetime64("2003-12-31"))
    shape = (len(sessions), len(names))
    draws = np.random.default_rng(1).standard_normal(shape)
    is_live = np.ones(shape, bool)
    volume = 1e6 * (2.0 + np.sin(np.arange(shape[0]))[:, None] + 0.0 * draws)
    return Panel(sessions, names, 100.0 * np.exp(0.01 * draws.cumsum(axis=0)), volume, is_live, ~is_live)


def _scenarios(folder: Path, seeds: Path) -> list[dict]:
    columns = ("scenario_id", "kind", "description", "parameters")
    known: dict[str, str] = {}
    found = []
    for label, path in (("seeds", seeds), ("own", folder)):
        for place, cells in read_csv(path / "scenarios.csv", f"{label}/scenarios.csv", columns):
            if not re.fullmatch(r"\w+", cells["scenario_id"]):
                raise RowError(
                    place, "scenario_id", f"must be of letters, digits and _, is '{cells['scenario_id']}'"
                )
            if cells["scenario_id"] in known:
                raise RowError(
                    place,
                    "scenario_id",
                    f"'{cells['scenario_id']}' stands in {known[cells['scenario_id']]} already",
                )
            if not cells["description"]:
                raise RowError(place, "description", "must say in words what happens")
            parameters_of(cells, place)
            known[cells["scenario_id"]] = place
            if label == "own":
                found.append({name: cells[name] for name in columns} | {"place": place})
    return found


def _overrides(folder: Path, seeds: Path) -> Iterator[dict]:
    columns = ("check_id", "symbol", "severity", "threshold", "reason")
    checks = {
        cells["check_id"] for _, cells in read_csv(seeds / "data_checks.csv", "seeds/data_checks.csv", ())
    }
    known: dict[tuple[str, str], str] = {}
    for place, cells in read_csv(
        folder / "data_check_overrides.csv", "own/data_check_overrides.csv", columns
    ):
        key = cells["check_id"], cells["symbol"]
        if cells["check_id"] not in checks:
            raise RowError(
                place, "check_id", f"'{cells['check_id']}' is no check; there are {', '.join(sorted(checks))}"
            )
        if key in known:
            raise RowError(place, "symbol", f"{key[0]} of {key[1]} stands in {known[key]} already")
        known[key] = place
        if cells["severity"] not in ("", *SEVERITIES):
            raise RowError(
                place,
                "severity",
                f"must be one of {', '.join(SEVERITIES)} or empty, is '{cells['severity']}'",
            )
        for column in ("symbol", "reason"):
            if not cells[column]:
                raise RowError(place, column, "must not be empty")
        yield {
            "check_id": key[0],
            "symbol": key[1],
            "severity": cells["severity"] or None,
            "threshold": _number(place, "threshold", cells["threshold"]),
            "reason": cells["reason"],
            "place": place,
        }


def _claims(folder: Path, seeds: Path, details: Mapping[str, str]) -> list[dict]:
    shipped = {row["claim_id"]: row["place"] for row in read_claims(seeds, "seeds", details)}
    own = list(read_claims(folder, "own", details))
    for row in own:
        if row["claim_id"] in shipped:
            raise RowError(
                row["place"],
                "claim_id",
                f"'{row['claim_id']}' stands in {shipped[row['claim_id']]} already",
            )
    return own


def _number(place: str, column: str, text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError as error:
        raise RowError(place, column, f"must be a number or empty, is '{text}'") from error
