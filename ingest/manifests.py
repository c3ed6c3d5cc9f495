"""Manifests: what a landed batch says of itself, and which batches there are."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple, NotRequired, TypedDict, get_origin

from ingest.errors import InputError
from ingest.symbols import validate_symbol

MANIFEST = "manifest.json"

_BATCH_ID = re.compile(r"[0-9a-f]{16}")


class LandedSymbol(TypedDict):
    """One symbol of a batch; `sha256` is of the file's bytes, `content_sha256` of the bars in it."""

    symbol: str
    file: str
    rows: int
    sha256: str
    content_sha256: str
    first_session: str
    last_session: str


class Manifest(TypedDict):
    """A batch; `sha256` is of its content, `ingested_at` UTC in ISO format with microseconds.

    `replaces` says that it supersedes every older row of its symbols within its source.
    """

    batch_id: str
    source: str
    price_basis: str
    request: dict
    ingested_at: str
    versions: dict[str, str]
    sha256: str
    rows: int
    first_session: str
    last_session: str
    symbols: list[LandedSymbol]
    replaces: NotRequired[bool]


class LandedBars(NamedTuple):
    """The bars of one symbol in one batch: the batch's manifest, and the symbol's entry in it."""

    manifest: Manifest
    entry: LandedSymbol


class ManifestError(Exception):
    """A manifest cannot be read; the message names it and the way out."""


def is_batch_folder(path: Path) -> bool:
    """Return whether `path` is a folder named as a batch is, finished or not."""
    return bool(_BATCH_ID.fullmatch(path.name)) and path.is_dir()


def landed_batches(landing: Path) -> set[str]:
    """Return the ids of the batches that exist: those whose manifest does."""
    if not landing.is_dir():
        return set()
    return {path.name for path in landing.iterdir() if is_batch_folder(path) and (path / MANIFEST).is_file()}


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of one batch.

    Raises
    ------
    ManifestError
        It is not what a landing writes, or belongs to another batch.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        _check(manifest, folder.name)
    except OSError as error:
        raise ManifestError(
            f"{path} cannot be read ({error.strerror}); give yourself the right to, or restore it from a copy"
        ) from error
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError, InputError) as error:
        raise ManifestError(_damaged(path)) from error
    return manifest


def _check(manifest: Manifest, batch_id: str) -> None:
    """Raise, whatever it is, where an entry is missing or is not of its kind; others do not matter."""
    _check_kinds(manifest, Manifest)
    if type(manifest.get("replaces", False)) is not bool:
        raise TypeError
    if manifest["batch_id"] != batch_id or not manifest["symbols"]:
        raise ValueError
    # Batches are put in order by this very text.
    at = datetime.fromisoformat(manifest["ingested_at"])
    if at.astimezone(UTC).isoformat(timespec="microseconds") != manifest["ingested_at"]:
        raise ValueError
    asked_from = manifest["request"].get("start")
    days = [] if asked_from is None else [asked_from]
    for entry in (manifest, *manifest["symbols"]):
        days += [entry["first_session"], entry["last_session"]]
    for entry in manifest["symbols"]:
        _check_kinds(entry, LandedSymbol)
        if validate_symbol(entry["symbol"]) != entry["symbol"]:
            raise ValueError
    for day in days:
        if date.fromisoformat(day).isoformat() != day:
            raise ValueError


def _check_kinds(found: dict, wanted: type) -> None:
    for name in wanted.__required_keys__:
        kind = wanted.__annotations__[name]
        if type(found[name]) is not (get_origin(kind) or kind):
            raise TypeError


def read_manifests(landing: Path) -> list[Manifest]:
    """Return the manifests of all landed batches, oldest first."""
    manifests = [read_manifest(landing / batch_id) for batch_id in landed_batches(landing)]
    return sorted(manifests, key=lambda manifest: manifest["ingested_at"])


def read_whole_manifests(landing: Path, batch_ids: set[str]) -> tuple[list[Manifest], list[str]]:
    """Return the manifests of these batches, oldest first, and a message for each that is damaged."""
    manifests: list[Manifest] = []
    damages: list[str] = []
    for batch_id in sorted(batch_ids):
        try:
            manifests.append(read_manifest(landing / batch_id))
        except ManifestError as error:
            damages.append(str(error))
    return sorted(manifests, key=lambda manifest: manifest["ingested_at"]), damages


def batches_in_use(manifests: list[Manifest]) -> list[Manifest]:
    """Return the batches that count: the sample's do only while nothing else has landed."""
    return [manifest for manifest in manifests if manifest["source"] != "sample"] or manifests


def by_symbol(manifests: list[Manifest]) -> dict[str, list[LandedBars]]:
    """Return where each symbol has landed, in the order of `manifests`."""
    landed: dict[str, list[LandedBars]] = {}
    for manifest in manifests:
        for entry in manifest["symbols"]:
            landed.setdefault(entry["symbol"], []).append(LandedBars(manifest, entry))
    return landed


def in_force(landed: list[LandedBars]) -> list[LandedBars]:
    """Return what counts of where one symbol has landed, oldest first.

    Those are the batches of its active source, that of the newest one, from the last of them on that
    replaces what came before.
    """
    source = landed[-1].manifest["source"]
    active = [each for each in landed if each.manifest["source"] == source]
    replacing = [place for place, each in enumerate(active) if each.manifest.get("replaces")]
    return active[max(replacing, default=0) :]


def _damaged(path: Path) -> str:
    return f"{path} is damaged; restore it from a copy, or remove its folder and ingest its symbols again"
