"""Assets that end: one where a scenario says so, and each in turn, against bars cut by hand."""

from datetime import date, timedelta

import numpy as np
import pytest
from panels import make_market, random_raws, weekdays
from test_engine_stress import same_bits, scenarios, shocked

from plumbline.engine.line import run_line
from plumbline.engine.market import Market
from plumbline.engine.registry import ComponentError
from plumbline.engine.stress import deaths, measure, own_returns
from plumbline.tables.stress import scenario_results

SESSIONS = weekdays("2015-02-02", 900)


@pytest.fixture(scope="module")
def market() -> Market:
    return make_market(random_raws(71, SESSIONS, late=150, early_death=60), SESSIONS)


@pytest.mark.parametrize("loss", [-0.3, -1.0])
def test_a_dead_asset_loses_its_weight_and_is_held_no_longer_than_it_is_carried(market, short, loss):
    calm = run_line(market, short("baseline"))
    session, asset = np.unravel_index(calm.portfolio.holding.argmax(), calm.portfolio.holding.shape)
    inputs, line = shocked(market, short("baseline"), "dead", {"loss": loss})
    last = session + 1
    assert same_bits(line, calm, until=last)
    held = line.portfolio.holding[session, asset]
    assert held > 0.3
    assert line.portfolio.gross[last, asset] == pytest.approx(held * loss, abs=1e-15)
    gone = last + 6
    assert inputs.market.panel.is_live[session:gone, asset].all()
    for values in (line.portfolio.holding, line.portfolio.weight, line.allocation.exposure):
        assert (values[gone:, asset] == 0).all()
    assert (inputs.market.ret[last + 1 :, asset] == 0).all()
    assert (line.portfolio.holding[gone:] > 0).any(), "the others go on"
    assert np.isfinite(line.portfolio.net_return).all()


def test_who_dies_and_when_can_be_said(market, short):
    """A day without a session is that of the session before; a day before all of them is none."""
    calm = run_line(market, short("baseline"))
    held = np.flatnonzero(calm.portfolio.holding[:-60, 2] > 0)[40]
    day = str(market.panel.sessions[held])
    given = {"symbol": "ASSET2", "date": day, "loss": -0.5}
    inputs, line = shocked(market, short("baseline"), "dead", given)
    assert line.portfolio.gross[held + 1, 2] == pytest.approx(calm.portfolio.holding[held, 2] * -0.5)
    friday = next(t for t in range(600, 700) if SESSIONS[t].weekday() == 4)
    weekend = [str(SESSIONS[friday] + timedelta(days=days)) for days in (0, 1, 2)]
    inputs = [
        shocked(market, short("baseline"), "dead", {"symbol": "ASSET1", "date": day})[0] for day in weekend
    ]
    assert all(np.flatnonzero(each.market.panel.is_live[:, 1])[-1] == friday + 6 for each in inputs)
    largest, _ = shocked(market, short("baseline"), "dead", {"symbol": "ASSET1"})
    most = calm.portfolio.holding[:-1, 1].argmax()
    assert largest.market.ret[most + 1, 1] == pytest.approx(-0.3)
    for outside in ("2001-01-01", str(SESSIONS[-1])):
        inputs, _ = shocked(market, short("baseline"), "dead", {"symbol": "ASSET1", "date": outside})
        assert inputs.market is market


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"symbol": "NONE"}, "symbol 'NONE' is none of ASSET0, ASSET1, ASSET2"),
        ({"date": "2020-02-30"}, "date '2020-02-30' is no day such as"),
        ({"loss": -1.1}, "loss must be a number from -1 to 0"),
        ({"size": 1}, "dead has no parameter 'size'; it has symbol, date, loss, carried"),
    ],
)
def test_a_death_that_cannot_be_is_refused(market, short, given, message):
    with pytest.raises(ComponentError, match=message):
        shocked(market, short("baseline"), "dead", given)


def test_each_asset_dies_on_sessions_spread_over_those_it_was_held_on(market, short):
    calm = run_line(market, short("baseline"))
    found = deaths(market, calm, 8, 100, 7)
    assert found == deaths(market, calm, 8, 100, 7)
    assert found != deaths(market, calm, 8, 100, 8), "in another order"
    panel = market.panel
    for asset, symbol in enumerate(panel.symbols):
        dates = sorted(death["date"] for death in found if death["symbol"] == symbol)
        can = [
            t
            for t in range(len(SESSIONS) - 1)
            if calm.portfolio.holding[t, asset]
            and panel.is_live[t + 1, asset]
            and not panel.is_filled[t + 1, asset]
        ]
        assert dates == [str(SESSIONS[can[int((k + 0.5) * len(can) / 8)]]) for k in range(8)]
    for runs in (3, 6):
        few = [death["symbol"] for death in deaths(market, calm, 8, runs, 7)]
        assert sorted(few) == sorted(panel.symbols * (runs // 3)), "all die once before any dies twice"
    assert deaths(market, calm, 8, 7, 7) == found[:7]


@pytest.mark.parametrize(("loss", "percent"), [(-0.3, 30), (-1.0, 100)])
def test_delistings_report_the_worst_and_the_median_of_every_run(market, short, loss, percent):
    """A plain twin: each asset's bars are cut by hand, on each of eight sessions, and the line run again."""
    variant = short("baseline")
    calm = run_line(market, variant)
    runs = []
    for death in deaths(market, calm, 8, 100, 7):
        asset, session = (
            market.panel.symbols.index(death["symbol"]),
            SESSIONS.index(date.fromisoformat(death["date"])),
        )
        raws = random_raws(71, SESSIONS, late=150, early_death=60)
        fallen = (
            float(market.panel.price[session, asset] * (1 + loss)),
            float(market.panel.volume[session + 1, asset]),
        )
        left = {day: bar for day, bar in raws[death["symbol"]].items() if day <= SESSIONS[session]}
        left[SESSIONS[session + 1]] = fallen
        cut = make_market({**raws, death["symbol"]: left}, SESSIONS)
        runs.append(measure(own_returns(run_line(cut, variant))))
    assert len(runs) == 24
    rows = scenario_results(market, [variant], scenarios("delisting"), []).to_pylist()
    found = {row["scenario_id"]: row for row in rows}
    for name, pick in (("worst", np.min), ("median", np.median)):
        row = found[f"dead_asset_{percent}_{name}"]
        for place, measured in enumerate(measure(own_returns(calm))._fields):
            known = pick([run[place] for run in runs])
            assert row[measured] == pytest.approx(known, abs=1e-9)
            change = known - measure(own_returns(calm))[place]
            assert row[f"{measured}_change"] == pytest.approx(change, abs=1e-9)
    for measured in ("sharpe", "total_return", "max_drawdown"):
        assert found[f"dead_asset_{percent}_worst"][f"{measured}_change"] < 0


def test_where_nothing_is_ever_held_nothing_can_die(short):
    few = make_market(random_raws(1, SESSIONS[:100]), SESSIONS[:100])
    for row in scenario_results(few, [short("baseline")], scenarios("delisting"), []).to_pylist():
        assert row["is_covered"] is False
        assert row["sharpe"] is row["sharpe_change"] is row["max_drawdown_change"] is None
