"""The folder of the trial ledger: appending to it, putting several together, the returns beside the lines.

`trials.jsonl` holds the lines and `heads` names the last of them; both are text of which git can unite two
versions line by line. The daily returns of the trials of a build are one parquet file, named by its content.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from plumbline.engine.types import Floats
from plumbline.ledger.chain import HEADS, LINES, Chain, Line, in_order, make_line, named_heads, read_chain
from plumbline.warehouse.aside import replace, sync, write
from plumbline.warehouse.lock import locked

_LOCK_SECONDS = 30.0


class LedgerError(RuntimeError):
    """A ledger cannot be used; the message names file and line."""


class Trial(NamedTuple):
    """What was tried: the hash of what makes it a trial of its own, what its line says, its daily returns.

    `returns` is of shape (sessions,), NaN where the portfolio has none.
    """

    key: str
    values: Mapping
    returns: Floats


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


def append(
    folder: Path,
    sessions: np.ndarray,
    trials: Sequence[Trial],
    *,
    now: Callable[[], datetime] | None = None,
    timeout: float = _LOCK_SECONDS,
) -> Chain:
    """Add a line for each trial that the ledger does not hold yet; return the ledger as it is then.

    A kill at any time leaves every line that was there, and perhaps some of the new ones; the next call adds
    the rest.

    Parameters
    ----------
    folder
        Of the ledger; made where missing.
    sessions
        Those of the returns, as datetime64[D].
    trials
        In the order in which they are to stand.
    now
        The clock. [default: `utc_now`]
    timeout
        Seconds to wait for another process that writes to it.

    Raises
    ------
    WarehouseBusyError
        Another process keeps writing.
    OSError
        The folder cannot be written to.
    """
    with _locked(folder, "plumbline build", timeout):
        chain = read_chain(folder)
        known = {line.key for line in chain.lines}
        new = list({each.key: each for each in trials if each.key not in known}.values())
        if not (folder / HEADS).exists() and not chain.lines:
            _write_aside(folder / HEADS, b"")
        if new:
            at = (now or utc_now)().astimezone(UTC).isoformat(timespec="microseconds")
            file = _write_returns(folder, sessions, new)
            before, last = list(chain.heads), max((line.number for line in chain.lines), default=0)
            lines = []
            for number, trial in enumerate(new, start=last + 1):
                lines.append(make_line(before, trial.key, at, {**trial.values, "returns": file}, number))
                before = [lines[-1].hash]
            _append_text(folder / LINES, lines, chain.is_cut_off)
            chain = Chain([*chain.lines, *lines], chain.faults)
        _write_heads(folder, chain)
    return chain


def merge(folder: Path, others: Iterable[Path], *, timeout: float = _LOCK_SECONDS) -> int:
    """Put the lines and returns of other ledgers into one; return how many lines were new to it.

    Every line stays as it was written, with its hash; which ledger is merged into which does not matter.

    Raises
    ------
    LedgerError
        A line of one of them was changed, or there is no ledger where one is named.
    WarehouseBusyError, OSError
        As of `append`.
    """
    with _locked(folder, "plumbline ledger merge", timeout):
        own = read_chain(folder)
        found = {folder: own}
        for other in others:
            if not (other / LINES).exists():
                raise LedgerError(f"there is no ledger {other / LINES}")
            found[other] = read_chain(other)
        for path, chain in found.items():
            for fault in chain.faults:
                if "was changed" in fault:
                    raise LedgerError(f"{path / LINES}: {fault}; restore it from a copy first")
        for other in list(found)[1:]:
            for path in sorted(other.glob("returns-*.parquet")):
                if not (folder / path.name).exists():
                    _write_aside(folder / path.name, path.read_bytes())
        lines = in_order(line for chain in found.values() for line in chain.lines)
        merged = [line._replace(number=number) for number, line in enumerate(lines, start=1)]
        _write_aside(folder / LINES, b"".join(line.text + b"\n" for line in merged))
        _write_heads(folder, Chain(merged, []))
    return len(merged) - len(own.lines)


def verify(folder: Path) -> tuple[Chain, list[str]]:
    """Return the ledger in a folder, and what is wrong with its lines and the returns beside them."""
    chain = read_chain(folder)
    faults = list(chain.faults)
    first: dict[str, int] = {}
    for line in chain.lines:
        first.setdefault(line.values()["returns"], line.number)
    for name, number in first.items():
        path = folder / name
        if not path.exists():
            faults.append(f"line {number}: its returns, {name}, are missing")
        elif _returns_name(path.read_bytes()) != name:
            faults.append(f"line {number}: its returns, {name}, were changed")
    return chain, faults


def read_returns(folder: Path, lines: Iterable[Mapping], sessions: np.ndarray) -> dict[str, Floats]:
    """Return the daily returns of lines on some sessions, (sessions,) each, by the lines' keys.

    NaN where the portfolio had none, or the bars of that day no such session. A line whose file is missing
    or changed is left out.

    Parameters
    ----------
    folder
        Of the ledger.
    lines
        With `key` and `returns`.
    sessions
        As datetime64[D], ascending.
    """
    wanted: dict[str, list[str]] = {}
    for line in lines:
        wanted.setdefault(line["returns"], []).append(line["key"])
    found = {}
    for name, keys in wanted.items():
        path = folder / name
        data = path.read_bytes() if path.exists() else b""
        if _returns_name(data) != name:
            continue
        table = pq.read_table(pa.BufferReader(data), columns=["session_date", *keys])
        dates = table["session_date"].to_numpy().astype("datetime64[D]")
        _, here, there = np.intersect1d(sessions, dates, assume_unique=True, return_indices=True)
        for key in keys:
            returns = np.full(len(sessions), np.nan)
            returns[here] = table[key].to_numpy()[there]
            found[key] = returns
    return found


def _locked(folder: Path, purpose: str, timeout: float) -> AbstractContextManager[None]:
    return locked(folder / ".lock", f"the trial ledger {folder}", purpose, timeout=timeout)


def _write_returns(folder: Path, sessions: np.ndarray, trials: Sequence[Trial]) -> str:
    columns = {"session_date": pa.array(sessions.astype("datetime64[D]"))}
    columns |= {each.key: pa.array(each.returns, from_pandas=True) for each in trials}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink, compression="zstd")
    data = sink.getvalue().to_pybytes()
    name = _returns_name(data)
    if not (folder / name).exists():  # which a killed build may have left
        _write_aside(folder / name, data)
    return name


def _returns_name(data: bytes) -> str:
    return f"returns-{hashlib.sha256(data).hexdigest()[:16]}.parquet"


def _append_text(path: Path, lines: Iterable[Line], is_cut_off: bool) -> None:
    """Append lines, down to the disk, after the last whole one."""
    is_new = not path.exists()
    with path.open("ab+") as file:
        if is_cut_off:
            file.seek(0)
            file.truncate(file.read().rfind(b"\n") + 1)
        file.write(b"".join(line.text + b"\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync(path.parent)


def _write_heads(folder: Path, chain: Chain) -> None:
    """Name the last lines; one that was named and is gone stays named, so that its loss goes on showing."""
    known = {line.hash for line in chain.lines}
    lost = {name: number for name, number in named_heads(folder).items() if name not in known}
    data = "".join(f"{number} {name}\n" for name, number in {**chain.heads, **lost}.items()).encode()
    if not (folder / HEADS).exists() or (folder / HEADS).read_bytes() != data:
        _write_aside(folder / HEADS, data)


def _write_aside(path: Path, data: bytes) -> None:
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)
    write(aside, data)
    replace(aside, path)
