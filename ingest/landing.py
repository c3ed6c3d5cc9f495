"""The landing folder: immutable batches of bars, each a folder of parquet files and a manifest.

A batch is written aside, synced, renamed to its id, and exists from the moment its manifest does. What has
no manifest does not exist; the next landing clears it away.
"""

import hashlib
import json
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet

from ingest.bars import Bars, content_sha256, first_and_last_session
from ingest.clock import utc_now
from ingest.history import are_the_same, landed_history, rows_in_force
from ingest.load import DamagedLandingError
from ingest.manifests import (
    MANIFEST,
    LandedBars,
    LandedSymbol,
    Manifest,
    by_symbol,
    is_batch_folder,
    read_manifests,
)
from ingest.removals import (
    Removal,
    delisted_symbols,
    read_removals,
    removal_bytes,
    removal_id,
    removal_path,
    removed_symbols,
)
from ingest.symbols import file_name
from plumbline.warehouse.aside import replace, write
from plumbline.warehouse.lock import locked

_INCOMING = ".incoming-"
_LOCK_SECONDS = 30.0
_LIBRARIES = ("plumbline", "duckdb", "pandas", "pyarrow", "yfinance")


class Landed(NamedTuple):
    """What one landing did: its batch (None when nothing was new) and the fate of each symbol.

    `set_aside` pairs a symbol with the source whose bars this batch takes out of use; `removed` are those
    that stay out whatever lands of them.
    """

    batch_id: str | None
    new: list[str]
    unchanged: list[str]
    set_aside: tuple[tuple[str, str], ...] = ()
    removed: frozenset[str] = frozenset()


class _Origin(NamedTuple):
    """Where bars come from, and whether they replace what came before from there."""

    source: str
    price_basis: str
    replaces: bool


def land(
    landing: Path,
    bars: Iterable[Bars],
    *,
    source: str,
    price_basis: str,
    request: dict,
    replaces: bool = False,
    now: Callable[[], datetime] = utc_now,
    timeout: float = _LOCK_SECONDS,
) -> Landed:
    """Write the symbols whose bars are new to `landing` as one batch.

    A symbol is new when source, price basis or content differ from those of its newest batch; content equal
    to an older batch only is new again, so that a restatement taken back wins. Bars that are in force
    already are not new.

    Parameters
    ----------
    landing
        The folder of all batches; created where missing.
    bars
        The bars of each symbol, each symbol once. They are written as they come.
    source, price_basis, request
        What the manifest says of all of them.
    replaces
        Supersede every older row of the symbols within the source, also those that `bars` leave out. A
        symbol is then also new where older batches hold sessions that its newest one leaves out.
    now
        The clock. A batch is always later than what came before it, whatever the clock says.
    timeout
        Seconds to wait for another landing.

    Raises
    ------
    WarehouseBusyError
        Another process keeps landing.
    ManifestError, RemovalError
        A manifest that is needed to tell new from old is damaged, or an entry that takes a symbol out.
    """
    origin = _Origin(source, price_basis, replaces)
    with locked(landing / ".lock", f"the landing folder {landing}", f"ingest {source}", timeout=timeout):
        _clear_leftovers(landing)
        manifests = read_manifests(landing)
        removals = read_removals(landing)
        landed = by_symbol(manifests)
        with _incoming(landing) as incoming:
            entries, unchanged = _stage(incoming, bars, origin, landed)
            symbols = [entry["symbol"] for entry in entries]
            removed = frozenset(removed_symbols(removals) & {*symbols, *unchanged})
            if not entries:
                return Landed(None, [], unchanged, removed=removed)
            at = _later_than(manifests, removals, now())
            manifest = _manifest(entries, origin, request, manifests, at)
            _publish(incoming, landing / manifest["batch_id"], manifest)
    return Landed(manifest["batch_id"], symbols, unchanged, _set_aside(symbols, source, landed), removed)


def record_removal(
    landing: Path,
    symbols: Iterable[str],
    *,
    is_removed: bool = False,
    delisted_by: str | None = None,
    now: Callable[[], datetime] = utc_now,
    timeout: float = _LOCK_SECONDS,
) -> list[str]:
    """Take symbols out, bring them back or note their delisting; return those of which that is new.

    Parameters
    ----------
    landing
        The folder of all batches.
    symbols
        Validated symbols.
    is_removed
        What they are from now on.
    delisted_by
        The source that reports them delisted: then that is noted, and nothing is taken out or brought back.
    now
        The clock. An entry is always later than what came before it, whatever the clock says.
    timeout
        Seconds to wait for another landing.

    Raises
    ------
    WarehouseBusyError
        Another process keeps landing.
    ManifestError, RemovalError
        What is needed to tell what is out, or what came last, is damaged.
    """
    purpose = f"ingest {delisted_by or 'remove'}"
    with locked(landing / ".lock", f"the landing folder {landing}", purpose, timeout=timeout):
        _clear_leftovers(landing)
        manifests, removals = read_manifests(landing), read_removals(landing)
        known = delisted_symbols(removals, manifests) if delisted_by else removed_symbols(removals)
        is_to_be = is_removed or delisted_by is not None
        changed = [symbol for symbol in symbols if (symbol in known) is not is_to_be]
        noted = {"delisted_by": delisted_by} if delisted_by else {}
        for symbol in changed:
            at = _later_than(manifests, removals, now())
            removal = Removal(symbol=symbol, is_removed=is_removed, recorded_at=_as_text(at), **noted)
            data = removal_bytes(removal)
            path = removal_path(landing, removal_id(data))
            with _incoming(landing) as incoming:
                write(incoming / path.name, data)
                replace(incoming / path.name, path)
            removals.append(removal)
    return changed


def is_leftover(path: Path) -> bool:
    """Return whether `path` in a landing folder is of a landing cut short, or still under way."""
    unfinished = is_batch_folder(path) and not (path / MANIFEST).exists()
    return unfinished or path.name.startswith(_INCOMING)


def content_of_batch(entries: list[LandedSymbol]) -> str:
    """Return the sha256 of the content of a batch: of the symbols in it and the bars of each."""
    return _sha256_of([[entry["symbol"], entry["content_sha256"]] for entry in entries])


def _clear_leftovers(landing: Path) -> None:
    for path in landing.iterdir():
        if is_leftover(path):
            shutil.rmtree(path)


@contextmanager
def _incoming(landing: Path) -> Iterator[Path]:
    """Make a folder to write in; what is still there at the end goes, here or with the next landing."""
    incoming = Path(tempfile.mkdtemp(prefix=_INCOMING, dir=landing))
    # mkdtemp is private to its user; a landed batch is as readable as its landing folder.
    incoming.chmod(landing.stat().st_mode & 0o777)
    try:
        yield incoming
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def _set_aside(
    symbols: list[str], source: str, landed: dict[str, list[LandedBars]]
) -> tuple[tuple[str, str], ...]:
    """Pair the symbols that change their active source with the one they had; the sample always gives way."""
    before = {each: landed[each][-1].manifest["source"] for each in symbols if each in landed}
    return tuple((symbol, old) for symbol, old in before.items() if old not in (source, "sample"))


def _stage(
    folder: Path,
    bars: Iterable[Bars],
    origin: _Origin,
    landed: dict[str, list[LandedBars]],
) -> tuple[list[LandedSymbol], list[str]]:
    """Write what is new to `folder`; return its entries and the symbols that were not."""
    entries: list[LandedSymbol] = []
    unchanged: list[str] = []
    for each in bars:
        symbol, table = each.symbol, each.table
        if each.is_in_force or _is_unchanged(folder.parent, each, origin, landed.get(symbol, [])):
            unchanged.append(symbol)
            continue
        data = _parquet(table)
        write(folder / file_name(symbol), data)
        first, last = first_and_last_session(table)
        entries.append(
            LandedSymbol(
                symbol=symbol,
                file=file_name(symbol),
                rows=table.num_rows,
                sha256=hashlib.sha256(data).hexdigest(),
                content_sha256=content_sha256(table),
                first_session=first.isoformat(),
                last_session=last.isoformat(),
            )
        )
    return sorted(entries, key=lambda entry: entry["symbol"]), unchanged


def _is_unchanged(landing: Path, bars: Bars, origin: _Origin, landed: list[LandedBars]) -> bool:
    if not landed:
        return False
    manifest, entry = landed[-1]
    before = (manifest["source"], manifest["price_basis"], entry["content_sha256"])
    if before != (origin.source, origin.price_basis, content_sha256(bars.table)):
        return False
    if not origin.replaces:
        return True
    history = landed_history(bars.symbol, origin.source, landing, landed)
    try:
        return are_the_same(bars.table, rows_in_force(history, None, None))
    except DamagedLandingError:  # which is what this batch replaces
        return False


def _later_than(manifests: list[Manifest], removals: list[Removal], now: datetime) -> datetime:
    """Return `now`, or the next instant after all that is there: by this time it is put in order."""
    times = [manifest["ingested_at"] for manifest in manifests]
    times += [removal["recorded_at"] for removal in removals]
    if not times:
        return now
    return max(now, datetime.fromisoformat(max(times)) + timedelta(microseconds=1))


def _as_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _manifest(
    entries: list[LandedSymbol],
    origin: _Origin,
    request: dict,
    manifests: list[Manifest],
    at: datetime,
) -> Manifest:
    symbols = {entry["symbol"] for entry in entries}
    older = [m for m in manifests if not symbols.isdisjoint(entry["symbol"] for entry in m["symbols"])]
    predecessor = older[-1]["batch_id"] if older else ""
    content = content_of_batch(entries)
    # A batch that replaces nothing says nothing of it, and keeps the id that it would always have had.
    replaces = {"replaces": True} if origin.replaces else {}
    return Manifest(
        batch_id=_sha256_of([origin.source, origin.price_basis, content, predecessor, *replaces])[:16],
        source=origin.source,
        price_basis=origin.price_basis,
        request=request,
        ingested_at=_as_text(at),
        versions={"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
        sha256=content,
        rows=sum(entry["rows"] for entry in entries),
        first_session=min(entry["first_session"] for entry in entries),
        last_session=max(entry["last_session"] for entry in entries),
        symbols=entries,
        **replaces,
    )


def _publish(incoming: Path, batch: Path, manifest: Manifest) -> None:
    replace(incoming, batch)
    unnamed = batch / f".{MANIFEST}"
    write(unnamed, json.dumps(manifest, indent=2).encode())
    replace(unnamed, batch / MANIFEST)


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def _sha256_of(value: list) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
