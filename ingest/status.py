"""What has landed, and how fresh it is: from the landing folder, so that it works during a build."""

from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from rich.table import Table

from ingest.calendar import closed_sessions
from ingest.clock import utc_now
from ingest.left_behind import ended_symbols, left_behind
from ingest.manifests import (
    Manifest,
    batches_in_use,
    by_symbol,
    in_force,
    landed_batches,
    read_whole_manifests,
)
from ingest.removals import (
    delisted_symbols,
    read_whole_removals,
    recorded_removals,
    removed_symbols,
    way_back,
)
from ingest.set_aside import set_aside
from ingest.summary import new_table, output_console


class SymbolStatus(NamedTuple):
    """What is in force of one symbol, from its active source, that of its newest batch.

    `is_in_use` is false of the sample where anything else has landed, and of what was removed;
    `sessions_behind` counts the sessions that have closed after `last`.
    """

    symbol: str
    source: str
    is_in_use: bool
    batches: int
    first: date
    last: date
    newest: datetime
    sessions_behind: int
    is_removed: bool = False


def symbol_statuses(
    manifests: list[Manifest], now: datetime, removed: Collection[str] = ()
) -> list[SymbolStatus]:
    """Return the status of every landed symbol, by name.

    Parameters
    ----------
    manifests
        Of all landed batches, oldest first.
    now
        The current time.
    removed
        The symbols that were taken out.
    """
    in_use = by_symbol(batches_in_use(manifests))
    closed = closed_sessions(now)
    statuses = []
    for symbol, anywhere in sorted(by_symbol(manifests).items()):
        landed = in_force(in_use.get(symbol, anywhere))
        newest, _ = landed[-1]
        entries = [entry for _, entry in landed]
        last = date.fromisoformat(max(entry["last_session"] for entry in entries))
        statuses.append(
            SymbolStatus(
                symbol=symbol,
                source=newest["source"],
                is_in_use=symbol in in_use and symbol not in removed,
                batches=len(entries),
                first=date.fromisoformat(min(entry["first_session"] for entry in entries)),
                last=last,
                newest=datetime.fromisoformat(newest["ingested_at"]),
                sessions_behind=int((closed > np.datetime64(last)).sum()),
                is_removed=symbol in removed,
            )
        )
    return statuses


def status(landing: Path, warehouse: Path, now: Callable[[], datetime] = utc_now) -> int:
    """Print a table of symbols, what is to be said of them, and one of batches; return the exit status."""
    manifests, damages = read_whole_manifests(landing, landed_batches(landing))
    removals, damaged_removals = read_whole_removals(landing, recorded_removals(landing))
    damages += damaged_removals
    for message in damages:
        click.echo(f"Error: {message}", err=True)
    if manifests:
        console = output_console()
        entries = [*removals.values()]
        statuses = symbol_statuses(manifests, now(), removed_symbols(entries))
        ended = ended_symbols() | delisted_symbols(entries, manifests)
        console.print(_symbol_table(statuses))
        for line in (*left_behind(statuses, ended), *_removed(statuses), *set_aside(warehouse)):
            click.echo(f"{line}\n")
        console.print(_batch_table(manifests))
    elif not damages:
        click.echo(f"Nothing has landed in {landing}; `python -m ingest --help` says how bars get there.")
    return 1 if damages else 0


def _symbol_table(statuses: list[SymbolStatus]) -> Table:
    table = new_table(
        "symbol",
        "source",
        "batches",
        "first",
        "last",
        "newest batch (UTC)",
        "sessions behind",
        title="Symbols",
    )
    for each in statuses:
        table.add_row(
            each.symbol,
            f"{each.source}{_out_of_use(each)}",
            f"{each.batches:,}",
            str(each.first),
            str(each.last),
            _shown(each.newest),
            f"{each.sessions_behind:,}" if each.is_in_use else "",
        )
    return table


def _out_of_use(each: SymbolStatus) -> str:
    if each.is_removed:
        return ", removed"
    return "" if each.is_in_use else ", set aside"


def _removed(statuses: list[SymbolStatus]) -> Iterator[str]:
    if removed := [each.symbol for each in statuses if each.is_removed]:
        yield (
            f"Removed: {', '.join(removed)}. No build uses {'it' if len(removed) == 1 else 'them'}; "
            f"`{way_back(removed)}` brings {'it' if len(removed) == 1 else 'them'} back."
        )


def _batch_table(manifests: list[Manifest]) -> Table:
    table = new_table(
        "batch", "source", "ingested (UTC)", "symbols", "rows", "first", "last", title="Batches"
    )
    for manifest in manifests:
        table.add_row(
            manifest["batch_id"],
            manifest["source"],
            _shown(datetime.fromisoformat(manifest["ingested_at"])),
            f"{len(manifest['symbols']):,}",
            f"{manifest['rows']:,}",
            manifest["first_session"],
            manifest["last_session"],
        )
    return table


def _shown(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")
