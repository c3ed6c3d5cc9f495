"""The table at the end of a run."""

import sys

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ingest.bars import Bars, Refusal, first_and_last_session
from ingest.landing import Landed

# Wide enough for a reason on few lines where the output goes to a file or a pipe.
_WIDTH_WITHOUT_TERMINAL = 160


def print_summary(bars: list[Bars], refusals: list[Refusal], landed: Landed) -> None:
    """Print a row per symbol, or refused input: what came, over which sessions, and what became of it."""
    table = Table(box=box.SIMPLE)
    table.add_column("symbol", overflow="fold")
    table.add_column("rows", justify="right")
    table.add_column("first", no_wrap=True)
    table.add_column("last", no_wrap=True)
    table.add_column("status", no_wrap=True)
    table.add_column("notes", overflow="fold")
    new = set(landed.new)
    for symbol, rows, notes in bars:
        first, last = first_and_last_session(rows)
        status = "landed" if symbol in new else "unchanged"
        table.add_row(symbol, f"{rows.num_rows:,}", str(first), str(last), status, "; ".join(notes))
    for name, reason in refusals:
        # Text, not markup: names and reasons quote what the input holds.
        table.add_row(Text(name), "", "", "", "FAILED", Text(reason))
    width = None if sys.stdout.isatty() else _WIDTH_WITHOUT_TERMINAL
    console = Console(width=width)
    console.print(table)
    batch = f"Landed batch {landed.batch_id}" if landed.batch_id else "Nothing new has landed"
    failed = f", {len(refusals)} failed" if refusals else ""
    console.print(
        f"{batch}: {len(landed.new)} new, {len(landed.unchanged)} unchanged{failed}.", highlight=False
    )
