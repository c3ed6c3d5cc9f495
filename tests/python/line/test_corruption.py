"""Real bars, damaged at random places: the right check names each, and no bad value goes further."""

import json
import re
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from damaged_warehouse import (
    GOING_ON,
    SETTING_ASIDE,
    SOUND,
    anchor_case,
    draw,
    expected_bars,
    expected_quarantine,
    land_cases,
    left_behind,
    mistakes,
)
from donors import LEVELS, read_donors
from warehouses import DATA_TESTS, dbt

MARTS = (
    "+fct_bars_daily",
    "+dim_assets",
    "+fct_data_check_failures",
    "+fct_quarantined_bars",
    "+rpt_symbols_set_aside",
)
BUILD = (*DATA_TESTS, "--select", *MARTS)
FAILURES = "select check_id, symbol, session_date, severity from marts.fct_data_check_failures"
QUARANTINED = """
    select distinct symbol, session_date, check_id from marts.fct_quarantined_bars
    order by symbol, session_date, check_id
"""
SET_ASIDE = "select symbol, check_id, message, way_out from marts.rpt_symbols_set_aside"
ASSETS = "select symbol from marts.dim_assets order by symbol"
BARS = "select * from marts.fct_bars_daily order by symbol, session_date"
RAW = """
    select bars.* from raw.bars as bars inner join raw.batches using (batch_id)
    order by ingested_at, symbol, row_number
"""
VALUES = [*LEVELS, "volume"]


def table(warehouse: Path, sql: str) -> pd.DataFrame:
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return con.sql(sql).df()


def assert_same(there: pd.DataFrame, expected: pd.DataFrame, keys: list[str], flags: list[str]) -> None:
    """Compare two tables in order: keys and flags exactly, values to the last digits."""
    for name in keys + flags:
        differing = np.flatnonzero(there[name].to_numpy() != expected[name].to_numpy())
        assert not len(differing), expected.iloc[differing[:10]]
    numbers, right = there[VALUES].astype("float64"), expected[VALUES].astype("float64")
    close = np.isclose(numbers, right, rtol=1e-12, atol=0, equal_nan=True).all(axis=1)
    assert close.all(), expected[~close].head(10)


def corrupt_and_build(seed, each, shared, warehouse, query, capfd):
    """Build sound, damaged and unusable histories in one warehouse; then damage the anchor, too."""
    rng = np.random.default_rng(seed)
    donors = read_donors(shared)
    cases = left_behind(draw(rng, donors, SOUND | GOING_ON, each, "A"))
    unusable = draw(rng, donors, SETTING_ASIDE, each, "Z")
    landed = pd.concat(land_cases(warehouse.parent / "raw", cases | unusable), ignore_index=True)
    assert dbt(*BUILD, warehouse=warehouse)
    failures = query(warehouse, FAILURES)
    assert not mistakes(cases | unusable, failures)
    assert_set_aside(unusable, query(warehouse, SET_ASIDE), failures)

    expected = expected_bars(cases, donors.sessions)
    bars = table(warehouse, BARS)
    bars["session_date"] = bars["session_date"].dt.date
    assert len(bars) == len(expected)
    assert_same(bars, expected, ["symbol", "session_date"], ["is_filled"])
    assert query(warehouse, ASSETS) == [(symbol,) for symbol in sorted(cases)]
    returns = expected.groupby("symbol")["adj_close"].pct_change()
    assert np.allclose(bars["ret_1d"], returns, rtol=0, atol=1e-9, equal_nan=True)
    refused = [row for row in query(warehouse, QUARANTINED) if row[0] in cases]
    assert refused == expected_quarantine(cases)
    raw = table(warehouse, RAW)
    raw["date"] = raw["session_date"].dt.date
    assert len(raw) == len(landed)
    assert_same(raw, landed, ["symbol", "date"], [])

    anchor = {"SPY": anchor_case(rng, donors)}
    land_cases(warehouse.parent / "raw", anchor)
    capfd.readouterr()
    assert not dbt(*BUILD, warehouse=warehouse)
    printed = " ".join(capfd.readouterr().out.split())
    failures = query(warehouse, FAILURES)
    assert not mistakes(cases | unusable | anchor, failures)
    assert_named(printed, failures)
    # Nothing after the stop was built: the table is that of the build before.
    pd.testing.assert_frame_equal(table(warehouse, BARS).assign(session_date=bars["session_date"]), bars)


def assert_set_aside(unusable: dict, rows: list[tuple], failures: list[tuple]) -> None:
    """Each symbol that nothing can be built on, and no other, is set aside for what is wrong with it."""
    assert {symbol for symbol, *_ in rows} == set(unusable)
    severities = {check: severity for check, _, _, severity in failures}
    found = {(symbol, check, day.isoformat()) for check, symbol, day, _ in failures}
    for symbol, check, message, way_out in rows:
        assert (symbol, check, message[:10]) in found
        assert symbol in way_out
    for symbol, case in unusable.items():
        failed = {check for check, _ in case.found if severities[check] == "fail"}
        assert failed <= {check for name, check, *_ in rows if name == symbol}, (symbol, case.kind)


def assert_named(printed: str, failures: list[tuple[str, str, date, str]]) -> None:
    """Each stop is counted in dbt's message, and named with the anchor, session and way out."""
    stopped = [row[:3] for row in failures if row[3] == "stop"]
    stops = sorted(f"{symbol} {day}: {check} (" for check, symbol, day in stopped)
    assert {symbol for _, symbol, _ in stopped} == {"SPY"}
    assert f"{len(stops)} found: " in printed
    for stop in stops[:20]:
        assert re.search(
            re.escape(stop) + r"[^;]*; way out: python -m ingest files SPY\.csv --replace", printed
        )


def test_every_defect_is_named_and_no_bad_value_goes_further(shared, tmp_path, query, capfd):
    """More than 200 defects, and sound histories among them."""
    assert 4 * (len(GOING_ON) + len(SETTING_ASIDE)) >= 200
    corrupt_and_build(1, 4, shared, tmp_path / "warehouse.duckdb", query, capfd)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 8))
def test_defects_at_many_more_places(seed, shared, tmp_path, query, capfd):
    corrupt_and_build(seed, 16, shared, tmp_path / "warehouse.duckdb", query, capfd)


def test_real_bars_are_not_refused(real, universe, query):
    for warehouse in (real, universe):
        assert query(warehouse, f"{FAILURES} where severity != 'warn'") == []
        assert query(warehouse, QUARANTINED) == []


def test_sample_is_warned_of_its_crash_alone(sample, query):
    """Apple's warning on its profits cost half the price; its two splits raise nothing."""
    assert query(sample, FAILURES) == [("extreme_return", "AAPL", date(2000, 9, 29), "warn")]
    assert query(sample, QUARANTINED) == []


def test_warnings_of_real_bars_are_of_what_happened(real, universe, query):
    assert {row[:2] for row in query(real, FAILURES)} == {("extreme_return", "SPY")}
    # KDP paid out four fifths of its price; DHR's spin-off is taken for a larger payout than it was.
    breaks = f"{FAILURES} where check_id in ('adjustment_jump', 'price_basis_break') order by all"
    assert [row[:3] for row in query(universe, breaks)] == [
        ("adjustment_jump", "DHR", date(2016, 7, 5)),
        ("adjustment_jump", "KDP", date(2018, 7, 10)),
        ("price_basis_break", "KDP", date(2018, 7, 10)),
    ]


def test_audit_of_the_anchor_is_the_published_one(real, query):
    tables = json.loads(Path(__file__).with_name("published_tables.json").read_text())
    published = tables["spy_extreme_days"]
    audit = "select * exclude (symbol) from marts.rpt_data_audit where symbol = 'SPY'"
    span = (date(2010, 1, 4), date(2025, 12, 31))
    assert query(real, audit) == [(4024, *span, 0, 0, 0, 0, 0, len(published), 5, 0)]
    extreme = """
        select session_date, observed from marts.fct_data_check_failures
        where check_id = 'extreme_return' and symbol = 'SPY'
    """
    found = {day.isoformat(): observed for day, observed in query(real, extreme)}
    assert found == pytest.approx({day["date"]: day["ret_1d"] for day in published}, abs=1e-5)
