"""One run of ingest, whatever the source: land each batch as it is gathered, load it, say what happened."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import NamedTuple

import click
import duckdb

from ingest import clock
from ingest.bars import Refusal
from ingest.clock import utc_now
from ingest.errors import InputError, StoppedEarly, printable
from ingest.gather import Gathered
from ingest.landing import Landed, land, record_removal
from ingest.load import DamagedLandingError, load_landed, rebuild_raw
from ingest.manifests import ManifestError, by_symbol, landed_batches, read_manifests
from ingest.removals import RemovalError, way_back
from ingest.summary import Outcome, counted, outcomes, print_summary
from ingest.symbols import validate_symbol
from plumbline.warehouse.connect import connect
from plumbline.warehouse.faults import WarehouseBusyError, WarehouseError, explained, require_usable_name
from plumbline.warehouse.lock import warehouse_lock
from plumbline.warehouse.paths import landing_path, warehouse_path

ALL_CAME = 0
NOT_ALL_CAME = 1
LANDED_NOT_LOADED = 75  # EX_TEMPFAIL of sysexits.h
INTERRUPTED = 130  # as shells count Ctrl-C

_NAMED_INPUTS = 5  # of those that were not read

# DuckDB keeps what it has written in memory for as long as there is any; nobody reads it here.
_MEMORY_OF_LOADING = "256MB"


class _Report(NamedTuple):
    """What a run has done so far: what came, what was refused, which batches and inputs are dealt with.

    `delisted` are the symbols of which a new delisting was noted.
    """

    came: list[Outcome]
    refusals: list[Refusal]
    delisted: list[str]
    batch_ids: list[str]
    done: set


class _NotLandedError(Exception):
    """A batch could not land; the message says why and what to do."""


def run(
    inputs: Sequence,
    gathered: Iterator[Gathered],
    *,
    source: str,
    price_basis: str,
    request: Callable[[list], dict],
    replaces: bool = False,
    now: Callable[[], datetime] = utc_now,
) -> int:
    """Land and load what is new of `gathered`, print the summary; return the exit status.

    Parameters
    ----------
    inputs
        All that was asked for: symbols, or files.
    gathered
        Their bars, by batches. Each lands before the next is asked for, and stays whatever comes after.
    source, price_basis
        What each batch's manifest says.
    request
        Returns what the manifest says was asked for to get the inputs of one batch.
    replaces
        Whether each batch supersedes all that came of its symbols before from the source.
    now
        The clock.

    Raises
    ------
    WarehouseError
        The warehouse is named badly; nothing was asked for.
    """
    require_usable_name(warehouse_path())
    report = _Report([], [], [], [], set())
    land_bars = partial(
        land, landing_path(), source=source, price_basis=price_basis, replaces=replaces, now=now
    )
    note = partial(record_removal, landing_path(), delisted_by=source, now=now)
    stopped = None
    try:
        with closing(gathered):
            for batch in gathered:
                _land(batch, report, land_bars, note, request)
                del batch  # before the next one is gathered
    except StoppedEarly as error:
        stopped, status = str(error), NOT_ALL_CAME
    except KeyboardInterrupt:
        stopped, status = "interrupted; what has landed stays, run the same command again", INTERRUPTED
    except _NotLandedError as error:
        if report.came:
            print_summary(report.came, report.refusals, report.batch_ids)
        more = " more" if report.batch_ids else ""
        raise click.ClickException(f"nothing{more} has landed: {error}") from error
    print_summary(report.came, report.refusals, report.batch_ids)
    if stopped:
        left = [str(each) for each in inputs if each not in report.done]
        named = ", ".join(left[:_NAMED_INPUTS]) + (", …" if len(left) > _NAMED_INPUTS else "")
        click.echo(
            f"Error: {len(left):,} of {len(inputs):,} not read ({printable(named)}): {stopped}", err=True
        )
        if status == INTERRUPTED:
            return status
    loaded = _load(f"ingest {source}") if report.came or report.delisted else ALL_CAME
    return NOT_ALL_CAME if report.refusals or stopped else loaded


def _land(
    batch: Gathered,
    report: _Report,
    land_bars: Callable[..., Landed],
    note: Callable[[list[str]], list[str]],
    request: Callable[[list], dict],
) -> None:
    for refusal in batch.refusals:
        click.echo(f"Error: {printable(refusal.reason)}", err=True)
    report.refusals.extend(batch.refusals)
    delisted = [validate_symbol(refusal.name) for refusal in batch.refusals if refusal.is_delisted]
    try:
        if batch.bars:
            landed = land_bars(batch.bars, request=request(batch.inputs))
            report.came.extend(outcomes(batch.bars, landed))
            report.batch_ids.extend([landed.batch_id] if landed.batch_id else [])
        if delisted:
            report.delisted.extend(note(delisted))
    except (WarehouseBusyError, ManifestError, RemovalError) as error:
        raise _NotLandedError(error) from error
    except OSError as error:
        raise _NotLandedError(
            f"cannot write to {landing_path()} ({error.strerror}); make room there or give yourself the "
            "right to write, or name another folder in LANDING_PATH"
        ) from error
    report.done.update(batch.inputs)


def remove(texts: Sequence[str], *, undo: bool) -> int:
    """Take symbols out, or bring them back, load that and say what became of it; return the exit status.

    Parameters
    ----------
    texts
        The symbols; where one has not landed, none is taken out.
    undo
        Bring them back.
    """
    landing = landing_path()
    require_usable_name(warehouse_path())
    try:
        symbols = list(dict.fromkeys(validate_symbol(text) for text in texts))
        known = set(by_symbol(read_manifests(landing)))
        for symbol in symbols:
            if symbol not in known:
                raise InputError(_not_landed(symbol, known, landing))
        changed = record_removal(landing, symbols, is_removed=not undo, now=clock.utc_now)
    except (InputError, ManifestError, RemovalError, WarehouseBusyError) as error:
        raise click.ClickException(f"nothing was changed: {error}") from error
    for symbol in symbols:
        if symbol not in changed:
            click.echo(f"{symbol}: it was not removed." if undo else f"{symbol}: it is out already.")
        elif undo:
            click.echo(f"{symbol}: the next build has it again.")
        else:
            click.echo(f"{symbol}: the next build leaves it out; `{way_back([symbol])}` brings it back.")
    return _load("ingest remove", safe="the entries are in the landing folder")


def _not_landed(symbol: str, known: set[str], landing: Path) -> str:
    near = get_close_matches(symbol, sorted(known))
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    return f"{symbol} has not landed in {landing}; {meant}`python -m ingest status` shows all that has"


def rebuild() -> int:
    """Make schema ``raw`` again from landing alone and say what became of it; return the exit status."""
    landing, warehouse = landing_path(), warehouse_path()
    require_usable_name(warehouse)
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
    except WarehouseError as error:
        raise click.ClickException(f"raw is as it was: {error}") from error
    except (duckdb.Error, OSError) as error:
        raise click.ClickException(f"raw is as it was: {explained(error, warehouse)}") from error
    for batch_id in gone:
        click.echo(f"Batch {batch_id} is no longer in raw: it has no landing files.", err=True)
    made = [counted(len(batch_ids), "batch", "batches"), counted(rows, "row")]
    made += [f"{counted(len(gone), 'batch', 'batches')} gone"] if gone else []
    click.echo(f"Rebuilt raw from {landing}: {', '.join(made)}. The next build computes all else from it.")
    return ALL_CAME


def _load(purpose: str, safe: str = "the bars have landed safely") -> int:
    warehouse = warehouse_path()
    try:
        with warehouse_lock(warehouse, purpose), connect(warehouse) as con:
            con.execute(f"set memory_limit = '{_MEMORY_OF_LOADING}'")
            load_landed(con, landing_path())
    except WarehouseBusyError as error:
        click.echo(f"{safe[0].upper()}{safe[1:]} and the next build loads them: {error}.", err=True)
        return LANDED_NOT_LOADED
    except DamagedLandingError as error:
        raise click.ClickException(f"loaded all that is whole, but {error}") from error
    except WarehouseError as error:
        raise click.ClickException(f"{safe}, but {error}") from error
    except (duckdb.Error, OSError) as error:
        raise click.ClickException(f"{safe}, but {explained(error, warehouse)}") from error
    return ALL_CAME
