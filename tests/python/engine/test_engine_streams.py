"""Variants share a stream only where their streams are equal, to the bit."""

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from panels import make_market, random_raws, variant_ids, weekdays

from plumbline.engine.line import run_line
from plumbline.engine.registry import components
from plumbline.engine.strategies import run_strategy
from plumbline.engine.variants import Variant, VariantError, declared, make_variant
from plumbline.tables.arrow import in_turn
from plumbline.tables.each import each_in_turn
from plumbline.tables.streams import allocator_key, ids_in, strategy_key, streams_of

SESSIONS = weekdays("2015-02-02", 620)
STRATEGIES = ["meanrev", "trend"]


@pytest.fixture(scope="module")
def market():
    return make_market(random_raws(51, SESSIONS, late=90, early_death=80), SESSIONS)


def moved(generator: np.random.Generator, base: Variant) -> Variant | None:
    """Return a variant with one to three values changed at random; None where that is not legal."""
    values = dict(base.values)
    for name in generator.choice(sorted(values), generator.integers(1, 4), replace=False):
        parameter = declared()[name]
        if parameter.of and parameter.of != "symbol":
            values[name] = str(generator.choice(sorted(components(parameter.of))))
        elif parameter.choices:
            values[name] = str(generator.choice(parameter.choices))
        elif isinstance(parameter.default, int):
            values[name] = int(values[name]) + int(generator.integers(-2, 3))
        elif isinstance(parameter.default, float):
            values[name] = values[name] * float(generator.choice([0.5, 0.9, 1.0, 1.2]))
    try:
        return make_variant("moved", values)
    except VariantError:
        return None


@pytest.fixture(scope="module")
def variants(short) -> list[Variant]:
    """Return those of the seed, and some hundreds that differ from them at random."""
    bases = [short(name) for name in variant_ids()]
    generator = np.random.default_rng(5)
    others = [moved(generator, bases[generator.integers(len(bases))]) for _ in range(300)]
    found = bases + [variant for variant in others if variant]
    assert len(found) > 200
    return [variant.changed(f"{number:03d}") for number, variant in enumerate(found)]


def assert_equal_within(groups: dict) -> None:
    shared = [group for group in groups.values() if len(group) > 1]
    assert len(shared) > 3
    for first, *others in shared:
        for other in others:
            for one, two in zip(first, other, strict=True):
                assert one.dtype == two.dtype
                assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize("name", STRATEGIES)
def test_one_key_one_stream_of_a_strategy(market, variants, name):
    groups = defaultdict(list)
    for variant in variants:
        streams = run_strategy(name, market, variant)
        arrays = (streams.age, streams.is_reported, *streams.positions, streams.gross, streams.cost)
        groups[strategy_key(variant, name)].append([np.ascontiguousarray(each) for each in arrays])
    assert_equal_within(groups)


def test_one_key_one_stream_of_an_allocator(market, variants):
    groups = defaultdict(list)
    for variant in variants:
        allocation = run_line(market, variant).allocation
        groups[allocator_key(variant, STRATEGIES)].append([np.ascontiguousarray(each) for each in allocation])
    assert_equal_within(groups)


def test_the_seed_has_three_streams_of_a_strategy_and_eight_of_an_allocator(short):
    """As counted by hand: warm-up and folds make three; the bridge and the allocators make eight."""
    streams = streams_of([short(name) for name in variant_ids()], STRATEGIES)
    assert len(ids_in(streams)) == 3 * len(STRATEGIES)
    assert len(ids_in(streams, of_allocator=True)) == 8
    assert len(streams) == 14 * (len(STRATEGIES) + 1)


def test_a_strategy_that_is_turned_off_makes_another_stream_of_its_allocator(short):
    variant = short("baseline")
    assert allocator_key(variant, ["trend"]) != allocator_key(variant, STRATEGIES)


def test_tables_are_asked_for_one_at_a_time():
    asked = []

    def tables():
        for number in range(3):
            asked.append(number)
            yield pa.table({"n": pa.array([number] * 2, pa.int64())})

    reader = in_turn(tables(), {"n": pa.int64()})
    assert asked == []
    assert reader.read_next_batch().column("n").to_pylist() == [0, 0]
    assert asked == [0]
    assert reader.read_all()["n"].to_pylist() == [1, 1, 2, 2]


def add(context: int, task: int) -> pa.Table:
    return pa.table({"n": pa.array([context + task], pa.int64())})


@pytest.mark.parametrize("count", ["1", "2"])
def test_work_in_turn_keeps_the_order_of_its_tasks(monkeypatch, count):
    monkeypatch.setenv("PLUMBLINE_WORKERS", count)
    reader = each_in_turn(10, add, iter(range(7)), 7, {"n": pa.int64()}, "sums")
    assert reader.read_all()["n"].to_pylist() == [10, 11, 12, 13, 14, 15, 16]
