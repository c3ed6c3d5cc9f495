"""Only what was held at the last close earns on this one: the test that look-ahead cannot pass."""

import numpy as np
import pytest
from panels import Raws, make_market, random_raws, variant_ids, weekdays
from test_engine_truncation import Truncation, shorter
from test_engine_twin import combinations

from plumbline.engine import allocator, portfolio
from plumbline.engine.costs import Rates
from plumbline.engine.line import Line, run_line
from plumbline.engine.market import Market
from plumbline.engine.variants import Variant

EXACT = 1e-12
EXECUTABLE = ("baseline", *variant_ids("alternative"))
SESSIONS = weekdays("2015-02-02", 900)


def returns_of(market: Market) -> np.ndarray:
    """Return daily returns straight from the prices, 0 without a bar before or on the session."""
    price = market.panel.price
    ret = np.zeros_like(price)
    with np.errstate(invalid="ignore"):  # the price of an asset that lost all is 0
        ret[1:] = price[1:] / price[:-1] - 1
    return np.nan_to_num(ret)


def cost_of(variant: Variant) -> float:
    """Return the cost of trading one unit, as a fraction of the capital."""
    return variant.cost_bps / 10_000


def before(held: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Return what was held at the last close, nothing before a start."""
    shifted = np.vstack([np.zeros_like(held[:1]), held[:-1]])
    return np.where(age > 1, shifted, 0.0)


def portfolio_gap(line: Line, market: Market, variant: Variant) -> float:
    """Return how far the portfolio's return is from what its holdings could have earned."""
    portfolio = line.portfolio
    held, age = portfolio.holding, portfolio.age[:, None]
    earlier = before(held, age)
    earned = (earlier * returns_of(market)).sum(axis=1) - cost_of(variant) * np.abs(held - earlier).sum(
        axis=1
    )
    rows = portfolio.age > 0
    assert (np.abs(portfolio.net_return[rows]) > 0).any()
    return float(np.abs(portfolio.net_return - earned)[rows].max())


def stream_gap(line: Line, market: Market, variant: Variant) -> float:
    """Return how far asset streams are from what their exposure could have earned."""
    allocation = line.allocation
    earlier = before(allocation.exposure, allocation.age)
    earned = earlier * returns_of(market) - cost_of(variant) * np.abs(allocation.exposure - earlier)
    rows = allocation.age > 0
    return float(np.abs(allocation.gross + allocation.cost - earned)[rows].max())


@pytest.fixture(scope="module")
def market() -> Market:
    return make_market(random_raws(21, SESSIONS, late=150, early_death=60), SESSIONS)


def test_executable_variants_earn_only_what_was_held(market, short):
    for changes in combinations():
        variant = short("baseline", **changes)
        if variant.cost_basis == "strategy":
            continue
        line = run_line(market, variant)
        assert stream_gap(line, market, variant) <= EXACT, changes
        if variant.cost_basis == "net":
            assert portfolio_gap(line, market, variant) <= EXACT, changes


@pytest.mark.parametrize("name", EXECUTABLE)
def test_every_variant_that_is_charged_in_full_can_be_executed(market, short, name):
    variant = short(name)
    line = run_line(market, variant)
    assert stream_gap(line, market, variant) <= EXACT
    assert portfolio_gap(line, market, variant) <= EXACT


def earn_at_once(position: np.ndarray, ret: np.ndarray, age: np.ndarray, rates: Rates) -> tuple:
    """Let what is decided at a close earn the return up to that very close."""
    return position * ret, -rates.trade * np.abs(position - before(position, age))


@pytest.mark.parametrize("name", EXECUTABLE)
def test_a_line_that_acts_on_the_same_session_is_caught(market, short, monkeypatch, name):
    """Negative control: the leak lies within the session, so truncation cannot see it."""
    variant = short(name)
    for module, gap in ((allocator, stream_gap), (portfolio, portfolio_gap)):
        with monkeypatch.context() as patch:
            patch.setattr(module, "earn", earn_at_once)
            line = run_line(market, variant)
            truncation = Truncation(market, variant)
            assert gap(line, market, variant) > 1e-4
            assert truncation.leaks(shorter(market, 700)) == []


def test_published_fails_for_the_portfolio_and_for_the_assets(market, short):
    line = run_line(market, short("published"))
    assert portfolio_gap(line, market, short("published")) > 1e-4
    assert stream_gap(line, market, short("published")) > 1e-4


def test_contributions_add_up_to_the_return_of_the_day(market, short):
    for changes in combinations():
        portfolio = run_line(market, short("baseline", **changes)).portfolio
        parts = (portfolio.gross + portfolio.cost).sum(axis=1)
        np.testing.assert_allclose(parts, portfolio.net_return, rtol=0, atol=EXACT)
        assert (portfolio.cost <= 0).all()


def rising(sessions: list) -> Raws:
    """Return one asset that rises with little noise: always followed, always held."""
    generator = np.random.default_rng(1)
    price = 50 * np.exp(np.cumsum(generator.normal(0.002, 0.002, len(sessions))))
    return {"ONLY": {day: (float(p), 1e6) for day, p in zip(sessions, price, strict=True)}}


def test_a_holding_is_closed_at_a_price_on_the_sixth_missing_session(short):
    """The last bar is entered on and held for long: the end costs an exit and earns nothing."""
    raws = rising(SESSIONS)
    last = 700
    raws["DEAD"] = {day: raws["ONLY"][day] for day in SESSIONS[:last]}
    market = make_market(raws, SESSIONS)
    dead = market.panel.symbols.index("DEAD")
    end = last + 5
    for basis in ("weights", "net"):
        variant = short("baseline", cost_basis=basis, trend_hold=40)
        line = run_line(market, variant)
        portfolio = line.portfolio
        assert line.allocation.exposure[end - 1, dead] == 1.0
        assert line.allocation.exposure[end, dead] == 0.0
        assert portfolio.weight[end, dead] == 0.0
        assert portfolio.holding[end, dead] == 0.0
        assert portfolio.holding[end - 1, dead] > 0
        assert portfolio.gross[end, dead] == 0.0
        assert portfolio.cost[end, dead] < 0
        if basis == "net":
            charge = cost_of(variant) * portfolio.holding[end - 1, dead]
            assert portfolio.cost[end, dead] == pytest.approx(-charge, rel=1e-12)
        assert (portfolio.weight[end:, dead] == 0).all()
        assert (portfolio.cost[end + 1 :, dead] == 0).all()


def test_the_stream_of_an_asset_that_leaves_its_last_fold_holds_the_day_it_is_sold(short):
    """What was held into the New Year earns its first session and pays the exit, fold or not."""
    baseline = short("baseline")
    variant = short(
        "published",
        warm_up="continuous",
        cost_basis="switching",
        **{name: getattr(baseline, name) for name in ("state_lag", "weight_lag", "leverage_lag", "cap")},
    )
    sessions = SESSIONS[:800]
    first = next(t for t, day in enumerate(sessions) if day.year == sessions[-1].year)
    assert len(sessions) - first < variant.min_test_sessions, "a year too short to be a fold"
    market = make_market(rising(sessions), sessions)
    allocation = run_line(market, variant).allocation
    assert allocation.exposure[first - 1, 0] == 1.0
    assert allocation.exposure[first, 0] == 0.0
    stream = allocation.gross + allocation.cost
    assert stream[first, 0] == pytest.approx(market.ret[first, 0] - cost_of(variant), abs=EXACT)
