"""The command line of the trial ledger: ``python -m plumbline ledger``."""

from pathlib import Path

import click

from plumbline.ledger.chain import FOLDER, LINES, Line, read_chain
from plumbline.ledger.store import LedgerError, merge, verify
from plumbline.warehouse.faults import WarehouseError
from plumbline.warehouse.paths import landing_path


@click.group()
def ledger() -> None:
    """Show and check what has been tried: the trial ledger.

    Every build adds a line for each variant that it has run on these bars and that is not there yet. The
    ledger is the folder ledger of the landing folder: LANDING_PATH (default: raw beside the warehouse).
    """


@ledger.command(
    "verify",
    epilog="""
\b
Exit status:
  0  every line is what it was written as, and none is missing
  1  one is not; each is named
""",
)
def verify_command() -> None:
    """Check every line, what it follows, and the returns beside it."""
    folder = landing_path() / FOLDER
    try:
        chain, faults = verify(folder)
    except OSError as error:
        raise click.ClickException(f"{folder / LINES} cannot be read: {error}") from error
    for fault in faults:
        click.echo(f"Error: {folder / LINES}: {fault}", err=True)
    state = f"{len(faults)} of them or of what they name is not" if faults else "all are whole"
    click.echo(f"Verified {_counted(len(chain.lines))} in {folder / LINES}: {state}.")
    if chain.is_cut_off:
        click.echo("A build was killed while it wrote the line after them; the next one writes it anew.")
    if faults:
        raise SystemExit(1)


@ledger.command()
@click.option("--last", type=click.IntRange(1), default=20, show_default=True, help="How many lines.")
def show(last: int) -> None:
    """Show the last lines, of whatever symbols: time, variant, Sharpe ratio and gain over always_long."""
    folder = landing_path() / FOLDER
    try:
        lines = read_chain(folder).lines
    except OSError as error:
        raise click.ClickException(f"{folder / LINES} cannot be read: {error}") from error
    trials = {line.values()["trial"] for line in lines}
    for line in lines[-last:]:
        click.echo(f"{line.number:>6}  {_shown(line)}")
    click.echo(f"{_counted(len(lines))} of {len(trials):,} trials in {folder / LINES}.")


@ledger.command(
    "merge",
    epilog="""
\b
Examples:
  python -m plumbline ledger merge /mnt/team/ledger
  python -m plumbline ledger merge ../colleague/data/raw/ledger
""",
)
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False))
def merge_command(paths: tuple[Path, ...]) -> None:
    """Add the lines of the ledgers in the folders PATHS to this one.

    Every line stays as it was written. Which is merged into which does not matter; to do it twice adds
    nothing.
    """
    folder = landing_path() / FOLDER
    try:
        added = merge(folder, paths)
    except (LedgerError, WarehouseError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Added {_counted(added)} to {folder / LINES}.")


def _counted(lines: int) -> str:
    return f"{lines:,} line{'' if lines == 1 else 's'}"


def _shown(line: Line) -> str:
    said = line.values()
    numbers = "  ".join(
        f"{name} {'unknown' if said[name] is None else format(said[name], '.2f')}"
        for name in ("sharpe", "gain")
    )
    return f"{line.recorded_at[:19]}  {said['variant_id']}  {numbers}  {', '.join(said['symbols'][:5])}"
