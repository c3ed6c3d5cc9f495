"""Which parameters are moved, how far, and that a change of the bars is what it says it is."""

import csv

import numpy as np
import pandas as pd
import pytest
from panels import SEEDS, make_market, random_raws, run_layers, seed_draws, weekdays

from plumbline.engine.allocator import states_of
from plumbline.engine.line import run_line
from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.perturbations import (
    DataChange,
    Draws,
    Perturbation,
    changed_panel,
    data_changes,
    grid,
    joint,
    moving,
    one_at_a_time,
)
from plumbline.engine.registry import Parameter, Values, strategy
from plumbline.engine.strategies import StrategyView
from plumbline.engine.summary import state_agreement, state_mix, summarise
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant, declared, make_variant, used

SESSIONS = weekdays("2015-02-02", 700)
# Docs/method.md, sections 4 to 6, less feature windows, the three minimums and the switches.
MOVED = (
    *("cost_bps", "prediction_threshold", "trend_ret20_min", "trend_hold"),
    *("meanrev_ret5_max", "meanrev_entry_vol20_max", "meanrev_hold"),
    *("trend_mom60_min", "trend_mom20_min", "meanrev_mom20_max", "meanrev_dd60_max", "meanrev_vol20_max"),
    *("vol_window", "max_weight", "target_volatility", "max_leverage"),
)
WHOLE = {"trend_hold", "meanrev_hold", "vol_window"}
ZERO = {"prediction_threshold", "trend_ret20_min", "trend_mom60_min"}  # of `baseline`
RAWS = random_raws(51, SESSIONS, late=60, early_death=80)
DRAWS = {purpose: Draws(row["draws"], row["seed"]) for purpose, row in seed_draws().items()}
NOISE = DRAWS["price_noise"]


@pytest.fixture(scope="module")
def market() -> Market:
    return make_market(RAWS, SESSIONS)


def changed(variant: Variant, base: Variant) -> set[str]:
    """Name the parameters in which two variants differ."""
    return {name for name in declared() if getattr(variant, name) != getattr(base, name)}


def grid_of(base: Variant) -> list[Perturbation]:
    """Return the grid that the seed asks for."""
    with (SEEDS / "sweeps.csv").open(newline="") as file:
        (row,) = (
            row
            for row in csv.DictReader(file)
            if (row["base_variant_id"], row["kind"]) == (base.variant_id, "grid")
        )
    return list(grid(base, tuple(row["parameters"].split()), float(row["step"])))


def bars_of(panel: Panel, change: DataChange) -> Panel:
    """Return the bars that a change makes."""
    return changed_panel(panel, change.parameter, change.value, change.symbol, NOISE.seed)


@pytest.mark.parametrize("name", ["published", "baseline"])
def test_the_middle_of_the_grid_is_the_base_bit_for_bit(market, short, name):
    base = short(name)
    cells = grid_of(base)
    assert len(cells) == len({cell.variant.variant_id for cell in cells}) == 9
    assert cells[4].variant.changed(name) == base
    lines = [run_line(market, cell.variant) for cell in cells]
    known = run_line(market, base)
    for layer in ("allocation", "portfolio"):
        for found, value in zip(getattr(lines[4], layer), getattr(known, layer), strict=True):
            assert found.tobytes() == value.tobytes()
    assert len({line.portfolio.net_return.tobytes() for line in lines}) == 9, "no cell is another's copy"


def test_the_grid_takes_the_nine_pairs_of_limits(short):
    cells = [cell.variant for cell in grid_of(short("baseline"))]
    limits = [(cell.trend_mom20_min, cell.meanrev_mom20_max) for cell in cells]
    assert limits == [(up, down) for up in (-0.015, -0.01, -0.005) for down in (-0.025, -0.02, -0.015)]
    for cell in grid_of(short("published")):
        assert changed(cell.variant, short("published")) <= {"trend_mom20_min", "meanrev_mom20_max"}


@pytest.mark.parametrize("name", ["published", "baseline"])
def test_what_a_variant_hangs_on_and_can_move_is_what_the_method_names_in_its_order(short, name):
    base = short(name)
    assert (
        tuple(parameter.name for parameter in used(base) if parameter.move not in ("none", "window")) == MOVED
    )
    assert tuple(parameter.name for parameter in moving(base)) == MOVED
    assert {parameter.name for parameter in moving(base) if parameter.move == "steps"} == WHOLE


def test_exactly_the_parameters_of_the_method_are_moved_one_at_a_time(market, short):
    base = short("baseline")
    moves = list(one_at_a_time(base, market))
    assert len({move.variant.variant_id for move in moves}) == len(moves)
    assert tuple(dict.fromkeys(move.parameter for move in moves)) == MOVED
    for move in moves:
        assert changed(move.variant, base) == {move.parameter}
        assert getattr(move.variant, move.parameter) == move.value
        assert make_variant(move.variant.variant_id, move.variant.values) == move.variant
    for name in MOVED:
        steps = sorted(move.value - getattr(base, name) for move in moves if move.parameter == name)
        known = [share * abs(getattr(base, name)) for share in (-0.25, -0.1, 0.1, 0.25)]
        known = [-2, -1, 1, 2] if name in WHOLE else known
        known = [-0.0125, -0.005, 0.005, 0.0125] if name in ZERO else known
        assert steps == pytest.approx(known, abs=1e-15), name


@pytest.mark.parametrize(
    ("base", "left"),
    [
        ({"max_weight": 0.9}, {0.675, 0.81, 0.99}),
        ({"max_weight": 1.0}, {0.75, 0.9}),
        ({"cost_bps": 0.0}, {0.005, 0.0125}),
        ({"trend_hold": 1}, {2, 3}),
        ({"vol_window": 3}, {2, 4, 5}),
    ],
    ids=str,
)
def test_values_that_a_parameter_may_not_take_are_left_out(market, short, base, left):
    ((name, _),) = base.items()
    every = one_at_a_time(short("baseline", **base), market)
    moves = [move.value for move in every if move.parameter == name]
    assert sorted(moves) == pytest.approx(sorted(left))


def test_joint_draws_lie_within_a_fifth_of_the_base(market, short):
    base = short("baseline")
    draws = [draw.variant for draw in joint(base, market, DRAWS["joint"])]
    assert len(draws) == len({draw.variant_id for draw in draws}) == 1000
    again = joint(base, market, DRAWS["joint"])
    assert all(draw == other.variant for draw, other in zip(draws, again, strict=True))
    for name in declared():
        found = [getattr(draw, name) for draw in draws]
        before = getattr(base, name)
        if name not in MOVED:
            assert set(found) == {before}
            continue
        far = np.abs(np.array(found) - before)
        if name in WHOLE:
            assert set(found) == set(range(round(0.8 * before), round(1.2 * before) + 1)), name
            assert all(isinstance(value, int) for value in found)
        else:
            within = 0.01 if name in ZERO else 0.2 * abs(before)
            assert 0.99 * within < far.max() <= within * (1 + 1e-12), name


def test_joint_draws_are_spread_more_evenly_than_chance(market, short):
    """A thousand points of a Sobol sequence fill each tenth of each range; pairs are uncorrelated."""
    base = short("baseline")
    names = sorted(set(MOVED) - WHOLE)
    drawn = joint(base, market, DRAWS["joint"])
    draws = np.array([[getattr(draw.variant, name) for name in names] for draw in drawn])
    before = np.array([getattr(base, name) for name in names])
    within = np.where(before == 0, 0.01, 0.2 * np.abs(before))
    place = (draws - before) / within
    assert np.abs(place.mean(axis=0)).max() < 0.005  # by chance 0.018 is usual
    counts = np.array([np.histogram(column, bins=10, range=(-1, 1))[0] for column in place.T])
    assert np.abs(counts - 100).max() <= 5  # by chance ± 10 is usual
    assert np.abs(np.corrcoef(place.T) - np.eye(len(names))).max() < 0.1


@pytest.mark.parametrize(
    "base",
    [{"cost_bps": 0.0}, {"max_weight": 0.9}, {"trend_hold": 1, "meanrev_hold": 1, "vol_window": 2}],
    ids=str,
)
def test_every_joint_draw_can_be_run_whatever_the_base(market, short, base):
    for draw in joint(short("baseline", **base), market, DRAWS["joint"]):
        assert make_variant(draw.variant.variant_id, draw.variant.values) == draw.variant


@pytest.fixture
def deviating(registered, short) -> Variant:
    """Return a variant with a limit on a feature, which has no size of its own to move by a share of."""
    limit = Parameter("dip_max", -0.05, highest=0.0, move="deviation", feature=("drawdown", 30))

    @strategy("dip", limit)
    def dip(view: StrategyView, parameters: Values) -> Floats:
        """Buy a fall."""
        return view.hold(view.drawdown(30) < parameters.dip_max, 2)

    return short("baseline", allocator="always", follows="dip")


def test_a_limit_on_a_feature_moves_by_shares_of_how_far_the_feature_spreads(market, deviating):
    """The drawdown by pandas; a limit that would leave its bounds is left out, or set on them."""
    price = pd.DataFrame(market.panel.price)
    spread = np.nanstd((price / price.rolling(30).max() - 1).to_numpy())
    assert 0.02 < spread < 0.3
    for before, shares in ((-0.05, (-0.25, -0.1, 0.1, 0.25)), (0.0, (-0.25, -0.1))):
        base = deviating.changed(dip_max=before)
        moves = [move.value for move in one_at_a_time(base, market) if move.parameter == "dip_max"]
        assert moves == pytest.approx([before + share * spread for share in shares], rel=1e-9)
        draws = np.array([draw.variant.dip_max for draw in joint(base, market, DRAWS["joint"])])
        assert 0.99 < (before - draws.min()) / (0.2 * spread) <= 1 + 1e-9
        assert draws.max() == (0.0 if before == 0.0 else pytest.approx(before + 0.2 * spread, rel=0.01))


def panels_equal(found: Panel, known: Panel) -> bool:
    same = found.symbols == known.symbols and np.array_equal(found.sessions, known.sessions)
    arrays = zip(found[2:], known[2:], strict=True)
    return same and all(np.array_equal(a, b, equal_nan=b.dtype.kind == "f") for a, b in arrays)


def test_the_bars_are_changed_in_every_way_asked_for(short):
    changes = list(data_changes(short("baseline"), ("A", "B", "C"), NOISE))
    assert [change.parameter for change in changes] == (
        ["price_noise"] * 10 + ["start_months"] * 12 + ["without_asset"] * 3
    )
    assert len({change.variant.variant_id for change in changes}) == 25
    assert all(not changed(change.variant, short("baseline")) for change in changes)
    alone = [change.parameter for change in data_changes(short("baseline"), ("A",), NOISE)]
    assert "without_asset" not in alone, "nothing would be left"


def test_noise_is_one_basis_point_on_every_bar_and_carried_with_it(market, short):
    before = Panel(*(np.copy(each) if isinstance(each, np.ndarray) else each for each in market.panel))
    draws = [each for each in data_changes(short("baseline"), market.panel.symbols, NOISE) if each.value][:10]
    noises = []
    for change in draws:
        found = bars_of(market.panel, change)
        assert panels_equal(bars_of(market.panel, change), found)
        assert panels_equal(found._replace(price=before.price), before)
        noise = np.log(found.price / before.price)[before.is_live]
        noises.append(noise)
        assert noise.std() == pytest.approx(1e-4, rel=0.05)
        assert abs(noise.mean()) < 1e-5
        filled = np.argwhere(before.is_filled)
        assert len(filled) > 20
        assert all(found.price[t, i] == found.price[t - 1, i] for t, i in filled)
    assert np.abs(np.corrcoef(noises) - np.eye(10)).max() < 0.1
    assert panels_equal(market.panel, before)


def test_a_later_start_is_as_if_the_bars_before_it_did_not_exist(market, short):
    starts = [c for c in data_changes(short("baseline"), (), NOISE) if c.parameter == "start_months"]
    assert [int(change.value) for change in starts] == list(range(1, 13))
    first = pd.Timestamp(SESSIONS[0]).to_period("M")
    for change in starts:
        found = bars_of(market.panel, change)
        begins = (first + int(change.value)).start_time.date()
        known = {s: {day: bar for day, bar in raw.items() if day >= begins} for s, raw in RAWS.items()}
        assert panels_equal(found, make_market(known, SESSIONS).panel), change.value
    short_panel = make_market(random_raws(1, SESSIONS[:70]), SESSIONS[:70]).panel
    assert len(bars_of(short_panel, starts[-1]).sessions) == 0


def test_bars_that_start_on_a_carried_session_start_with_the_first_bar_of_their_own(short):
    """Nothing is carried from before the start: section 8."""
    changes = data_changes(short("baseline"), (), NOISE)
    (march,) = (c for c in changes if c.variant.variant_id.endswith("start_01"))
    raws = random_raws(2, SESSIONS[:200], assets=2)
    for day in SESSIONS[18:22]:  # 26 February to 3 March
        raws["ASSET0"].pop(day, None)
        raws["ASSET1"].setdefault(day, (50.0, 1.0))
    found = bars_of(make_market(raws, SESSIONS[:200]).panel, march)
    known = {s: {day: bar for day, bar in raw.items() if day.month > 2} for s, raw in raws.items()}
    assert panels_equal(found, make_market(known, SESSIONS).panel)
    assert found.is_live[:3, 0].tolist() == [False, False, True]


def test_no_bars_stay_none(short):
    nothing = make_market({}, SESSIONS)
    for change in data_changes(short("baseline"), (), NOISE):
        found = bars_of(nothing.panel, change)
        assert found.price.shape == (0, 0)
        assert not len(run_line(Market(found), short("baseline")).portfolio.age)


def test_an_asset_left_out_leaves_the_others_as_if_it_had_never_been(market, short):
    variant = short("baseline")
    changes = [c for c in data_changes(variant, market.panel.symbols, NOISE) if c.symbol]
    assert [change.symbol for change in changes] == list(market.panel.symbols)
    for change in changes:
        found = bars_of(market.panel, change)
        known = make_market({s: raw for s, raw in RAWS.items() if s != change.symbol}, SESSIONS)
        assert panels_equal(found, known.panel)
        line, alone = (run_line(each, variant) for each in (Market(found), known))
        assert np.array_equal(line.portfolio.net_return, alone.portfolio.net_return)


@pytest.mark.parametrize("name", ["published", "baseline"])
def test_a_run_boils_down_to_what_its_tables_say(market, short, name):
    line = run_line(market, short(name))
    tables = run_layers(market, [short(name)])
    (row,) = tables["performance"].to_pylist()
    found = summarise(line.portfolio)._asdict()
    assert found == pytest.approx({key: row[key] for key in found}, rel=1e-12)
    names = states_of(short(name))
    mix = state_mix(market, line, len(names))
    assert names == ("CASH", "TREND", "MEANREV")
    years = pd.DatetimeIndex(market.panel.sessions).year
    for number, year in enumerate(mix.year):
        rows = line.allocation.is_reported & (years == year)[:, None]
        named = line.allocation.state[rows].tolist()
        assert mix.share[number].tolist() == [named.count(code) / len(named) for code in range(3)]


def test_agreement_is_the_share_of_the_states_that_are_the_same(market, short):
    base = run_line(market, short("baseline"))
    assert state_agreement(market, base, market, base) == 1.0
    inside = np.argwhere(base.allocation.is_reported)
    state = base.allocation.state.copy()
    for t, i in inside[::4]:
        state[t, i] = (state[t, i] + 1) % 3
    other = base._replace(allocation=base.allocation._replace(state=state))
    known = 1 - len(inside[::4]) / len(inside)
    assert state_agreement(market, other, market, base) == pytest.approx(known, abs=1e-12)
