"""Reports and performance of the layers against the twin: every number of section 7 that a table carries."""

from statistics import fmean

import numpy as np
import pytest
from panels import aligned_market, random_raws, run_layers, weekdays
from test_engine_measures import plain_trades
from twin import Twin
from twin_portfolio import Portfolio, build_portfolio, max_drawdown, measures, target_returns

from plumbline.engine.variants import Variant

SESSIONS = weekdays("2015-02-02", 900)


@pytest.fixture(scope="module")
def twin() -> Twin:
    return Twin(random_raws(32, SESSIONS, late=150, early_death=60), SESSIONS)


@pytest.fixture(scope="module", params=["published", "baseline"])
def case(request, twin, short) -> tuple[dict[str, list[dict]], Portfolio, Variant]:
    variant = short(request.param)
    tables = run_layers(aligned_market(twin.bars, SESSIONS), [variant])
    return (
        {name: table.to_pylist() for name, table in tables.items()},
        build_portfolio(twin, variant),
        variant,
    )


def by_year(twin: Twin, values: list) -> dict[int, list[float]]:
    """Group what is not None by calendar year."""
    found: dict[int, list[float]] = {}
    for year, value in zip(twin.year, values, strict=True):
        if value is not None:
            found.setdefault(year, []).append(value)
    return found


def assert_agrees(row: dict, known: dict) -> None:
    """Compare the columns that the twin knows, None with None."""
    assert {name for name in known if row[name] is None} == {name for name in known if known[name] is None}
    numbers = {name: value for name, value in known.items() if value is not None}
    # Years are products of 260 factors, so the last digits depend on the order of operations.
    assert {name: row[name] for name in numbers} == pytest.approx(numbers, rel=1e-10, abs=1e-12)


def yearly(returns: list[float]) -> dict[str, float | None]:
    found = measures(returns)
    return {
        "sharpe": found["sharpe"],
        "total_return": found["total_return"],
        "max_drawdown": max_drawdown(returns, None),
        "max_drawdown_from_one": max_drawdown(returns, 1.0),
    }


def test_performance_is_that_of_the_twin(case, twin):
    tables, expected, _ = case
    (found,) = tables["performance"]
    returns = [value for value in expected.net_return if value is not None]
    own = [t for t, value in enumerate(expected.net_return) if value is not None]
    gross = [sum(holding[t] for holding in expected.holding.values()) for t in own]
    known = {
        **measures(returns),
        "sessions": len(returns),
        "max_drawdown": max_drawdown(returns, 1.0),
        "avg_leverage": fmean(expected.leverage[t] for t in own),
        "avg_gross_exposure": fmean(gross),
        "annual_turnover": sum(expected.turnover[t] for t in own) * 252 / len(own),
    }
    assert_agrees(found, known)
    new_years = [t for t in own[1:] if twin.year[t] != twin.year[t - 1]]
    assert any(gross[own.index(t) - 1] > 0 for t in new_years), "turnover over New Year is put to the test"
    assert (found["first_session"], found["last_session"]) == (SESSIONS[own[0]], SESSIONS[own[-1]])


def test_the_portfolio_by_year_is_that_of_the_twin(case, twin):
    tables, expected, _ = case
    returns, leverage = by_year(twin, expected.net_return), by_year(twin, expected.leverage)
    assert [row["year"] for row in tables["portfolio by year"]] == sorted(returns)
    for row in tables["portfolio by year"]:
        year = row["year"]
        known = {**yearly(returns[year]), "avg_leverage": fmean(leverage[year])}
        assert_agrees(row, known)


def test_strategies_by_year_are_those_of_the_twin(case, twin):
    tables, expected, _ = case
    found = {(row["symbol"], row["strategy"], row["year"]): row for row in tables["strategies by year"]}
    keys = set()
    for symbol, asset in expected.assets.items():
        for name, stream in asset.streams.items():
            positions = by_year(twin, asset.positions[name])
            for year, returns in by_year(twin, stream).items():
                keys.add((symbol, name, year))
                known = {**yearly(returns), "days_in_market": fmean(x > 0 for x in positions[year])}
                row = found[symbol, name, year]
                assert_agrees(row, known)
    assert keys == found.keys()


def test_the_allocator_by_year_is_that_of_the_twin(case, twin):
    tables, expected, variant = case
    found = {(row["symbol"], row["year"]): row for row in tables["allocator by year"]}
    keys = set()
    for symbol, asset in expected.assets.items():
        measured = target_returns(asset, variant)[1] if variant.warm_up == "year" else asset.m
        own = [s if m is not None else None for s, m in zip(asset.state, asset.m, strict=True)]
        states = by_year(twin, own)
        for year, returns in by_year(twin, measured).items():
            keys.add((symbol, year))
            shares = {
                f"pct_{name.lower()}": states[year].count(name) / len(states[year])
                for name in ("TREND", "MEANREV", "CASH")
            }
            known = {**yearly(returns), **shares}
            row = found[symbol, year]
            assert_agrees(row, known)
    assert keys == found.keys()


def test_trades_are_those_of_the_twin(case, twin):
    tables, expected, variant = case
    found = [
        (r["symbol"], r["strategy"], r["entry_date"], r["exit_date"], r["sessions"]) for r in tables["trades"]
    ]
    known = []
    for symbol, asset in expected.assets.items():
        for name, position in asset.positions.items():
            own = [t for t, value in enumerate(position) if value is not None]
            new_year = [k == 0 or twin.year[own[k]] != twin.year[own[k - 1]] for k in range(len(own))]
            starts = new_year if variant.warm_up == "year" else [k == 0 for k in range(len(own))]
            held, net = [position[t] for t in own], [asset.streams[name][t] for t in own]
            for entry, leave, count, _ in plain_trades(held, np.array(net), np.array(starts)):
                end = None if leave < 0 else SESSIONS[own[leave]]
                known.append((symbol, name, SESSIONS[own[entry]], end, count))
    assert sorted(found, key=str) == sorted(known, key=str)
    assert any(end is None for *_, end, _ in known)
