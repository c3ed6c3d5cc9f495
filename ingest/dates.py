"""Dates as people write them, read one way for a whole column, and the times of day beside them."""

import re
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_TIME = (
    r"(?:[T ,]+(?P<time>\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AP]M)?)"
    r"(?: ?(?:Z|UTC|GMT|E[SD]T|[+-]\d{2}:?\d{2}))?)?$"
)
_ISO = r"^(?P<day>\d{4}-\d{2}-\d{2})" + _TIME
_WEEKDAY = r"^(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +)?"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# Each a way to write a date; `ab` may be day and month or month and day.
_STYLES = tuple(
    re.compile(_WEEKDAY + style + _TIME, re.ASCII | re.IGNORECASE)
    for style in (
        r"(?P<y>\d{4})(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})",
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})",
        r"(?P<d>\d{1,2})[-/ .]+(?P<name>[a-z]{3,9})[-/ .,]+(?P<y>\d{4})",
        r"(?P<name>[a-z]{3,9})[-/ .]+(?P<d>\d{1,2})[-/ .,]+(?P<y>\d{4})",
        r"(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4})",
    )
)

WRITE = "write dates as YYYY-MM-DD"
UNDECIDED = f"may be day and month or month and day, and no other row of the column tells; {WRITE}"
MIXED = f"is day and month or month and day, and the column has both; {WRITE}"


class Dates(NamedTuple):
    """Dates, NULL where bad; the rows of those that are bad, why, and the time of day of each (or None)."""

    values: pa.Array
    bad: np.ndarray
    reason: str
    times: pa.Array | None


def dates_of_text(text: pa.Array) -> Dates:
    """Return the dates that a column of text holds, all written in the way that most of them are."""
    parts = pc.extract_regex(text, _ISO)
    days = pc.struct_field(parts, "day")
    if not days.null_count:
        try:
            return Dates(days.cast(pa.date32()), np.array([], int), "", _some(pc.struct_field(parts, "time")))
        except pa.ArrowInvalid:  # one of them is none, such as 2020-02-30
            pass
    # Few days make many rows: each is taken apart once.
    encoded = pc.fill_null(text, "").dictionary_encode()
    words = encoded.dictionary.to_pylist()
    matches = max(
        ([style.match(word) for word in words] for style in _STYLES), key=lambda found: sum(map(bool, found))
    )
    reason = f"is no date; {WRITE}"
    order = _order([match for match in matches if match and "a" in match.groupdict()])
    if order in (UNDECIDED, MIXED):
        reason, order = order, ""
    found = [_day(match, order) for match in matches]
    times = pa.array([match["time"] or "" if match else "" for match in matches], pa.string())
    values = pa.array(found, pa.date32()).take(encoded.indices)
    return Dates(values, _nulls(values), reason, _some(times.take(encoded.indices)))


def dates_of_timestamps(column: pa.Array) -> Dates:
    """Return the dates of timestamps, of the clock they were written in."""
    local = pc.local_timestamp(column) if column.type.tz else column
    days = pc.floor_temporal(local, unit="day")
    times = pc.subtract(local, days).cast(pa.int64())
    values = days.cast(pa.date32())
    return Dates(values, _nulls(values), f"is no date; {WRITE}", _some(times))


def _order(matches: list[re.Match]) -> str:
    """Return whether day ("d") or month comes first ("m"), or why nobody can tell."""
    if not matches:
        return ""
    day_first = any(int(match["a"]) > 12 for match in matches)
    month_first = any(int(match["b"]) > 12 for match in matches)
    if day_first and month_first:
        return MIXED
    return "d" if day_first else "m" if month_first else UNDECIDED


def _day(match: re.Match | None, order: str) -> date | None:
    if match is None:
        return None
    parts = match.groupdict()
    if "a" in parts:
        if not order:
            return None
        parts["d"], parts["m"] = (parts["a"], parts["b"]) if order == "d" else (parts["b"], parts["a"])
    if "name" in parts:
        name = parts["name"].lower()[:3]
        parts["m"] = _MONTHS.index(name) + 1 if name in _MONTHS else 0
    try:
        return date(int(parts["y"]), int(parts["m"]), int(parts["d"]))
    except ValueError:
        return None


def _nulls(values: pa.Array) -> np.ndarray:
    return np.flatnonzero(values.is_null().to_numpy(zero_copy_only=False))


def _some(times: pa.Array) -> pa.Array | None:
    """Return the times of day as codes, None where there is but one."""
    encoded = times.dictionary_encode(null_encoding="encode")
    return None if len(encoded.dictionary) < 2 else encoded.indices.cast(pa.int32())
