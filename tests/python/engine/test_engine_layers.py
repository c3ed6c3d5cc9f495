"""Between tables and arrays: what goes in comes out again, also when there is nothing to put in."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from panels import make_market, random_raws, run_layers, weekdays

from plumbline.engine.line import run_line
from plumbline.engine.panel import index_rows, make_panel, melt, melt_sessions, spread
from plumbline.engine.variants import Variant
from plumbline.tables.arrow import label, read_market, sort_rows, split_by, stack
from plumbline.tables.strategy import enabled_strategies
from plumbline.tables.variants import RowError, in_summary, read_variants, resolved_variants, rows_of

SESSIONS = weekdays("2015-02-02", 700)


def bars(rows: int = 4) -> pa.Table:
    """Return two symbols in no order, one of them listed a session later."""
    table = pa.table(
        {
            "symbol": ["B", "A", "A", "B"],
            "session_date": [date(2020, 1, 3), date(2020, 1, 2), date(2020, 1, 3), date(2020, 1, 6)],
            "adj_close": [7.0, 1.0, 2.0, 8.0],
            "share_volume": [70, 10, None, 80],
            "is_filled": [False, False, True, False],
        }
    )
    return table.slice(0, rows)


def sessions() -> pa.Table:
    return pa.table({"session_date": [date(2020, 1, 6), date(2020, 1, 2), date(2020, 1, 3)]})


def test_a_panel_has_a_row_a_session_and_a_column_a_symbol():
    panel = make_panel(bars(), sessions())
    assert panel.symbols == ("A", "B")
    assert panel.sessions.tolist() == [date(2020, 1, 2), date(2020, 1, 3), date(2020, 1, 6)]
    nan = np.nan
    assert np.array_equal(panel.price, [[1.0, nan], [2.0, 7.0], [nan, 8.0]], equal_nan=True)
    assert np.array_equal(panel.volume, [[10.0, nan], [nan, 70.0], [nan, 80.0]], equal_nan=True)
    assert panel.is_live.tolist() == [[True, False], [True, True], [False, True]]
    assert panel.is_filled.tolist() == [[False, False], [True, False], [False, False]]


def test_melting_a_panel_and_spreading_it_again_gives_the_panel():
    panel = make_market(random_raws(1, SESSIONS, late=100, early_death=90), SESSIONS).panel
    long = melt(
        panel,
        panel.is_live,
        {"adj_close": panel.price, "share_volume": panel.volume, "is_filled": panel.is_filled},
    )
    again = make_panel(long, melt_sessions(panel, np.ones(len(SESSIONS), bool), {}))
    for found, known in zip(again[2:], panel[2:], strict=True):
        assert np.array_equal(found, known, equal_nan=known.dtype.kind == "f")
    index = index_rows(long, panel.sessions, panel.symbols)
    assert np.array_equal(spread(long["is_filled"], index, False), panel.is_filled)


def test_melted_rows_stand_by_symbol_then_session_with_null_for_the_unknown():
    panel = make_panel(bars(), sessions())
    long = melt(panel, panel.is_live, {"volume": panel.volume})
    assert long["symbol"].to_pylist() == ["A", "A", "B", "B"]
    assert long["volume"].to_pylist() == [10.0, None, 70.0, 80.0]


NO_VALUES = pa.table({name: pa.array([], pa.string()) for name in ("variant_id", "parameter", "value")})


def variant_rows(variant, **changes: object) -> list[dict]:
    rows = []
    for number, name in enumerate(("published", "baseline")):
        row = {"variant_id": name, "family": "core", "detail": "daily", "description": "as it stands"}
        rows.append(row | variant(name, **changes).values)
        rows.append({**rows[-1], "variant_id": f"yearly_{number}", "detail": "summary"})
    return rows


def resolved(rows: list[dict], parameters: pa.Table = NO_VALUES) -> pa.Table:
    """Let the layer of variants read rows as the seed's."""
    return resolved_variants(rows_of(pa.Table.from_pylist(rows), parameters))


def refused(rows: list[dict], place: str, rule: str) -> None:
    """Hold rows to be refused at a place, in these words."""
    with pytest.raises(RowError) as refusal:
        resolved(rows)
    assert str(refusal.value) == f"seeds/variants.csv, {place}: {rule}"


def test_variants_of_detail_daily_are_read_by_id(variant):
    table = resolved(variant_rows(variant))
    found = read_variants(table, "daily")
    assert found == [variant("baseline"), variant("published")]
    assert all(isinstance(each, Variant) for each in found)
    every = read_variants(table)
    assert [each.variant_id for each in every] == ["baseline", "published", "yearly_0", "yearly_1"]
    assert every[2] == variant("published").changed("yearly_0")
    assert set(map(tuple, table["follows"].to_pylist())) == {("trend", "meanrev")}


def test_a_value_of_the_long_table_is_one_of_its_variant(variant):
    rows = [{name: value for name, value in row.items() if name != "cost"} for row in variant_rows(variant)]
    names = [row["variant_id"] for row in rows]
    long = pa.table(
        {"variant_id": names, "parameter": ["cost"] * len(rows), "value": ["borrow", *["proportional"] * 3]}
    )
    found = read_variants(resolved(rows, long), "daily")
    assert found == [variant("baseline"), variant("published", cost="borrow")]


def test_a_variant_that_cannot_be_run_is_refused_on_reading(variant):
    rows = variant_rows(variant)
    rows[2]["trend_hold"] = 0
    refused(rows, "baseline, column trend_hold", "must be a whole number of 1 or more, is 0")


def test_a_fraction_where_a_whole_number_belongs_is_refused_not_rounded(variant):
    rows = variant_rows(variant, trend_hold=3.0)
    assert read_variants(resolved(rows), "daily")[0].trend_hold == 3
    rows[2]["trend_hold"] = 3.5
    refused(rows, "baseline, column trend_hold", "must be a whole number of 1 or more, is 3.5")


def test_variants_that_are_not_daily_are_held_to_the_same_rules(variant):
    rows = variant_rows(variant)
    rows[1]["cap"] = "nonsense"
    refused(rows, "yearly_0, column cap", "must be one of renormalise, exact, is 'nonsense'")


@pytest.mark.parametrize(("symbols", "least", "daily"), [(499, 500, 3), (500, 500, 1), (10_000, None, 3)])
def test_from_a_number_of_symbols_on_bridge_and_alternatives_have_no_daily_rows(
    variant, symbols, least, daily
):
    families = {"baseline": "core", "bridge_1": "bridge", "weighting_equal": "alternative"}
    rows = [
        {"variant_id": name, "family": family, "detail": "daily", "description": "as it stands"}
        | variant("baseline").values
        for name, family in families.items()
    ]
    table = resolved_variants(in_summary(rows_of(pa.Table.from_pylist(rows), NO_VALUES), symbols, least))
    assert len(read_variants(table, "daily")) == daily
    assert read_variants(table, "daily")[0].variant_id == "baseline"
    assert len(read_variants(table)) == 3


@pytest.mark.parametrize(
    ("is_enabled", "known"),
    [
        ({"trend": True, "off": False, "meanrev": True}, ["meanrev", "trend"]),
        ({"trend": True, "meanrev": False}, ["trend"]),
        ({}, ["meanrev", "trend"]),
    ],
)
def test_enabled_strategies_are_read_by_name(is_enabled, known):
    table = pa.table(
        {
            "strategy": pa.array(is_enabled, pa.string()),
            "is_enabled": pa.array(is_enabled.values(), pa.bool_()),
        }
    )
    assert enabled_strategies(table) == known


def test_splitting_gives_each_group_once_with_its_keys():
    table = sort_rows(pa.table({"a": ["y", "x", "y", "x"], "b": [1, 2, 1, 1], "n": [1, 2, 3, 4]}), "a", "b")
    found = {keys: group["n"].to_pylist() for keys, group in split_by(table, "a", "b")}
    assert found == {("x", 1): [4], ("x", 2): [2], ("y", 1): [1, 3]}


def test_splitting_does_not_mind_how_a_table_lies_in_memory():
    chunked = pa.concat_tables(
        [pa.table({"a": ["x", "x"]}), pa.table({"a": ["x", "y"]}), pa.table({"a": ["y"]})]
    )
    assert [(keys, len(group)) for keys, group in split_by(chunked, "a")] == [(("x",), 3), (("y",), 2)]


def test_nothing_splits_into_nothing_and_stacks_to_an_empty_table():
    schema = {"a": pa.string(), "n": pa.float64()}
    empty = stack([], schema)
    assert empty.schema == pa.schema(schema.items())
    assert len(empty) == 0
    assert list(split_by(empty, "a")) == []
    assert len(stack([empty, label(empty.select(["n"]), a="x")], schema)) == 0


def test_stacking_takes_the_columns_of_the_schema_in_its_order():
    schema = {"a": pa.string(), "n": pa.float64()}
    found = stack([pa.table({"n": [1], "other": [2], "a": ["x"]})], schema)
    assert found.to_pydict() == {"a": ["x"], "n": [1.0]}


def test_layers_on_an_empty_market_give_empty_tables(short):
    empty = read_market(bars().slice(0, 0), sessions().slice(0, 0))
    for variants in ([], [short("published"), short("baseline")]):
        rows = {"performance": len(variants), "streams": 3 * len(variants)}
        for name, table in run_layers(empty, variants).items():
            assert len(table) == rows.get(name, 0), name


def test_table_by_table_is_the_same_as_the_whole_line_at_once(short):
    market = make_market(random_raws(8, SESSIONS, late=100, early_death=90), SESSIONS)
    variants = [short("baseline"), short("published")]
    tables = run_layers(market, variants)
    for variant in variants:
        line = run_line(market, variant)
        rows = dict(split_by(tables["portfolio"], "variant_id"))[(variant.variant_id,)]
        own = line.portfolio.age > 0
        assert np.array_equal(rows["net_return"].to_numpy(), line.portfolio.net_return[own])
        held = dict(split_by(tables["holdings"], "variant_id"))[(variant.variant_id,)]
        assert np.array_equal(held["holding"].to_numpy(), line.portfolio.holding[own].T.ravel())
