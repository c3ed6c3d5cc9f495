"""How far a Python model is, in dbt's own voice and at its own place among dbt's lines."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from dbt_common.events.functions import fire_event
from dbt_common.events.types import Note

EVERY = 2.0  # seconds

Item = TypeVar("Item")


def tracked(
    items: Iterable[Item],
    total: int,
    layer: str,
    unit: str = "variants",
    now: Callable[[], float] = time.monotonic,
) -> Iterator[Item]:
    """Yield items; say first how many there are, then every two seconds how many are done.

    Outside of a run of dbt nothing is said.
    """
    say(f"{layer}: {total:,} {unit}")
    said_at = now()
    for done, item in enumerate(items):
        if (at := now()) - said_at >= EVERY:
            say(f"{layer}: {done:,} of {total:,} {unit} done")
            said_at = at
        yield item


def say(line: str) -> None:
    """Say a line among dbt's own; nothing outside of a run of dbt."""
    fire_event(Note(msg=f"    {line}"))
