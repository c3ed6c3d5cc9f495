"""What has landed, and how fresh it is: from the manifests alone, so that it works during a build."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from rich.table import Table

from ingest.calendar import closed_sessions
from ingest.clock import utc_now
from ingest.manifests import Manifest, batches_in_use, by_symbol, landed_batches, read_whole_manifests
from ingest.summary import new_table, output_console


class SymbolStatus(NamedTuple):
    """What is known of one symbol from its active source, that of its newest batch.

    `is_in_use` is false of the sample where anything else has landed; `sessions_behind` counts the sessions
    that have closed after `last`.
    """

    symbol: str
    source: str
    is_in_use: bool
    batches: int
    first: date
    last: date
    newest: datetime
    sessions_behind: int


def symbol_statuses(manifests: list[Manifest], now: datetime) -> list[SymbolStatus]:
    """Return the status of every landed symbol, by name.

    Parameters
    ----------
    manifests
        Of all landed batches, oldest first.
    now
        The current time.
    """
    in_use = by_symbol(batches_in_use(manifests))
    closed = closed_sessions(now)
    statuses = []
    for symbol, anywhere in sorted(by_symbol(manifests).items()):
        landed = in_use.get(symbol, anywhere)
        newest, _ = landed[-1]
        entries = [entry for manifest, entry in landed if manifest["source"] == newest["source"]]
        last = date.fromisoformat(max(entry["last_session"] for entry in entries))
        statuses.append(
            SymbolStatus(
                symbol=symbol,
                source=newest["source"],
                is_in_use=symbol in in_use,
                batches=len(entries),
                first=date.fromisoformat(min(entry["first_session"] for entry in entries)),
                last=last,
                newest=datetime.fromisoformat(newest["ingested_at"]),
                sessions_behind=int((closed > np.datetime64(last)).sum()),
            )
        )
    return statuses


def status(landing: Path, now: Callable[[], datetime] = utc_now) -> int:
    """Print a table of symbols and one of batches; return the exit status."""
    manifests, damages = read_whole_manifests(landing, landed_batches(landing))
    for message in damages:
        click.echo(f"Error: {message}", err=True)
    if manifests:
        console = output_console()
        console.print(_symbol_table(symbol_statuses(manifests, now())))
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
            each.source if each.is_in_use else f"{each.source}, set aside",
            f"{each.batches:,}",
            str(each.first),
            str(each.last),
            _shown(each.newest),
            f"{each.sessions_behind:,}" if each.is_in_use else "",
        )
    return table


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
