"""A warehouse of many damaged histories: what lands, and what a sound build must make of it."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import damaged_edges as edges
import damaged_series as series
import damaged_stops as stops
import numpy as np
import pandas as pd
import pyarrow as pa
from damage import Case, Finding
from damaged_rows import ROW_DEFECTS
from donors import COLUMNS, Donors, crash, cut, latest, payer, split_told, stretch, whole_years

from ingest import calendar
from ingest.bars import BARS_SCHEMA, Bars, completed
from ingest.columns import canonical_columns
from ingest.landing import land

Injector = Callable[[np.random.Generator, pd.DataFrame], Case]
Chooser = Callable[[np.random.Generator, Donors], pd.DataFrame]
Kinds = dict[str, tuple[Injector, Chooser]]

# The evening after the last real bar, so that Yahoo's answers are as fresh as they can be.
NOW = datetime(2026, 3, 24, 22, tzinfo=UTC)
CARRIED = 5
COMING = [day for day in calendar.session_dates(2026, 2027).tolist() if day > NOW.date()]
# What real histories have of their own: crashes, busy days, spin-offs and payouts of most of the price; and
# what stretches of one history have in common.
NATURAL = {
    "extreme_return",
    "volume_outlier",
    "adjustment_jump",
    "price_basis_break",
    "same_returns_as_another",
}

# Refused, or reported and used: the build goes on. The chooser tells which stretches the defect fits.
GOING_ON: Kinds = {
    **{kind: (injector, stretch) for kind, injector in ROW_DEFECTS.items()},
    "missing sessions": (series.missing_sessions, stretch),
    "extreme return": (series.extreme_return, stretch),
    "crash to half on high volume": (series.crash_to_half, stretch),
    "real crash": (series.real_crash, crash),
    "unexplained payout": (series.unexplained_payout, stretch),
    "close not adjusted for a split": (series.close_not_adjusted_for_split, stretch),
    "stale last bar": (series.stale_last_bar, latest),
    "shorter history": (series.shorter_history, stretch),
    "row kept from an older batch": (series.kept_row, stretch),
    "damaged row with a sound older one": (series.kept_for_damaged_row, stretch),
    "damaged row that was corrected": (series.corrected_row, stretch),
    "sources disagree": (series.source_disagreement, latest),
    **{
        f"{column} written as 0": (partial(edges.unknown_price, column), stretch)
        for column in ("open", "high", "low")
    },
    "empty rows at the edges": (edges.empty_edges, stretch),
    "empty rows on days off": (edges.empty_days_off, stretch),
    "bar of a session to come": (partial(edges.after_the_last_session, coming=COMING), stretch),
    "row of a day off of another year": (edges.day_off_of_another_year, stretch),
    "cash": (edges.cash, stretch),
}
SOUND: Kinds = {
    "undamaged": (series.undamaged, stretch),
    "with dividends": (series.undamaged, payer),
    "with a split": (series.undamaged, split_told),
    "as traded": (series.as_traded, stretch),
    "next batch": (series.next_batch, stretch),
    "fresh enough": (series.fresh_enough, latest),
    "sources agree": (series.sources_agree, latest),
    "money market": (edges.money_market, stretch),
    "takeover": (edges.takeover, whole_years),
}
SETTING_ASIDE: Kinds = {
    "unit changes": (stops.unit_changes, stretch),
    "first rows off by 100": (stops.first_rows_off, stretch),
    "split told and wrong": (stops.split_told, stretch),
    "split not told and wrong": (stops.split_not_told, stretch),
    "real split wrong": (stops.real_split, split_told),
    "adjustment factor falls": (stops.factor_falls, stretch),
    "dividend wrong": (stops.dividend_wrong, payer),
    "dividend early": (stops.dividend_early, payer),
    "long gap": (stops.long_gap, stretch),
    "long run of identical bars": (stops.long_freeze, stretch),
    "refused to the end": (stops.refused_to_the_end, stretch),
    "nothing usable": (stops.nothing_usable, stretch),
    "nothing in common": (stops.nothing_in_common, stretch),
    "days shifted": (stops.days_shifted, stretch),
    "year shifted": (stops.year_shifted, whole_years),
}


def draw(rng: np.random.Generator, donors: Donors, kinds: Kinds, each: int, prefix: str) -> dict[str, Case]:
    """Return `each` cases of every kind, under invented symbols."""
    cases = {}
    for number, (kind, (injector, chooser)) in enumerate(kinds.items()):
        for again in range(each):
            symbol = f"{prefix}{number:02d}.{again:02d}"
            cases[symbol] = injector(rng, chooser(rng, donors))._replace(kind=kind)
    return cases


def land_cases(landing: Path, cases: dict[str, Case]) -> list[pd.DataFrame]:
    """Land every vintage, batch by batch; return the rows as they landed, in that order."""
    batches: dict[tuple, dict[str, pd.DataFrame]] = {}
    for symbol, case in cases.items():
        for age, vintage in enumerate(case.vintages):
            batches.setdefault((age, vintage.origin), {})[symbol] = vintage.rows
    landed = []
    for (_, (source, price_basis)), histories in sorted(batches.items(), key=lambda batch: batch[0]):
        bars = (as_they_are(symbol, rows) for symbol, rows in histories.items())
        land(landing, bars, source=source, price_basis=price_basis, request={}, now=lambda: NOW)
        landed += [rows.assign(symbol=symbol) for symbol, rows in sorted(histories.items())]
    return landed


def as_they_are(symbol: str, rows: pd.DataFrame) -> Bars:
    """Return rows as an older version landed them: by now ingest refuses or trims some of what is checked."""
    columns = rows[COLUMNS].rename(columns={"date": "session_date"})
    columns.insert(0, "row_number", range(1, len(rows) + 1))
    table = completed(pa.Table.from_pandas(columns, preserve_index=False))
    return Bars(symbol, table.select(BARS_SCHEMA.names).cast(BARS_SCHEMA))


def canonical(rows: pd.DataFrame) -> pa.Table:
    """Return rows as the readers of the sources give them."""
    return canonical_columns(pa.Table.from_pandas(rows[COLUMNS], preserve_index=False), "rows")


def anchor_case(rng: np.random.Generator, donors: Donors) -> Case:
    """Return the anchor, damaged, from a quiet year."""
    first = donors.sessions.index(date(2013, 1, 2))
    bars = cut(donors.histories["SPY"], first, 500)
    return stops.anchor(rng, bars)._replace(kind="anchor")


def expected_bars(cases: dict[str, Case], sessions: list[date]) -> pd.DataFrame:
    """Return what marts.fct_bars_daily must hold: the sound rows, and the last price where there is none."""
    last = max(case.used["date"].iloc[-1] for case in cases.values())
    panel = pd.Index(sessions[: sessions.index(last) + 1])
    frames = []
    for symbol, case in cases.items():
        used = case.used.set_index("date").drop(columns=["dividends", "splits"])
        begin, end = panel.get_loc(used.index[0]), panel.get_loc(used.index[-1])
        used = used.reindex(panel[begin : end + CARRIED + 1])
        filled = used["close"].isna()
        used[["close", "adj_close"]] = used[["close", "adj_close"]].ffill()
        used.loc[filled, "volume"] = 0
        frames.append(used.assign(symbol=symbol, is_filled=filled).reset_index(names="session_date"))
    return pd.concat(frames, ignore_index=True)


def left_behind(cases: dict[str, Case]) -> dict[str, Case]:
    """Return the cases with what is told of those that end more than a carried week before the last."""
    sessions = calendar.session_dates(2000, NOW.year).tolist()
    ends = {symbol: sessions.index(case.used["date"].iloc[-1]) for symbol, case in cases.items()}
    last = max(ends.values())
    return {
        symbol: case._replace(found=case.found | {("ends_before_the_others", sessions[ends[symbol]])})
        if last - ends[symbol] > CARRIED
        else case
        for symbol, case in cases.items()
    }


def expected_quarantine(cases: dict[str, Case]) -> list[tuple[str, date, str]]:
    """Return symbol, session and reason of every session that rows must be refused of."""
    return sorted(
        (symbol, day, reason)
        for symbol, case in cases.items()
        for vintage in case.vintages
        for day, reason in vintage.refused.items()
    )


def mistakes(cases: dict[str, Case], failures: Iterable[tuple[str, str, date, str]]) -> list[str]:
    """Return what the checks missed, and what they said without reason."""
    said: dict[str, set[Finding]] = {symbol: set() for symbol in cases}
    natural: dict[str, set[Finding]] = {symbol: set() for symbol in cases}
    for check, symbol, day, severity in failures:
        said[symbol].add((check, day))
        if severity == "warn" and check in NATURAL:
            natural[symbol].add((check, day))
    found = []
    for symbol, case in cases.items():
        missed = case.found - said[symbol]
        found += [f"{symbol} ({case.kind}) missed: {check} on {day}" for check, day in missed]
        invented = said[symbol] - case.found - case.may_be_found - natural[symbol]
        found += [f"{symbol} ({case.kind}) invented: {check} on {day}" for check, day in invented]
    return sorted(found)
