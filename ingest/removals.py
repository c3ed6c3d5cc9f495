"""Symbols that were taken out: entries in the landing folder, beside the batches that they do not touch.

An entry is one small file, named by the sha256 of its bytes and never changed. It takes one symbol out, or
brings it back, from its time on: of several the newest decides. Another kind takes nothing out: a source
reports a symbol delisted, which is void once bars of it land.
"""

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NotRequired, TypedDict

from ingest.errors import InputError
from ingest.manifests import Manifest, batches_in_use, by_symbol
from ingest.symbols import validate_symbol

_NAME = re.compile(r"removal-([0-9a-f]{16})\.json")


class Removal(TypedDict):
    """One entry; `recorded_at` is UTC in ISO format with microseconds.

    `is_removed` says what the symbol is from then on: out, or back again. It is false, and says nothing,
    where `delisted_by` names the source that reports the symbol delisted.
    """

    symbol: str
    is_removed: bool
    recorded_at: str
    delisted_by: NotRequired[str]


class RemovalError(Exception):
    """An entry is not what a landing writes; the message names it and the way out."""


def removal_bytes(removal: Removal) -> bytes:
    """Return what the file of an entry holds."""
    return json.dumps(removal, indent=2).encode()


def removal_id(data: bytes) -> str:
    """Return the id of the entry with these bytes."""
    return hashlib.sha256(data).hexdigest()[:16]


def removal_path(landing: Path, identity: str) -> Path:
    """Return where the entry of this id lies."""
    return landing / f"removal-{identity}.json"


def is_removal(path: Path) -> bool:
    """Return whether `path` is named as an entry is."""
    return bool(_NAME.fullmatch(path.name)) and path.is_file()


def recorded_removals(landing: Path) -> set[str]:
    """Return the ids of all entries."""
    if not landing.is_dir():
        return set()
    return {_NAME.fullmatch(path.name)[1] for path in landing.iterdir() if is_removal(path)}


def read_removal(path: Path) -> Removal:
    """Return one entry.

    Raises
    ------
    RemovalError
        Its bytes are not those it is named by, or it cannot be read.
    """
    way_out = (
        "restore it from a copy, or delete it and say again with `python -m ingest remove` what is to be out"
    )
    try:
        data = path.read_bytes()
        removal = json.loads(data)
        at = datetime.fromisoformat(removal["recorded_at"])
        is_whole = (
            path == removal_path(path.parent, removal_id(data))
            and type(removal["is_removed"]) is bool
            and type(removal.get("delisted_by", "")) is str
            and validate_symbol(removal["symbol"]) == removal["symbol"]
            and at.astimezone(UTC).isoformat(timespec="microseconds") == removal["recorded_at"]
        )
    except OSError as error:
        raise RemovalError(f"{path} cannot be read ({error.strerror}); {way_out}") from error
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError, InputError) as error:
        raise RemovalError(f"{path} is damaged; {way_out}") from error
    if not is_whole:
        raise RemovalError(f"{path} is damaged; {way_out}")
    return removal


def read_whole_removals(landing: Path, identities: set[str]) -> tuple[dict[str, Removal], list[str]]:
    """Return these entries by id, oldest first, and a message for each that is damaged."""
    removals: dict[str, Removal] = {}
    damages: list[str] = []
    for identity in sorted(identities):
        try:
            removals[identity] = read_removal(removal_path(landing, identity))
        except RemovalError as error:
            damages.append(str(error))
    return dict(sorted(removals.items(), key=lambda item: item[1]["recorded_at"])), damages


def read_removals(landing: Path) -> list[Removal]:
    """Return all entries, oldest first.

    Raises
    ------
    RemovalError
        One of them is damaged.
    """
    removals = [read_removal(removal_path(landing, each)) for each in recorded_removals(landing)]
    return sorted(removals, key=lambda removal: removal["recorded_at"])


def removed_symbols(removals: list[Removal]) -> set[str]:
    """Return the symbols that are out after these entries, oldest first."""
    newest = {each["symbol"]: each["is_removed"] for each in removals if "delisted_by" not in each}
    return {symbol for symbol, is_removed in newest.items() if is_removed}


def delisted_symbols(removals: list[Removal], manifests: list[Manifest]) -> set[str]:
    """Return the symbols that were reported delisted after the newest batch of them, both oldest first."""
    landed = by_symbol(batches_in_use(manifests))
    reports = {each["symbol"]: each["recorded_at"] for each in removals if "delisted_by" in each}
    return {
        symbol
        for symbol, recorded_at in reports.items()
        if symbol in landed and landed[symbol][-1].manifest["ingested_at"] < recorded_at
    }


def way_back(symbols: list[str]) -> str:
    """Return the command that brings symbols back."""
    return f"python -m ingest remove {' '.join(symbols)} --undo"
