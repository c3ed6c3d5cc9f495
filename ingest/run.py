"""One run of ingest, whatever the source: read each input, land what is new, load it, say what happened."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

import click
import duckdb

from ingest.bars import Bars, Refusal
from ingest.clock import utc_now
from ingest.errors import InputError
from ingest.landing import Landed, land
from ingest.load import DamagedLandingError, load_landed, rebuild_raw
from ingest.manifests import ManifestError, landed_batches
from ingest.summary import counted, print_summary, tracked
from plumbline.warehouse.connect import WarehouseBusyError, connect
from plumbline.warehouse.lock import warehouse_lock
from plumbline.warehouse.paths import landing_path, warehouse_path

ALL_CAME = 0
NOT_ALL_CAME = 1
LANDED_NOT_LOADED = 75  # EX_TEMPFAIL of sysexits.h

Input = TypeVar("Input")


def run(
    inputs: Sequence[Input],
    read: Callable[[Input], Iterable[Bars | Refusal]],
    *,
    source: str,
    price_basis: str,
    request: dict,
    now: Callable[[], datetime] = utc_now,
) -> int:
    """Read `inputs`, land and load what is new, print the summary; return the exit status.

    Parameters
    ----------
    inputs
        What was asked for: symbols, or files.
    read
        Turns one input into bars; an `InputError` refuses that input and no other.
    source, price_basis, request
        What the batch's manifest says.
    now
        The clock.
    """
    bars, refusals = _read_all(inputs, read)
    for refusal in refusals:
        click.echo(f"Error: {refusal.reason}", err=True)
    if not bars:
        print_summary(bars, refusals, Landed(None, [], []))
        return NOT_ALL_CAME
    try:
        landed = land(landing_path(), bars, source=source, price_basis=price_basis, request=request, now=now)
    except (WarehouseBusyError, ManifestError) as error:
        raise click.ClickException(f"nothing has landed: {error}") from error
    except OSError as error:
        raise click.ClickException(
            f"nothing has landed: cannot write to {landing_path()} ({error.strerror}); make room there, or "
            "name another folder in LANDING_PATH"
        ) from error
    print_summary(bars, refusals, landed)
    status = _load(f"ingest {source}")
    return NOT_ALL_CAME if refusals else status


def _read_all(
    inputs: Sequence[Input], read: Callable[[Input], Iterable[Bars | Refusal]]
) -> tuple[list[Bars], list[Refusal]]:
    came: dict[str, tuple[Input, Bars]] = {}
    refusals: list[Refusal] = []
    twice: set[str] = set()
    for each in tracked(inputs, "Reading"):
        try:
            outcomes = read(each)
        except InputError as error:
            refusals.append(Refusal(str(each), str(error)))
            continue
        for outcome in outcomes:
            if isinstance(outcome, Refusal):
                refusals.append(outcome)
            elif outcome.symbol in came:
                twice.add(outcome.symbol)
                first, _ = came[outcome.symbol]
                reason = f"{outcome.symbol} comes from {first} and from {each}; name one of them"
                refusals.append(Refusal(outcome.symbol, reason))
            else:
                came[outcome.symbol] = (each, outcome)
    # Which of two files is right is not for us to say: neither lands.
    return [bars for symbol, (_, bars) in came.items() if symbol not in twice], refusals


def rebuild() -> int:
    """Make schema ``raw`` again from landing alone and say what became of it; return the exit status."""
    landing, warehouse = landing_path(), warehouse_path()
    if not landed_batches(landing):
        raise click.ClickException(
            f"nothing has landed in {landing}, and raw is as it was; name another folder in LANDING_PATH, or "
            "ingest something first"
        )
    try:
        with warehouse_lock(warehouse, "ingest rebuild"), connect(warehouse) as con:
            batch_ids, gone = rebuild_raw(con, landing)
            ((rows,),) = con.execute("select count(*) from raw.bars").fetchall()
    except WarehouseBusyError as error:
        click.echo(f"Error: raw is as it was: {error}", err=True)
        return LANDED_NOT_LOADED
    except DamagedLandingError as error:
        raise click.ClickException(f"raw is as it was: {error}") from error
    except (duckdb.Error, OSError) as error:
        raise click.ClickException(
            f"raw is as it was: {warehouse} cannot take it ({_first_line(error)}); make room there, or move "
            "the file away and run this again: what has landed is enough to make it anew"
        ) from error
    for batch_id in gone:
        click.echo(f"Batch {batch_id} is no longer in raw: it has no landing files.", err=True)
    made = [counted(len(batch_ids), "batch", "batches"), counted(rows, "row")]
    made += [f"{counted(len(gone), 'batch', 'batches')} gone"] if gone else []
    click.echo(f"Rebuilt raw from {landing}: {', '.join(made)}. The next build computes all else from it.")
    return ALL_CAME


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _load(purpose: str) -> int:
    warehouse = warehouse_path()
    try:
        with warehouse_lock(warehouse, purpose), connect(warehouse) as con:
            load_landed(con, landing_path())
    except WarehouseBusyError as error:
        click.echo(f"The bars have landed safely and the next build loads them: {error}.", err=True)
        return LANDED_NOT_LOADED
    except DamagedLandingError as error:
        raise click.ClickException(f"loaded all that is whole, but {error}") from error
    except (duckdb.Error, OSError) as error:
        raise click.ClickException(
            f"the bars have landed safely, but {warehouse} cannot take them ({_first_line(error)}); make "
            "room there, or move the file away and run `python -m ingest rebuild`, which makes raw anew"
        ) from error
    return ALL_CAME
