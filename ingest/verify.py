"""Whether every landed file is what its manifest says."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from ingest.bars import content_sha256, first_and_last_session
from ingest.landing import content_of_batch, is_leftover
from ingest.load import WAY_OUT, DamagedLandingError, damaged, read_verified
from ingest.manifests import (
    MANIFEST,
    LandedSymbol,
    Manifest,
    landed_batches,
    read_whole_manifests,
)
from ingest.removals import read_whole_removals, recorded_removals, removal_path
from ingest.summary import counted, tracked
from ingest.symbols import file_name
from plumbline.ledger.chain import FOLDER

KINDS = ("damaged", "missing", "unexpected")


class Fault(NamedTuple):
    """A file that is not as it should be: one of `KINDS`, and the one line that names it and the way out."""

    kind: str
    message: str


class Verified(NamedTuple):
    """What was checked, what is wrong, and how many landings were cut short (which is no fault)."""

    batches: int
    files: int
    unfinished: int
    faults: list[Fault]


def verify_landed(landing: Path) -> Verified:
    """Check every landed file against its manifest: its bytes, and the bars in it.

    Parameters
    ----------
    landing
        The landing folder. It is only read, without a lock; what is landing meanwhile is not looked at.
    """
    # A hidden file, such as the lock, is nobody's bars.
    found = sorted(landing.iterdir()) if landing.is_dir() else []
    unfinished = {path.name for path in found if is_leftover(path)}
    strange = [path for path in found if path.name not in unfinished and not path.name.startswith(".")]
    batches = landed_batches(landing)
    manifests, damages = read_whole_manifests(landing, batches)
    faults = [Fault("damaged", message) for message in damages]
    faults += [fault for manifest in manifests for fault in _faults_of_batch(landing, manifest)]
    files = [(manifest, entry) for manifest in manifests for entry in manifest["symbols"]]
    for manifest, entry in tracked(files, "Verifying"):
        path = landing / manifest["batch_id"] / file_name(entry["symbol"])
        if fault := _fault_of_file(path, entry):
            faults.append(fault)
    removals = recorded_removals(landing)
    faults += [Fault("damaged", message) for message in read_whole_removals(landing, removals)[1]]
    known = {FOLDER, *batches, *(removal_path(landing, each).name for each in removals)}
    faults += [_unexpected(path) for path in strange if path.name not in known]
    return Verified(len(batches), len(files), len(unfinished - batches), faults)


def verify(landing: Path) -> int:
    """Check every landed file, name each fault, print a summary line; return the exit status."""
    batches, files, unfinished, faults = verify_landed(landing)
    removals = len(recorded_removals(landing))
    for fault in faults:
        click.echo(f"Error: {fault.message}", err=True)
    found = [(kind, sum(fault.kind == kind for fault in faults)) for kind in KINDS]
    result = ", ".join(f"{count} {kind}" for kind, count in found if count) or "all are whole"
    checked = f"{counted(files, 'file')} of {counted(batches, 'batch', 'batches')}"
    checked += f" and {counted(removals, 'entry', 'entries')}" if removals else ""
    click.echo(f"Verified {checked} in {landing}: {result}.")
    if unfinished:
        click.echo("A landing was cut short or is still under way; the next one clears away what is left.")
    return 1 if faults else 0


def _faults_of_batch(landing: Path, manifest: Manifest) -> Iterator[Fault]:
    folder = landing / manifest["batch_id"]
    if content_of_batch(manifest["symbols"]) != manifest["sha256"]:
        yield Fault("damaged", damaged(folder / MANIFEST, "its sha256 is not that of the bars it lists"))
    known = {MANIFEST, *(file_name(entry["symbol"]) for entry in manifest["symbols"])}
    yield from (_unexpected(path) for path in sorted(folder.iterdir()) if path.name not in known)


def _fault_of_file(path: Path, entry: LandedSymbol) -> Fault | None:
    if not path.is_file():
        return Fault("missing", f"{path} is missing; {WAY_OUT}")
    try:
        bars = read_verified(path, entry["sha256"])
    except DamagedLandingError as error:
        return Fault("damaged", str(error))
    if content_sha256(bars) != entry["content_sha256"]:
        return Fault("damaged", damaged(path, "its bars are not those of its manifest"))
    first, last = first_and_last_session(bars)
    described = (entry["rows"], entry["first_session"], entry["last_session"])
    if (bars.num_rows, first.isoformat(), last.isoformat()) != described:
        return Fault("damaged", damaged(path, "its manifest gives other rows or sessions"))
    return None


def _unexpected(path: Path) -> Fault:
    return Fault("unexpected", f"{path} belongs to no landed batch; move it out of the landing folder")
