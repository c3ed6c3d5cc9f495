"""One run of ingest from Yahoo: what has landed, what to ask for beyond it, and how fast."""

from collections.abc import Callable
from datetime import date
from functools import partial

import click

from ingest import clock
from ingest.calendar import newest_closed_session
from ingest.gather import gather_in_batches
from ingest.incremental import fetch_new
from ingest.manifests import ManifestError, batches_in_use, by_symbol, read_manifests
from ingest.run import run
from ingest.sources.pace import Pace
from ingest.sources.yahoo import PRICE_BASIS, fetch, open_session
from plumbline.warehouse.paths import landing_path


def run_yahoo(
    symbols: list[str],
    *,
    full: bool,
    rate: float,
    start: date | None,
    end: date | None,
    request: Callable[[list], dict],
) -> int:
    """Fetch, land and load what Yahoo has of `symbols`; return the exit status.

    Parameters
    ----------
    symbols
        What to fetch, each once.
    full
        Ask for the whole range, and let what comes replace what has landed from Yahoo.
    rate
        Requests a second at most.
    start, end
        First and last session wanted, both included.
    request
        Returns what the manifest says was asked for to get the symbols of one batch.
    """
    landing = landing_path()
    try:
        landed = by_symbol(batches_in_use(read_manifests(landing)))
    except ManifestError as error:
        raise click.ClickException(f"nothing was asked for: {error}") from error
    pace = Pace(rate, now=clock.monotonic, wait=clock.wait)
    read = partial(
        fetch_new,
        fetch=partial(fetch, session=open_session(pace), now=clock.utc_now),
        source="yahoo",
        landing=landing,
        landed=landed,
        newest=newest_closed_session(clock.utc_now()),
        start=start,
        end=end,
        full=full,
    )
    gathered = gather_in_batches(symbols, read, stop=pace.stop)
    return run(
        symbols,
        gathered,
        source="yahoo",
        price_basis=PRICE_BASIS,
        request=request,
        replaces=full,
        now=clock.utc_now,
    )
