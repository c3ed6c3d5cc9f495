"""The command line of ingest: ``python -m ingest yahoo|files|sample|status|verify|rebuild``."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import click

from ingest import clock
from ingest.errors import Commands
from ingest.sources.pace import REQUESTS_A_SECOND

# Sources, and what runs them, are imported by the command that needs them: yfinance alone takes a second,
# which --help should not.

_DAY = click.DateTime(["%Y-%m-%d"])

# A paragraph that begins with a backspace is printed as it stands.
_ENVIRONMENT = """

\b
Environment:
  WAREHOUSE_PATH  the DuckDB file [default: the project's data/warehouse.duckdb]
  LANDING_PATH    the folder of landed bars [default: raw/ beside that file]

\b
Exit status:
"""
_EXIT_STATUS = """\
  0   everything asked for has landed, now or before, and is loaded
  1   not everything came; the summary says what and why, the rest is in
  2   the command was not understood
  75  everything has landed, but another process holds the warehouse; the
      next build, or the next ingest, loads it
  130 interrupted; what has landed stays, the next build loads it
"""


def _epilog(*examples: str, exit_status: str = _EXIT_STATUS) -> str:
    lines = "\n".join(f"  python -m ingest {example}" for example in examples)
    return f"\b\nExamples:\n{lines}{_ENVIRONMENT}{exit_status}"


def _dates(command: Callable) -> Callable:
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


def _request(**asked: object) -> dict:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in asked.items()}


def _today() -> date:
    return clock.utc_now().astimezone(UTC).date()


@click.group(
    cls=Commands,
    epilog=_epilog(
        "sample",
        "yahoo --symbols SPY AAPL MSFT --start 2010-01-01",
        "files ~/bars/SPY.csv ~/bars/universe.parquet",
        "status",
    ),
)
def main() -> None:
    """Bring daily bars into the warehouse.

    Bars land first, as immutable parquet files with a manifest, and are then loaded into schema raw. The same
    bars again change nothing. `dbt build` computes everything else from there.
    """


@main.command(
    epilog=_epilog(
        "yahoo --symbols SPY",
        "yahoo --symbols SPY AAPL MSFT --start 2010-01-01 --end 2025-12-31",
        "yahoo --symbols SPY --full",
        "yahoo --symbols $(cat symbols.txt) --rate 0.5",
    )
)
@click.option(
    "--symbols",
    "flagged",
    multiple=True,
    metavar="SYMBOL...",
    help="What to fetch, in Yahoo's spelling, separated by blanks or commas.",
)
@click.argument("others", nargs=-1, metavar="")
@click.option("--full", is_flag=True, help="Ask for everything again, also what has landed.")
@click.option(
    "--rate",
    type=click.FloatRange(0.01, 20),
    default=REQUESTS_A_SECOND,
    show_default=True,
    metavar="NUMBER",
    help="Requests a second at most.",
)
@_dates
def yahoo(
    flagged: tuple[str, ...],
    others: tuple[str, ...],
    full: bool,
    rate: float,
    start: date | None,
    end: date | None,
) -> None:
    """Fetch daily bars from Yahoo Finance.

    Prices are Yahoo's: adjusted for splits but not for dividends, with the adjusted close, volume, dividends
    and splits beside them. The bar of a session that has not closed yet is left out. One symbol's failure
    does not stop the others.

    Of a symbol that has landed from Yahoo before, only what is new is asked for, and ten sessions before it
    to compare with. Where they disagree, as after a dividend or a split, the symbol is read again whole, as
    it is where --start is earlier than ever. A symbol whose newest closed session has landed is not asked
    for at all, except with --full.

    Many symbols land in batches of fifty, so that the same command, once interrupted, goes on where it
    stopped. Yahoo's time-outs, errors and rate limits are waited out, and each wait is shown; where Yahoo
    stays mute, the run ends and says what to do.
    """
    # An option takes one value; those after it arrive as arguments.
    texts = [text for each in (*flagged, *others) for text in each.split(",") if text.strip()]
    symbols = list({text.strip().upper(): text.strip() for text in texts}.values())
    if not symbols:
        raise click.UsageError("name what to fetch, as in --symbols SPY AAPL MSFT")
    from ingest.calendar import newest_closed_session
    from ingest.gather import gather_in_batches
    from ingest.incremental import fetch_new
    from ingest.manifests import ManifestError, batches_in_use, by_symbol, read_manifests
    from ingest.run import run
    from ingest.sources.pace import Pace
    from ingest.sources.yahoo import PRICE_BASIS, fetch, open_session
    from plumbline.warehouse.paths import landing_path

    try:
        landed = by_symbol(batches_in_use(read_manifests(landing_path())))
    except ManifestError as error:
        raise click.ClickException(f"nothing was asked for: {error}") from error
    pace = Pace(rate, now=clock.monotonic, wait=clock.wait)
    read = partial(
        fetch_new,
        fetch=partial(fetch, session=open_session(pace), now=clock.utc_now),
        source="yahoo",
        landing=landing_path(),
        landed=landed,
        newest=newest_closed_session(clock.utc_now()),
        start=start,
        end=end,
        full=full,
    )
    sys.exit(
        run(
            symbols,
            gather_in_batches(symbols, read, stop=pace.stop),
            source="yahoo",
            price_basis=PRICE_BASIS,
            request=lambda asked: (
                _request(symbols=asked, start=start, end=end) | ({"full": True} if full else {})
            ),
            now=clock.utc_now,
        )
    )


@main.command(epilog=_epilog("files ~/bars", "files SPY.csv AAPL.parquet --start 2010-01-01"))
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option(
    "--price-basis",
    type=click.Choice(["split_adjusted", "raw"]),
    default="split_adjusted",
    show_default=True,
    help="Whether open, high, low and close are adjusted for splits, as Yahoo's are, or as traded.",
)
@click.option(
    "--prices", is_flag=True, help="Files of prices alone: taken as adjusted closes, volume unknown."
)
@_dates
def files(
    paths: tuple[Path, ...], price_basis: str, prices: bool, start: date | None, end: date | None
) -> None:
    """Read daily bars from CSV (.csv, .csv.gz) and parquet files; a folder means all of them in it.

    A file holds one symbol and is named by it (SPY.csv, ^GSPC.csv or %5EGSPC.csv), has a column symbol (or
    ticker), or is what yf.download saves, with symbols in its headings. It needs the columns date, open,
    high, low, close, adj close and volume; dividends, splits and capital gains are welcome. With --prices it
    is a table of prices, dates by symbols.

    Spelling and order of the columns, delimiter, encoding, decimal commas, lines above the heading and below
    the bars do not matter. Dates are best written YYYY-MM-DD; day and month must be told apart by the column
    as a whole. Rows without any price before the first bar, after the last or on days without a session, and
    rows dated after the last finished session, are left out, with a note. Intraday bars, and listings that
    keep another exchange's days, are refused. So is a file of more than 1 GB, once unpacked, or of more than
    256 columns (8,192 with --prices).
    """
    from ingest.calendar import last_finished_day
    from ingest.errors import InputError, printable, some
    from ingest.gather import gather_all
    from ingest.run import run
    from ingest.sources.files import read_file
    from ingest.sources.folders import find_files

    try:
        found, left_out = find_files(paths)
    except InputError as error:
        raise click.ClickException(printable(str(error))) from error
    for folder, names in left_out.items():
        click.echo(printable(f"Left out of {folder}: {some(names)}"))
    today = last_finished_day(clock.utc_now())
    sys.exit(
        run(
            found,
            gather_all(found, partial(read_file, start=start, end=end, today=today, prices=prices)),
            source="files",
            price_basis=price_basis,
            request=lambda asked: (
                _request(files=[path.name for path in asked], start=start, end=end)
                | ({"prices": True} if prices else {})
            ),
        )
    )


@main.command(epilog=_epilog("sample", "sample --start 2005-01-01"))
@click.option("--if-empty", is_flag=True, help="Do nothing where bars have landed already.")
@_dates
def sample(if_empty: bool, start: date | None, end: date | None) -> None:
    """Take the embedded sample: AAPL, MSFT and ^GSPC, 2000-03-01 to 2013-03-01.

    It needs no network, and is set aside as soon as bars of another source have landed.
    """
    if if_empty:
        from ingest.manifests import landed_batches
        from plumbline.warehouse.paths import landing_path

        if landed_batches(landing_path()):
            return
    from ingest.gather import gather_all
    from ingest.run import run
    from ingest.sources.sample import PRICE_BASIS, SYMBOLS, read_sample

    sys.exit(
        run(
            SYMBOLS,
            gather_all(SYMBOLS, partial(read_sample, start=start, end=end, today=_today())),
            source="sample",
            price_basis=PRICE_BASIS,
            request=lambda asked: _request(symbols=asked, start=start, end=end),
        )
    )


@main.command(
    epilog=_epilog(
        "status",
        exit_status="""\
  0   all manifests could be read
  1   a manifest is damaged; it is named, the rest is shown
""",
    )
)
def status() -> None:
    """Show what has landed: symbols and batches.

    Of each symbol the source in use (that of its newest batch; the sample is set aside where anything else
    has landed), its batches, first and last session, and how many sessions have closed since the last one.
    It reads manifests only, so it works while a build holds the warehouse.
    """
    from ingest.status import status
    from plumbline.warehouse.paths import landing_path

    sys.exit(status(landing_path(), clock.utc_now))


@main.command(
    epilog=_epilog(
        "verify",
        exit_status="""\
  0   every landed file is whole
  1   some are damaged, missing or unexpected; each is named
""",
    )
)
def verify() -> None:
    """Check every landed file against its manifest.

    Both the file's bytes and the bars in it are held against the checksums taken when they landed. Nothing
    is changed.
    """
    from ingest.verify import verify
    from plumbline.warehouse.paths import landing_path

    sys.exit(verify(landing_path()))


@main.command(
    epilog=_epilog(
        "rebuild",
        exit_status="""\
  0   raw holds what has landed, and nothing else
  1   a landed file is damaged, or the warehouse cannot be written; raw is as
      it was
  75  another process holds the warehouse; raw is as it was
""",
    )
)
def rebuild() -> None:
    """Make schema raw again from the landing files alone.

    In one transaction: whatever goes wrong, raw is as it was before. A batch in raw whose landing files are
    gone disappears, and is named. `make build` then computes everything else.
    """
    from ingest.run import rebuild

    sys.exit(rebuild())


if __name__ == "__main__":
    main(prog_name="python -m ingest")
