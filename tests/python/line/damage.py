"""What every defect is made of: rows in, damaged rows and what must be said of them out."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd
from donors import LEVELS

Finding = tuple[str, date]
FILES = ("files", "split_adjusted")
YAHOO = ("yahoo", "split_adjusted")
AS_TRADED = ("files", "raw")


class Vintage(NamedTuple):
    """What one landing brings of a symbol: from where, its rows, and why which sessions are refused."""

    origin: tuple[str, str]
    rows: pd.DataFrame
    refused: Mapping[date, str]


class Case(NamedTuple):
    """The history of one invented symbol and what a sound warehouse says of it.

    `found` must be found and `may_be_found` may; `used` are the bars that take part in what follows.
    """

    vintages: tuple[Vintage, ...]
    found: frozenset[Finding]
    may_be_found: frozenset[Finding]
    used: pd.DataFrame
    kind: str = ""


def case(
    rows: pd.DataFrame,
    found: Iterable[Finding] = (),
    *,
    refused: Mapping[date, str] | None = None,
    may: Iterable[Finding] = (),
    origin: tuple[str, str] = FILES,
) -> Case:
    """Return a case of one vintage; the bars in use are those that are not refused."""
    refused = refused or {}
    return Case((Vintage(origin, rows, refused),), frozenset(found), frozenset(may), sound(rows, refused))


def sound(rows: pd.DataFrame, refused: Collection[date]) -> pd.DataFrame:
    """Return the rows that are not refused, by date."""
    return rows[~rows["date"].isin([*refused])].sort_values("date").reset_index(drop=True)


def changed(bars: pd.DataFrame, at: object, columns: object, value: object) -> pd.DataFrame:
    """Return the bars with other values in some rows (labels, or a slice of them: both ends count)."""
    bars = bars.copy()
    bars.loc[at, columns] = value
    return bars


def scaled(bars: pd.DataFrame, at: object, columns: list[str], factor: float) -> pd.DataFrame:
    """Return the bars with some values multiplied; labels as in `changed`."""
    return changed(bars, at, columns, bars.loc[at, columns] * factor)


def with_rows(bars: pd.DataFrame, position: int, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the bars with rows put in before a position."""
    return pd.concat([bars.iloc[:position], rows, bars.iloc[position:]]).reset_index(drop=True)


def split_wrong(bars: pd.DataFrame, t: int, ratio: float) -> pd.DataFrame:
    """Return the bars with the past multiplied as before a split that it is not adjusted for."""
    bars = scaled(bars, slice(0, t - 1), LEVELS, ratio)
    return changed(bars, slice(0, t - 1), "volume", (bars.loc[: t - 1, "volume"] / ratio).round())


def place(rng: np.random.Generator, bars: pd.DataFrame, before: int = 12, after: int = 0) -> int:
    """Return a random row that leaves so many rows before and after it."""
    return int(rng.integers(before, len(bars) - after))


def calm_place(rng: np.random.Generator, bars: pd.DataFrame) -> int:
    """Return a random row of a usual day: small moves, usual volume, nothing paid out, no crash soon.

    On other days some defects cannot be told from what really happened.
    """
    close, previous = bars["close"], bars["close"].shift()
    factor = bars["adj_close"] / close
    value = close * bars["volume"]
    usual = value / value.shift().rolling(20).median()
    calm = (
        ((close / previous - 1).abs() < 0.03)
        & ((bars["open"] / previous - 1).abs() < 0.02)
        & usual.between(0.6, 1.6)
        & ((factor / factor.shift() - 1).abs() < 2e-6)
        & (bars["high"] / bars["low"] > 1.004)
    )
    crash = (close / previous - 1).abs() > 0.2
    calm &= crash[::-1].rolling(25, min_periods=1).max()[::-1] == 0
    calm &= (calm.index >= 70) & (calm.index < len(bars) - 10)
    return int(rng.choice(calm.index[calm]))


def sign(rng: np.random.Generator) -> int:
    """Return 1 or -1."""
    return int(rng.choice([-1, 1]))
