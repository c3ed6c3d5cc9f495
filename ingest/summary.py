"""What a command shows: its progress, and the table at the end."""

import sys
from collections.abc import Iterable, Sequence
from typing import TypeVar

from rich import box
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from ingest.bars import Bars, Refusal, first_and_last_session
from ingest.landing import Landed

# Wide enough for a reason on few lines where the output goes to a file or a pipe.
_WIDTH_WITHOUT_TERMINAL = 160

_WRAPPED = ("symbol", "notes")
_COUNTS = ("rows", "symbols", "batches", "sessions behind")

Thing = TypeVar("Thing")


def tracked(things: Sequence[Thing], description: str) -> Iterable[Thing]:
    """Yield `things` beside a progress bar, where there is a terminal to show it."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        yield from progress.track(things, description=description)


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


def print_summary(bars: list[Bars], refusals: list[Refusal], landed: Landed) -> None:
    """Print a row per symbol, or refused input: what came, over which sessions, and what became of it."""
    table = new_table("symbol", "rows", "first", "last", "status", "notes")
    new = set(landed.new)
    set_aside = dict(landed.set_aside)
    for symbol, rows, notes, _ in bars:
        first, last = first_and_last_session(rows)
        status = "landed" if symbol in new else "unchanged"
        if symbol in set_aside:
            notes = (*notes, f"sets aside all its bars from {set_aside[symbol]}")
        table.add_row(symbol, f"{rows.num_rows:,}", str(first), str(last), status, "; ".join(notes))
    for name, reason in refusals:
        # Text, not markup: names and reasons quote what the input holds.
        table.add_row(Text(name), "", "", "", "FAILED", Text(reason))
    console = output_console()
    console.print(table)
    batch = f"Landed batch {landed.batch_id}" if landed.batch_id else "Nothing new has landed"
    failed = f", {len(refusals)} failed" if refusals else ""
    console.print(
        f"{batch}: {len(landed.new)} new, {len(landed.unchanged)} unchanged{failed}.", highlight=False
    )
