"""What a component returns, reads or raises is held to its kind: by file, line, symbol and session."""

import numpy as np
import pytest
from panels import make_market, random_raws, weekdays
from written import FIRST, message, place

from plumbline.engine.benchmarks import benchmark_returns
from plumbline.engine.costs import rates_of
from plumbline.engine.line import Line, run_line
from plumbline.engine.market import Market
from plumbline.engine.stress import run_shocked
from plumbline.engine.variants import Variant, make_variant

SESSIONS = weekdays("2015-02-02", 40)


@pytest.fixture
def market() -> Market:
    return make_market(random_raws(1, SESSIONS, assets=2), SESSIONS)


def run(market: Market, baseline: Variant, kind: str) -> Line | dict:
    """Run the line with the component that is called `mine` in its place."""
    given = {**baseline.values, "min_train_sessions": 0, "vol_window": 5}
    if kind == "strategy":
        given |= {"allocator": "always", "follows": "mine"}
    if kind in ("cost", "allocator", "weighting"):
        given[kind] = "mine"
    variant = make_variant("tried", given)
    if kind == "benchmark":
        return benchmark_returns(market, variant)
    line = run_line(market, variant)
    return run_shocked(market, variant, line, "mine", {}) if kind == "shock" else line


HEADERS = {
    "strategy": ('@strategy("mine", Parameter("depth", 1.0){})', "view, parameters"),
    "allocator": ('@allocator("mine", Parameter("leg", "trend", of="strategy"){})', "view, parameters, legs"),
    "weighting": ('@weighting("mine"{})', "view, parameters, streams"),
    "cost": ('@cost("mine"{})', "view, parameters"),
    "benchmark": ('@benchmark("mine"{})', "view, parameters"),
    "shock": ('@shock("mine"{})', "inputs, line, parameters"),
}
WHERE = f"ASSET1 on {SESSIONS[7]}"


def component_text(kind: str, body: str, traits: str) -> str:
    """Return a component whose body starts four lines after its decorator."""
    decorator, arguments = HEADERS[kind]
    lines = [decorator.format(traits), f"def mine({arguments}):", '    """Do something."""']
    if kind != "shock":
        lines.append("    out = np.zeros(view.ret.shape)")
    return "\n".join([*lines, *(f"    {line}" for line in body.split("; "))]) + "\n"


MORE = "; shorts=True and parts=True in its decorator allow more"
BOTH, SHORTS, PARTS, FOLLOWS = ", shorts=True, parts=True", ", shorts=True", ", parts=True", ", shares=True"
RETURNED = [
    # Of another type or shape.
    ("strategy", "return None", "", " returned NoneType; positions must be an array of shape (40, 2)"),
    ("strategy", "return 'flat'", "", " returned str; positions must be an array of shape (40, 2)"),
    ("strategy", "return out[:-1]", "", " returned shape (39, 2); positions must be of shape (40, 2)"),
    ("strategy", "return 1.0", "", " returned shape (); positions must be of shape (40, 2)"),
    ("allocator", "return None", "", " returned NoneType; choices must be an array of shape (40, 2)"),
    ("allocator", "return out.T", "", " returned shape (2, 40); choices must be of shape (40, 2)"),
    ("allocator", "return out", FOLLOWS, " returned shape (40, 2); shares must be of shape (1, 40, 2)"),
    ("weighting", "return out[0]", "", " returned shape (2,); weights must be of shape (40, 2)"),
    ("cost", "return 0.001", "", " returned float; it must return Rates(trade, short)"),
    ("cost", "return Rates(out[:5])", "", " returned shape (5, 2); rate trade must be of shape (40, 2)"),
    ("benchmark", "return out[1:]", "", " returned shape (39, 2); holdings must be of shape (40, 2)"),
    ("benchmark", "return {'a': out[1:]}", "", " returned shape (39, 2); holdings must be of shape (40, 2)"),
    ("shock", "return inputs.market", "", " returned Market; it must return Inputs"),
    # Unknown, out of bounds, or not whole: on the session where it is.
    *(
        ("strategy", f"out[7, 1] = {value}; return out", traits, f": position of {WHERE} is {said}; {rule}")
        for value, traits, said, rule in (
            ("np.nan", "", "nan", f"it must be 0 or 1{MORE}"),
            ("2", "", "2", f"it must be 0 or 1{MORE}"),
            ("-1", "", "-1", f"it must be 0 or 1{MORE}"),
            ("-1", PARTS, "-1", f"it must be from 0 to 1{MORE}"),
            ("0.5", "", "0.5", f"it must be 0 or 1{MORE}"),
            ("-0.5", SHORTS, "-0.5", f"it must be -1, 0 or 1{MORE}"),
            ("-1.01", BOTH, "-1.01", "it must be from -1 to 1"),
            ("np.inf", BOTH, "inf", "it must be from -1 to 1"),
            ("np.nan", BOTH, "nan", "it must be from -1 to 1"),
        )
    ),
    *(
        (
            "allocator",
            f"out[7, 1] = {value}; return out",
            "",
            f": choice of {WHERE} is {said}; it must be a whole number from 0 (cash) to 1",
        )
        for value, said in (("np.nan", "nan"), ("2", "2"), ("-1", "-1"), ("0.5", "0.5"))
    ),
    *(
        (
            "allocator",
            f"out[7, 1] = {value}; return {returned}",
            FOLLOWS,
            f": sum of the shares of {WHERE} is {said}; it must be 1 at most, and no share below 0",
        )
        for value, said in (("1.25", "1.25"), ("-0.25", "-0.25"), ("np.nan", "nan"))
        for returned in ("out[None]", "Choice(None, out[None])")
    ),
    *(
        (
            "weighting",
            f"out[7, 1] = {value}; return out",
            "",
            f": weight of {WHERE} is {said}; it must be 0 or more, or NaN",
        )
        for value, said in (("-0.1", "-0.1"), ("np.inf", "inf"))
    ),
    *(
        (
            "cost",
            f"out[7, 1] = {value}; return Rates({returned})",
            "",
            f": rate {name} of {WHERE} is {said}; it must be a fraction of 0 or more",
        )
        for value, said in (("-0.1", "-0.1"), ("np.nan", "nan"), ("np.inf", "inf"))
        for returned, name in (("out", "trade"), ("0.0, out", "short"))
    ),
    *(
        (
            "benchmark",
            f"out[7, 1] = {value}; return {returned}",
            "",
            f": holding of {WHERE} is {said}; it must be a finite number",
        )
        for value, said in (("np.nan", "nan"), ("-np.inf", "-inf"))
        for returned in ("out", "{'a': out}")
    ),
]


@pytest.mark.parametrize(("kind", "body", "traits", "rule"), RETURNED)
def test_what_a_component_may_not_return_is_refused_where_it_stands(
    own, market, variant, kind, body, traits, rule
):
    path = own(component_text(kind, body, traits))
    found = message(lambda: run(market, variant("baseline"), kind))
    assert found == place(path, kind) + rule


@pytest.mark.parametrize("kind", HEADERS)
def test_a_parameter_that_was_not_declared_cannot_be_read(own, market, variant, kind):
    path = own(component_text(kind, "return parameters.dept", ""))
    known = {"strategy": "depth", "allocator": "leg"}.get(kind, "none")
    assert message(lambda: run(market, variant("baseline"), kind)) == (
        f"{place(path, kind)} reads parameter 'dept', which it does not declare; it declares {known}"
    )


@pytest.mark.parametrize("kind", HEADERS)
@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("x = 0; return 1 / x", "ZeroDivisionError: division by zero"),
        ("x = {}; return x['a']", "KeyError: 'a'"),
        ("x = np.ones(2); return x @ np.ones(3)", "ValueError: matmul"),
    ],
    ids=["division", "key", "within another library"],
)
def test_an_exception_inside_is_named_with_the_line_that_it_came_from(
    own, market, variant, kind, body, error
):
    path = own(component_text(kind, body, ""))
    line = FIRST + (4 if kind == "shock" else 5)
    found = message(lambda: run(market, variant("baseline"), kind))
    assert found.startswith(f"{place(path, kind)} failed on line {line}: {error}")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (
            "return view.feature('mood', 5)",
            "ValueError: no feature 'mood'; there are drawdown, momentum, relative_volume, volatility",
        ),
        (
            "return view.volatility(1)",
            "ValueError: the window of volatility must be a whole number of 2 or more, is 1",
        ),
        ("return view.column('SPY')", "ComponentError: symbol 'SPY' is not among the assets: ASSET0, ASSET1"),
        ("view.price[0, 0] = 1.0", "ValueError: assignment destination is read-only"),
        ("view.momentum(5)[0, 0] = 1.0", "ValueError: assignment destination is read-only"),
        ("view.may_enter[0, 0] = True", "ValueError: assignment destination is read-only"),
    ],
)
def test_what_a_component_asks_of_its_view_in_vain_is_said(own, market, variant, body, error):
    path = own(component_text("strategy", body, ""))
    found = message(lambda: run(market, variant("baseline"), "strategy"))
    assert found == f"{place(path)} failed on line {FIRST + 4}: {error}"


def test_a_component_gets_its_own_values_and_nothing_else(own, market, variant):
    text = "out[:] = parameters.depth; assert not hasattr(view, 'cost_bps'); return out"
    own(component_text("strategy", text, PARTS).replace('depth", 1.0', 'depth", 0.25, 0.0'))
    given = {**variant("baseline").values, "min_train_sessions": 0, "allocator": "always", "follows": "mine"}
    for depth in (0.25, 0.75):
        made = make_variant("tried", given | ({} if depth == 0.25 else {"depth": depth}))
        assert np.unique(run_line(market, made).allocation.exposure[market.panel.is_live]) == [depth]


def test_a_strategy_of_an_asset_that_is_not_there_stays_flat(own, market, variant):
    """A sweep leaves each asset out in turn, the one that a parameter names among them."""
    body = "out[:, view.column(parameters.pair)] = 1.0; return out"
    own(component_text("strategy", body, "").replace('"depth", 1.0', '"pair", "ASSET1", of="symbol"'))
    given = {**variant("baseline").values, "min_train_sessions": 0, "allocator": "always", "follows": "mine"}
    for pair, known in (("ASSET1", [0.0, 1.0]), ("ASSET0", [1.0, 0.0]), ("SPY", [0.0, 0.0])):
        streams = run_line(market, make_variant("tried", given | {"pair": pair})).streams["mine"]
        assert streams.positions.position[5].tolist() == known
        assert np.isnan(streams.positions.prediction).all()
        assert streams.gross.any() == (pair != "SPY")


LED = '''
@allocator("led", Parameter("leads", "ASSET1", of="symbol"), Parameter("led_by", "trend", of="strategy"))
def led(view, parameters, legs):
    """Follows while another asset rises."""
    return np.ones(view.ret.shape) * (view.momentum(5)[:, [view.column(parameters.leads)]] > 0)


@weighting("apart", Parameter("kept", "ASSET1", of="symbol"))
def apart(view, parameters, streams):
    """Weighs one asset alone."""
    return np.where(np.arange(len(view.symbols)) == view.column(parameters.kept), 1.0, np.nan * view.ret)
'''


@pytest.mark.parametrize(
    ("slots", "parameter"), [({"allocator": "led"}, "leads"), ({"weighting": "apart"}, "kept")]
)
def test_an_allocator_or_a_weighting_of_an_asset_that_is_not_there_holds_nothing(
    own, market, variant, slots, parameter
):
    """Else a sweep that leaves the asset out could not be run, and no build with it."""
    own(LED)
    given = {**variant("baseline").values, "min_train_sessions": 0, "vol_window": 2, **slots}
    run_line(market, make_variant("there", given))
    line = run_line(market, make_variant("gone", given | {parameter: "SPY"}))
    assert not line.portfolio.holding.any()
    assert not line.portfolio.net_return.any()


def test_rates_that_hang_on_a_feature_are_those_of_the_variants_own_warm_up(own, variant):
    body = '    """Charges by age."""\n    return Rates(view.age / 1e6)\n'
    own(f'@cost("wild")\ndef wild(view, parameters):\n{body}')
    sessions = weekdays("2020-11-02", 100)
    market = make_market(random_raws(1, sessions, assets=2), sessions)
    for warm_up in ("continuous", "year"):
        tried = make_variant("tried", {**variant("baseline").values, "cost": "wild", "warm_up": warm_up})
        np.testing.assert_array_equal(rates_of(market, tried).trade, market.age(warm_up) / 1e6)
