"""Real bars to damage: stretches of real histories, drawn by a seeded generator."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

PRICES = ["open", "high", "low", "close"]
LEVELS = [*PRICES, "adj_close"]
COLUMNS = ["date", *LEVELS, "volume", "dividends", "splits"]
# What the sources tell of AAPL's splits; its prices are adjusted for both.
SPLITS = {"2014-06-09": 7.0, "2020-08-31": 4.0}


class Donors(NamedTuple):
    """Histories by symbol, and the sessions of the exchange, as SPY's complete history tells them."""

    histories: dict[str, pd.DataFrame]
    sessions: list

    def history(self, rng: np.random.Generator, symbols: Sequence[str] = ()) -> pd.DataFrame:
        """Return the whole history of one of `symbols`, or of any."""
        return self.histories[str(rng.choice(symbols or [*self.histories]))]


def read_donors(shared: Path) -> Donors:
    """Return every real history at hand."""
    long = pd.read_parquet(shared / "data" / "universe_100.parquet")
    histories = {symbol: prepared(bars) for symbol, bars in long.groupby("symbol")}
    for symbol in ("SPY", "AAPL", "MSFT"):
        histories[symbol] = prepared(pd.read_parquet(shared / "data" / "yahoo" / f"{symbol}.parquet"))
    return Donors(histories, [*histories["SPY"]["date"]])


def prepared(bars: pd.DataFrame) -> pd.DataFrame:
    """Return bars with all columns, by date; volumes are floats, so that one may be unknown."""
    bars = bars.sort_values("date").reset_index(drop=True).astype({"volume": "float64"})
    return bars.reindex(columns=COLUMNS).astype({"dividends": "float64", "splits": "float64"})


def cut(bars: pd.DataFrame, first: int, length: int) -> pd.DataFrame:
    """Return `length` rows from position `first`, numbered from 0."""
    return bars.iloc[first : first + length].reset_index(drop=True)


def stretch(rng: np.random.Generator, donors: Donors) -> pd.DataFrame:
    """Return 300 to 600 sessions of any symbol, all with a volume: what lacks it is a defect already."""
    while True:
        bars = donors.history(rng)
        length = int(rng.integers(300, 600))
        bars = cut(bars, int(rng.integers(len(bars) - length)), length)
        if bars["volume"].all():
            return bars


def latest(rng: np.random.Generator, donors: Donors) -> pd.DataFrame:
    """Return a stretch that ends with the last session of all."""
    alive = [s for s, bars in donors.histories.items() if bars["date"].iloc[-1] == donors.sessions[-1]]
    return donors.history(rng, alive).iloc[-int(rng.integers(300, 600)) :].reset_index(drop=True)


def payer(rng: np.random.Generator, donors: Donors) -> pd.DataFrame:
    """Return a stretch with its dividends, as the steps of adj_close / close tell them."""
    while True:
        bars = stretch(rng, donors)
        step = bars["adj_close"] / bars["close"]
        paid = 1 - step.shift() / step
        bars["dividends"] = (bars["close"].shift() * paid).where(paid > 5e-4, 0)
        bars["splits"] = 0.0
        if (paid > 2e-3).sum() >= 3 and paid.max() < 0.1:
            return bars


def split_told(rng: np.random.Generator, donors: Donors) -> pd.DataFrame:
    """Return a stretch of AAPL with one of its splits, told in a column of its own."""
    bars = donors.histories["AAPL"].copy()
    bars["splits"] = bars["date"].astype(str).map(SPLITS)
    day = rng.choice(bars.index[bars["splits"].notna()])
    return cut(bars, day - int(rng.integers(100, 200)), int(rng.integers(300, 500)))


def crash(rng: np.random.Generator, donors: Donors) -> pd.DataFrame:
    """Return a stretch with a real fall, or rise, of more than 20 %."""
    while True:
        bars = stretch(rng, donors)
        if (bars["adj_close"].pct_change().abs() > 0.2).any():
            return bars


def whole_years(rng: np.random.Generator, donors: Donors) -> pd.DataFrame:
    """Return three calendar years, of which the symbol went with the market in the second.

    The market is the mean of all donors; a symbol that has little to do with it cannot be told to be late.
    """
    wide = pd.DataFrame(
        {name: bars.set_index("date")["adj_close"].pct_change() for name, bars in donors.histories.items()}
    ).clip(-0.1, 0.1)
    market = wide.mean(axis=1)
    years = pd.Series([day.year for day in wide.index], index=wide.index)
    while True:
        year = int(rng.integers(2011, 2025))
        symbol = str(rng.choice([*donors.histories]))
        bars = donors.histories[symbol]
        inside = bars["date"].map(lambda day, year=year: abs(day.year - year) <= 1)
        if inside.sum() < 740 or not bars["volume"][inside].all():
            continue
        own, others = wide[symbol][years == year], market[years == year]
        if own.corr(others) > 0.6 and abs(own.corr(others.shift())) < 0.25:
            return bars[inside].reset_index(drop=True)
