"""Command line of the warehouse: ``python -m plumbline``."""

import os
import signal
import sys
import time
from pathlib import Path

import click
import duckdb

from plumbline.ledger.commands import ledger
from plumbline.warehouse.connect import connect
from plumbline.warehouse.dbt_arguments import ArgumentsError, with_variables
from plumbline.warehouse.export import FORMATS, ExportError, export_tables
from plumbline.warehouse.faults import WarehouseError, explained
from plumbline.warehouse.paths import warehouse_path
from plumbline.warehouse.publish import BuildError
from plumbline.warehouse.publish import build as build_warehouse


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Build and publish the warehouse.

    The warehouse is the DuckDB file WAREHOUSE_PATH (default: data/warehouse.duckdb of the project);
    landing files are read from LANDING_PATH (default: the folder raw beside it).
    """


cli.add_command(ledger)


_EPILOG = """
\b
Examples:
  python -m plumbline build
  python -m plumbline build --vars '{end_session: 2025-12-31}'
  python -m plumbline build --symbols SPY AAPL MSFT
  python -m plumbline build --strict
  python -m plumbline build --publish-partial --select +tag:layer_strategy

\b
Exit status:
  0  built and tested; published unless something was left out
  1  not published; the warehouse is as it was
"""


def _terminate(*_: object) -> None:
    sys.exit(143)


def _as_it_was() -> str:
    return f"The warehouse {warehouse_path()} is as it was."


class _SeveralSymbols(click.Command):
    """A command whose option --symbols takes all that follows it, up to the next option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Join what follows --symbols into the one value that an option takes."""
        joined: list[str] = []
        is_symbol = False
        for argument in args:
            if argument.startswith("-"):
                is_symbol = argument == "--symbols"
                joined.append(argument)
            elif is_symbol and not joined[-1].startswith("-"):
                joined[-1] += f" {argument}"
            else:
                joined.append(argument)
        return super().parse_args(ctx, joined)


@cli.command(cls=_SeveralSymbols, context_settings={"ignore_unknown_options": True}, epilog=_EPILOG)
@click.option(
    "--symbols", metavar="SYMBOL...", help="Build from these alone of the symbols that have landed."
)
@click.option("--strict", is_flag=True, help="Stop where a check would set a symbol aside.")
@click.option(
    "--publish-partial", is_flag=True, help="Publish although the dbt arguments leave something out."
)
@click.argument("dbt_arguments", nargs=-1, type=click.UNPROCESSED)
def build(symbols: str | None, strict: bool, publish_partial: bool, dbt_arguments: tuple[str, ...]) -> None:
    """Build, test and publish the warehouse.

    Runs `dbt build` on a copy and replaces the warehouse in one step when every test has passed;
    otherwise the last good one stays as it was. A symbol whose bars cannot be right is set aside,
    named at the end, and the others go on. DBT_ARGUMENTS are passed on. With --select, --exclude and
    the like the result is only published when asked for.
    """
    signal.signal(signal.SIGTERM, _terminate)  # an exception, so that dbt is stopped, too
    variables = {"symbols": symbols.replace(",", " ").split()} if symbols else {}
    variables |= {"strict": True} if strict else {}
    try:
        arguments = with_variables(list(dbt_arguments), variables)
        published = build_warehouse(arguments, publish_partial=publish_partial)
    except (ArgumentsError, BuildError, WarehouseError) as error:
        raise click.ClickException(f"{error}\n{_as_it_was()}") from error
    except (OSError, duckdb.Error) as error:
        raise click.ClickException(f"{explained(error, warehouse_path())}\n{_as_it_was()}") from error
    if published:
        click.echo(f"Published {warehouse_path()}")
    else:
        click.echo("Built and tested, not published: the arguments leave something out (--publish-partial).")


@cli.command(
    epilog="""
\b
Examples:
  python -m plumbline export
  python -m plumbline export --format csv --tables rpt_performance fct_bars_daily
"""
)
@click.option(
    "--format",
    "kind",
    type=click.Choice(sorted(FORMATS)),
    default="parquet",
    show_default=True,
    help="Of files.",
)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write. [default: export/ beside the warehouse]",
)
@click.option("--tables", is_flag=True, help="Only the tables named after it. [default: all of schema marts]")
@click.argument("names", nargs=-1)
def export(kind: str, folder: Path | None, tables: bool, names: tuple[str, ...]) -> None:
    """Write the marts to files, and the daily bars once more, a file a symbol.

    For Excel, R, Power BI and the like. The warehouse is opened read only, so builds go on meanwhile.
    """
    if bool(names) is not tables:
        raise click.UsageError("name tables after --tables, as in --tables rpt_performance fct_bars_daily")
    warehouse = warehouse_path()
    folder = folder or warehouse.parent / "export"
    if not warehouse.exists():
        raise click.ClickException(f"there is no warehouse {warehouse}; build it first, with: make build")
    try:
        with connect(warehouse, read_only=True) as con:
            for path, rows in export_tables(con, folder, kind, names):
                click.echo(f"{path}: {rows:,} rows")
    except (ExportError, WarehouseError, duckdb.Error, OSError) as error:
        raise click.ClickException(str(error)) from error


@cli.command(
    epilog="""
\b
Examples:
  python -m plumbline sweep --joint 10000
  python -m plumbline sweep --joint 1000000 --base baseline --to sweep.parquet
"""
)
@click.option(
    "--joint", "count", type=click.IntRange(1), required=True, metavar="N", help="How many changes to run."
)
@click.option("--base", "variant_id", default="baseline", show_default=True, help="The variant to change.")
@click.option(
    "--seed", type=click.IntRange(0), default=20100104, show_default=True, help="Where the draws start."
)
@click.option(
    "--threads",
    type=click.IntRange(1),
    default=lambda: os.cpu_count() or 1,
    show_default="every core",
    help="How many work at once.",
)
@click.option(
    "--to",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The parquet file. [default: sweep_BASE.parquet beside the warehouse]",
)
def sweep(count: int, variant_id: str, seed: int, threads: int, path: Path | None) -> None:
    """Change all parameters of a variant at once, N times, and write what became of each.

    The changes are those of the build's own joint sweep: within 20 %, spread evenly by a Sobol sequence.
    One row each: the values, and the measures of the whole line. The warehouse is opened read only.
    """
    # Imported here: what compiles the engine is a second that no other command should wait for.
    from plumbline.engine.perturbations import Draws
    from plumbline.engine.registry import ComponentError
    from plumbline.engine.sweep import why_not
    from plumbline.tables.sweep import SweepError, read_base, sweep_joint

    warehouse = warehouse_path()
    path = path or warehouse.parent / f"sweep_{variant_id}.parquet"
    try:
        with connect(warehouse, read_only=True) as con:
            market, base = read_base(con, variant_id)
        if reason := why_not(market, base):
            click.echo(f"One by one, which is slower: {reason}.", err=True)
        began = said_at = time.monotonic()
        for done in sweep_joint(market, base, Draws(count, seed), threads, path):
            if (now := time.monotonic()) - said_at >= 2.0 and done < count:
                said_at = now
                click.echo(f"{done:,} of {count:,} variants, {done / (now - began):,.0f} a second", err=True)
    except (SweepError, ComponentError, WarehouseError, duckdb.Error, OSError) as error:
        raise click.ClickException(str(error)) from error
    seconds = time.monotonic() - began
    click.echo(f"{path}: {count:,} variants in {seconds:,.1f} s, {count / seconds:,.0f} a second")


@cli.command(
    epilog="""
\b
Examples:
  python -m plumbline prove
  python -m plumbline prove trend baseline

\b
Exit status:
  0  every proof holds
  1  one fails; its line says where
"""
)
@click.argument("names", nargs=-1)
def prove(names: tuple[str, ...]) -> None:
    """Prove that components and variants look neither ahead nor elsewhere.

    NAMES are of components or variants; without any, all are proven. The proofs are those of a build, but
    with bars cut after every session instead of after sixteen. The warehouse is opened read only.
    """
    # Imported here: what compiles the engine is a second that no other command should wait for.
    from plumbline.engine.registry import ComponentError
    from plumbline.tables.proofs import every_cut, failure, read_proven
    from plumbline.tables.sweep import SweepError

    began = said_at = time.monotonic()

    def tick(done: int, total: int) -> None:
        nonlocal said_at
        if (now := time.monotonic()) - said_at >= 2.0 and done < total:
            said_at = now
            click.echo(f"{done:,} of {total:,} runs on changed bars done", err=True)

    failed = 0
    try:
        with connect(warehouse_path(), read_only=True) as con:
            market, variants, strategies, sessions = read_proven(con)
        for row in every_cut(market, variants, strategies, sessions, names, tick):
            said = failure(row, variants)
            failed += said is not None
            state = "fails" if said else "holds" if row["holds"] else "is not asked: it is not executable"
            click.echo(f"{row['kind']} {row['component']} ({row['subject']}): {row['proof']} {state}")
            if said:
                click.echo(f"  {said}")
    except (SweepError, ComponentError, WarehouseError, duckdb.Error, OSError) as error:
        raise click.ClickException(str(error)) from error
    if failed:
        raise click.ClickException(f"{failed} proof{'s fail' if failed > 1 else ' fails'}")
    click.echo(f"Every proof holds ({time.monotonic() - began:,.1f} s).")


@cli.command(
    epilog="""
\b
Examples:
  make site
  python -m plumbline site --to /srv/www/plumbline
"""
)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to write. [default: site/dist]",
)
def site(folder: Path | None) -> None:
    """Write the research site: static pages computed from the warehouse.

    The warehouse is opened read only, so builds go on meanwhile.
    """
    try:
        from plumbline.site.build import DIST, build_site
        from plumbline.site.queries import SiteError
    except ModuleNotFoundError as error:
        raise click.ClickException(f"the site needs {error.name}; install it with: make site") from error
    warehouse = warehouse_path()
    if not warehouse.exists():
        raise click.ClickException(f"there is no warehouse {warehouse}; build it first, with: make build")
    try:
        with connect(warehouse, read_only=True) as con:
            pages = build_site(con, folder or DIST)
    except (SiteError, WarehouseError, duckdb.Error, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Open {pages[0]} in a browser.")


if __name__ == "__main__":
    sys.exit(cli(prog_name="python -m plumbline"))
