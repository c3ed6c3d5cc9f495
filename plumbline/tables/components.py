"""The components as tables: what a build knows of every registered function and its parameters."""

import hashlib

import pyarrow as pa

from plumbline.engine.registry import KINDS, Component, Parameter, components
from plumbline.engine.variants import LINE, SLOTS
from plumbline.tables.arrow import known

REGISTERED = {
    "kind": pa.string(),
    "name": pa.string(),
    "description": pa.string(),
    "is_own": pa.bool_(),
    "is_fitted": pa.bool_(),
    "source_sha256": pa.string(),
}
PARAMETERS = {
    "kind": pa.string(),
    "name": pa.string(),
    "parameter": pa.string(),
    "default_value": pa.string(),
    "lowest": pa.float64(),
    "highest": pa.float64(),
    "move": pa.string(),
    "unit": pa.string(),
    "meaning": pa.string(),
}
LINE_KIND = "line"  # the engine's own parameters, which no component owns


def registered() -> pa.Table:
    """Return one row per component."""
    rows = [_component(found) for kind in KINDS for found in components(kind).values()]
    return pa.Table.from_pylist(rows, schema=pa.schema(REGISTERED.items()))


def parameters() -> pa.Table:
    """Return one row per component, or the line, and parameter."""
    line = [_parameter(LINE_KIND, LINE_KIND, each) for each in (*SLOTS, *LINE)]
    own = [
        _parameter(kind, found.name, each)
        for kind in KINDS
        for found in components(kind).values()
        for each in found.parameters
    ]
    return pa.Table.from_pylist([*line, *own], schema=pa.schema(PARAMETERS.items()))


def _component(found: Component) -> dict:
    return {
        "kind": found.kind,
        "name": found.name,
        "description": found.description,
        "is_own": found.is_own,
        "is_fitted": found.is_fitted,
        "source_sha256": hashlib.sha256(found.source.read_bytes()).hexdigest(),
    }


def _parameter(kind: str, name: str, parameter: Parameter) -> dict:
    bounds = {"lowest": parameter.lowest, "highest": parameter.highest}
    return {
        "kind": kind,
        "name": name,
        "parameter": parameter.name,
        "default_value": str(parameter.default) or None,
        **known(bounds),
        "move": parameter.move,
        "unit": parameter.unit or ("name" if parameter.of or parameter.choices else "number"),
        "meaning": parameter.meaning,
    }
