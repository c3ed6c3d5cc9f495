"""Which columns of an input are whose: one symbol's, a long form's, or those of many symbols side by side."""

import ast
import re
from collections.abc import Sequence
from typing import NamedTuple

from ingest.errors import InputError, shown
from ingest.headings import FIELDS, REQUIRED, date_heading, meaning, plain, recognised

_PRICES = {"close", "adj_close"}
_NUMBER = re.compile(r"[+-]?[0-9.,]+([eE][+-]?[0-9]+)?")
_TICKER = re.compile(r"\^?[A-Za-z0-9][A-Za-z0-9.=\-]{0,14}")


class Part(NamedTuple):
    """The columns of one symbol (None: that of the file's name, or of its column `symbol`), by position."""

    symbol: str | None
    columns: dict[str, int]


def heading_rows(rows: Sequence[Sequence[str]]) -> tuple[list[Sequence[str]], int]:
    """Return one row of headings or two (columns, then symbols), and how many lines they take.

    `yf.download` writes columns and symbols (or symbols and columns) in two lines, and in a third the name
    of the index.
    """
    first, second, third = (*rows[:3], *[()] * 3)[:3]
    if _are_columns(first) and _are_symbols(second, len(first)):
        levels = [first, second]
    elif _are_columns(second) and _are_symbols(first, len(second)):
        levels = [second, first]
    else:
        return [first], 1
    is_index_name = bool(third) and not any(cell.strip() for cell in third[1:]) and not third[0][:1].isdigit()
    return levels, 3 if is_index_name else 2


def parquet_headings(names: Sequence[str]) -> list[Sequence[str]]:
    """Return one row of headings or two (columns, then symbols) from names that pandas may have made."""
    pairs = [_pair(name) for name in names]
    if not any(pairs):
        return [names]
    cells = [pair or (name, "") for pair, name in zip(pairs, names, strict=True)]
    # The dates have one name only, or none that is a symbol: ('Date', '').
    is_date = [not all(pair) or meaning(pair[0]) == "session_date" for pair in cells]
    columns_come_first = all(
        meaning(first) in FIELDS for (first, _), dated in zip(cells, is_date, strict=True) if not dated
    )
    columns, symbols = [], []
    for (first, second), dated in zip(cells, is_date, strict=True):
        columns.append(first or second if dated else first if columns_come_first else second)
        symbols.append("" if dated else second if columns_come_first else first)
    return [columns, symbols]


def parts(levels: Sequence[Sequence[str]], where: str, *, prices: bool) -> list[Part]:
    """Return the parts of an input, from its headings.

    Parameters
    ----------
    levels
        One row of headings, or columns and symbols.
    where
        The input's name, for messages.
    prices
        Whether it is to hold prices alone.

    Raises
    ------
    InputError
        A column is missing or comes twice, or prices alone are there where bars are wanted, or the reverse.
    """
    headings = list(levels[0])
    if len(levels) == 2:
        return _side_by_side(headings, levels[1], where, prices)
    date = date_heading(headings)
    means = {meaning(heading) for heading in headings}
    others = [heading for heading in headings if heading != date and not plain(heading).startswith("unnamed")]
    # Only symbols beside the dates: a table of prices.
    is_matrix = date is not None and others and not means & (FIELDS | {"symbol"})
    if is_matrix and prices:
        at = headings.index(date)
        return [
            Part(heading, {"session_date": at, "close": position})
            for position, heading in enumerate(headings)
            if heading in others
        ]
    if is_matrix and all(_TICKER.fullmatch(heading.strip()) for heading in others):
        raise InputError(
            f"{where}: no columns of bars, but {len(others)} of prices alone (found: "
            f"{shown(', '.join(headings))}); take them as adjusted closes with --prices"
        )
    if prices:
        return [Part(None, _price_columns(headings, means, date, where))]
    if means & _PRICES and not means & {"open", "high", "low", "volume"}:
        missing = ", ".join(name for name in REQUIRED[1:] if name not in means)
        raise InputError(f"{where}: no column {missing}; take prices alone as adjusted closes with --prices")
    return [Part(None, {name: headings.index(each) for name, each in recognised(headings, where).items()})]


def _price_columns(headings: list[str], means: set, date: str | None, where: str) -> dict[str, int]:
    """Return the columns of dates, prices and, in long form, symbols."""
    if bars := means & {"open", "high", "low", "volume"}:
        raise InputError(
            f"{where}: holds bars ({', '.join(sorted(bars))}), not prices alone; leave --prices out"
        )
    if date is None or not means & _PRICES:
        raise InputError(
            f"{where}: no column {'date' if date is None else 'close'} (found: "
            f"{shown(', '.join(headings))}); --prices wants dates in the first column and a column a symbol"
        )
    price = "adj_close" if "adj_close" in means else "close"
    found = {"session_date": headings.index(date)}
    for position, heading in enumerate(headings):
        if (name := meaning(heading)) in ("symbol", price):
            found["close" if name == price else name] = position
    return found


def _side_by_side(columns: Sequence[str], symbols: Sequence[str], where: str, prices: bool) -> list[Part]:
    date = next((at for at, symbol in enumerate(symbols) if not symbol.strip()), 0)
    by_symbol: dict[str, dict[str, int]] = {}
    for position, (heading, symbol) in enumerate(zip(columns, symbols, strict=True)):
        name = meaning(heading)
        if position == date or name not in FIELDS:
            continue
        fields = by_symbol.setdefault(symbol.strip(), {})
        if name in fields:
            raise InputError(f"{where}: column {shown(heading)} of {shown(symbol)} comes twice; keep one")
        fields[name] = position
    found = []
    for symbol, fields in by_symbol.items():
        positions = [date, *fields.values()]
        # As if its columns stood alone: the same that is refused there is refused here.
        (alone,) = parts([["Date", *(columns[at] for at in fields.values())]], where, prices=prices)
        found.append(Part(symbol, {name: positions[at] for name, at in alone.columns.items()}))
    return found


def _are_columns(row: Sequence[str]) -> bool:
    return len(row) > 1 and all(meaning(cell) in FIELDS for cell in row[1:])


def _are_symbols(row: Sequence[str], count: int) -> bool:
    cells = [cell.strip() for cell in row[1:]]
    if len(row) != count or row[0][:1].isdigit():  # a bar begins with its date
        return False
    is_nothing = {cell.lower() for cell in cells} <= {"nan", "null", "none", "na"}
    return not is_nothing and all(_TICKER.fullmatch(cell) and not _NUMBER.fullmatch(cell) for cell in cells)


def _pair(name: str) -> tuple[str, str] | None:
    """Return the two names in one that pandas writes for a column of two levels."""
    if not (name.startswith("('") and name.endswith("')")):
        return None
    try:
        pair = ast.literal_eval(name)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    is_pair = isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(each, str) for each in pair)
    return pair if is_pair else None
