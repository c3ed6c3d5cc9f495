"""Streams that several variants share, each computed and stored once (docs/building.md).

Two variants have one stream where all that it hangs on is equal: what the components in it declare, the
folds, the warm-up rule, the costs. That is read off the variants; results are never compared.
"""

from collections.abc import Callable, Hashable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa

from plumbline.engine.registry import Component, component
from plumbline.engine.variants import Variant, chosen, followed

STREAMS = {"variant_id": pa.string(), "strategy": pa.string(), "stream_id": pa.int32()}

# What windows, positions and streams start with.
_SPAN = ("warm_up", "min_train_sessions", "min_test_sessions")
# The allocator's own volatility targeting, which only a variant that warms up by year has.
_TARGETING = ("vol_window", "target_volatility", "max_leverage")

# Gives columns of the rows of one stream, or variant: ``rows_of(stream_id, "symbol", "position")``.
Rows = Callable[..., pa.Table]


class Stream(NamedTuple):
    """A stream, the first variant that has it, and the strategy that it is of; None for an allocator's."""

    stream_id: int
    variant: Variant
    strategy: str | None


def streams_of(variants: list[Variant], strategies: list[str]) -> pa.Table:
    """Return one row per variant and strategy, and one without a strategy for its allocator's stream."""
    ids: dict[Hashable, int] = {}
    rows = [
        {
            "variant_id": variant.variant_id,
            "strategy": name,
            "stream_id": ids.setdefault(key, len(ids) + 1),
        }
        for variant in variants
        for name, key in _keys(variant, strategies)
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(STREAMS.items()))


def _keys(variant: Variant, strategies: list[str]) -> Iterator[tuple[str | None, Hashable]]:
    for name in strategies:
        yield name, strategy_key(variant, name)
    yield None, allocator_key(variant, strategies)


def strategy_key(variant: Variant, strategy: str) -> Hashable:
    """Return what is equal where two variants have one stream of a strategy."""
    owners = (chosen(variant, "cost"), component("strategy", strategy))
    return strategy, _values(variant, *_SPAN), *(_of(variant, owner) for owner in owners)


def allocator_key(variant: Variant, strategies: list[str]) -> Hashable:
    """Return what is equal where two variants have one stream of their allocator.

    Parameters
    ----------
    variant
        Whose stream it is.
    strategies
        Those that run; one that is followed and does not run gives nothing.
    """
    legs = tuple((name in strategies, strategy_key(variant, name)) for name in followed(variant))
    follows_streams = variant.cost_basis == "strategy"  # else it earns on its exposure, whatever the basis
    acts = (
        *(("state_lag",) if follows_streams else ()),
        *(_TARGETING if variant.warm_up == "year" else ()),
    )
    owners = (chosen(variant, "cost"), chosen(variant, "allocator"))
    return legs, follows_streams, _values(variant, *_SPAN, *acts), *(_of(variant, owner) for owner in owners)


def _values(variant: Variant, *names: str) -> Hashable:
    # As text: 0.0 and -0.0 are equal, and can give streams that are not, to the bit.
    return tuple((name, repr(variant.values[name])) for name in names)


def _of(variant: Variant, owner: Component) -> Hashable:
    """Return all that a component takes from a variant: of one that declares nothing, everything."""
    names = [parameter.name for parameter in owner.parameters]
    if owner.is_own and not names:  # in files as they were before own/components, which see the whole variant
        names = sorted(variant.values)
    return owner.kind, owner.name, _values(variant, *names)


def distinct(variants: list[Variant], streams: pa.Table, *, of_allocator: bool = False) -> list[Stream]:
    """Return each stream of the strategies, or of the allocators, once, by id."""
    known = {variant.variant_id: variant for variant in variants}
    found: dict[int, Stream] = {}
    for row in streams.to_pylist():
        stream = Stream(row["stream_id"], known[row["variant_id"]], row["strategy"])
        found.setdefault(stream.stream_id, stream)
    return [found[stream_id] for stream_id in ids_in(streams, of_allocator=of_allocator)]


def ids_in(streams: pa.Table, *, of_allocator: bool = False) -> list[int]:
    """Return the ids of the strategies' streams, or of the allocators'."""
    rows = streams.to_pylist()
    return sorted({row["stream_id"] for row in rows if (row["strategy"] is None) is of_allocator})


def ids_of(streams: pa.Table, variant_id: str) -> dict[str | None, int]:
    """Return the streams of a variant by strategy; that of its allocator stands under None."""
    return {
        row["strategy"]: row["stream_id"] for row in streams.to_pylist() if row["variant_id"] == variant_id
    }


def rows_of(relation: Any, key: str) -> Rows:
    """Return a function that reads columns of the rows of a dbt relation that have one value of `key`."""
    return lambda value, *columns: relation.filter(f"{key} = '{value}'").select(*columns).to_arrow_table()
