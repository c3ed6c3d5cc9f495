"""A variant: one row of parameters and switches (docs/method.md, sections 4 to 6)."""

from dataclasses import dataclass, fields
from math import isfinite
from typing import Literal

WARM_UPS = ("year", "continuous")
CAPS = ("renormalise", "exact")
COST_BASES = ("strategy", "switching", "weights", "net")
WEIGHTINGS = ("stream", "asset", "equal")
ALLOCATORS = ("rule", "hysteresis", "gated", "blend")
CHOICES = {
    "warm_up": WARM_UPS,
    "cap": CAPS,
    "cost_basis": COST_BASES,
    "weighting": WEIGHTINGS,
    "allocator": ALLOCATORS,
}
# The cost bases in which each lag acts; elsewhere timing is right by construction.
LAG_ACTS = {
    "state_lag": ("strategy",),
    "weight_lag": ("strategy", "switching"),
    "leverage_lag": ("strategy", "switching", "weights"),
}


@dataclass(frozen=True)
class Variant:
    """Parameters by the names of `dim_variants`; volatilities and returns are fractions, not per cent."""

    variant_id: str
    cost_bps: float
    prediction_threshold: float
    trend_ret20_min: float
    trend_hold: int
    meanrev_ret5_max: float
    meanrev_entry_vol20_max: float
    meanrev_hold: int
    trend_mom60_min: float
    trend_mom20_min: float
    meanrev_mom20_max: float
    meanrev_dd60_max: float
    meanrev_vol20_max: float
    vol_window: int
    max_weight: float
    target_volatility: float
    max_leverage: float
    min_train_sessions: int
    min_train_rows: int
    min_test_sessions: int
    state_lag: int
    weight_lag: int
    leverage_lag: int
    warm_up: Literal["year", "continuous"]
    cap: Literal["renormalise", "exact"]
    cost_basis: Literal["strategy", "switching", "weights", "net"]
    weighting: Literal["stream", "asset", "equal"] = "stream"
    allocator: Literal["rule", "hysteresis", "gated", "blend"] = "rule"

    @property
    def cost(self) -> float:
        """Cost of trading one unit, as a fraction of the portfolio."""
        return self.cost_bps / 1e4


PARAMETERS = tuple(field.name for field in fields(Variant) if field.name != "variant_id")
INTEGERS = tuple(field.name for field in fields(Variant) if field.type is int)


def check_variant(variant: Variant) -> Variant:
    """Return `variant`, or raise ValueError naming the variant, the column and what it may be."""

    def refuse(column: str, rule: str) -> None:
        value = getattr(variant, column)
        raise ValueError(
            f"variant '{variant.variant_id}': {column} {rule}, is {value!r}; "
            "correct its row in seeds/variants.csv"
        )

    for column in PARAMETERS:
        if getattr(variant, column) is None:
            refuse(column, "must have a value, of its own or of its base variant")
        if column in INTEGERS and not isinstance(getattr(variant, column), int):
            refuse(column, "must be a whole number")
        if isinstance(getattr(variant, column), float) and not isfinite(getattr(variant, column)):
            refuse(column, "must be a finite number")
    for column, allowed in CHOICES.items():
        if getattr(variant, column) not in allowed:
            refuse(column, f"must be one of {', '.join(allowed)}")
    if variant.allocator == "blend" and variant.cost_basis == "strategy":
        refuse("allocator", "must not be blend where cost_basis is strategy: that follows one stream")
    for column, acts in LAG_ACTS.items():
        if variant.cost_basis not in acts and getattr(variant, column) != 1:
            refuse(column, f"must be 1 where cost_basis is {variant.cost_basis}")
        if getattr(variant, column) < 0:
            refuse(column, "must not be negative")
    for column in ("trend_hold", "meanrev_hold", "min_train_rows", "min_test_sessions"):
        if getattr(variant, column) < 1:
            refuse(column, "must be at least 1")
    if variant.vol_window < 2:
        refuse("vol_window", "must be at least 2")
    for column in ("cost_bps", "min_train_sessions"):
        if getattr(variant, column) < 0:
            refuse(column, "must not be negative")
    if not 0 < variant.max_weight <= 1:
        refuse("max_weight", "must lie in (0, 1]")
    for column in ("target_volatility", "max_leverage"):
        if getattr(variant, column) <= 0:
            refuse(column, "must be positive")
    return variant


def is_legal(variant: Variant) -> bool:
    """Return whether `check_variant` accepts `variant`."""
    try:
        check_variant(variant)
    except ValueError:
        return False
    return True
