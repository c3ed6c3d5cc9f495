"""Rows that are no part of a symbol's life, values that nobody knew, and prices that hardly move."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
from damage import FILES, Case, Vintage, case, changed, place, with_rows
from donors import LEVELS

TRADED = [*LEVELS, "volume"]


def unknown_price(column: str, rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Write 0 for an open, high or low, of one row or of all up to a day, as Yahoo does before 1970."""
    t = place(rng, bars, before=0)
    at = t if rng.random() < 0.5 else slice(0, t)
    days = [*bars.loc[[at] if at is t else at, "date"]]
    rows = changed(bars, at, column, 0.0)
    made = case(rows, [(f"missing_{column}", day) for day in days])
    return made._replace(used=changed(bars, at, column, np.nan))


def blank(rng: np.random.Generator, rows: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return rows without any price, empty or of zeros, and the check that refuses them."""
    if rng.random() < 0.5:
        return rows.assign(**dict.fromkeys(LEVELS, np.nan), volume=np.nan), "empty_bar"
    return rows.assign(**dict.fromkeys(TRADED, 0.0)), "impossible_price"


def blanked(bars: pd.DataFrame, rows: pd.DataFrame, check: str, used: pd.DataFrame) -> Case:
    """Return a case whose history has blank rows beside the bars in use."""
    found = {(check, day) for day in rows["date"]}
    if check == "impossible_price":
        found |= {("zero_volume", day) for day in rows["date"]}
    landed = Vintage(FILES, bars, dict.fromkeys(rows["date"], check))
    return Case((landed,), frozenset(found), frozenset(), used)


def empty_edges(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Leave up to a hundred rows at the start, the end or both without a price: a table of two ages."""
    first, last = (int(rng.integers(1, 100)) for _ in range(2))
    sides = [("start",), ("end",), ("start", "end")][int(rng.integers(3))]
    begin = first if "start" in sides else 0
    end = len(bars) - last if "end" in sides else len(bars)
    outside = (bars.index < begin) | (bars.index >= end)
    rows, check = blank(rng, bars[outside])
    landed = pd.concat([bars[~outside], rows]).sort_index()
    return blanked(landed, rows, check, bars[~outside].reset_index(drop=True))


def empty_days_off(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Put empty rows on Saturdays and Sundays, as a union of calendars does, and lose a session."""
    before = bars.index[bars["date"].diff() == timedelta(days=3)]
    chosen = sorted(rng.choice(before[before > 2], int(rng.integers(1, 20)), replace=False))
    days = [bars["date"][t] - timedelta(days=int(rng.integers(1, 3))) for t in chosen]
    rows, check = blank(rng, bars.loc[chosen].assign(date=days))
    gone = chosen[0] + 1
    used = bars.drop(index=gone).reset_index(drop=True)
    landed = pd.concat([used, rows]).sort_values("date").reset_index(drop=True)
    made = blanked(landed, rows, check, used)
    return made._replace(found=made.found | {("missing_session", bars["date"][gone])})


def after_the_last_session(rng: np.random.Generator, bars: pd.DataFrame, coming: list[date]) -> Case:
    """Put in a bar of a session that had not closed: an unfinished one, or one of the next year by a slip."""
    t = place(rng, bars, before=0)
    day = coming[0] if rng.random() < 0.5 else coming[int(rng.integers(len(coming)))]
    rows = with_rows(bars, int(rng.choice([t, len(bars)])), bars.loc[[t]].assign(date=day))
    landed = Vintage(FILES, rows, {day: "future_bar"})
    return Case((landed,), frozenset({("future_bar", day)}), frozenset({("repeated_bar", day)}), bars)


def day_off_of_another_year(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Date a row by a slip on a day off, years before the first or after the last session."""
    t = place(rng, bars, before=0)
    year = bars["date"].iloc[0].year - int(rng.integers(2, 5))
    day = date(year, 7, 4)
    while day.weekday() < 5:
        day += timedelta(days=1)
    rows = with_rows(bars, 0, bars.loc[[t]].assign(date=day))
    landed = Vintage(FILES, rows, {day: "unexpected_session"})
    return Case((landed,), frozenset({("unexpected_session", day)}), frozenset(), bars)


def cash(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Take a column of ones for cash: without a volume, with none ever, or with the same one every day."""
    rows = bars.assign(**dict.fromkeys(LEVELS, 1.0), dividends=0.0)
    kind = int(rng.integers(3))
    rows["volume"] = [np.nan, 0.0, 1000.0][kind]
    found = [("missing_volume", day) for day in rows["date"]] if kind == 0 else []
    found += [("repeated_bar", day) for day in rows["date"][1:]] if kind == 2 else []
    return case(rows, found)


def money_market(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let the adjusted close grow by some basis points a day, written to four decimals."""
    growth = 1 + rng.uniform(5e-6, 2e-4)
    rows = bars.assign(**dict.fromkeys(LEVELS, 1.0))
    rows["adj_close"] = (0.9 * growth ** np.arange(len(bars))).round(4)
    rows["volume"] = 0.0
    return case(rows)


def takeover(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let the price stand still, or hardly move, from the announcement on, for a year and more."""
    t = int(rng.integers(20, 50))
    rows = bars.copy()
    stay = slice(t, len(bars))
    for column in LEVELS:
        rows.loc[stay, column] = bars[column][t]
    rows.loc[stay, ["open", "high", "low"]] = bars["close"][t]
    rows["volume"] += np.arange(len(bars))
    return case(rows)
