"""One run of ingest, whatever the source: read each input, land what is new, load it, say what happened."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import click
import duckdb
from rich.console import Console
from rich.progress import Progress

from ingest.bars import Bars, Refusal
from ingest.errors import InputError
from ingest.landing import Landed, land
from ingest.load import DamagedLandingError, load_landed
from ingest.manifests import ManifestError
from ingest.summary import print_summary
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
    """
    bars, refusals = _read_all(inputs, read)
    for refusal in refusals:
        click.echo(f"Error: {refusal.reason}", err=True)
    if not bars:
        print_summary(bars, refusals, Landed(None, [], []))
        return NOT_ALL_CAME
    try:
        landed = land(landing_path(), bars, source=source, price_basis=price_basis, request=request)
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
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        for each in progress.track(inputs, description="Reading"):
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
            f"the bars have landed safely, but {warehouse} cannot take them: {str(error).splitlines()[0]}"
        ) from error
    return ALL_CAME
