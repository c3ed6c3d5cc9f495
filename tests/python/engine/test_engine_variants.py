"""Rows that cannot be run are refused, by name and column; so is a strategy nobody registered."""

import pytest
from test_engine_twin import combinations

from plumbline.engine.strategies import get_strategy
from plumbline.engine.variants import LAG_ACTS, PARAMETERS, check_variant


def test_every_legal_combination_of_switches_is_accepted(variant):
    for changes in combinations():
        checked = variant("baseline", **changes)
        assert check_variant(checked) is checked


def test_the_rows_of_the_seed_are_accepted(variant):
    assert check_variant(variant("baseline")).cost == pytest.approx(variant("baseline").cost_bps / 10_000)
    assert check_variant(variant("published")).min_test_sessions == 60


@pytest.mark.parametrize("lag", LAG_ACTS)
@pytest.mark.parametrize("basis", ["strategy", "switching", "weights", "net"])
@pytest.mark.parametrize("value", [0, 2])
def test_a_lag_that_does_not_act_must_be_one(variant, lag, basis, value):
    wrong = variant("baseline", cost_basis=basis, **{lag: value})
    if basis in LAG_ACTS[lag]:
        check_variant(wrong)
        return
    with pytest.raises(ValueError, match=rf"'baseline'.*{lag}.*1") as refusal:
        check_variant(wrong)
    assert basis in str(refusal.value)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("warm_up", "never"),
        ("cap", "Exact"),
        ("cost_basis", ""),
        ("cost_basis", "gross"),
        ("trend_hold", 0),
        ("meanrev_hold", -1),
        ("vol_window", 1),
        ("min_train_rows", 0),
        ("min_test_sessions", 0),
        ("min_train_sessions", -1),
        ("cost_bps", -0.5),
        ("max_weight", 0.0),
        ("max_weight", 1.01),
        ("target_volatility", 0.0),
        ("max_leverage", -1.0),
        ("max_weight", float("nan")),
    ],
)
def test_impossible_values_are_refused_by_variant_and_column(variant, column, value):
    with pytest.raises(ValueError, match=rf"'baseline'.*{column}"):
        check_variant(variant("baseline", **{column: value}))


@pytest.mark.parametrize("lag", LAG_ACTS)
def test_a_negative_lag_would_be_look_ahead_and_is_refused(variant, lag):
    with pytest.raises(ValueError, match=rf"'published'.*{lag}"):
        check_variant(variant("published", **{lag: -1}))


@pytest.mark.parametrize("column", PARAMETERS)
def test_a_column_left_blank_is_refused(variant, column):
    with pytest.raises(ValueError, match=rf"'published'.*{column}"):
        check_variant(variant("published", **{column: None}))


@pytest.mark.parametrize("column", ["cost_bps", "target_volatility", "max_leverage"])
def test_a_parameter_that_is_no_number_is_refused(variant, column):
    with pytest.raises(ValueError, match=column):
        check_variant(variant("baseline", **{column: float("nan")}))


def test_an_unknown_strategy_is_refused_with_the_names_of_the_known_ones():
    with pytest.raises(KeyError, match=r"breakout.*seeds/strategies\.csv.*meanrev, trend"):
        get_strategy("breakout")
