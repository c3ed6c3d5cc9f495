"""Drawdowns of the daily variants: episodes, what they are made of, and why they happened."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from plumbline.engine.allocator import CASH, states_of
from plumbline.engine.drawdowns import Episodes, attribute, find_episodes
from plumbline.engine.failures import FailureShares, Rule, failure_shares
from plumbline.engine.held import HeldLine, states_that_act
from plumbline.engine.market import Market
from plumbline.engine.measures import mean
from plumbline.engine.panel import index_rows, spread
from plumbline.engine.variants import Variant
from plumbline.engine.windows import lagged
from plumbline.tables.arrow import sort_rows, split_by, stack
from plumbline.tables.portfolio import of_whole
from plumbline.tables.streams import Rows, ids_of

EPISODES = {
    "variant_id": pa.string(),
    "episode_id": pa.int32(),
    "start_date": pa.date32(),
    "trough_date": pa.date32(),
    "end_date": pa.date32(),
    "depth": pa.float64(),
    "sessions_to_trough": pa.int64(),
    "sessions_to_recovery": pa.int64(),
    "rank": pa.int32(),
    "avg_leverage": pa.float64(),
}
ATTRIBUTION = {
    "variant_id": pa.string(),
    "episode_id": pa.int32(),
    "symbol": pa.string(),
    "state": pa.string(),
    "contribution": pa.float64(),
    "gross_contribution": pa.float64(),
    "cost_contribution": pa.float64(),
    "share": pa.float64(),
    "sessions": pa.int64(),
}
FAILURES = {
    "variant_id": pa.string(),
    "episode_id": pa.int32(),
    "failure_mode": pa.string(),
    "role": pa.string(),
    "evidence": pa.float64(),
    "threshold": pa.float64(),
    "lost": pa.float64(),
}
HELD = ("holding", "gross_contribution", "cost_contribution")
DAYS = ("equity", "leverage", "unlevered_return")
UNCLASSIFIED = "unclassified"


class Layers(NamedTuple):
    """What was run, and the layers that came of it, read a variant and a stream at a time.

    `streams` is of `streams_of`; `lines_of` gives the portfolio's rows of a variant, `allocator_rows_of` the
    allocator's rows of a stream.
    """

    variants: list[Variant]
    streams: pa.Table
    lines_of: Rows
    allocator_rows_of: Rows


def drawdown_episodes(market: Market, lines: pa.Table) -> pa.Table:
    """Return one row per variant and episode.

    Parameters
    ----------
    market
        Gives the calendar: an episode can start before the portfolio's first session.
    lines
        The portfolio layer.
    """

    def rows(variant_id: str, days: pa.Table) -> pa.Table:
        episodes = find_episodes(days["equity"].to_numpy())
        leverage = days["leverage"].to_numpy()
        dates = _dates(days)
        before_first = _session_before(market, dates[0])
        start = np.where(episodes.start < 0, before_first, dates[episodes.start])
        ranks = np.empty(len(start), np.int32)
        ranks[np.argsort(episodes.depth, kind="stable")] = np.arange(1, len(start) + 1)
        is_over = episodes.end >= 0
        spans = zip(episodes.start, episodes.trough, strict=True)
        return pa.table(
            {
                "variant_id": pa.repeat(variant_id, len(start)),
                "episode_id": np.arange(1, len(start) + 1),
                "start_date": pa.array(start, pa.date32()),
                "trough_date": pa.array(dates[episodes.trough], pa.date32()),
                "end_date": pa.array(dates[episodes.end], pa.date32(), mask=~is_over),
                "depth": episodes.depth,
                "sessions_to_trough": episodes.trough - episodes.start,
                "sessions_to_recovery": pa.array(episodes.end - episodes.trough, mask=~is_over),
                "rank": ranks,
                "avg_leverage": [mean(leverage[first + 1 : last + 1]) for first, last in spans],
            }
        )

    return stack((rows(*group) for group in _by_variant(of_whole(lines))), EPISODES)


def drawdown_attribution(market: Market, layers: Layers, episodes: pa.Table) -> pa.Table:
    """Return one row per variant, episode, symbol and state that the asset was in, or lost or gained in.

    Parameters
    ----------
    market, layers
        What was run, and what came of it.
    episodes
        As `drawdown_episodes` returns them.
    """

    def rows(variant: Variant, line: HeldLine, found: Episodes) -> pa.Table:
        states = states_of(variant)
        parts = attribute(
            found, line.equity, line.gross, line.cost, line.gross_state, line.cost_state, len(states)
        )
        contribution = parts.gross + parts.cost
        episode, asset, state = np.nonzero((parts.sessions > 0) | (parts.gross != 0.0) | (parts.cost != 0.0))
        at = (episode, asset, state)
        return pa.table(
            {
                "variant_id": pa.repeat(variant.variant_id, len(episode)),
                "episode_id": episode + 1,
                "symbol": pa.array(market.panel.symbols, pa.string()).take(pa.array(asset)),
                "state": pa.array(states, pa.string()).take(pa.array(state)),
                "contribution": contribution[at],
                "gross_contribution": parts.gross[at],
                "cost_contribution": parts.cost[at],
                "share": contribution[at] / found.depth[episode],
                "sessions": parts.sessions[at],
            }
        )

    held = _held_lines(market, layers, episodes)
    return stack((rows(*line) for line in held), ATTRIBUTION)


def failure_modes(market: Market, layers: Layers, episodes: pa.Table, rules: list[Rule]) -> pa.Table:
    """Return one row per variant, episode and failure mode whose evidence reaches its threshold.

    Parameters
    ----------
    market, layers, episodes
        As for `drawdown_attribution`.
    rules
        The failure modes. An episode as deep as the smallest depth of them that no mode fits has one row,
        `unclassified`.
    """

    def rows(variant: Variant, line: HeldLine, found: Episodes) -> Iterator[dict]:
        weighed = failure_shares(line, found, states_of(variant), rules)
        for place, number in enumerate(weighed.numbers.tolist()):
            key = {"variant_id": variant.variant_id, "episode_id": number + 1}
            none = [{"failure_mode": UNCLASSIFIED}]
            yield from (key | row for row in _occurring(weighed, place) or none)

    held = _held_lines(market, layers, episodes)
    return pa.Table.from_pylist(
        [row for line in held for row in rows(*line)], schema=pa.schema(FAILURES.items())
    )


def _occurring(weighed: FailureShares, place: int) -> list[dict]:
    return [
        {
            "failure_mode": weighed.modes[mode],
            "role": weighed.roles[mode],
            "evidence": weighed.by_episode[place, mode],
            "threshold": weighed.thresholds[mode],
            "lost": weighed.by_episode[place, mode] * -weighed.depths[place],
        }
        for mode in np.flatnonzero(weighed.occurs[place])
    ]


def read_rules(rules: pa.Table) -> list[Rule]:
    """Return the failure modes of the seed."""
    return [
        Rule(*(row[name] for name in Rule._fields))._replace(state=row["state"] or None)
        for row in rules.to_pylist()
    ]


def _held_lines(
    market: Market, layers: Layers, episodes: pa.Table
) -> Iterator[tuple[Variant, HeldLine, Episodes]]:
    """Pivot the layers of each variant to its own sessions."""
    found = dict(_by_variant(episodes))
    symbols = market.panel.symbols
    for variant in layers.variants:
        variant_id = variant.variant_id
        lines = layers.lines_of(variant_id, "symbol", "session_date", *HELD, *DAYS)
        days = sort_rows(lines.filter(lines["symbol"].is_null()), "session_date")
        if not len(days):
            continue
        dates, held = _dates(days), lines.filter(lines["symbol"].is_valid())
        stream_id = ids_of(layers.streams, variant_id)[None]
        states = layers.allocator_rows_of(stream_id, "symbol", "session_date", "state")
        index = index_rows(held, dates, symbols)
        holding, gross, cost = (spread(held[name], index, 0.0) for name in HELD)
        rows = np.searchsorted(market.panel.sessions, dates)
        index = index_rows(states, market.panel.sessions, symbols)
        codes = _codes(states["state"], states_of(variant))
        state = spread(codes, index, CASH)[rows]
        age = _age(dates, variant)
        equity, leverage, unlevered = (days[name].to_numpy() for name in DAYS)
        line = HeldLine(
            equity,
            lagged(leverage, age[:, 0], variant.leverage_lag),
            unlevered,
            holding,
            gross,
            cost,
            *states_that_act(state, age, variant),
            market.ret[rows],
            market.panel.is_live[rows],
        )
        yield variant, line, _episodes(found.get(variant_id, episodes.slice(0, 0)), dates)


def _episodes(rows: pa.Table, dates: np.ndarray) -> Episodes:
    """Return the episodes of a portfolio by the places of its own sessions, as `find_episodes` does."""

    def place(column: str) -> np.ndarray:
        found = rows[column].to_numpy().astype("datetime64[D]")
        return np.where(np.isnat(found) | (found < dates[0]), -1, np.searchsorted(dates, found))

    return Episodes(place("start_date"), place("trough_date"), place("end_date"), rows["depth"].to_numpy())


def _codes(state: pa.ChunkedArray, states: tuple[str, ...]) -> pa.ChunkedArray:
    return pa.chunked_array([pc.index_in(state, value_set=pa.array(states)).combine_chunks()])


def _age(dates: np.ndarray, variant: Variant) -> np.ndarray:
    """Count the portfolio's sessions since their start, (T, 1): of the year, where all starts afresh."""
    age = np.arange(1, len(dates) + 1)
    if variant.warm_up == "year":
        year = dates.astype("datetime64[Y]")
        age -= np.searchsorted(year, year)
    return age[:, None]


def _by_variant(table: pa.Table) -> Iterator[tuple[str, pa.Table]]:
    keys = [
        name for name in ("variant_id", "symbol", "session_date", "episode_id") if name in table.column_names
    ]
    for (variant_id,), rows in split_by(sort_rows(table, *keys), "variant_id"):
        yield variant_id, rows


def _dates(days: pa.Table) -> np.ndarray:
    return days["session_date"].to_numpy().astype("datetime64[D]")


def _session_before(market: Market, first: np.datetime64) -> np.datetime64:
    sessions = market.panel.sessions
    return sessions[max(np.searchsorted(sessions, first) - 1, 0)]
