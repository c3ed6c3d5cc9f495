"""Options that several commands of ingest share."""

from collections.abc import Callable
from datetime import date, datetime

import click

_DAY = click.DateTime(["%Y-%m-%d"])


def dates(command: Callable) -> Callable:
    """Add the options --start and --end to a command, each a date or None, in this order."""
    end = click.option(
        "--end",
        type=_DAY,
        callback=_as_date,
        metavar="DATE",
        help="Last session, included. [default: the newest]",
    )
    start = click.option(
        "--start",
        type=_DAY,
        callback=_as_date,
        metavar="DATE",
        help="First session, included. [default: the oldest]",
    )
    return start(end(command))


def _as_date(ctx: click.Context, param: click.Parameter, value: datetime | None) -> date | None:
    day = value.date() if value else None
    other = ctx.params.get("end" if param.name == "start" else "start")
    if day and other:
        start, end = (day, other) if param.name == "start" else (other, day)
        if start > end:
            raise click.BadParameter(f"--start {start} lies after --end {end}")
    return day
