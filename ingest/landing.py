"""The landing folder: immutable batches of bars, each a folder of parquet files and a manifest.

A batch is written aside, synced, renamed to its id, and exists from the moment its manifest does. What has
no manifest does not exist; the next landing clears it away.
"""

import hashlib
import json
import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet

from ingest.bars import Bars, content_sha256, first_and_last_session
from ingest.clock import utc_now
from ingest.manifests import MANIFEST, LandedSymbol, Manifest, is_batch_folder, read_manifests
from ingest.symbols import file_name
from plumbline.warehouse.lock import locked
from plumbline.warehouse.sync import sync

_INCOMING = ".incoming-"
_LOCK_SECONDS = 30.0
_LIBRARIES = ("plumbline", "duckdb", "pandas", "pyarrow", "yfinance")


class Landed(NamedTuple):
    """What one landing did: its batch (None when nothing was new) and the fate of each symbol.

    `set_aside` pairs a symbol with the source whose bars this batch takes out of use.
    """

    batch_id: str | None
    new: list[str]
    unchanged: list[str]
    set_aside: tuple[tuple[str, str], ...] = ()


def land(
    landing: Path,
    bars: Iterable[Bars],
    *,
    source: str,
    price_basis: str,
    request: dict,
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
    now
        The clock. A batch is always later than those before it, whatever the clock says.
    timeout
        Seconds to wait for another landing.

    Raises
    ------
    WarehouseBusyError
        Another process keeps landing.
    ManifestError
        A manifest that is needed to tell new from old is damaged.
    """
    with locked(landing / ".lock", f"the landing folder {landing}", f"ingest {source}", timeout=timeout):
        _clear_leftovers(landing)
        manifests = read_manifests(landing)
        newest = _newest_of_each_symbol(manifests)
        incoming = Path(tempfile.mkdtemp(prefix=_INCOMING, dir=landing))
        # mkdtemp is private to its user; a landed batch is as readable as its landing folder.
        incoming.chmod(landing.stat().st_mode & 0o777)
        try:
            entries, unchanged = _stage(incoming, bars, (source, price_basis), newest)
            if not entries:
                return Landed(None, [], unchanged)
            manifest = _manifest(entries, source, price_basis, request, manifests, now())
            _publish(incoming, landing / manifest["batch_id"], manifest)
        finally:  # gone already when published; what cannot be removed here the next landing clears away
            shutil.rmtree(incoming, ignore_errors=True)
    symbols = [entry["symbol"] for entry in entries]
    return Landed(manifest["batch_id"], symbols, unchanged, _set_aside(symbols, source, newest))


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


def _newest_of_each_symbol(manifests: list[Manifest]) -> dict[str, tuple[Manifest, LandedSymbol]]:
    return {entry["symbol"]: (manifest, entry) for manifest in manifests for entry in manifest["symbols"]}


def _set_aside(
    symbols: list[str], source: str, newest: dict[str, tuple[Manifest, LandedSymbol]]
) -> tuple[tuple[str, str], ...]:
    """Pair the symbols that change their active source with the one they had; the sample always gives way."""
    before = {symbol: newest[symbol][0]["source"] for symbol in symbols if symbol in newest}
    return tuple((symbol, old) for symbol, old in before.items() if old not in (source, "sample"))


def _stage(
    folder: Path,
    bars: Iterable[Bars],
    origin: tuple[str, str],
    newest: dict[str, tuple[Manifest, LandedSymbol]],
) -> tuple[list[LandedSymbol], list[str]]:
    """Write what is new to `folder`; return its entries and the symbols that were not."""
    entries: list[LandedSymbol] = []
    unchanged: list[str] = []
    for symbol, table, _, is_in_force in bars:
        if is_in_force:
            unchanged.append(symbol)
            continue
        content = content_sha256(table)
        if symbol in newest:
            manifest, entry = newest[symbol]
            if (manifest["source"], manifest["price_basis"], entry["content_sha256"]) == (*origin, content):
                unchanged.append(symbol)
                continue
        data = _parquet(table)
        _write_synced(folder / file_name(symbol), data)
        first, last = first_and_last_session(table)
        entries.append(
            LandedSymbol(
                symbol=symbol,
                file=file_name(symbol),
                rows=table.num_rows,
                sha256=hashlib.sha256(data).hexdigest(),
                content_sha256=content,
                first_session=first.isoformat(),
                last_session=last.isoformat(),
            )
        )
    return sorted(entries, key=lambda entry: entry["symbol"]), unchanged


def _manifest(
    entries: list[LandedSymbol],
    source: str,
    price_basis: str,
    request: dict,
    manifests: list[Manifest],
    now: datetime,
) -> Manifest:
    symbols = {entry["symbol"] for entry in entries}
    older = [m for m in manifests if not symbols.isdisjoint(entry["symbol"] for entry in m["symbols"])]
    predecessor = older[-1]["batch_id"] if older else ""
    content = content_of_batch(entries)
    if manifests:
        # Batches are ordered by this time, so it moves on even when the clock goes back.
        now = max(now, datetime.fromisoformat(manifests[-1]["ingested_at"]) + timedelta(microseconds=1))
    return Manifest(
        batch_id=_sha256_of([source, price_basis, content, predecessor])[:16],
        source=source,
        price_basis=price_basis,
        request=request,
        ingested_at=now.astimezone(UTC).isoformat(timespec="microseconds"),
        versions={"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
        sha256=content,
        rows=sum(entry["rows"] for entry in entries),
        first_session=min(entry["first_session"] for entry in entries),
        last_session=max(entry["last_session"] for entry in entries),
        symbols=entries,
    )


def _publish(incoming: Path, batch: Path, manifest: Manifest) -> None:
    sync(incoming)
    incoming.rename(batch)
    sync(batch.parent)
    unnamed = batch / f".{MANIFEST}"
    _write_synced(unnamed, json.dumps(manifest, indent=2).encode())
    unnamed.rename(batch / MANIFEST)
    sync(batch)


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sha256_of(value: list) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
