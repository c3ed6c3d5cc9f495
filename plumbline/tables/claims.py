"""Claims as people write them, and as the referee takes them."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import pyarrow as pa

from plumbline.engine.referee import Claim, benchmark_of
from plumbline.engine.registry import components
from plumbline.engine.variants import Variant
from plumbline.tables.variants import RowError, read_csv, read_variants

COLUMNS = ("claim_id", "variant_id", "benchmark_id", "minimum_gain", "stated_on", "description")


def read_claims(folder: Path, label: str, details: Mapping[str, str]) -> Iterator[dict]:
    """Yield the rows of a folder's claims.csv, each with its place.

    Parameters
    ----------
    folder, label
        Where the file lies, and what messages call that folder.
    details
        How much is kept of each variant, `daily` or `summary`, by its id.

    Raises
    ------
    RowError
        A row cannot be used: names file, line, column, and what is allowed.
    """
    known: dict[str, str] = {}
    for place, cells in read_csv(folder / "claims.csv", f"{label}/claims.csv", COLUMNS):
        claim_id, variant_id, benchmark_id = (cells[name] for name in COLUMNS[:3])
        if not re.fullmatch(r"[A-Za-z0-9_.-]+", claim_id):
            raise RowError(place, "claim_id", f"must be of letters, digits, _, . and -, is '{claim_id}'")
        if claim_id in known:
            raise RowError(place, "claim_id", f"'{claim_id}' stands in {known[claim_id]} already")
        known[claim_id] = place
        if variant_id not in details:
            raise RowError(
                place, "variant_id", f"'{variant_id}' is no variant; there are {', '.join(sorted(details))}"
            )
        if details[variant_id] != "daily":
            raise RowError(
                place,
                "variant_id",
                f"'{variant_id}' is kept as a summary; give it detail 'daily', so that it can be proven",
            )
        if benchmark_of(benchmark_id) is None:
            raise RowError(
                place,
                "benchmark_id",
                f"'{benchmark_id}' is of no benchmark; there are {', '.join(components('benchmark'))}",
            )
        if not cells["description"]:
            raise RowError(place, "description", "must say in words what is claimed")
        yield {
            **cells,
            "minimum_gain": _gain(place, cells["minimum_gain"]),
            "stated_on": _day(place, cells["stated_on"]),
            "place": place,
        }


def _gain(place: str, text: str) -> float:
    try:
        found = float(text or 0.0)
    except ValueError:
        found = -1.0
    if not 0.0 <= found < float("inf"):
        raise RowError(
            place, "minimum_gain", f"must be an annual Sharpe ratio of 0 or more, or empty for 0, is '{text}'"
        )
    return found


def _day(place: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise RowError(place, "stated_on", f"must be a date such as 2026-01-31, is '{text}'") from error


def claims_of(stated: pa.Table, variants: pa.Table) -> list[Claim]:
    """Return the claims of a table, by id, with their variants."""
    named: dict[str, Variant] = {variant.variant_id: variant for variant in read_variants(variants)}
    rows = sorted(stated.to_pylist(), key=lambda row: row["claim_id"])
    return [
        Claim(row["claim_id"], named[row["variant_id"]], row["benchmark_id"], row["minimum_gain"])
        for row in rows
        if row["variant_id"] in named
    ]
