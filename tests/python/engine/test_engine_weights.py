"""Inverse-volatility weights and their two caps (docs/method.md, section 6, step 2)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twin_portfolio import cap_weights

from plumbline.engine.portfolio import capped_weights, inverse

volatilities = st.lists(
    st.one_of(st.just(0.0), st.just(float("nan")), st.floats(1e-6, 10.0)), min_size=1, max_size=8
)


def weights(volatility: list[float], cap: float, rule: str) -> np.ndarray:
    return capped_weights(inverse(np.array([volatility], dtype=float)), cap, rule)[0]


def test_the_worked_example_of_the_method():
    shares = np.array([0.50, 0.30, 0.15, 0.05])
    found = weights(list(1 / shares), 0.30, "exact")
    np.testing.assert_allclose(found, [0.30, 0.30, 0.30, 0.10], atol=1e-12)
    assert found.max() <= 0.30


def test_a_single_asset_gets_the_cap_and_the_rest_stays_in_cash():
    assert weights([0.01], 0.70, "exact").tolist() == [0.70]
    assert weights([0.01, np.nan, 0.0], 0.70, "exact").tolist() == [0.70, 0.0, 0.0]


def test_renormalising_can_lift_a_weight_over_the_cap_again():
    assert weights([0.01], 0.70, "renormalise").tolist() == [1.0]
    found = weights(list(1 / np.array([0.8, 0.2])), 0.70, "renormalise")
    np.testing.assert_allclose(found, [0.7 / 0.9, 0.2 / 0.9], rtol=1e-14)
    assert found[0] > 0.70


def test_an_excess_handed_on_can_lift_others_over_the_cap_in_turn():
    shares = np.array([0.40, 0.26, 0.24, 0.10])
    np.testing.assert_allclose(weights(list(1 / shares), 0.28, "exact"), [0.28, 0.28, 0.28, 0.16], atol=1e-12)


def test_assets_without_known_or_positive_volatility_take_no_part():
    assert weights([0.0, np.nan], 0.70, "exact").tolist() == [0.0, 0.0]
    assert weights([0.0, np.nan], 0.70, "renormalise").tolist() == [0.0, 0.0]
    assert weights([0.02, np.nan, 0.02], 0.70, "exact").tolist() == [0.5, 0.0, 0.5]


@given(volatilities, st.floats(0.05, 1.0))
def test_exact_weights_never_exceed_the_cap_and_leave_cash_only_if_they_must(volatility, cap):
    found = weights(volatility, cap, "exact")
    takes_part = np.nan_to_num(np.array(volatility)) > 0
    assert (found[takes_part] > 0).all()
    assert (found[~takes_part] == 0).all()
    assert found.max() <= cap
    assert found.sum() <= 1 + 1e-12
    assert found.sum() == pytest.approx(min(1.0, cap * takes_part.sum()), abs=1e-12)


@given(volatilities, st.floats(0.05, 1.0))
def test_renormalised_weights_add_up_to_one(volatility, cap):
    found = weights(volatility, cap, "renormalise")
    takes_part = np.nan_to_num(np.array(volatility)) > 0
    assert found.sum() == pytest.approx(1.0 if takes_part.any() else 0.0, abs=1e-12)


@given(st.lists(st.floats(0.001, 1.0), min_size=1, max_size=8), st.floats(0.05, 1.0))
@pytest.mark.parametrize("rule", ["exact", "renormalise"])
def test_both_caps_agree_with_the_twin(rule, volatility, cap):
    inverse = {str(i): 1 / value for i, value in enumerate(volatility)}
    shares = {name: value / sum(inverse.values()) for name, value in inverse.items()}
    expected = list(cap_weights(shares, cap, rule).values())
    np.testing.assert_allclose(weights(volatility, cap, rule), expected, atol=1e-12)
