"""A short squeeze is no split; a split is found also where no volume or open tells it from a crash."""

import numpy as np
import pandas as pd
import pytest
from warehouses import NO_TESTS, dbt, ingest

from ingest.calendar import session_dates

# GME around its squeeze, before the split of 2022: open, high, low, close, volume in thousands.
SQUEEZE = """
2021-01-04 19.00 19.10 17.15 17.25 10022
2021-01-05 17.35 18.08 17.23 17.37 4961
2021-01-06 17.34 18.98 17.33 18.36 6056
2021-01-07 18.47 19.45 18.02 18.08 6129
2021-01-08 18.18 18.30 17.08 17.69 6482
2021-01-11 19.41 20.65 19.01 19.94 14908
2021-01-12 19.96 20.40 19.32 19.95 7060
2021-01-13 20.42 38.65 20.03 31.40 144501
2021-01-14 38.09 43.06 33.05 39.91 93717
2021-01-15 38.49 40.75 34.01 35.50 46866
2021-01-19 41.55 45.52 36.64 39.36 74721
2021-01-20 37.37 41.19 36.06 39.12 33471
2021-01-21 39.23 44.75 37.00 43.03 56216
2021-01-22 42.59 76.76 42.32 65.01 197157
2021-01-25 96.73 159.18 61.13 76.79 177874
2021-01-26 88.56 150.00 80.20 147.98 178588
2021-01-27 354.83 380.00 249.00 347.51 93396
2021-01-28 265.00 483.00 112.25 193.60 58815
2021-01-29 379.71 413.98 250.00 325.00 50566
2021-02-01 316.56 322.00 212.00 225.00 37382
2021-02-02 140.76 158.00 74.22 90.00 78183
2021-02-03 112.01 113.40 85.25 92.41 42698
2021-02-04 91.19 91.50 53.33 53.50 62427
2021-02-05 54.04 95.00 51.09 63.77 81345
"""
DAYS = session_dates(2020, 2021)
SPLIT = 300
LEVELS = ["open", "high", "low", "close", "adj_close"]


def calm(level: float, days: np.ndarray, seed: int) -> pd.DataFrame:
    """Return bars that move by a percent or so a day."""
    rng = np.random.default_rng(seed)
    close = level * np.exp(np.cumsum(rng.normal(0, 0.01, len(days))))
    opened = close * np.exp(rng.normal(0, 0.003, len(days)))
    high, low = np.maximum(opened, close) * 1.004, np.minimum(opened, close) / 1.004
    bars = {"date": days, "open": opened, "high": high, "low": low, "close": close, "adj_close": close}
    return pd.DataFrame(bars | {"volume": rng.integers(5_000_000, 9_000_000, len(days)).astype(float)})


def squeeze() -> pd.DataFrame:
    rows = [line.split() for line in SQUEEZE.split("\n") if line]
    days = np.array([row[0] for row in rows], dtype="datetime64[D]")
    values = np.array([row[1:] for row in rows], dtype=float)
    bars = dict(zip(("open", "high", "low", "close"), values.T, strict=False))
    there = pd.DataFrame({"date": days, **bars, "adj_close": values[:, 3], "volume": values[:, 4] * 1000})
    before = calm(17.0, DAYS[days[0] > DAYS], 1)
    before[LEVELS] *= 18.8 / before["close"].iloc[-1]
    return pd.concat([before, there, calm(62.0, DAYS[days[-1] < DAYS], 2)])


def split(ratio: float, unknown: tuple[str, ...] = (), at: int = SPLIT) -> pd.DataFrame:
    """Return bars whose first part is not adjusted for a split."""
    bars = calm(100.0, DAYS, 3)
    bars.loc[: at - 1, LEVELS] *= ratio
    bars.loc[: at - 1, "volume"] = (bars["volume"] / ratio).round()
    return bars.assign(**dict.fromkeys(unknown, np.nan))


def black_monday() -> pd.DataFrame:
    """Return an index that falls by 22.6 % within a session, as ^DJI on 1987-10-19, without volume."""
    bars = calm(2246.0, DAYS, 5).assign(volume=np.nan)
    bars.loc[SPLIT:, LEVELS] *= 0.774
    bars.loc[SPLIT, "open"] = bars.loc[SPLIT - 1, "close"] * 0.98
    bars.loc[SPLIT, "high"] = bars.loc[SPLIT, "open"] * 1.001
    return bars


HISTORIES = {
    "GME": (squeeze(), None),
    "CALM": (calm(100.0, DAYS, 4), None),
    "SAME": (calm(7.0, DAYS, 4), None),
    "^DJI": (black_monday(), None),
    "WHOLE": (split(11), "gap of a split of about 11:1"),
    "HALF": (split(1.5), "gap of a split of about 3:2"),
    "FIFTH": (split(1.2), "gap of a split of about 6:5"),
    "CLOSED": (split(1.5, ("open",)), "no open to see whether it came over night"),
    "SILENT": (split(2, ("volume",)), "no volume to tell it from a crash"),
    "MATRIX": (
        split(1.5, ("open", "high", "low", "volume")),
        "no volume and no open to tell it from a crash",
    ),
    "DOUBLE": (split(2, ("open", "high", "low", "volume")), "no volume and no open to tell it from a crash"),
    "FIRST35": (split(35, at=6), "gap of a split of about"),
    "FIRST45": (split(45, at=3), "gap of a split of about"),
    "TENTH": (split(10, ("open", "high", "low", "volume")), "no volume and no open to tell it from a crash"),
}


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    folder = tmp_path_factory.mktemp("splits")
    for symbol, (bars, _) in HISTORIES.items():
        bars.to_csv(folder / f"{symbol}.csv", index=False)
    ingest("files", str(folder), warehouse=folder / "warehouse.duckdb")
    assert dbt(*NO_TESTS, "--select", "+rpt_symbols_set_aside", warehouse=folder / "warehouse.duckdb")
    return folder / "warehouse.duckdb"


@pytest.mark.parametrize("symbol", HISTORIES)
def test_a_split_is_told_from_a_squeeze(found, query, symbol):
    rows = query(found, "select check_id, message from marts.rpt_symbols_set_aside where symbol = ?", symbol)
    expected = HISTORIES[symbol][1]
    if expected is None:
        assert rows == []
    else:
        ((check, message),) = rows
        assert check == "split_not_adjusted"
        day = {"FIRST35": DAYS[6], "FIRST45": DAYS[3]}.get(symbol, DAYS[SPLIT])
        assert message.startswith(f"{day}: ")
        assert expected in message


def test_a_company_under_two_tickers_is_told_once_a_year(found, query):
    """At another level its returns are the same; of those that are set aside nothing is said."""
    told = """
        select symbol, year(session_date), severity, detail from checks.int_checks__failures
        where check_id = 'same_returns_as_another' order by all
    """
    rows = query(found, told)
    assert [row[:3] for row in rows] == [("SAME", 2020, "warn"), ("SAME", 2021, "warn")]
    assert all("the return of CALM" in row[3] for row in rows)
