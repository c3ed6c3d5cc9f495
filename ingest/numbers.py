"""Numbers as people write them: decimal commas, thousands set apart, a currency's sign, ``1.2M`` shares."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Decimal = Literal["point", "comma", "unclear"]

_MISSING_WORDS = pa.array(["", "nan", "nat", "null", "none", "na", "n/a", "#n/a", "-", "--"])
_NUMBER = r"^[+-]?(([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|(?i:inf|infinity))$"
_SIGN = r"^([+-]?)\s*[$€£]\s*|\s*[$€£]$"
_SPACES = "' \u2019\u00a0\u202f"
_GROUPED = {
    "point": rf"^[+-]?[0-9]{{1,3}}([,{_SPACES}][0-9]{{3}})+(\.[0-9]*)?$",
    "comma": rf"^[+-]?([0-9]{{1,3}}([.{_SPACES}][0-9]{{3}})+|[0-9]*)(,[0-9]*)?$",
}
_SEPARATORS = {"point": f"[,{_SPACES}]", "comma": f"[.{_SPACES}]"}
# Three digits behind a lone comma or point may be thousands or decimals; any other number of them tells.
_COMMA = r"^[+-]?([0-9]*,([0-9]{1,2}|[0-9]{4,})|0,[0-9]+|[0-9]{4,},[0-9]+|.*\..*[,.].*)$"
_POINT = r"^[+-]?([0-9]*\.([0-9]{1,2}|[0-9]{4,})|0?\.[0-9]+|[0-9]{4,}\.[0-9]+|.*,.*[,.].*)$"
_UNITS = r"^(?P<number>[0-9.,]*[0-9])\s?(?P<unit>[KMBkmb])$"
_SIZES = {"k": 1e3, "m": 1e6, "b": 1e9}


class Doubles(NamedTuple):
    """Numbers, NULL where unknown or bad, and the rows (from 0) of those that are no numbers."""

    values: pa.Array
    bad: np.ndarray


def decimal_of(columns: Sequence[pa.Array]) -> Decimal:
    """Return what stands before the decimals in these columns of text, taken together."""
    if not any(pc.any(pc.match_substring(column, ",")).as_py() for column in columns):
        return "point"
    texts = [_plain(pc.utf8_trim_whitespace(column)) for column in columns]
    comma, point = (
        any(pc.any(pc.match_substring_regex(text, pattern)).as_py() for text in texts)
        for pattern in (_COMMA, _POINT)
    )
    return "unclear" if comma == point else "comma" if comma else "point"


def without_missing_words(text: pa.Array) -> pa.Array:
    """Return `text` with NULL for the usual words for nothing."""
    missing = pc.is_in(pc.utf8_lower(text), value_set=_MISSING_WORDS)
    return pc.if_else(missing, pa.scalar(None, pa.string()), text)


def doubles_of(text: pa.Array, decimal: Decimal, *, units: bool = False) -> Doubles:
    """Return the numbers that a column of text holds.

    Parameters
    ----------
    text
        Trimmed.
    decimal
        From `decimal_of`; where it is unclear, a comma makes a text no number.
    units
        Whether ``1.2M`` is a number.
    """
    text = without_missing_words(text)
    if decimal != "comma" and (values := _cast(text)) is not None:
        return Doubles(values, np.array([], np.int64))
    text = _plain(text)
    sizes = None
    if units:
        parts = pc.extract_regex(text, _UNITS)
        unit = pc.utf8_lower(pc.struct_field(parts, "unit"))
        text = pc.coalesce(pc.struct_field(parts, "number"), text)
        sizes = np.array([_SIZES.get(each, 1.0) for each in unit.to_pylist()])
    if decimal != "unclear":
        grouped = pc.match_substring_regex(text, _GROUPED[decimal])
        freed = pc.replace_substring_regex(text, _SEPARATORS[decimal], "")
        text = pc.if_else(grouped, pc.replace_substring(freed, ",", "."), text)
    bad = pc.fill_null(pc.invert(pc.match_substring_regex(text, _NUMBER)), False)
    values = pc.if_else(bad, pa.scalar(None, pa.string()), text).cast(pa.float64())
    if sizes is not None and (sizes != 1).any():
        numbers = values.to_numpy(zero_copy_only=False)
        # 1.23M is 1,230,000 and no fraction of a share.
        values = pa.array(np.where(sizes != 1, np.rint(numbers * sizes), numbers), from_pandas=True)
    return Doubles(values, np.flatnonzero(bad.to_numpy(zero_copy_only=False)))


def _plain(text: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(text, _SIGN, r"\1")


def _cast(text: pa.Array) -> pa.Array | None:
    try:
        return text.cast(pa.float64())
    except pa.ArrowInvalid:
        return None
