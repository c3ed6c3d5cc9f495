"""The lines of the trial ledger: how each is tied to those before it, and what shows where one was changed.

A line is a JSON object whose first member, `hash`, is the sha256 of all that follows it, and whose second,
`previous`, names the last lines before it: one, or several where ledgers of several machines were put
together. So no line can be changed, moved or taken out without the next one telling; that none is missing
at the end, a file beside it tells, which names the last lines.
"""

import hashlib
import heapq
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

FOLDER = "ledger"  # of the landing folder
LINES = "trials.jsonl"
HEADS = "heads"

_START = re.compile(
    rb'\{"hash":"([0-9a-f]{64})","previous":\[([0-9a-f",]*)\],"key":"([0-9a-f]{64})","recorded_at":"([0-9T:.+-]+)",'
)
_HEAD = re.compile(r"(\d{1,9}) ([0-9a-f]{64})")
_BEFORE = len('{"hash":"",') + 64  # what is not hashed


class Line(NamedTuple):
    """A line as it stands: its hash, those of the lines before it, what it is of, its time and its bytes.

    `number` is its place in the file, from 1; 0 where it stands in none.
    """

    hash: str
    previous: tuple[str, ...]
    key: str
    recorded_at: str
    text: bytes
    number: int = 0

    def values(self) -> dict:
        """Return what the line says, by name."""
        return json.loads(self.text)


class Chain(NamedTuple):
    """A ledger as it was read.

    `lines` are those that are what they were written as, in order; `faults` says of each line that is not,
    or that does not follow what it says it follows, which it is and what is wrong. `is_cut_off` where the
    last line has no end: a build was killed while it wrote it, and the next one writes it anew.
    """

    lines: list[Line]
    faults: list[str]
    is_cut_off: bool = False

    @property
    def heads(self) -> dict[str, int]:
        """The lines that none follows: their places in the file by their hashes."""
        followed = {each for line in self.lines for each in line.previous}
        return {line.hash: line.number for line in self.lines if line.hash not in followed}


def canonical(value: Mapping | list) -> str:
    """Return JSON of which there is one for each value: names in order, no blanks; ValueError for NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def hash_of(value: Mapping | list) -> str:
    """Return the sha256 of a value, by way of its canonical JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def make_line(previous: Iterable[str], key: str, recorded_at: str, values: Mapping, number: int = 0) -> Line:
    """Return the line that says `values` after the lines `previous`."""
    before = tuple(sorted(previous))
    start = f'"previous":{canonical(list(before))},"key":"{key}","recorded_at":"{recorded_at}",'
    rest = (start + canonical(values)[1:]).encode()
    found = hashlib.sha256(rest).hexdigest()
    return Line(found, before, key, recorded_at, f'{{"hash":"{found}",'.encode() + rest, number)


def read_line(text: bytes, number: int = 0) -> Line | None:
    """Return the line of these bytes; None where it is not what it was written as."""
    found = _START.match(text)
    if not found:
        return None
    name, previous, key, recorded_at = (group.decode() for group in found.groups())
    if hashlib.sha256(memoryview(text)[_BEFORE:]).hexdigest() != name:
        return None
    before = tuple(previous.replace('"', "").split(",")) if previous else ()
    return Line(name, before, key, recorded_at, text, number)


def read_chain(folder: Path) -> Chain:
    """Return the ledger in a folder, which need not exist, checked line by line.

    Raises
    ------
    OSError
        It cannot be read.
    """
    path = folder / LINES
    *texts, torn = (path.read_bytes() if path.exists() else b"").split(b"\n")
    lines: list[Line] = []
    faults: list[str] = []
    known: dict[str, int] = {}
    for number, text in enumerate(texts, start=1):
        line = read_line(text, number)
        if line is None:
            faults.append(f"line {number} was changed: its hash is not that of what it says")
            continue
        if line.hash in known:
            faults.append(f"line {number} stands there twice: it is line {known[line.hash]}, too")
            continue
        if missing := [each for each in line.previous if each not in known]:
            faults.append(
                f"line {number} follows a line that is not before it ({missing[0][:16]}…): "
                "one was taken out, moved or changed"
            )
        known[line.hash] = number
        lines.append(line)
    if lines and not (folder / HEADS).exists():
        faults.append(f"{HEADS}, which names the last line, is missing")
    if not all(_HEAD.fullmatch(row) for row in _head_rows(folder)):
        faults.append(f"{HEADS}, which names the last line, was changed")
    next_number = len(texts) + 1
    for name, number in named_heads(folder).items():
        if name not in known:
            lost = f"lines {next_number} to {number} are" if number > next_number else f"line {number} is"
            faults.append(f"{lost} missing: {HEADS} names a last one ({name[:16]}…)")
    return Chain(lines, faults, bool(torn))


def named_heads(folder: Path) -> dict[str, int]:
    """Return the last lines, as the file beside the lines names them: their places by their hashes."""
    return {found[2]: int(found[1]) for row in _head_rows(folder) if (found := _HEAD.fullmatch(row))}


def _head_rows(folder: Path) -> list[str]:
    heads = folder / HEADS
    return heads.read_text(errors="replace").splitlines() if heads.exists() else []


def in_order(lines: Iterable[Line]) -> list[Line]:
    """Return lines of several ledgers, each once, every one after those that it follows.

    Among lines that may come next, the one that was recorded first does: whatever the order they are given
    in, the result is the same.
    """
    by_hash = {line.hash: line for line in lines}
    waits = {name: {each for each in line.previous if each in by_hash} for name, line in by_hash.items()}
    followers: dict[str, list[str]] = {}
    for name, before in waits.items():
        for each in before:
            followers.setdefault(each, []).append(name)
    ready = [(by_hash[name].recorded_at, name) for name, before in waits.items() if not before]
    heapq.heapify(ready)
    found = []
    while ready:
        _, name = heapq.heappop(ready)
        found.append(by_hash[name])
        for follower in followers.get(name, []):
            waits[follower].discard(name)
            if not waits[follower]:
                heapq.heappush(ready, (by_hash[follower].recorded_at, follower))
    return found
