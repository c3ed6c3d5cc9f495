"""Defects that no row can be blamed for, or that nothing can be built on: they set the symbol aside."""

from datetime import timedelta

import numpy as np
import pandas as pd
from damage import (
    FILES,
    Case,
    Vintage,
    calm_place,
    case,
    changed,
    place,
    scaled,
    sign,
    split_wrong,
)
from damaged_rows import repeated
from donors import LEVELS, PRICES

# What bars of some sessions only may look like, besides: a week's move is larger than a day's.
BY_THE_WAY = ("extreme_return", "split_not_adjusted", "split_adjusted_twice", "date_shifted_against_market")


def unit_changes(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Give all bars from a day on in another unit.

    Six are refused until the new unit is the usual one; that gap is too long to carry a price over.
    """
    t = place(rng, bars, after=8)
    days = bars["date"]
    found = [("unit_error", day) for day in days[t : t + 6]]
    found += [("gap_over_limit", days[t + 6]), ("unit_break", days[t + 6])]
    return case(scaled(bars, slice(t, len(bars)), LEVELS, 100.0 ** sign(rng)), found)


def first_rows_off(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Give the first one to four bars in another unit: there is nothing yet to refuse them by."""
    count = int(rng.integers(1, 5))
    rows = scaled(bars, slice(0, count - 1), LEVELS, 100.0 ** sign(rng))
    # Until sound bars are the majority, they are refused.
    may = [("unit_error", day) for day in bars["date"][5:10]]
    return case(rows, [("unit_break", bars["date"][count])], may=may)


def split_told(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Tell a split and do not adjust the past for it, or do it twice."""
    ratio = float(rng.choice([1.2, 1.25, 1.5, 2, 3, 4, 7, 10, 20, 1 / 2, 1 / 4, 1 / 10]))
    t = calm_place(rng, bars)
    return wrong_split(rng, changed(bars, t, "splits", ratio), t, ratio)


def split_not_told(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Do not adjust the past for a split, or do it twice, and tell nothing."""
    ratio = float(rng.choice([2, 3, 9, 11, 14, 22, 28, 35, 45, 3 / 2, 5 / 4, 7 / 3, 9 / 4, 11 / 7]))
    return wrong_split(rng, bars, calm_place(rng, bars), ratio)


def split_in_the_dark(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Tell nothing of a split where volume, open or both are unknown: the judgement is weaker, but made."""
    t = calm_place(rng, bars)
    unknown = [["volume"], ["open"], ["open", "volume"]][rng.integers(3)]
    made = wrong_split(
        rng, bars.assign(**dict.fromkeys(unknown, np.nan)), t, float(rng.choice([2, 5, 10, 20]))
    )
    missing = {(f"missing_{name}", day) for name in unknown for day in bars["date"]}
    return made._replace(found=made.found | missing)


def split_in_the_first_rows(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Leave the first rows unadjusted for a split, before anything is usual."""
    quiet = calm_place(rng, bars) - int(rng.integers(2, 15))
    bars = bars.iloc[quiet:].reset_index(drop=True)
    t = int(rng.integers(2, 15))
    t = t if (bars["close"].pct_change().abs() < 0.03)[t] else 2
    return wrong_split(rng, bars, t, float(rng.choice([3, 7, 10])))


def few_sessions_a_week(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Keep the bars of one, two or every other session of a week."""
    days = pd.to_datetime(bars["date"])
    weeks = days.dt.isocalendar().week.to_numpy() + 100 * days.dt.year.to_numpy()
    kind = int(rng.integers(4))
    if kind < 2:
        rows = bars.groupby(weeks).head(1) if kind else bars.groupby(weeks).tail(1)
    else:
        rows = bars[days.dt.day_of_week.isin([1, 3])] if kind == 2 else bars.iloc[::2]
    rows = rows.reset_index(drop=True)
    inside = bars["date"].between(rows["date"].iloc[0], rows["date"].iloc[-1])
    gone = set(bars["date"][inside]) - {*rows["date"]}
    found = [("not_daily", rows["date"].iloc[-1]), *(("missing_session", day) for day in gone)]
    may = [("gap_over_limit", day) for day in rows["date"]]
    return case(rows, found, may=[*may, *((c, d) for c in BY_THE_WAY for d in rows["date"])])


def adjusted_throughout(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Adjust all prices for the dividends that are told, and copy the close to adj_close."""
    factor = bars["adj_close"] / bars["close"]
    rows = bars.copy()
    for name in PRICES:
        rows[name] = bars[name] * factor
    rows["adj_close"] = rows["close"]
    return case(rows, [("auto_adjusted", rows["date"].iloc[-1])])


def real_split(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Undo the adjustment for a real split, or do it twice."""
    t = int(bars["splits"].first_valid_index())
    return wrong_split(rng, bars, t, bars["splits"][t])


def wrong_split(rng: np.random.Generator, bars: pd.DataFrame, t: int, ratio: float) -> Case:
    if sign(rng) > 0:
        return case(split_wrong(bars, t, ratio), [("split_not_adjusted", bars["date"][t])])
    return case(split_wrong(bars, t, 1 / ratio), [("split_adjusted_twice", bars["date"][t])])


def factor_falls(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Put adj_close on one side of a day on another basis, so that adj_close / close falls."""
    t, factor = calm_place(rng, bars), 1 + 10 ** rng.uniform(-3.5, -0.3)
    if sign(rng) > 0:
        rows = scaled(bars, slice(0, t - 1), ["adj_close"], factor)
    else:
        rows = scaled(bars, slice(t, len(bars)), ["adj_close"], 1 / factor)
    return case(rows, [("adjustment_factor_falls", bars["date"][t])])


def dividend_wrong(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Take a dividend out of the adjusted past, or adjust for it once more."""
    t = paying_day(rng, bars)
    factor = bars["adj_close"] / bars["close"]
    step = factor[t] / factor[t - 1]
    rows = scaled(bars, slice(0, t - 1), ["adj_close"], step if (missing := sign(rng) > 0) else 1 / step)
    check = "dividend_not_reflected" if missing else "dividend_reflected_twice"
    return case(rows, [(check, bars["date"][t])])


def dividend_early(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Tell of a dividend a session before the past is adjusted for it."""
    t = paying_day(rng, bars)
    rows = changed(bars, t - 1, "dividends", bars["dividends"][t])
    return case(changed(rows, t, "dividends", 0), [("dividend_not_reflected", bars["date"][t - 1])])


def paying_day(rng: np.random.Generator, bars: pd.DataFrame) -> int:
    """Return a row with a dividend of 0.2 % and more, and none beside it."""
    days = bars.index[bars["dividends"] / bars["close"].shift() > 2e-3]
    return int(rng.choice(days[days > 1]))


def long_gap(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Leave out six sessions and more."""
    count = int(rng.integers(6, 30))
    t = place(rng, bars, before=1, after=count + 1)
    found = [("missing_session", day) for day in bars["date"][t : t + count]]
    rows = bars.drop(index=range(t, t + count)).reset_index(drop=True)
    return case(rows, [*found, ("gap_over_limit", bars["date"][t + count])])


def long_freeze(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Repeat a bar so often that more sessions are refused than are carried."""
    count = int(rng.integers(7, 20))
    t = place(rng, bars, before=0, after=count + 2)
    days = [*bars["date"][t + 1 : t + count + 1]]
    found = [("repeated_bar", day) for day in days] + [("frozen_feed", day) for day in days[1:]]
    return case(repeated(bars, t, count), [*found, ("gap_over_limit", bars["date"][t + count + 1])])


def refused_to_the_end(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let the adjusted close stop, more sessions before the end than are carried."""
    count = int(rng.integers(6, 60))
    days = [*bars["date"].iloc[-count:]]
    rows = changed(bars, slice(len(bars) - count, len(bars)), "adj_close", np.nan)
    found = [("missing_adj_close", day) for day in days]
    return case(rows, [*found, ("gap_over_limit", days[-1])])


def nothing_usable(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Leave no row that can be used."""
    last = ("no_usable_bar", bars["date"].iloc[-1])
    if rng.random() < 0.5:
        check, rows = "missing_adj_close", bars.assign(adj_close=np.nan)
    else:
        check, rows = "impossible_price", bars.assign(adj_close=0.0)
    return case(rows, [last, *((check, day) for day in bars["date"])])


def nothing_in_common(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let a newer batch begin where the older one ends, or overlap it by a row that is refused."""
    t = place(rng, bars, before=20, after=20)
    found = [("no_common_session", bars["date"][0])]
    newer = bars.iloc[t:]
    if rng.random() < 0.5:
        day = bars["date"][t - 1]
        newer = changed(bars.iloc[t - 1 :], t - 1, "close", 0.0)
        found += [("impossible_price", day), ("kept_from_older_batch", day)]
    may = [("price_outside_high_low", bars["date"][t - 1])]
    landed = (Vintage(FILES, bars.iloc[:t], {}), Vintage(FILES, newer, {}))
    return Case(landed, frozenset(found), frozenset(may), bars)


def days_shifted(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Date up to twelve bars in a row a calendar day late, or early."""
    count = int(rng.integers(1, 13))
    t = place(rng, bars, before=2, after=count + 2)
    rows = bars.copy()
    moved = slice(t, t + count - 1)
    rows.loc[moved, "date"] = bars.loc[moved, "date"] + timedelta(days=sign(rng))
    sessions, days = {*bars["date"]}, rows["date"]
    missing = sessions - {*days}
    found = [(check, day) for day in missing for check in ("missing_session", "date_shifted")]
    found += [("unexpected_session", day) for day in {*days} - sessions]
    found += [("duplicate_session", day) for day in days[days.duplicated()]]
    return case(rows, found)


def year_shifted(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Move the values of the second of three years on, or back, by a session."""
    years = bars["date"].map(lambda day: day.year)
    inside = bars.index[years == years[0] + 1]
    late = sign(rng) > 0
    left_out = inside[0] if late else inside[-1]
    rows = bars.copy()
    values = [*LEVELS, "volume"]
    rows.loc[inside, values] = bars.loc[inside, values].shift(1 if late else -1)
    rows = rows.drop(index=left_out).reset_index(drop=True)
    last = bars["date"][inside[-1] if late else inside[-2]]
    found = [("date_shifted_against_market", last), ("missing_session", bars["date"][left_out])]
    # It is found to be unsound only against the market, as is that it ends early.
    may = [("ends_before_the_others", rows["date"].iloc[-1])]
    return case(rows, found, may=may)


def anchor(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Damage the anchor in every way that is only reported elsewhere, each far from the others.

    Its first five rows are empty, which is no damage: its life begins later.
    """
    steps = iter(rng.permutation(np.arange(20, len(bars) - 20, 20)))
    gone, empty, idle, off, jump = (int(next(steps)) for _ in range(5))
    days = bars["date"]
    column = str(rng.choice(["open", "high", "low", "volume"]))
    rows = changed(bars, empty, column, np.nan)
    rows = changed(rows, idle, "volume", 0)
    rows = scaled(rows, off, LEVELS, 100.0)
    rows = scaled(rows, slice(jump, len(rows)), LEVELS, 1.09)
    rows = changed(rows, slice(0, 4), [*LEVELS, "volume"], np.nan)
    rows = rows.drop(index=gone).reset_index(drop=True)
    found = {
        *(("empty_bar", day) for day in days[:5]),
        ("anchor_missing_session", days[gone]),
        ("missing_session", days[gone]),
        ("anchor_missing_value", days[empty]),
        (f"missing_{column}", days[empty]),
        ("anchor_zero_volume", days[idle]),
        ("zero_volume", days[idle]),
        ("anchor_rejected_bar", days[off]),
        ("unit_error", days[off]),
        ("extreme_return", days[jump]),
    }
    return case(rows, found)
