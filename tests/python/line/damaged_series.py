"""Defects of whole histories and of batches that are reported and used, and sound histories of every kind."""

import numpy as np
import pandas as pd
from damage import (
    AS_TRADED,
    FILES,
    YAHOO,
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
from donors import LEVELS


def missing_sessions(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Leave out one to five sessions."""
    t, count = place(rng, bars, before=1, after=6), int(rng.integers(1, 6))
    gone = range(t, t + count)
    found = [("missing_session", day) for day in bars["date"][t : t + count]]
    return case(bars.drop(index=gone).reset_index(drop=True), found)


def extreme_return(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let the price move by a quarter or more on eight times the usual shares, for good or for a day."""
    t = calm_place(rng, bars)
    bars = scaled(bars, [t, t + 1], ["volume"], 8)
    up = sign(rng) > 0
    factor = rng.uniform(1.3, 1.6) if up else rng.uniform(0.6, 0.74)
    found = [("extreme_return", bars["date"][t])]
    if rng.random() < 0.5:
        return case(scaled(bars, t, LEVELS, factor), [*found, ("extreme_return", bars["date"][t + 1])])
    return case(scaled(bars, slice(t, len(bars)), LEVELS, factor), found)


def crash_to_half(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let the price halve on eight times the usual shares: it looks like a split and is none."""
    t = calm_place(rng, bars)
    rows = scaled(bars, slice(t, len(bars)), LEVELS, 1 / float(rng.choice([2, 2, 3])))
    rows = scaled(rows, t, ["volume"], 16)
    return case(rows, [("extreme_return", bars["date"][t])])


def real_crash(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Take what really happened as it was."""
    extreme = bars["date"][bars["adj_close"].pct_change().abs() > 0.2]
    return case(bars, [("extreme_return", day) for day in extreme])


def unexplained_payout(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Adjust the past as for a payout of a quarter and more of which no dividend tells."""
    t = calm_place(rng, bars)
    rows = scaled(bars, slice(0, t - 1), ["adj_close"], rng.uniform(0.6, 0.76))
    return case(rows, [("adjustment_jump", bars["date"][t])])


def close_not_adjusted_for_split(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Adjust adj_close alone for a split."""
    t = calm_place(rng, bars)
    rows = split_wrong(bars, t, float(rng.choice([2, 3, 4, 5, 10, 20])))
    rows["adj_close"] = bars["adj_close"]
    day = bars["date"][t]
    return case(rows, [("price_basis_break", day), ("adjustment_jump", day)])


def stale_last_bar(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let Yahoo's answer end three sessions and more before it was asked."""
    rows = bars.iloc[: -int(rng.integers(3, 60))]
    return case(rows, [("stale_last_bar", rows["date"].iloc[-1])], origin=YAHOO)


def fresh_enough(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let Yahoo's answer end with the last session, or up to two before."""
    return case(bars.iloc[: len(bars) - int(rng.integers(3))], origin=YAHOO)


def vintages(older: Vintage, newer: Vintage, found: list, used: pd.DataFrame) -> Case:
    """Return a case of two landings."""
    return Case((older, newer), frozenset(found), frozenset(), used)


def shorter_history(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let a newer batch end earlier, or begin later and yet long before the older one ends."""
    count = int(rng.integers(20, 100))
    newer = bars.iloc[:-count] if rng.random() < 0.5 else bars.iloc[count:]
    found = [("shorter_history", bars["date"].iloc[-1])]
    return vintages(Vintage(FILES, bars, {}), Vintage(FILES, newer, {}), found, bars)


def next_batch(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let a newer batch go on, ten sessions over, on the basis after a dividend: nothing is wrong."""
    t, factor = place(rng, bars, before=100, after=30), rng.uniform(0.97, 0.999)
    older = scaled(bars.iloc[:t], slice(0, t), ["adj_close"], 1 / factor)
    return vintages(Vintage(FILES, older, {}), Vintage(FILES, bars.iloc[t - 10 :], {}), [], bars)


def kept_row(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let a newer batch lack a session that the older one has."""
    t = place(rng, bars, before=1, after=1)
    newer = bars.drop(index=t)
    found = [("kept_from_older_batch", bars["date"][t])]
    return vintages(Vintage(FILES, bars, {}), Vintage(FILES, newer, {}), found, bars)


def kept_for_damaged_row(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let a newer batch's row be off by 100: the older batch's is used."""
    t = place(rng, bars, after=1)
    day = bars["date"][t]
    newer = scaled(bars, t, LEVELS, 100.0 ** sign(rng))
    found = [("unit_error", day), ("kept_from_older_batch", day)]
    return vintages(Vintage(FILES, bars, {}), Vintage(FILES, newer, {day: "unit_error"}), found, bars)


def corrected_row(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let a newer batch correct a refused row: it stays in quarantine, and nothing is wrong any more."""
    t = place(rng, bars, before=0)
    older = changed(bars, t, "close", -1.0)
    refused = {bars["date"][t]: "impossible_price"}
    return vintages(Vintage(FILES, older, refused), Vintage(FILES, bars, {}), [], bars)


def source_disagreement(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let two sources differ in one return."""
    t = calm_place(rng, bars)
    newer = scaled(bars, slice(t, len(bars)), LEVELS, 1 + sign(rng) * rng.uniform(0.008, 0.1))
    found = [("source_disagreement", bars["date"][t])]
    return vintages(Vintage(FILES, bars, {}), Vintage(YAHOO, newer, {}), found, newer)


def sources_agree(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Let two sources differ in levels alone."""
    newer = scaled(bars, slice(0, len(bars)), ["adj_close"], rng.uniform(0.9, 1))
    return vintages(Vintage(FILES, bars, {}), Vintage(YAHOO, newer, {}), [], newer)


def undamaged(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Leave everything as it was."""
    return case(bars)


def as_traded(rng: np.random.Generator, bars: pd.DataFrame) -> Case:
    """Give prices as traded, with a split or a reverse split that adj_close is adjusted for."""
    t = calm_place(rng, bars)
    ratio = float(rng.choice([1.5, 2, 3, 7, 20, 1 / 4, 1 / 10]))
    rows = split_wrong(bars, t, ratio)
    rows["adj_close"] = bars["adj_close"]
    if rng.random() < 0.5:
        rows.loc[t, "splits"] = ratio
    return case(rows, origin=AS_TRADED)
