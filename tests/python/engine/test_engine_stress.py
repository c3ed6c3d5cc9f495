"""The whole line on shocked inputs: no shock changes nothing, and others go the way theory says."""

import csv
import json
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pytest
from panels import SEEDS, make_market, random_raws, variant_ids, weekdays
from test_engine_executability import EXACT, portfolio_gap, stream_gap

from plumbline.engine.line import Line, run_line
from plumbline.engine.market import Market
from plumbline.engine.measures import sharpe, total_return
from plumbline.engine.portfolio import Execution
from plumbline.engine.registry import components
from plumbline.engine.shocks import resample
from plumbline.engine.stress import (
    Inputs,
    own_returns,
    run_shocked,
    shock_values,
    window_returns,
)
from plumbline.engine.variants import Variant
from plumbline.tables.stress import bootstrap_paths, parameters_of, scenario_results

SESSIONS = weekdays("2015-02-02", 900)
LAGS = ("state_lag", "weight_lag", "leverage_lag")
NOTHING = {
    "volatility": {"factor": 1.0},
    "gap": {"size": 0.0, "assets": "all"},
    "correlation": {"target": -1.0},
    "cost": {"cost_bps": 5},
    "delay": {"sessions": 0},
    "missing": {"share": 0.0, "seed": 11},
    "stale": {"sessions": 0},
    "reversal": {"sessions": 0},
}


def scenarios(*kinds: str) -> list[dict]:
    """Return the scenarios of the seed, of these kinds or of all."""
    with (SEEDS / "scenarios.csv").open(newline="") as file:
        return [row for row in csv.DictReader(file) if not kinds or row["kind"] in kinds]


SHOCKED = [
    (row["scenario_id"], row["kind"], json.loads(row["parameters"]))
    for row in scenarios(*components("shock"))
] + [("dead_asset", "dead", {}), ("dead_asset_100", "dead", {"loss": -1.0})]


@pytest.fixture(scope="module")
def market() -> Market:
    return make_market(random_raws(71, SESSIONS, late=150, early_death=60), SESSIONS)


def shocked(market: Market, variant: Variant, kind: str, given: Mapping) -> tuple[Inputs, Line]:
    """Return what a scenario makes of a run, and the line on it."""
    calm = run_line(market, variant)
    shock, values = shock_values(kind, given)
    inputs = shock.function(Inputs(market, variant), calm, values)
    return inputs, run_shocked(market, variant, calm, kind, given)


def same_bits(found: Line, known: Line, until: int | None = None) -> bool:
    arrays = [
        (a[:until].tobytes(), b[:until].tobytes())
        for layer in ("allocation", "portfolio")
        for a, b in zip(getattr(found, layer), getattr(known, layer), strict=True)
    ]
    return all(a == b for a, b in arrays)


@pytest.mark.parametrize("name", ["published", "baseline", "bridge_7_weights"])
@pytest.mark.parametrize("kind", NOTHING)
def test_a_shock_of_size_zero_reproduces_the_run_bit_for_bit(market, short, name, kind):
    _, line = shocked(market, short(name), kind, NOTHING[kind])
    assert same_bits(line, run_line(market, short(name)))


def test_every_kind_of_shock_has_a_size_zero_but_death(market, short):
    assert NOTHING.keys() == components("shock").keys() - {"dead"}
    calm = run_line(market, short("baseline"))
    for scenario_id, kind, given in SHOCKED:
        _, line = shocked(market, short("baseline"), kind, given)
        assert not same_bits(line, calm), scenario_id


def test_a_history_drawn_in_its_own_order_is_the_history(market, short):
    again = Market(resample(market, np.arange(len(SESSIONS))))
    for name in ("published", "baseline"):
        found, known = (own_returns(run_line(each, short(name))) for each in (again, market))
        np.testing.assert_allclose(found, known, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["baseline", *variant_ids("alternative")])
@pytest.mark.parametrize(("kind", "given"), [each[1:] for each in SHOCKED], ids=[each[0] for each in SHOCKED])
def test_stressed_runs_earn_only_what_was_held(market, short, name, kind, given):
    inputs, line = shocked(market, short(name), kind, given)
    assert stream_gap(line, inputs.market, inputs.variant) <= EXACT
    assert portfolio_gap(line, inputs.market, inputs.variant) <= EXACT


@pytest.mark.parametrize(
    ("name", "costs"),
    [("published", (5, 10, 20, 50)), ("baseline", (5, 10, 20, 50)), ("weighting_asset", (0, 5, 10, 20, 50))],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_the_more_trading_costs_the_less_is_left(market, short, name, costs):
    """Free trading need not be best where weights come from streams.

    The stream of an asset entered after twenty idle sessions has moved by the cost of the entry alone: at no
    cost it has not moved, and the asset takes part a session later.
    """
    lines = [shocked(market, short(name), "cost", {"cost_bps": cost})[1] for cost in costs]
    for of in (sharpe, total_return):
        assert all(more > less for more, less in pairwise(of(own_returns(line)) for line in lines))
    _, free = shocked(market, short(name), "cost", {"cost_bps": 0})
    assert (free.portfolio.cost == 0).all()


@pytest.mark.parametrize("assets", ["largest", "all"])
def test_a_gap_hits_what_was_held_by_its_size(market, short, assets):
    variant = short("baseline")
    calm = run_line(market, variant)
    holding = calm.portfolio.holding
    held, largest = np.unravel_index(holding.argmax(), holding.shape)
    inputs, line = shocked(market, variant, "gap", {"size": -0.2, "assets": assets})
    at = held + 1
    assert same_bits(line, calm, until=at)
    hit = [largest] if assets == "largest" else [0, 1, 2]
    for i in range(3):
        lost = holding[held, i] * (1 + market.ret[at, i]) * 0.2 if i in hit else 0.0
        assert line.portfolio.gross[at, i] == pytest.approx(calm.portfolio.gross[at, i] - lost, abs=1e-12)
        after = inputs.market.ret[at + 1 :, i]
        np.testing.assert_allclose(after, market.ret[at + 1 :, i], rtol=0, atol=1e-12)
    assert holding[held, largest] > 0.3


def test_a_delay_of_net_holds_yesterdays_decision(market, short):
    calm = run_line(market, short("baseline"))
    for sessions in (1, 2):
        _, line = shocked(market, short("baseline"), "delay", {"sessions": sessions})
        known = np.vstack([np.zeros((sessions, 3)), calm.portfolio.holding[:-sessions]])
        assert np.array_equal(line.portfolio.holding, known)
        for layer in ("weight", "leverage", "unlevered_return"):
            assert np.array_equal(getattr(line.portfolio, layer), getattr(calm.portfolio, layer))


def test_a_delay_elsewhere_is_one_more_of_each_lag_that_acts(market, short):
    """Published a session late is step 3 of the bridge."""
    _, line = shocked(market, short("published"), "delay", {"sessions": 1})
    step_3 = short("published", **dict.fromkeys(LAGS, 1))
    assert same_bits(line, run_line(market, step_3))
    assert same_bits(line, run_line(market, short("bridge_3_leverage_lag")))
    switching, later = short("bridge_6_switching"), short("bridge_6_switching", weight_lag=2, leverage_lag=2)
    _, line = shocked(market, switching, "delay", {"sessions": 1})
    assert same_bits(line, run_line(market, later))


def test_stale_volatility_is_that_of_some_sessions_ago(market, short):
    calm = run_line(market, short("baseline"))
    _, line = shocked(market, short("baseline"), "stale", {"sessions": 20})
    full = int((calm.allocation.age >= 20).all(axis=1).argmax()) + 20  # streams have had a window for so long
    ends = len(SESSIONS) - 60  # and no asset is dead yet
    assert full + 200 < ends
    assert np.array_equal(line.portfolio.weight[full:ends], calm.portfolio.weight[full - 20 : ends - 20])
    assert np.array_equal(line.allocation.exposure, calm.allocation.exposure)
    equal = short("baseline", weighting="equal")
    calm = run_line(market, equal)
    _, line = shocked(market, equal, "stale", {"sessions": 7})
    # Whatever the volatility, weights are equal; they start when their volatility is known, 7 sessions later.
    assert np.array_equal(line.portfolio.weight[full:ends], calm.portfolio.weight[full:ends])
    assert np.array_equal(
        line.portfolio.leverage[full + 27 : ends], calm.portfolio.leverage[full + 20 : ends - 7]
    )


def test_reversals_follow_the_entries_of_the_unstressed_run(market, short):
    position = run_line(market, short("baseline")).streams["trend"].positions.position
    inputs, _ = shocked(market, short("baseline"), "reversal", {"sessions": 1})
    flat = np.vstack([np.zeros((1, 3)), position[:-1]]) == 0
    after = np.vstack([np.zeros((1, 3), bool), ((position > 0) & flat)[:-1]])
    known = np.where(after, -np.abs(market.ret), market.ret)
    np.testing.assert_allclose(inputs.market.ret, known, rtol=0, atol=1e-12)
    assert (after & (market.ret > 0)).sum() > 10


@pytest.mark.parametrize("execution", [Execution(delay=1), Execution(stale=20)], ids=str)
def test_late_execution_knows_nothing_of_later_bars(market, short, execution):
    panel = market.panel
    line = run_line(market, short("baseline"), execution)
    for count in (600, 737, 850):
        cut = Market(
            panel._replace(
                sessions=panel.sessions[:count],
                **{
                    name: getattr(panel, name)[:count] for name in ("price", "volume", "is_live", "is_filled")
                },
            )
        )
        assert same_bits(run_line(cut, short("baseline"), execution), line, until=count)


def test_missing_bars_change_nothing_before_the_first_of_them(market, short):
    calm = run_line(market, short("baseline"))
    for seed in range(3):
        given = {"share": 0.0015, "seed": seed}
        inputs, line = shocked(market, short("baseline"), "missing", given)
        lost = inputs.market.panel.is_filled & ~market.panel.is_filled
        assert same_bits(line, calm, until=int(lost.any(axis=1).argmax()))


@pytest.mark.parametrize("count", [0, 1, 100])
@pytest.mark.parametrize("name", ["published", "baseline"])
def test_where_nothing_is_held_no_shock_is_an_error_and_none_hits(short, name, count):
    """A panel of no session, of one, and of too few for a fold."""
    sessions = SESSIONS[:count]
    raws = random_raws(1, SESSIONS[:100]) if count else {}
    raws = {symbol: {day: bar for day, bar in raw.items() if day in sessions} for symbol, raw in raws.items()}
    few = make_market({symbol: raw for symbol, raw in raws.items() if raw}, sessions)
    for scenario_id, kind, given in SHOCKED:
        inputs, line = shocked(few, short(name), kind, given)
        assert not len(own_returns(line)), scenario_id
        if kind in ("gap", "dead"):
            assert inputs.market.panel.price.tobytes() == few.panel.price.tobytes()


def test_a_reversal_needs_no_trend_strategy(market, short):
    """A variant need not follow it."""
    alone = short("baseline", allocator="always", follows="meanrev")
    _, line = shocked(market, alone, "reversal", {"sessions": 1})
    assert same_bits(line, run_line(market, alone))
    assert (line.portfolio.net_return != 0).any()


def test_a_window_is_covered_only_where_the_portfolio_has_every_session(market, short):
    line = run_line(market, short("baseline"))
    own = np.flatnonzero(line.portfolio.age > 0)
    first, last = (market.panel.sessions[own[k]] for k in (0, -1))
    day = np.timedelta64(1, "D")
    assert np.array_equal(window_returns(market, line, first, last), own_returns(line))
    found = window_returns(market, line, first + 30 * day, first + 60 * day)
    inside = (market.panel.sessions >= first + 30 * day) & (market.panel.sessions <= first + 60 * day)
    assert np.array_equal(found, line.portfolio.net_return[inside])
    for begin, end in ((first - 3 * day, last), (first, last + day), (last + day, last + 9 * day)):
        assert window_returns(market, line, begin, end) is None


def test_the_table_has_a_row_a_variant_and_scenario_with_changes_against_the_calm_run(market, short):
    variants = [short("published"), short("baseline"), short("weighting_equal")]
    rows = scenario_results(market, variants, scenarios(), []).to_pylist()
    keys = [(row["variant_id"], row["scenario_id"]) for row in rows]
    wanted = [row["scenario_id"] for row in scenarios() if row["kind"] != "bootstrap"]
    assert sorted(keys) == sorted((v, s) for v in ("published", "baseline") for s in wanted)
    calm = sharpe(own_returns(run_line(market, short("baseline"))))
    for row in rows:
        if row["variant_id"] == "baseline" and row["sharpe_change"] is not None:
            assert row["sharpe"] - row["sharpe_change"] == pytest.approx(calm, abs=1e-12)
    covered = {row["scenario_id"] for row in rows if row["is_covered"]}
    assert "china_2015" not in covered, "the portfolio starts later"
    assert "crisis_2008" not in covered


def test_resampled_paths_are_the_same_on_every_run(market, short):
    bootstrap = [
        row | {"parameters": '{"paths": 3, "block": 20, "seed": 7}'} for row in scenarios("bootstrap")
    ]
    variants = [short("published"), short("baseline")]
    found = bootstrap_paths(market, variants, bootstrap)
    assert found.equals(bootstrap_paths(market, variants, bootstrap))
    assert sorted(found["path"].to_pylist()) == [1, 1, 2, 2, 3, 3]
    assert len(set(found["sharpe"].to_pylist())) == 6
    other = [row | {"parameters": '{"paths": 3, "block": 20, "seed": 8}'} for row in bootstrap]
    assert not found.equals(bootstrap_paths(market, variants, other))


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"kind": "meteor", "parameters": "{}"},
            rf"mine.*'meteor' is none of window, bootstrap, delisting, {', '.join(components('shock'))}$",
        ),
        ({"kind": "gap", "parameters": "{size}"}, r"mine.*no JSON"),
        (
            {"kind": "delisting", "parameters": "{}"},
            r"mine.*delisting takes dates, loss, report, runs, seed, has none",
        ),
        (
            {
                "kind": "delisting",
                "parameters": '{"loss": -0.3, "dates": 8, "runs": 9, "seed": 7, "report": "best"}',
            },
            r"mine.*delisting: must be one of worst, median, is 'best'",
        ),
    ],
)
def test_a_scenario_that_cannot_be_run_is_refused_by_name(row, message):
    with pytest.raises(ValueError, match=message):
        parameters_of({"scenario_id": "mine", **row})
