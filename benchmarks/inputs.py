"""What the jobs run on: seeded random walks, and the variants of the project."""

import numpy as np

from plumbline.components import load
from plumbline.engine.panel import Panel
from plumbline.engine.variants import Variant
from plumbline.tables.variants import read_rows, resolve
from plumbline.warehouse.paths import PROJECT_ROOT

SESSIONS = 4025


def random_panel(assets: int) -> Panel:
    """Return seeded random walks of 16 years."""
    generator = np.random.default_rng(assets)
    days = np.arange("2010-01-04", "2026-12-31", dtype="datetime64[D]")
    days = days[np.is_busday(days)][:SESSIONS]
    returns = generator.normal(0.0004, 0.012, (SESSIONS, assets))
    volume = generator.integers(10**5, 10**6, (SESSIONS, assets)).astype(float)
    live = np.ones((SESSIONS, assets), bool)
    symbols = tuple(f"A{i:04d}" for i in range(assets))
    return Panel(days, symbols, 100 * np.cumprod(1 + returns, axis=0), volume, live, ~live)


def named(variant_id: str) -> Variant:
    """Return a variant of seeds/variants.csv."""
    load()
    variants = [variant for _, variant in resolve(read_rows(PROJECT_ROOT / "seeds", "seeds"))]
    return next(variant for variant in variants if variant.variant_id == variant_id)


def baseline() -> Variant:
    """Return the variant `baseline` of seeds/variants.csv."""
    return named("baseline")
