"""Variants as people write them, in files and seeds, and as the engine takes them."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from plumbline.engine.registry import Value
from plumbline.engine.variants import Variant, VariantError, declared, followed, make_variant
from plumbline.tables.progress import say

KEYS = ("variant_id", "family", "detail", "base_variant_id", "description")
FAMILIES = ("core", "bridge", "alternative", "user", "perturbation")
DETAILS = ("daily", "summary")
RESOLVED = {**dict.fromkeys((*KEYS, "parameters"), pa.string()), "follows": pa.list_(pa.string())}


class RowError(ValueError):
    """A row that a user wrote cannot be used; the message says where it stands and what is allowed."""

    def __init__(self, place: str, column: str | None, what: str) -> None:
        super().__init__(f"{place}, column {column}: {what}" if column else f"{place}: {what}")


@dataclass
class Row:
    """A variant as it is written: what it says of itself, and the values that are its own.

    `place` is file and line; `places` those of values that stand elsewhere, by parameter.
    """

    variant_id: str
    family: str
    detail: str
    base_variant_id: str | None
    description: str
    given: dict[str, Value]
    place: str
    places: dict[str, str] = field(default_factory=dict)


def read_csv(path: Path, name: str, least: Iterable[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield place and cells of each row of a file with a header; nothing where there is no file.

    Raises
    ------
    RowError
        The file is no CSV of that shape: names the line.
    """
    if not path.exists():
        return
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.reader(file, strict=True)
            header = [cell.strip() for cell in next(lines, [])]
            for column in least:
                if column not in header:
                    raise RowError(
                        f"{name}, line 1", None, f"has no column '{column}'; it has {', '.join(header)}"
                    )
            if repeated := [column for column in header if header.count(column) > 1]:
                raise RowError(f"{name}, line 1", repeated[0], "stands there twice")
            for cells in lines:
                place = f"{name}, line {lines.line_num}"
                if not any(cell.strip() for cell in cells):
                    continue
                if len(cells) != len(header):
                    raise RowError(
                        place,
                        None,
                        f"has {len(cells)} cells where the header has {len(header)}; "
                        "put a text with commas in quotes",
                    )
                yield place, {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
    except csv.Error as error:
        raise RowError(f"{name}, line {lines.line_num}", None, f"is no CSV: {error}") from error
    except UnicodeDecodeError as error:
        raise RowError(name, None, f"is no text in UTF-8: {error.reason} at byte {error.start}") from error


def read_rows(folder: Path, label: str, family: str | None = None) -> list[Row]:
    """Read ``variants.csv`` and ``variant_parameters.csv`` of a folder.

    Parameters
    ----------
    folder, label
        Where they lie, and what messages call it.
    family
        The family of rows that name none; None where each must.

    Raises
    ------
    RowError
        A row is not of the shape that it must have.
    """
    name = f"{label}/variants.csv"
    rows: dict[str, Row] = {}
    for place, cells in read_csv(folder / "variants.csv", name, ("variant_id", "description")):
        row = _row(place, cells, family)
        if row.variant_id in rows:
            raise RowError(
                place, "variant_id", f"'{row.variant_id}' stands in {rows[row.variant_id].place} already"
            )
        rows[row.variant_id] = row
    name = f"{label}/variant_parameters.csv"
    columns = ("variant_id", "parameter", "value")
    for place, cells in read_csv(folder / "variant_parameters.csv", name, columns):
        add_value(rows, place, *(cells[column] for column in columns))
    return list(rows.values())


def add_value(rows: Mapping[str, Row], place: str, variant_id: str, parameter: str, value: Value) -> None:
    """Add a row of the long file to its variant."""
    if variant_id not in rows:
        raise RowError(
            place, "variant_id", f"'{variant_id}' is no variant of that folder; it has {_named(rows)}"
        )
    row = rows[variant_id]
    if parameter not in declared():
        raise RowError(place, "parameter", f"'{parameter}' is no parameter; there are {_named(declared())}")
    if parameter in row.given:
        raise RowError(place, "parameter", f"'{parameter}' of '{variant_id}' has a value already")
    row.given[parameter], row.places[parameter] = value, place


def _row(place: str, cells: Mapping[str, str], family: str | None) -> Row:
    variant_id = cells["variant_id"]
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", variant_id):
        raise RowError(place, "variant_id", f"must be of letters, digits, _, . and -, is '{variant_id}'")
    family = cells.get("family") or family or ""
    detail = cells.get("detail") or "daily"
    for column, value, allowed in (("family", family, FAMILIES), ("detail", detail, DETAILS)):
        if value not in allowed:
            raise RowError(place, column, f"must be one of {', '.join(allowed)}, is '{value}'")
    if not cells.get("description"):
        raise RowError(place, "description", "must say in words what the variant is for")
    for column in cells:
        if column not in KEYS and column not in declared():
            raise RowError(
                place.rsplit(",", 1)[0] + ", line 1",
                column,
                f"is no parameter; there are {_named(declared())}",
            )
    given = {name: value for name, value in cells.items() if name not in KEYS and value != ""}
    return Row(
        variant_id, family, detail, cells.get("base_variant_id") or None, cells["description"], given, place
    )


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def resolve(rows: list[Row]) -> list[tuple[Row, Variant]]:
    """Give every variant all its values: its own, those of its base, and so on, then the defaults.

    Raises
    ------
    RowError
        Two rows have one name, a base is unknown or leads in a circle, or a value is not legal.
    """
    known: dict[str, Row] = {}
    for row in rows:
        if row.variant_id in known:
            raise RowError(
                row.place, "variant_id", f"'{row.variant_id}' stands in {known[row.variant_id].place} already"
            )
        known[row.variant_id] = row
    return [(row, _variant(row, _chain(row, known))) for row in rows]


def _chain(row: Row, known: Mapping[str, Row]) -> list[Row]:
    chain = [row]
    while (base := chain[-1].base_variant_id) is not None:
        if base not in known:
            raise RowError(
                chain[-1].place, "base_variant_id", f"'{base}' is no variant; there are {_named(known)}"
            )
        if known[base] in chain:
            raise RowError(
                row.place,
                "base_variant_id",
                f"leads in a circle: {' → '.join(r.variant_id for r in chain)} → {base}",
            )
        chain.append(known[base])
    return chain


def _variant(row: Row, chain: list[Row]) -> Variant:
    given = {name: value for each in reversed(chain) for name, value in each.given.items()}
    try:
        return make_variant(row.variant_id, given)
    except VariantError as error:
        # Values that do not go together are the fault of the row that brought them together.
        stated = [each for each in chain if error.parameter in each.given and not error.is_of_several]
        owner = stated[0] if stated else row
        place = owner.places.get(error.parameter, owner.place)
        raise RowError(place, error.parameter, error.rule) from error


def values_of(variant: Variant) -> str:
    """Return all values of a variant as JSON."""
    return json.dumps(dict(variant.values))


def rows_of(variants: pa.Table, parameters: pa.Table, family: str | None = None) -> list[Row]:
    """Return the rows that two tables hold: a wide one of variants, and a long one of their values."""
    rows: dict[str, Row] = {}
    for cells in variants.to_pylist():
        place = cells.pop("place", f"seeds/variants.csv, {cells['variant_id']}")
        known = {name: value for name, value in cells.items() if value is not None}
        rows[cells["variant_id"]] = _row(place, known, family)
    for cells in parameters.to_pylist():
        place = cells.get("place", f"seeds/variant_parameters.csv, {cells['variant_id']}")
        add_value(rows, place, cells["variant_id"], cells["parameter"], cells["value"])
    return list(rows.values())


def in_summary(rows: list[Row], symbols: int, least: int | None) -> list[Row]:
    """Return the variants of the project, those of the bridge and the alternatives without daily rows.

    Parameters
    ----------
    rows
        As they are written.
    symbols
        How many are in use.
    least
        From how many on that holds; None is never.
    """
    if least is None or symbols < least:
        return rows
    moved = ("bridge", "alternative")
    limit = f"summary_from_symbols: {least}"
    say(f"{symbols:,} symbols: the bridge and the alternatives have no daily rows ({limit})")
    return [replace(row, detail="summary") if row.family in moved else row for row in rows]


def resolved_variants(rows: list[Row]) -> pa.Table:
    """Return one row per variant, with every value."""
    found = [
        {name: getattr(row, name) for name in KEYS}
        | {"parameters": values_of(variant), "follows": list(followed(variant))}
        for row, variant in resolve(rows)
    ]
    return pa.Table.from_pylist(found, schema=pa.schema(RESOLVED.items()))


def read_variants(table: pa.Table, *details: str) -> list[Variant]:
    """Return the variants of a table with the columns of `RESOLVED`, by id, of some details or of all."""
    rows = sorted(
        table.select(["variant_id", "detail", "parameters"]).to_pylist(), key=lambda row: row["variant_id"]
    )
    return [
        Variant(row["variant_id"], json.loads(row["parameters"]))
        for row in rows
        if not details or row["detail"] in details
    ]


def the_baseline(variants: list[Variant]) -> Variant | None:
    """Return `baseline`, which benchmarks and verdicts are about; None where there is no variant at all.

    Raises
    ------
    ValueError
        There are variants, and it is not among them.
    """
    found = [variant for variant in variants if variant.variant_id == "baseline"]
    if variants and not found:
        raise ValueError(
            "seeds/variants.csv: no daily variant 'baseline', which benchmarks and verdicts are about; "
            "put it back"
        )
    return found[0] if found else None
