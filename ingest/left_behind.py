"""Symbols that end before the others do, because they have ended or because nobody updated them."""

import csv
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from plumbline.warehouse.paths import PROJECT_ROOT

if TYPE_CHECKING:
    from ingest.status import SymbolStatus

ENDED_SYMBOLS = PROJECT_ROOT / "seeds" / "ended_symbols.csv"

# As many sessions as the last price is carried for: a week.
_MOST_SESSIONS = 5


def ended_symbols(seed: Path | None = None) -> set[str]:
    """Return the symbols that are known to have ended: those of `seed`, which need not exist."""
    seed = seed or ENDED_SYMBOLS
    if not seed.is_file():
        return set()
    with seed.open(encoding="utf-8-sig", newline="") as file:
        return {(row.get("symbol") or "").strip().upper() for row in csv.DictReader(file)}


def left_behind(statuses: Sequence["SymbolStatus"], ended: Collection[str]) -> Iterator[str]:
    """Yield a line for each source with symbols in use that end before the newest one: which, and what to do.

    Parameters
    ----------
    statuses
        Of all symbols.
    ended
        Symbols that are known to have ended; nothing is said of them.
    """
    used = [each for each in statuses if each.is_in_use]
    least_behind = min((each.sessions_behind for each in used), default=0)
    behind = [
        each
        for each in used
        if each.sessions_behind - least_behind > _MOST_SESSIONS and each.symbol not in ended
    ]
    for source in sorted({each.source for each in behind}):
        late = [each for each in behind if each.source == source]
        named = ", ".join(f"{each.symbol} ({each.last})" for each in late)
        row = row_of_ended(late[0].symbol, late[0].last, "delisted")
        yield (
            f"End before the others: {named}. Update with `{_update(source, late)}`, or where one has ended "
            f"add its row to seeds/ended_symbols.csv, as in {row}"
        )


def row_of_ended(symbol: str, last: date, reason: str) -> str:
    """Return the row of seeds/ended_symbols.csv for a symbol that has ended."""
    return f"{symbol},{last},{reason}"


def _update(source: str, late: Sequence["SymbolStatus"]) -> str:
    if source == "yahoo":
        return f"python -m ingest yahoo --symbols {' '.join(each.symbol for each in late)}"
    return f"python -m ingest {source}" + (" PATH…" if source == "files" else "")
