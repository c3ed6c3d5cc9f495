"""Defects of single rows: each is refused, or reported and used."""

from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd
from damage import FILES, Case, Vintage, calm_place, case, changed, place, scaled, sign, with_rows
from donors import LEVELS


def duplicate_session(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Put in a second row of a session, beside the first or at the end of the file."""
    t = place(rng, bars, before=0)
    day = bars["date"][t]
    second = scaled(bars.loc[[t]], [t], LEVELS, rng.uniform(1.005, 1.1))
    rows = with_rows(bars, int(rng.choice([t, t + 1, len(bars)])), second)
    return case(rows, [("duplicate_session", day)], refused={day: "duplicate_session"})


def unexpected_session(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Put in a plausible row of a weekend or holiday."""
    gaps = bars.index[bars["date"].diff() > timedelta(days=1)]
    t = int(rng.choice(gaps))
    closed = (bars["date"][t] - bars["date"][t - 1]).days - 1
    day = bars["date"][t - 1] + timedelta(days=int(rng.integers(1, closed + 1)))
    row = bars.loc[[t]].assign(date=day)
    between = (bars.loc[[t - 1], [*LEVELS, "volume"]].to_numpy() + row[[*LEVELS, "volume"]]) / 2
    rows = with_rows(bars, t, row.assign(**between).round({"volume": 0}))
    return case(rows, [("unexpected_session", day)], refused={day: "unexpected_session"})


def empty_bar(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Leave nothing of a row but its dividend or split, as Yahoo does at times."""
    t = place(rng, bars, before=0)
    day = bars["date"][t]
    rows = changed(bars, t, LEVELS, np.nan)
    rows = changed(rows, t, "dividends" if rng.random() < 0.5 else "splits", rng.uniform(0.1, 4))
    found = [("empty_bar", day)]
    if rng.random() < 0.5:
        rows = changed(rows, t, "volume", 0)
        found.append(("zero_volume", day))
    else:
        rows = changed(rows, t, "volume", np.nan)
    return case(rows, found, refused={day: "empty_bar"})


def event_beside_bar(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Put the dividend in a row without prices of its own: the bar of the session is sound."""
    t = place(rng, bars, before=0)
    event = changed(bars.loc[[t]], [t], [*LEVELS, "volume"], np.nan).assign(dividends=rng.uniform(0.1, 4))
    rows = with_rows(bars, t + int(rng.integers(2)), event)
    day = bars["date"][t]
    landed = Vintage(FILES, rows, {day: "empty_bar"})
    return Case((landed,), frozenset({("empty_bar", day)}), frozenset(), bars)


def missing_value(column: str, rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Leave out one value: without close or adjusted close the row is no use."""
    t = place(rng, bars, before=0)
    day, check = bars["date"][t], f"missing_{column}"
    refused = {day: check} if column in ("close", "adj_close") else {}
    return case(changed(bars, t, column, np.nan), [(check, day)], refused=refused)


def impossible_price(column: str, rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Make one price negative or infinite, or a close 0."""
    t = place(rng, bars, before=0)
    day = bars["date"][t]
    values = [-1.0, -bars[column][t], np.inf, -np.inf]
    value = float(rng.choice([*values, 0.0] if column in ("close", "adj_close") else values))
    # Most such values are outside the day's range, too.
    may = [("price_outside_high_low", day)]
    return case(
        changed(bars, t, column, value),
        [("impossible_price", day)],
        refused={day: "impossible_price"},
        may=may,
    )


def outside_high_low(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Put open or close beyond high or low by half a percent to a tenth."""
    t = place(rng, bars, before=0)
    day = bars["date"][t]
    factor = 1 + rng.uniform(0.005, 0.1)
    value = bars["high"][t] * factor if rng.random() < 0.5 else bars["low"][t] / factor
    rows = changed(bars, t, str(rng.choice(["open", "close"])), value)
    check = "price_outside_high_low"
    return case(rows, [(check, day)], refused={day: check})


def high_below_low(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Swap high and low."""
    t = calm_place(rng, bars)
    day, check = bars["date"][t], "price_outside_high_low"
    rows = changed(bars, t, ["high", "low"], bars.loc[t, ["low", "high"]].to_numpy())
    return case(rows, [(check, day)], refused={day: check})


def negative_volume(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Turn the sign of a volume."""
    t = place(rng, bars, before=0)
    day = bars["date"][t]
    rows = changed(bars, t, "volume", -bars["volume"][t])
    return case(rows, [("negative_volume", day)], refused={day: "negative_volume"})


def unit_error_of_rows(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Give one to five bars in cents, or in hundreds."""
    t, count = place(rng, bars, after=5), int(rng.integers(1, 6))
    days = [*bars["date"][t : t + count]]
    rows = scaled(bars, slice(t, t + count - 1), LEVELS, 100.0 ** sign(rng))
    return case(rows, [("unit_error", day) for day in days], refused=dict.fromkeys(days, "unit_error"))


def unit_error_of_column(column: str, rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Put the decimal point of one price in a wrong place."""
    t, up = place(rng, bars), sign(rng) > 0
    day = bars["date"][t]
    within = (column, up) in (("high", True), ("low", False)) or column == "adj_close"
    found = ["unit_error"] if within else ["price_outside_high_low", "unit_error"]
    rows = scaled(bars, t, [column], 100.0 if up else 0.01)
    return case(rows, [(check, day) for check in found], refused={day: found[0]})


def frozen_feed(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Repeat a bar twice to six times: the first repetition may be chance, the others are not."""
    t, count = place(rng, bars, before=0, after=7), int(rng.integers(2, 7))
    days = [*bars["date"][t + 1 : t + count + 1]]
    found = [("repeated_bar", day) for day in days] + [("frozen_feed", day) for day in days[1:]]
    return case(repeated(bars, t, count), found, refused=dict.fromkeys(days[1:], "frozen_feed"))


def repeated_bar(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Repeat a bar once."""
    t = place(rng, bars, before=0, after=2)
    return case(repeated(bars, t, 1), [("repeated_bar", bars["date"][t + 1])])


def repeated(bars: pd.DataFrame, t: int, count: int) -> pd.DataFrame:
    """Return the bars with a row's values in the rows after it, too."""
    columns = [*LEVELS, "volume"]
    return changed(bars, slice(t + 1, t + count), columns, np.tile(bars.loc[t, columns], (count, 1)))


def zero_volume(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Take the volume of a bar away."""
    t = place(rng, bars, before=0)
    return case(changed(bars, t, "volume", 0), [("zero_volume", bars["date"][t])])


def volume_outlier(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Give one volume, or every one from a day on, in thousands or in thousandths."""
    t = calm_place(rng, bars)
    at = t if rng.random() < 0.7 else slice(t, len(bars))
    rows = scaled(bars, at, ["volume"], 1000.0 ** sign(rng)).round({"volume": 0})
    return case(rows, [("volume_outlier", bars["date"][t])])


ROW_DEFECTS = {
    "duplicate session": duplicate_session,
    "unexpected session": unexpected_session,
    "event row without prices": empty_bar,
    "event row beside the bar": event_beside_bar,
    **{f"missing {column}": partial(missing_value, column) for column in [*LEVELS, "volume"]},
    **{f"impossible {column}": partial(impossible_price, column) for column in LEVELS},
    "open or close outside high and low": outside_high_low,
    "high below low": high_below_low,
    "negative volume": negative_volume,
    "rows off by 100": unit_error_of_rows,
    **{f"{column} off by 100": partial(unit_error_of_column, column) for column in LEVELS},
    "run of identical bars": frozen_feed,
    "repeated bar": repeated_bar,
    "zero volume": zero_volume,
    "volume off by 1000": volume_outlier,
}
