"""The command line of ingest: ``python -m ingest yahoo|files|sample|remove|status|verify|rebuild``."""

import sys
from datetime import UTC, date
from functools import partial
from pathlib import Path

import click

from ingest import clock
from ingest.errors import Commands
from ingest.help import ENVIRONMENT, EXIT_STATUS
from ingest.options import dates
from ingest.sources.pace import REQUESTS_A_SECOND

# Sources, and what runs them, are imported by the command that needs them: yfinance alone takes a second,
# which --help should not.


def _epilog(*examples: str, exit_status: str = EXIT_STATUS) -> str:
    lines = "\n".join(f"  python -m ingest {example}" for example in examples)
    return f"\b\nExamples:\n{lines}{ENVIRONMENT}{exit_status}"


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
        "yahoo --symbols META --full --start 2012-05-18",
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
@click.option(
    "--full",
    is_flag=True,
    help="Ask for everything again; what comes replaces all that has landed from Yahoo.",
)
@click.option(
    "--rate",
    type=click.FloatRange(0.01, 20),
    default=REQUESTS_A_SECOND,
    show_default=True,
    metavar="NUMBER",
    help="Requests a second at most.",
)
@dates
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

    With --full, what comes replaces the symbol's older rows from Yahoo, also those that it leaves out, and
    --start and --end are taken as they are. A ticker that another company had before is cut that way: with
    --full --start at its first session. Later runs then ask for nothing before that.

    Many symbols land in batches of fifty, so that the same command, once interrupted, goes on where it
    stopped. Yahoo's time-outs, errors and rate limits are waited out, and each wait is shown; where Yahoo
    stays mute, the run ends and says what to do.
    """
    # An option takes one value; those after it arrive as arguments.
    texts = [text for each in (*flagged, *others) for text in each.split(",") if text.strip()]
    symbols = list({text.strip().upper(): text.strip() for text in texts}.values())
    if not symbols:
        raise click.UsageError("name what to fetch, as in --symbols SPY AAPL MSFT")
    from ingest.from_yahoo import run_yahoo

    sys.exit(
        run_yahoo(
            symbols,
            full=full,
            rate=rate,
            start=start,
            end=end,
            request=lambda asked: (
                _request(symbols=asked, start=start, end=end) | ({"full": True} if full else {})
            ),
        )
    )


@main.command(
    epilog=_epilog("files ~/bars", "files SPY.csv AAPL.parquet --start 2010-01-01", "files SPY.csv --replace")
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH...")
@click.option(
    "--price-basis",
    type=click.Choice(["split_adjusted", "raw"]),
    default="split_adjusted",
    show_default=True,
    help="Whether open, high, low and close are adjusted for splits, as Yahoo's are, or as traded.",
)
@click.option(
    "--replace",
    is_flag=True,
    help="What comes replaces all that has landed of its symbols from files before.",
)
@click.option(
    "--prices", is_flag=True, help="Files of prices alone: taken as adjusted closes, volume unknown."
)
@dates
def files(
    paths: tuple[Path, ...],
    price_basis: str,
    replace: bool,
    prices: bool,
    start: date | None,
    end: date | None,
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

    A file of a few sessions adds them, or corrects them. With --replace a file is the whole history of its
    symbols: older rows that it leaves out no longer count.
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
            replaces=replace,
            request=lambda asked: (
                _request(files=[path.name for path in asked], start=start, end=end)
                | ({"prices": True} if prices else {})
            ),
        )
    )


@main.command(epilog=_epilog("sample", "sample --start 2005-01-01"))
@click.option("--if-empty", is_flag=True, help="Do nothing where bars have landed already.")
@dates
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
        "remove TWTR",
        "remove TWTR --undo",
        exit_status="""\
  0   it is so, now or before, and is loaded
  1   nothing was changed; the message says why
  2   the command was not understood
  75  it is so, but another process holds the warehouse; the next build, or
      the next ingest, loads it
""",
    )
)
@click.argument("symbols", nargs=-1, required=True, metavar="SYMBOL...")
@click.option("--undo", is_flag=True, help="Bring the symbols back.")
def remove(symbols: tuple[str, ...], undo: bool) -> None:
    """Take symbols out, or bring them back.

    Nothing that has landed is deleted: the landing folder gets an entry, and from its time on builds leave
    the symbol out, also when bars of it land later, until --undo. A build with an earlier `as_of` still has
    it.
    """
    from ingest.run import remove

    sys.exit(remove(symbols, undo=undo))


@main.command(
    epilog=_epilog(
        "status",
        exit_status="""\
  0   all that has landed could be read
  1   a manifest or an entry is damaged; it is named, the rest is shown
""",
    )
)
def status() -> None:
    """Show what has landed: symbols and batches.

    Of each symbol the source in use (that of its newest batch; the sample is set aside where anything else
    has landed), its batches that are in force, their first and last session, and how many sessions have
    closed since the last one. Then which symbols end more than five sessions before the newest one, which
    were removed, and which the last build set aside. It works while a build holds the warehouse.
    """
    from ingest.status import status
    from plumbline.warehouse.paths import landing_path, warehouse_path

    sys.exit(status(landing_path(), warehouse_path(), clock.utc_now))


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
