"""A variant: values for the parameters of the line and of every component (docs/method.md, section 6)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from plumbline.engine.registry import (
    POSITIVE,
    Component,
    ComponentError,
    Parameter,
    Value,
    Values,
    component,
    components,
    reserve,
)

# What a component is chosen for; the value is the name of one.
SLOTS = (
    Parameter("cost", "", of="cost", meaning="What trading and holding are charged."),
    Parameter("allocator", "", of="allocator", meaning="What chooses a strategy for each asset."),
    Parameter("weighting", "", of="weighting", meaning="What weighs the assets against each other."),
)
VOL_WINDOW = Parameter(
    "vol_window", 20, 2, move="steps", unit="sessions", meaning="Windows behind weights and leverage."
)
LINE = (
    VOL_WINDOW,
    Parameter("max_weight", 0.70, POSITIVE, 1.0, "relative", "fraction", "Cap on the weight of one asset."),
    Parameter(
        "target_volatility",
        0.10,
        POSITIVE,
        move="relative",
        unit="annual fraction",
        meaning="Volatility that leverage aims at.",
    ),
    Parameter(
        "max_leverage",
        1.0,
        POSITIVE,
        move="relative",
        unit="multiple of the capital",
        meaning="Highest leverage.",
    ),
    Parameter(
        "min_train_sessions",
        500,
        0,
        unit="sessions",
        meaning="Sessions of the asset that must stand before a year for it to be a fold.",
    ),
    Parameter(
        "min_test_sessions",
        1,
        1,
        unit="sessions",
        meaning="Sessions of the asset that a year must have to be a fold.",
    ),
    Parameter(
        "state_lag",
        1,
        0,
        unit="sessions",
        meaning="Sessions between a state and the return it acts on, where cost_basis is strategy.",
    ),
    Parameter(
        "weight_lag",
        1,
        0,
        unit="sessions",
        meaning="Sessions between a weight and the return it acts on, where a stream is what is charged.",
    ),
    Parameter(
        "leverage_lag",
        1,
        0,
        unit="sessions",
        meaning="Sessions between a leverage and the return it acts on, where cost_basis is not net.",
    ),
    Parameter(
        "warm_up",
        "continuous",
        choices=("year", "continuous"),
        meaning="Whether features, holding, streams and windows start afresh each year.",
    ),
    Parameter(
        "cap",
        "exact",
        choices=("renormalise", "exact"),
        meaning="What becomes of a weight above its cap.",
    ),
    Parameter(
        "cost_basis",
        "net",
        choices=("strategy", "switching", "weights", "net"),
        meaning="What trading is charged on.",
    ),
)
reserve(*SLOTS, *LINE)
WARM_UPS = ("year", "continuous")
# The cost bases in which each lag acts; elsewhere timing is right by construction.
LAG_ACTS = {
    "state_lag": ("strategy",),
    "weight_lag": ("strategy", "switching"),
    "leverage_lag": ("strategy", "switching", "weights"),
}
# Kinds whose parameters a variant has a value for.
VARIANT_KINDS = ("cost", "strategy", "allocator", "weighting", "benchmark")


class VariantError(ValueError):
    """A value of a variant is not legal: `parameter` is its name, `rule` what it may be.

    `is_of_several` where the value is legal in itself, but not with the others.
    """

    def __init__(self, variant_id: str, parameter: str, rule: str, *, is_of_several: bool = False) -> None:
        super().__init__(f"variant '{variant_id}': {parameter} {rule}")
        self.parameter, self.rule, self.is_of_several = parameter, rule, is_of_several


class Variant(NamedTuple):
    """Values by the names of `dim_variant_parameters`, as attributes too; returns are fractions."""

    variant_id: str
    values: Mapping[str, Value]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(f"variant '{self.variant_id}' has no parameter '{name}'") from None

    def changed(self, variant_id: str | None = None, **values: Value) -> "Variant":
        """Return this variant with other values, which are not checked."""
        return Variant(variant_id or self.variant_id, {**self.values, **values})

    @property
    def is_executable(self) -> bool:
        """Whether its returns can be had: what is held earns from the next session, and is charged."""
        return self.values["cost_basis"] == "net"

    def of(self, owner: Component) -> Values:
        """Return what a component may read: its own parameters."""
        return Values(owner, self.values)


def declared() -> dict[str, Parameter]:
    """Return every parameter of a variant by name: the slots, the line's, and those of every component."""
    found = {parameter.name: parameter for parameter in (*SLOTS, *LINE)}
    for kind in VARIANT_KINDS:
        for each in components(kind).values():
            found |= {parameter.name: parameter for parameter in each.parameters}
    return found


def chosen(variant: Variant, kind: str) -> Component:
    """Return the component that a variant has in a slot."""
    return component(kind, variant.values[kind])


def followed(variant: Variant) -> tuple[str, ...]:
    """Return the strategies that the variant's allocator chooses among, in its own order."""
    parameters = chosen(variant, "allocator").parameters
    return tuple(variant.values[each.name] for each in parameters if each.of == "strategy")


def in_line(variant: Variant) -> list[Component]:
    """Return the components that the variant's portfolio hangs on: cost, strategies, allocator, weighting."""
    return [
        chosen(variant, "cost"),
        *(component("strategy", name) for name in followed(variant)),
        chosen(variant, "allocator"),
        chosen(variant, "weighting"),
    ]


def named_symbols(variant: Variant) -> dict[str, str]:
    """Return the symbols that the variant's line names, by parameter."""
    parameters = (parameter for owner in in_line(variant) for parameter in owner.parameters)
    return {each.name: variant.values[each.name] for each in parameters if each.of == "symbol"}


def used(variant: Variant) -> tuple[Parameter, ...]:
    """Return the parameters that the variant's portfolio hangs on, each once, in a fixed order.

    The cost model's, then the followed strategies', the allocator's, the weighting's, the line's.
    """
    found = [parameter for owner in in_line(variant) for parameter in owner.parameters] + list(LINE)
    return tuple({parameter.name: parameter for parameter in found}.values())


def make_variant(variant_id: str, given: Mapping[str, Value]) -> Variant:
    """Return a variant of the values given, the defaults for what is not.

    Raises
    ------
    VariantError
        A value is not legal, or its name is no parameter.
    """
    parameters = declared()
    for name in given:
        if name not in parameters:
            raise VariantError(
                variant_id, name, f"is no parameter; there are {', '.join(sorted(parameters))}"
            )
    values = {}
    for name, parameter in parameters.items():
        try:
            values[name] = parameter.read(given.get(name, parameter.default))
        except ValueError as error:
            raise VariantError(variant_id, name, str(error)) from None
    return check_variant(Variant(variant_id, values))


def check_variant(variant: Variant) -> Variant:
    """Return `variant`, or raise VariantError where its values do not go together."""

    def refuse(parameter: str, rule: str, *, is_of_several: bool = True) -> None:
        raise VariantError(variant.variant_id, parameter, rule, is_of_several=is_of_several)

    for name, parameter in declared().items():
        try:
            if parameter.of not in ("", "symbol"):
                component(parameter.of, variant.values[name])
        except ComponentError as error:
            refuse(name, f"is {variant.values[name]!r}: {error}", is_of_several=False)
    for name, acts in LAG_ACTS.items():
        if variant.cost_basis not in acts and variant.values[name] != 1:
            refuse(name, f"must be 1 where cost_basis is {variant.cost_basis}, is {variant.values[name]}")
    if chosen(variant, "allocator").shares and variant.cost_basis == "strategy":
        refuse(
            "allocator", "follows several strategies at once; where cost_basis is strategy it must follow one"
        )
    if len(set(followed(variant))) < len(followed(variant)):
        refuse("allocator", f"chooses among {', '.join(followed(variant))}; each may stand there once")
    return variant


def is_legal(variant: Variant) -> bool:
    """Return whether every value of `variant` is legal, and all go together."""
    try:
        make_variant(variant.variant_id, variant.values)
    except VariantError:
        return False
    return True
