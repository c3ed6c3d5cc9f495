"""Rows that cannot be run are refused, by name and column; so is a strategy nobody registered."""

import re

import pyarrow as pa
import pytest
from panels import make_market, random_raws, weekdays
from test_engine_twin import combinations

from plumbline.engine.costs import Rates, rates_of
from plumbline.engine.registry import ComponentError, component
from plumbline.engine.variants import LAG_ACTS, Variant, VariantError, check_variant, declared, make_variant
from plumbline.tables.strategy import enabled_strategies

SESSIONS = weekdays("2015-02-02", 60)


def again(variant: Variant) -> Variant:
    """Return a variant made of its own values, which are looked at once more."""
    return make_variant(variant.variant_id, variant.values)


def refused(variant: Variant, column: str, rule: str) -> None:
    """Hold a variant to be refused for one column, in these words."""
    with pytest.raises(VariantError) as refusal:
        again(variant)
    assert str(refusal.value) == f"variant '{variant.variant_id}': {column} {rule}"
    assert (refusal.value.parameter, refusal.value.rule) == (column, rule)


def test_every_legal_combination_of_switches_is_accepted(variant):
    for changes in combinations():
        checked = variant("baseline", **changes)
        assert check_variant(checked) is checked
        assert again(checked) == checked


def test_the_rows_of_the_seed_are_accepted(variant):
    market = make_market(random_raws(1, SESSIONS, assets=1), SESSIONS)
    baseline = again(variant("baseline"))
    assert rates_of(market, baseline) == Rates(pytest.approx(baseline.cost_bps / 10_000), 0.0)
    assert again(variant("published")).min_test_sessions == 60


@pytest.mark.parametrize("lag", LAG_ACTS)
@pytest.mark.parametrize("basis", ["strategy", "switching", "weights", "net"])
@pytest.mark.parametrize("value", [0, 2])
def test_a_lag_that_does_not_act_must_be_one(variant, lag, basis, value):
    wrong = variant("baseline", cost_basis=basis, **{lag: value})
    if basis in LAG_ACTS[lag]:
        assert again(wrong) == wrong
        return
    refused(wrong, lag, f"must be 1 where cost_basis is {basis}, is {value}")


COST_BASIS = "one of strategy, switching, weights, net"


@pytest.mark.parametrize(
    ("column", "value", "allowed"),
    [
        ("warm_up", "never", "one of year, continuous"),
        ("cap", "Exact", "one of renormalise, exact"),
        ("cost_basis", "", COST_BASIS),
        ("cost_basis", "gross", COST_BASIS),
        ("trend_hold", 0, "a whole number of 1 or more"),
        ("trend_hold", 3.5, "a whole number of 1 or more"),
        ("meanrev_hold", -1, "a whole number of 1 or more"),
        ("vol_window", 1, "a whole number of 2 or more"),
        ("min_train_rows", 0, "a whole number of 1 or more"),
        ("min_test_sessions", 0, "a whole number of 1 or more"),
        ("min_train_sessions", -1, "a whole number of 0 or more"),
        ("cost_bps", -0.5, "a number of 0 or more"),
        ("max_weight", 0.0, "a number above 0 and up to 1"),
        ("max_weight", 1.01, "a number above 0 and up to 1"),
        ("target_volatility", 0.0, "a number above 0"),
        ("max_leverage", -1.0, "a number above 0"),
        ("max_weight", float("nan"), "a number above 0 and up to 1"),
    ],
)
def test_impossible_values_are_refused_by_variant_and_column(variant, column, value, allowed):
    refused(variant("baseline", **{column: value}), column, f"must be {allowed}, is {value!r}")


@pytest.mark.parametrize("lag", LAG_ACTS)
def test_a_negative_lag_would_be_look_ahead_and_is_refused(variant, lag):
    refused(variant("published", **{lag: -1}), lag, "must be a whole number of 0 or more, is -1")


@pytest.mark.parametrize("column", declared())
def test_a_column_left_blank_is_refused(variant, column):
    refused(variant("published", **{column: None}), column, f"must be {declared()[column].allowed}, is None")


@pytest.mark.parametrize("column", ["cost_bps", "target_volatility", "max_leverage"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), "five", [5.0]], ids=str)
def test_a_parameter_that_is_no_number_is_refused(variant, column, value):
    refused(
        variant("baseline", **{column: value}), column, f"must be {declared()[column].allowed}, is {value!r}"
    )


def test_what_is_not_given_has_its_default_and_a_text_becomes_a_number():
    slots = {"cost": "proportional", "allocator": "rule", "weighting": "stream"}
    given = {"trend_hold": " 7 ", "cost_bps": "2.5", "cap": " exact "}
    made = make_variant("mine", slots | given)
    assert (made.trend_hold, made.cost_bps, made.cap) == (7, 2.5, "exact")
    assert {type(made.trend_hold), type(made.vol_window)} == {int}
    defaults = {name: parameter.default for name, parameter in declared().items()}
    assert made.values == defaults | slots | {"trend_hold": 7, "cost_bps": 2.5, "cap": "exact"}


@pytest.mark.parametrize("slot", ["cost", "allocator", "weighting"])
def test_a_slot_has_no_default(variant, slot):
    given = {name: value for name, value in variant("baseline").values.items() if name != slot}
    with pytest.raises(VariantError, match=f"'mine': {slot} must be the name of a {slot}, is ''"):
        make_variant("mine", given)


def test_a_name_that_is_no_parameter_is_refused_with_those_there_are():
    known = ", ".join(sorted(declared()))
    with pytest.raises(VariantError) as refusal:
        make_variant("mine", {"trend_holds": 5})
    assert str(refusal.value) == f"variant 'mine': trend_holds is no parameter; there are {known}"
    with pytest.raises(AttributeError, match=r"'baseline' has no parameter 'trend_holds'"):
        _ = Variant("baseline", {}).trend_holds


@pytest.mark.parametrize(
    ("column", "known"),
    [
        ("cost", "borrow, proportional"),
        ("allocator", "always, blend, gated, hysteresis, rule"),
        ("weighting", "asset, equal, stream"),
        ("up", "meanrev, trend"),
    ],
)
def test_an_unknown_component_is_refused_with_the_names_of_the_known_ones(variant, column, known):
    kind = "strategy" if column == "up" else column
    rule = f"is 'breakout': no {kind} 'breakout' is registered; there are {known}"
    refused(variant("baseline", **{column: "breakout"}), column, rule)


def test_a_strategy_may_be_followed_for_one_state_only(variant):
    rule = "chooses among trend, trend; each may stand there once"
    refused(variant("baseline", down="trend"), "allocator", rule)


def test_an_unknown_strategy_is_refused_with_the_names_of_the_known_ones():
    with pytest.raises(ComponentError, match=r"no strategy 'breakout' is registered.*meanrev, trend"):
        component("strategy", "breakout")
    rows = pa.table({"strategy": ["trend", "breakout"], "is_enabled": [True, True]})
    with pytest.raises(
        ComponentError, match=re.escape("seeds/strategies.csv") + r".*'breakout'.*meanrev, trend"
    ):
        enabled_strategies(rows)
