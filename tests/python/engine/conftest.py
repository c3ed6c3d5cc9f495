"""Variants as the project ships them, a short version of each for short panels, and the shared real bars."""

import csv
import itertools
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import settings
from panels import SEEDS, make_market
from written import FILE, HEAD

from plumbline import components
from plumbline.engine import registry
from plumbline.engine.market import Market
from plumbline.engine.variants import Variant, make_variant

components.load()

# CI must not depend on luck or on a busy machine: fixed examples, no deadline.
settings.register_profile("engine", deadline=None, derandomize=True, database=None, max_examples=15)
settings.load_profile("engine")

KEYS = ("variant_id", "family", "detail", "base_variant_id", "description")


@pytest.fixture(scope="session")
def variant() -> Callable[..., Variant]:
    """Give a variant of the seed, blanks inherited, with changes: ``variant("baseline", cap="exact")``."""
    with (SEEDS / "variants.csv").open(newline="") as file:
        rows = {row["variant_id"]: row for row in csv.DictReader(file)}
    with (SEEDS / "variant_parameters.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            rows[row["variant_id"]][row["parameter"]] = row["value"]

    def resolve(variant_id: str) -> dict[str, str]:
        row = rows[variant_id]
        base = resolve(row["base_variant_id"]) if row["base_variant_id"] else {}
        return base | {name: text for name, text in row.items() if text and name not in KEYS}

    def build(variant_id: str, **changes: object) -> Variant:
        return make_variant(variant_id, resolve(variant_id)).changed(**changes)

    return build


@pytest.fixture(scope="session")
def short(variant: Callable[..., Variant]) -> Callable[..., Variant]:
    """Give a variant whose folds need less history, so that panels of three or four years have some."""

    def build(variant_id: str, **changes: object) -> Variant:
        return variant(variant_id, **{"min_train_sessions": 120, "min_train_rows": 60, **changes})

    return build


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Find the folder of real bars, which are not part of the project."""
    folder = os.environ.get("PLUMBLINE_SHARED")
    if not folder:
        pytest.skip("PLUMBLINE_SHARED does not name the folder of real bars")
    return Path(folder) / "data"


def _market(table: pd.DataFrame) -> Market:
    """Real bars up to the day that the known answers of docs/method.md end on."""
    table = table[pd.to_datetime(table["date"]) <= pd.Timestamp("2025-12-31")]
    raws = {
        symbol: dict(zip(rows["date"], zip(rows["adj_close"], rows["volume"], strict=True), strict=True))
        for symbol, rows in table.groupby("symbol")
    }
    return make_market(raws, sorted(set(table["date"])))


@pytest.fixture(scope="session")
def three_symbols(shared_data: Path) -> Market:
    """Return SPY, AAPL and MSFT."""
    tables = {name: shared_data / "yahoo" / f"{name}.parquet" for name in ("SPY", "AAPL", "MSFT")}
    return _market(pd.concat([pd.read_parquet(path).assign(symbol=name) for name, path in tables.items()]))


@pytest.fixture(scope="session")
def universe(shared_data: Path) -> Market:
    """Return the 97 symbols."""
    return _market(pd.read_parquet(shared_data / "universe_100.parquet"))


@pytest.fixture
def registered() -> Iterator[dict[tuple[str, str], registry.Component]]:
    """Lend the registry of components, by kind and name, and put it back afterwards."""
    before = dict(registry._components)
    yield registry._components
    registry._components.clear()
    registry._components.update(before)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registered: dict) -> Callable[[str], Path]:
    """Return a function that reads a text as a file of the user's own; all is put back afterwards."""
    monkeypatch.setenv("PLUMBLINE_OWN", str(tmp_path))
    monkeypatch.setattr(components, "_loaded", None)
    monkeypatch.setitem(sys.modules, "plumbline_own_mine", None)
    path = tmp_path / FILE
    path.parent.mkdir()

    reads = itertools.count(1)

    def read(text: str) -> Path:
        path.write_text(HEAD + text)
        # Two texts within one tick of the clock of files are still two.
        os.utime(path, ns=(next(reads), next(reads)))
        components.load()
        return path

    return read
