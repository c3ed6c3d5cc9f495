"""What written decimals leave open is no error, what goes beyond is one; capital gains are counted once."""

from datetime import UTC, date, datetime
from itertools import product

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from donors import COLUMNS
from warehouses import NO_TESTS, dbt

from ingest import calendar
from ingest.bars import make_bars
from ingest.columns import canonical_columns
from ingest.landing import land

NOW = datetime(2026, 3, 24, 22, tzinfo=UTC)
CHECKS = (
    "adjustment_factor_falls",
    "dividend_not_reflected",
    "dividend_reflected_twice",
    "capital_gain_not_reflected",
)
FOUND = " union all ".join(
    f"select '{check}' as check_id, symbol, session_date from checks.check_{check}" for check in CHECKS
)
SESSIONS = [day for day in calendar.session_dates(2024, 2024).tolist() if day >= date(2024, 1, 2)][:120]
PAID = (20, 50, 80, 110)
WRONG = 50
LEVELS = (0.05, 0.3, 6.38, 97.0, 5_000.0)
DECIMALS = range(2, 7)


def history(close, adj_close, dividends, gains=None) -> pd.DataFrame:
    bars = pd.DataFrame({"date": SESSIONS[: len(close)], "close": close, "adj_close": adj_close})
    for column in ("open", "high", "low"):
        bars[column] = close
    volume = 1_000_000 + 7 * np.arange(len(close))
    return bars.assign(volume=volume.astype("float64"), dividends=dividends, splits=0.0, capital_gains=gains)


def build(folder, histories, query) -> set[tuple[str, str, date]]:
    """Land histories of one day and return what the checks of the adjustment find."""
    made = (
        make_bars(name, canonical_with_gains(bars), name, today=NOW.date())
        for name, bars in histories.items()
    )
    land(folder / "raw", made, source="files", price_basis="split_adjusted", request={}, now=lambda: NOW)
    warehouse = folder / "warehouse.duckdb"
    assert dbt(*NO_TESTS, "--select", *(f"+check_{check}" for check in CHECKS), warehouse=warehouse)
    return {*query(warehouse, FOUND)}


def canonical_with_gains(bars: pd.DataFrame) -> pa.Table:
    columns = bars[[*COLUMNS, "capital_gains"]].astype({"capital_gains": "float64"})
    return canonical_columns(pa.Table.from_pandas(columns, preserve_index=False), "rows")


def path(rng, level: float) -> np.ndarray:
    """Return unrounded closes near a level."""
    return level * np.exp(np.clip(np.cumsum(rng.normal(0, 0.01, len(SESSIONS))), -0.2, 0.3))


def adjusted(close: np.ndarray, moves: dict[int, float]) -> np.ndarray:
    """Return adjusted closes; `moves` are by how much the logarithm of the factor rises at a row."""
    logs = np.zeros(len(close))
    for t, move in moves.items():
        logs[:t] -= move
    return close * np.exp(logs)


def leeway(level: float, close_decimals: int, adj_decimals: int) -> float:
    """Return about how far rounding moves the logarithm of a quotient of two adjustment factors."""
    return (10.0**-close_decimals + 10.0**-adj_decimals) / (0.75 * level)


def sound(rng, level, close_decimals, adj_decimals, dividend_decimals) -> pd.DataFrame:
    close = path(rng, level)
    dividends = np.zeros(len(close))
    dividends[[*PAID]] = rng.uniform(0.0005, 0.03, 4) * level
    if rng.random() < 0.5:  # adjusted before rounding, or from what was rounded
        close, dividends = close.round(close_decimals), dividends.round(dividend_decimals)
    moves = {t: -np.log(1 - dividends[t] / close[t - 1]) for t in PAID}
    return history(
        close.round(close_decimals),
        adjusted(close, moves).round(adj_decimals),
        dividends.round(dividend_decimals),
    )


def wrong(rng, kind, level, close_decimals, adj_decimals, dividend_decimals) -> pd.DataFrame | None:
    """Return a history with an error just beyond the rounding, or nothing where it would be absurd."""
    close, open_to = path(rng, level), leeway(level, close_decimals, adj_decimals)
    dividends = np.zeros(len(close))
    if kind == "adjustment_factor_falls":
        moves = {WRONG: -(2e-4 + 2.1 * open_to)}
    else:
        due = max(0.004, 4.6 * open_to + 3 * 10.0**-dividend_decimals / level)
        dividends[WRONG] = close[WRONG - 1] * (1 - np.exp(-due))
        moves = {WRONG: 0.0 if kind == "dividend_not_reflected" else 2 * due}
        open_to = due
    if open_to > 0.1:
        return None
    moves[PAID[-1]] = 0.02
    return history(
        close.round(close_decimals),
        adjusted(close, moves).round(adj_decimals),
        dividends.round(dividend_decimals),
    )


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    """Return sound histories of every mix of decimals and price, and wrong ones by kind."""
    rng = np.random.default_rng(5)
    right, broken = {}, {}
    for level, *decimals in product(LEVELS, DECIMALS, DECIMALS, DECIMALS):
        name = f"{LEVELS.index(level)}{''.join(map(str, decimals))}"
        right[f"S{name}"] = sound(rng, level, *decimals)
        for kind, letter in zip(CHECKS[:3], "FNT", strict=True):
            if decimals[2] in (2, 6) and (bars := wrong(rng, kind, level, *decimals)) is not None:
                broken[f"{letter}{name}"] = (kind, bars)
    return right, broken


def test_rounding_is_no_error_and_what_goes_beyond_is_one(grid, tmp_path, query):
    right, broken = grid
    assert len(broken) > 450
    found = build(tmp_path, right | {name: bars for name, (_, bars) in broken.items()}, query)
    assert found == {(kind, name, SESSIONS[WRONG]) for name, (kind, _) in broken.items()}


# Dividend, gain and what the past is adjusted for, on a close of 100: what must be found.
PAYOUTS = {
    "BESIDE": (1.44, 6.42, 7.86, set()),
    "HELD": (7.86, 6.42, 7.86, set()),
    "ALONE": (0.0, 6.42, 6.42, set()),
    "EQUAL": (1.5, 1.5, 3.0, set()),
    "SMALL": (2.0, 0.03, 2.03, set()),
    "LOST": (1.44, 6.42, 1.44, {"capital_gain_not_reflected"}),
    "LOSTHELD": (7.86, 6.42, 1.44, {"capital_gain_not_reflected"}),
    "LOSTALONE": (0.0, 6.42, 0.0, {"capital_gain_not_reflected"}),
    "NEITHER": (1.44, 6.42, 0.0, {"dividend_not_reflected", "capital_gain_not_reflected"}),
    "NODIVIDEND": (1.44, 6.42, 6.42, {"dividend_not_reflected"}),
    "TWICE": (1.44, 6.42, 15.72, {"dividend_reflected_twice"}),
    "TWICEHELD": (7.86, 6.42, 15.72, {"dividend_reflected_twice"}),
    "TWICEALONE": (0.0, 6.42, 12.84, {"dividend_reflected_twice"}),
    "DIVIDENDTWICE": (1.44, 6.42, 9.3, {"dividend_reflected_twice"}),
}


def test_a_capital_gain_is_counted_where_the_dividend_does_not_hold_it(tmp_path, query):
    rng = np.random.default_rng(6)
    histories = {}
    for (name, (dividend, gain, paid, _)), exact in product(PAYOUTS.items(), (True, False)):
        close = path(rng, 100.0).round(2)
        close[WRONG - 1] = 100.0
        dividends, gains = np.zeros(len(close)), np.zeros(len(close))
        dividends[WRONG], gains[WRONG] = dividend, gain
        adj_close = adjusted(close, {WRONG: -np.log(1 - paid / 100), PAID[-1]: 0.02})
        bars = history(close, adj_close if exact else adj_close.round(4), dividends, gains)
        histories[f"{name}{'E' if exact else 'R'}"] = bars
    found = build(tmp_path, histories, query)
    assert found == {
        (check, f"{name}{digits}", SESSIONS[WRONG])
        for name, (*_, checks) in PAYOUTS.items()
        for check in checks
        for digits in "ER"
    }


def test_examples_of_cents_near_six_dollars(tmp_path, query):
    """Close in cents with adj_close to 3 decimals, and a dividend of 0.0133 on 6.38: sound."""
    close = np.round(6.38 + 0.05 * np.sin(np.arange(len(SESSIONS))), 2)
    close[WRONG - 1] = 6.38
    dividends = np.zeros(len(close))
    dividends[WRONG] = 0.0133
    moves = {WRONG: -np.log(1 - 0.0133 / 6.38), PAID[-1]: 0.013}
    mills = history(close, adjusted(close, moves).round(3), dividends)
    cents = history(close, adjusted(close, moves).round(2), dividends)
    assert build(tmp_path, {"MILLS": mills, "CENTS": cents}, query) == set()
