"""The registry of components: functions by kind and name, each with the parameters that it owns.

A component is one file: a function under a decorator of this module. What a build, a sweep or a page
says of it comes from there: the parameters with their bounds, the first paragraph of the docstring.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path
from typing import Any, Literal

from plumbline.engine.features import FEATURES

KINDS = ("strategy", "allocator", "weighting", "cost", "benchmark", "shock")
MOVES = ("relative", "deviation", "steps", "window", "none")

SHIPPED = Path(__file__).resolve().parents[1] / "components"

Value = float | int | str
POSITIVE = 1e-9  # the least of what must be above 0


class ComponentError(ValueError):
    """A component, or a row that asks for one, cannot be used; the message says where and what is allowed."""


@dataclass(frozen=True)
class Parameter:
    """One value that a component, or the line itself, takes from the variant.

    Attributes
    ----------
    name : str
        Its name in every table; unique over all components, unless they declare the very same.
    default : float, int or str
        What a variant without a value of its own has. An int is a whole number, a str a text.
    lowest, highest : float
        Legal values of a number, both inclusive.
    move : {"relative", "deviation", "steps", "window", "none"}
        How a perturbation moves it: by a share of its value, by a share of the standard deviation of the
        feature that it is a limit of, by whole steps, as a window or horizon (by a share of its length, among
        neighbours only), or not at all.
    unit, meaning : str
        What it counts, and what it does, in words.
    choices : tuple of str
        Legal values of a text; none for a text that `of` explains.
    of : str
        What a text names: a kind of component, or `symbol`; empty for a number or a choice.
    feature : tuple of (str, int)
        The feature (name, window) that it is a limit of, where it moves by `deviation`.
    """

    name: str
    default: Value
    lowest: float = -inf
    highest: float = inf
    move: Literal["relative", "deviation", "steps", "window", "none"] = "none"
    unit: str = ""
    meaning: str = ""
    choices: tuple[str, ...] = ()
    of: str = ""
    feature: tuple[str, int] | None = None

    @property
    def allowed(self) -> str:
        """What a value may be, in words."""
        if isinstance(self.default, str):
            return (
                f"one of {', '.join(self.choices)}" if self.choices else f"the name of a {self.of or 'thing'}"
            )
        kind = "a whole number" if isinstance(self.default, int) else "a number"
        low, high = self.lowest > -inf, self.highest < inf
        if self.lowest == POSITIVE:
            return f"{kind} above 0" + (f" and up to {self.highest:g}" if high else "")
        if low and high:
            return f"{kind} from {self.lowest:g} to {self.highest:g}"
        return kind + (
            f" of {self.lowest:g} or more" if low else f" of {self.highest:g} or less" if high else ""
        )

    def read(self, value: Value) -> Value:
        """Return a value of this parameter, from a text or a number; ValueError says what is allowed."""
        if isinstance(self.default, str):
            found: Value = "" if value is None else str(value).strip()
            is_legal = bool(found) and (not self.choices or found in self.choices)
        else:
            try:
                found = float(value)
            except (TypeError, ValueError):
                raise ValueError(f"must be {self.allowed}, is {value!r}") from None
            is_legal = isfinite(found) and self.lowest <= found <= self.highest
            if isinstance(self.default, int):
                is_legal = is_legal and found % 1 == 0
                found = int(found) if is_legal else found
        if not is_legal:
            raise ValueError(f"must be {self.allowed}, is {value!r}")
        return found


@dataclass(frozen=True)
class Component:
    """A registered function.

    `is_fitted` strategies need training years; `shorts` and `parts` say whether a strategy's positions may
    lie below 0 and between the whole numbers; an allocator with `shares` follows several choices at once.
    `looks_at` says what a weighting sees of the streams: ``"all"`` of them, ``"volatility"`` where it is the
    inverse deviation over `vol_window` of each, ``"age"`` where it is no more than their age; a cost that
    `is_flat` is one rate for all trades and nothing else, computed in operators from its parameters.
    """

    kind: str
    name: str
    function: Callable
    parameters: tuple[Parameter, ...]
    source: Path
    line: int
    is_own: bool = False
    is_fitted: bool = False
    shorts: bool = False
    parts: bool = False
    shares: bool = False
    looks_at: Literal["all", "volatility", "age"] = "all"
    is_flat: bool = False

    @property
    def description(self) -> str:
        """The first paragraph of the docstring, on one line."""
        return " ".join((inspect.getdoc(self.function) or "").split("\n\n")[0].split())

    @property
    def place(self) -> str:
        """File and line, for messages."""
        return f"{self.source}, line {self.line}: {self.kind} '{self.name}'"


_components: dict[tuple[str, str], Component] = {}
_reserved: dict[str, Parameter] = {}


def reserve(*parameters: Parameter) -> None:
    """Keep the names of the line's own parameters: no component may declare one in another way."""
    _reserved.update({parameter.name: parameter for parameter in parameters})


def components(kind: str) -> dict[str, Component]:
    """Return the components of a kind by name, in the order of the names."""
    return {name: _components[kind, name] for (of, name) in sorted(_components) if of == kind}


def component(kind: str, name: str) -> Component:
    """Return one component, or raise ComponentError naming those there are."""
    if (kind, name) not in _components:
        raise ComponentError(
            f"no {kind} '{name}' is registered; there are {', '.join(sorted(components(kind)))}"
        )
    return _components[kind, name]


def forget_own() -> None:
    """Take all components of the user's own out, to be read again."""
    for key in [key for key, found in _components.items() if found.is_own]:
        del _components[key]


def register(kind: str, name: str, *parameters: Parameter, **traits: Any) -> Callable[[Callable], Callable]:
    """Register the decorated function as a component.

    Parameters
    ----------
    kind, name
        What it is, and the name by which rows ask for it: lower case, digits and underscores.
    parameters
        What it reads from the variant.
    traits
        `is_fitted`, `shorts`, `parts`, `shares`, `looks_at`, `is_flat`: see `Component`.

    Raises
    ------
    ComponentError
        The name is taken, a parameter is declared twice or in two ways, or a declaration is not legal.
    """

    def add(function: Callable) -> Callable:
        code = inspect.unwrap(function).__code__
        found = Component(
            kind,
            name,
            function,
            parameters,
            source := Path(code.co_filename),
            code.co_firstlineno,
            is_own=not source.is_relative_to(SHIPPED),
            **traits,
        )
        _check(found)
        _components[kind, name] = found
        return function

    return add


# Columns of variants.csv that say what a variant is; no parameter can be called so. CASH is no strategy's.
_COLUMNS = ("variant_id", "family", "detail", "base_variant_id", "description", "place")
_STATE_OF_ITS_OWN = "cash"


def _is_name(name: str) -> bool:
    return name.isascii() and name.isidentifier() and name == name.lower() and not name.startswith("_")


def _check(new: Component) -> None:
    if not _is_name(new.name):
        raise ComponentError(
            f"{new.place}: a name has lower-case letters, digits and underscores only, a letter first"
        )
    if new.kind == "strategy" and new.name == _STATE_OF_ITS_OWN:
        raise ComponentError(
            f"{new.place}: states are strategies' names, and CASH is that of none; rename it"
        )
    taken = _components.get((new.kind, new.name))
    if taken and (taken.source, taken.line) != (new.source, new.line):
        raise ComponentError(f"{new.place}: the name is taken by {taken.source}, line {taken.line}")
    if not new.description:
        raise ComponentError(f"{new.place}: write a docstring; its first paragraph is the description")
    names = [parameter.name for parameter in new.parameters]
    for parameter in new.parameters:
        at = f"{new.place}, parameter '{parameter.name}'"
        if names.count(parameter.name) > 1:
            raise ComponentError(f"{at} is declared twice")
        if not _is_name(parameter.name):
            raise ComponentError(
                f"{at}: a name has lower-case letters, digits and underscores only, a letter first"
            )
        if parameter.name in _COLUMNS:
            raise ComponentError(f"{at}: the name is that of a column of variants.csv; choose another")
        if parameter.lowest > parameter.highest:
            raise ComponentError(f"{at}: lowest {parameter.lowest:g} is above highest {parameter.highest:g}")
        if parameter.move not in MOVES:
            raise ComponentError(f"{at}: move must be one of {', '.join(MOVES)}, is {parameter.move!r}")
        if (parameter.move == "deviation") != (parameter.feature is not None):
            raise ComponentError(
                f"{at}: what moves by deviation names a feature, as ('momentum', 20), and only it"
            )
        if parameter.feature and parameter.feature[0] not in FEATURES:
            raise ComponentError(
                f"{at}: no feature '{parameter.feature[0]}'; there are {', '.join(sorted(FEATURES))}"
            )
        try:
            parameter.read(parameter.default)
        except ValueError as error:
            raise ComponentError(f"{at}: the default {error}") from error
        if new.kind != "shock" and _reserved.get(parameter.name, parameter) != parameter:
            raise ComponentError(
                f"{at} is one of the line's own, declared in another way; "
                "share that declaration, or choose another name"
            )
        for other in [] if new.kind == "shock" else _components.values():
            for declared in other.parameters:
                if other.kind != "shock" and declared.name == parameter.name and declared != parameter:
                    raise ComponentError(
                        f"{at} is declared in another way by {other.source}, line {other.line}; "
                        "share that declaration, or choose another name"
                    )


class Values:
    """What a component reads of a variant: the values of its own parameters, as attributes."""

    def __init__(self, owner: Component, values: Mapping[str, Value]) -> None:
        self._owner = owner
        for parameter in owner.parameters:
            setattr(self, parameter.name, values[parameter.name])

    def __getattr__(self, name: str) -> Any:
        declared = ", ".join(parameter.name for parameter in self._owner.parameters) or "none"
        raise ComponentError(
            f"{self._owner.place} reads parameter '{name}', which it does not declare; it declares {declared}"
        )


def strategy(name: str, *parameters: Parameter, **traits: bool) -> Callable[[Callable], Callable]:
    """Register a strategy, ``(view, parameters) -> positions``: see `plumbline.engine.strategies`."""
    return register("strategy", name, *parameters, **traits)


def allocator(name: str, *parameters: Parameter, **traits: bool) -> Callable[[Callable], Callable]:
    """Register an allocator, ``(view, parameters, legs) -> choice``: see `plumbline.engine.allocator`."""
    return register("allocator", name, *parameters, **traits)


def weighting(name: str, *parameters: Parameter, looks_at: str = "all") -> Callable[[Callable], Callable]:
    """Register a weighting, ``(view, parameters, streams) -> weights``: see `plumbline.engine.portfolio`."""
    return register("weighting", name, *parameters, looks_at=looks_at)


def cost(name: str, *parameters: Parameter, is_flat: bool = False) -> Callable[[Callable], Callable]:
    """Register a cost model, ``(view, parameters) -> Rates``: see `plumbline.engine.costs`."""
    return register("cost", name, *parameters, is_flat=is_flat)


def benchmark(name: str, *parameters: Parameter) -> Callable[[Callable], Callable]:
    """Register a benchmark, ``(view, parameters) -> holdings``: see `plumbline.engine.benchmarks`."""
    return register("benchmark", name, *parameters)


def shock(name: str, *parameters: Parameter) -> Callable[[Callable], Callable]:
    """Register a shock, ``(inputs, line, parameters) -> inputs``: see `plumbline.engine.stress`."""
    return register("shock", name, *parameters)
