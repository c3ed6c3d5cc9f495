"""What the last build set aside, from the published warehouse where it can be read."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from ingest.summary import counted
from plumbline.warehouse.connect import connect
from plumbline.warehouse.faults import WarehouseError

_SET_ASIDE = """
select symbol, string_agg(distinct check_id, ', ' order by check_id)
from marts.rpt_symbols_set_aside
where is_whole_symbol
group by symbol
order by symbol
"""


def set_aside(warehouse: Path) -> Iterator[str]:
    """Yield the line that says which symbols the last build set aside, and where it says why.

    Nothing is said where there is nothing to read: no warehouse, one that is being written, or one of an
    older build.
    """
    if not warehouse.exists():
        return
    try:
        with connect(warehouse, read_only=True) as con:
            found = con.execute(_SET_ASIDE).fetchall()
    except (duckdb.Error, WarehouseError):
        return
    if found:
        named = ", ".join(f"{symbol} ({checks})" for symbol, checks in found)
        count = counted(len(found), "symbol")
        yield (
            f"Set aside by the last build: {count}, {named}. marts.rpt_symbols_set_aside says why, "
            "and the way out of each."
        )
