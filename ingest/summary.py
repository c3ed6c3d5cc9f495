"""What a command shows: its progress, and the table at the end."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple, TypeVar

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from ingest.bars import Bars, Refusal, first_and_last_session
from ingest.errors import printable
from ingest.landing import Landed
from ingest.removals import way_back

# Wide enough for a reason on few lines where the output goes to a file or a pipe.
_WIDTH_WITHOUT_TERMINAL = 160

_WRAPPED = ("symbol", "notes")
_COUNTS = ("rows", "symbols", "batches", "sessions behind")

Thing = TypeVar("Thing")


@contextmanager
def progress(description: str, total: int) -> Iterator[Callable[[], None]]:
    """Show a progress bar, where there is a terminal to show it; yield what moves it on, from any thread."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(description, total=total)
        yield lambda: bar.advance(task)


def tracked(things: Sequence[Thing], description: str) -> Iterator[Thing]:
    """Yield `things` beside a progress bar, where there is a terminal to show it."""
    with progress(description, len(things)) as advance:
        for thing in things:
            yield thing
            advance()


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return how many there are of something: ``1 file``, ``1,024 files``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def new_table(*headings: str, title: str | None = None) -> Table:
    """Return an empty table with these columns; counts stand on the right, only words and names may wrap."""
    table = Table(box=box.SIMPLE, title=title, title_justify="left")
    for heading in headings:
        if heading in _WRAPPED:
            table.add_column(heading, overflow="fold")
        else:
            table.add_column(heading, no_wrap=True, justify="right" if heading in _COUNTS else "left")
    return table


def output_console() -> Console:
    """Return the console for tables: as wide as the terminal, or wide enough where there is none."""
    return Console(width=None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL)


class Outcome(NamedTuple):
    """What became of one symbol's bars: a row of the summary, which outlives the bars."""

    symbol: str
    rows: int
    first: date
    last: date
    status: str
    notes: str


def outcomes(bars: list[Bars], landed: Landed) -> list[Outcome]:
    """Return what became of bars in the landing they were given to."""
    new, set_aside = set(landed.new), dict(landed.set_aside)
    rows = []
    for symbol, table, notes, _ in bars:
        if symbol in set_aside:
            notes = (*notes, f"sets aside all its bars from {set_aside[symbol]}")
        if symbol in landed.removed:
            notes = (*notes, f"removed: stays out until `{way_back([symbol])}`")
        first, last = first_and_last_session(table)
        status = "landed" if symbol in new else "unchanged"
        rows.append(Outcome(symbol, table.num_rows, first, last, status, "; ".join(notes)))
    return rows


def print_summary(came: list[Outcome], refusals: list[Refusal], batch_ids: list[str]) -> None:
    """Print a row per symbol, or refused input: what came, over which sessions, and what became of it."""
    table = new_table("symbol", "rows", "first", "last", "status", "notes")
    for each in came:
        table.add_row(each.symbol, f"{each.rows:,}", str(each.first), str(each.last), each.status, each.notes)
    for name, reason, _ in refusals:
        # Text, not markup: names and reasons quote what the input holds.
        table.add_row(Text(printable(name)), "", "", "", "FAILED", Text(printable(reason)))
    console = output_console()
    if table.row_count:
        console.print(table)
    landed = f"Landed {len(batch_ids):,} batches" if batch_ids else "Nothing new has landed"
    if len(batch_ids) == 1:
        landed = f"Landed batch {batch_ids[0]}"
    counts = Counter(each.status for each in came)
    failed = f", {len(refusals):,} failed" if refusals else ""
    console.print(
        f"{landed}: {counts['landed']:,} new, {counts['unchanged']:,} unchanged{failed}.", highlight=False
    )
