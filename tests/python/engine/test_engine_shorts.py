"""Positions in [-1, 1], below 0 and between the whole numbers, against a slow plain loop."""

from collections.abc import Mapping
from itertools import pairwise
from math import sqrt
from statistics import fmean, pstdev, stdev
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from panels import make_market, random_raws, weekdays
from test_engine_truncation import Truncation, shorter
from twin_portfolio import cap_weights

from plumbline.engine.allocator import Leg
from plumbline.engine.costs import Rates
from plumbline.engine.line import run_line
from plumbline.engine.market import Market
from plumbline.engine.measures import annual_turnover
from plumbline.engine.registry import Parameter, Values, allocator, cost, strategy
from plumbline.engine.skill import in_sample_sharpes
from plumbline.engine.strategies import StrategyView
from plumbline.engine.stress import largest_holding
from plumbline.engine.summary import summarise
from plumbline.engine.trades import find_trades
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant
from plumbline.engine.view import View

SESSIONS = weekdays("2015-11-02", 130)  # 44 sessions to train on, then a year to test
SWING = (-1.0, -1.0, 0.5, 0.5, -0.5, 0.0, 1.0, -1.0)
HALF = (0.5, 0.5, 0.0)
SHARES = (0.25, 0.5)
EXACT = 1e-12


class Fees(NamedTuple):
    """What is charged an asset: for trading, and for a night short."""

    trade: float
    short: float


class Plain(NamedTuple):
    """The line as the plain loop has it; lists over sessions, by asset but for the last three."""

    stream: list[list[float]]
    exposure: list[list[float]]
    weight: list[list[float]]
    holding: list[list[float]]
    leverage: list[float]
    unlevered: list[float]
    net: list[float]


@pytest.fixture
def market() -> Market:
    """Return assets of which one is listed late and one dies early, within the year to test."""
    return make_market(random_raws(7, SESSIONS, late=12, early_death=30), SESSIONS)


@pytest.fixture
def swings(registered) -> None:
    """Register a strategy with shorts, one with halves, an allocator of parts of both, and rates by asset."""

    @strategy("swing", shorts=True, parts=True)
    def swing(view: StrategyView, parameters: Values) -> Floats:
        """Go round through shorts and halves."""
        session, asset = np.indices(view.ret.shape)
        return np.array(SWING)[(session + 3 * asset) % len(SWING)]

    @strategy("half", parts=True)
    def half(view: StrategyView, parameters: Values) -> Floats:
        """Hold a half now and then."""
        session, asset = np.indices(view.ret.shape)
        return np.array(HALF)[(session + asset) % len(HALF)]

    first = Parameter("first", "swing", of="strategy")
    second = Parameter("second", "half", of="strategy")

    @allocator("parts_of_both", first, second, shares=True)
    def parts_of_both(view: View, parameters: Values, legs: tuple[Leg, ...]) -> Floats:
        """Follow both at once."""
        return np.stack([np.full(view.ret.shape, share) for share in SHARES])

    @cost("by_asset")
    def by_asset(view: View, parameters: Values) -> Rates:
        """Charge each asset its own, and a short more by the session."""
        later = np.arange(len(view.sessions))
        return Rates(np.array([0.001, 0.002, 0.004]), np.add.outer(later, [1, 2, 3]) * 1e-6)


def shorting(variant, **changes: object) -> Variant:
    """Return a variant that follows `swing` and pays for being short."""
    own = {"cost": "borrow", "cost_bps": 7.0, "borrow_rate": 0.30, "allocator": "always", "follows": "swing"}
    risk = {"vol_window": 5, "max_weight": 0.5, "max_leverage": 1.5, "target_volatility": 0.15}
    both = {"first": "swing", "second": "half"}
    return variant("baseline", **{"min_train_sessions": 20, **own, **risk, **both, **changes})


def plain_return(before: float, now: float, ret: float, fees: Fees) -> float:
    """Earn on what was held, pay for what is traded and for what was short overnight."""
    borrowed = -before if before < 0 else 0.0
    return before * ret - fees.trade * abs(now - before) - fees.short * borrowed


def fees_of(v: Variant, t: int, i: int) -> Fees:
    if v.cost == "by_asset":
        return Fees((0.001, 0.002, 0.004)[i], (t + i + 1) * 1e-6)
    return Fees(v.cost_bps / 10_000, v.borrow_rate / 252 if v.cost == "borrow" else 0.0)


def plain_line(market: Market, v: Variant) -> Plain:
    """Work the line out one session and one asset at a time, for `always` and `parts_of_both`."""
    count, assets = market.panel.price.shape
    price, live = market.panel.price.tolist(), market.panel.is_live.tolist()
    year = [day.year for day in SESSIONS]
    stream, exposure, weight, holding = ([[0.0] * assets for _ in range(count)] for _ in range(4))
    ret = [[0.0] * assets for _ in range(count)]
    begin = []
    for i in range(assets):
        own = [t for t in range(count) if live[t][i]]
        before = {y: sum(year[t] < y for t in own) for y in set(year)}
        begin.append(min(t for t in own if before[year[t]] >= v.min_train_sessions))
        for t in own:
            if t > own[0]:
                ret[t][i] = price[t][i] / price[t - 1][i] - 1
            if t >= begin[i]:
                swing, half = SWING[(t + 3 * i) % len(SWING)], HALF[(t + i) % len(HALF)]
                mixed = SHARES[0] * swing + SHARES[1] * half
                exposure[t][i] = swing if v.allocator == "always" else mixed
                held = exposure[t - 1][i] if t > begin[i] else 0.0
                stream[t][i] = plain_return(held, exposure[t][i], ret[t][i], fees_of(v, t, i))
    start = min(begin)
    leverage, unlevered, net = [0.0] * count, [0.0] * count, [0.0] * count
    for t in range(start, count):
        inverse = {}
        for i in range(assets):
            if live[t][i] and t - begin[i] + 1 >= v.vol_window:
                inverse[i] = 1 / stdev(stream[k][i] for k in range(t - v.vol_window + 1, t + 1))
        shares = {i: x / sum(inverse.values()) for i, x in inverse.items()}
        for i, share in cap_weights(shares, v.max_weight, v.cap).items():
            weight[t][i] = share
        for i in range(assets):
            now, old = (weight[k][i] * exposure[k][i] if k >= start else 0.0 for k in (t, t - 1))
            unlevered[t] += plain_return(old, now, ret[t][i], fees_of(v, t, i))
        if t - start + 1 >= v.vol_window:
            sd = stdev(unlevered[t - v.vol_window + 1 : t + 1])
            target = v.target_volatility / sqrt(252)
            leverage[t] = min(v.max_leverage, target / sd) if sd else v.max_leverage
        for i in range(assets):
            holding[t][i] = leverage[t] * weight[t][i] * exposure[t][i]
            old = holding[t - 1][i] if t > start else 0.0
            if v.cost_basis == "net":
                net[t] += plain_return(old, holding[t][i], ret[t][i], fees_of(v, t, i))
        if v.cost_basis == "weights":
            net[t] = (leverage[t - v.leverage_lag] if t - v.leverage_lag >= start else 0.0) * unlevered[t]
    return Plain(stream, exposure, weight, holding, leverage, unlevered, net)


VARIANTS: Mapping[str, dict] = {
    "one strategy": {},
    "parts of two": {"allocator": "parts_of_both"},
    "charged on weights": {"cost_basis": "weights", "leverage_lag": 2},
    "shorts for nothing": {"cost": "proportional"},
    "each asset its own rates": {"cost": "by_asset"},
    "each its own, parts of two": {"cost": "by_asset", "allocator": "parts_of_both"},
    "renormalised": {"cap": "renormalise", "max_weight": 0.35},
}


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS.keys())
def test_a_line_with_shorts_and_halves_is_that_of_the_plain_loop(market, variant, swings, changes):
    v = shorting(variant, **changes)
    line, known = run_line(market, v), plain_line(market, v)
    allocation, portfolio = line.allocation, line.portfolio
    for found, expected in (
        (allocation.exposure, known.exposure),
        (allocation.gross + allocation.cost, known.stream),
        (portfolio.weight, known.weight),
        (portfolio.holding, known.holding),
        (portfolio.leverage, known.leverage),
        (portfolio.unlevered_return, known.unlevered),
        (portfolio.net_return, known.net),
    ):
        np.testing.assert_allclose(found, expected, rtol=0, atol=EXACT)
    parts = (portfolio.gross + portfolio.cost).sum(axis=1)
    np.testing.assert_allclose(parts, portfolio.net_return, rtol=0, atol=EXACT)
    if v.allocator == "always":
        streams = line.streams["swing"]
        np.testing.assert_allclose(streams.gross + streams.cost, known.stream, rtol=0, atol=EXACT)
        assert np.array_equal(streams.positions.position, known.exposure)
        assert set(np.unique(streams.positions.position)) == {-1.0, -0.5, 0.0, 0.5, 1.0}
    assert (allocation.exposure < 0).any()
    assert (portfolio.holding < 0).any()
    assert (portfolio.holding > 0).any()


def test_what_is_short_overnight_is_charged_by_the_year_and_what_is_long_is_not(market, variant, swings):
    """The very difference between the two cost models, position by position."""
    dear, free = (run_line(market, shorting(variant, cost=name)) for name in ("borrow", "proportional"))
    position = free.streams["swing"].positions.position
    age = free.streams["swing"].age
    night = np.vstack([np.zeros((1, 3)), position[:-1]]) * (age > 1)
    fee = dear.streams["swing"].cost - free.streams["swing"].cost
    np.testing.assert_allclose(fee, np.where(night < 0, night, 0.0) * 0.30 / 252, rtol=0, atol=EXACT)
    assert np.array_equal(dear.streams["swing"].gross, free.streams["swing"].gross)
    assert (fee[night < 0] < 0).all()
    assert {-1.0, -0.5} <= set(np.unique(night))


def test_no_holding_exceeds_the_cap_on_either_side(market, variant, swings):
    """The cap is on the weight, which has no sign: a short of the capped size is as large as a long."""
    v = shorting(variant, max_weight=0.4)
    portfolio = run_line(market, v).portfolio
    assert (portfolio.weight >= 0).all()
    assert portfolio.weight.max() == v.max_weight
    limit = v.max_weight * portfolio.leverage[:, None]
    assert (np.abs(portfolio.holding) <= limit * (1 + EXACT)).all()
    at_the_cap = (np.abs(portfolio.holding) >= limit * (1 - EXACT)) & (limit > 0)
    assert (portfolio.holding[at_the_cap] < 0).any()
    assert (portfolio.holding[at_the_cap] > 0).any()


def test_turnover_and_exposure_count_shorts_by_their_size(market, variant, swings):
    v = shorting(variant)
    known, found = plain_line(market, v), summarise(run_line(market, v).portfolio)
    own = [t for t, day in enumerate(SESSIONS) if day.year == 2016]
    held = [[0.0] * 3, *(known.holding[t] for t in own)]
    traded = sum(abs(now - old) for a, b in pairwise(held) for old, now in zip(a, b, strict=True))
    assert found.sessions == len(own)
    assert found.annual_turnover == pytest.approx(traded * 252 / len(own), rel=1e-12)
    exposure = sum(abs(x) for row in held for x in row) / len(own)
    assert found.avg_gross_exposure == pytest.approx(exposure, rel=1e-12)
    turned = annual_turnover(np.array([[1.0], [-1.0]]), np.array([True, False]))
    assert turned == pytest.approx((1 + 2) * 252 / 2)


def test_the_largest_holding_may_be_a_short(market, variant, swings):
    line = run_line(market, shorting(variant))
    size = [[abs(x) for x in row] for row in plain_line(market, shorting(variant)).holding[:-1]]
    session, asset = largest_holding(line)
    assert size[session][asset] == pytest.approx(max(map(max, size)), rel=1e-9)
    turned = line._replace(portfolio=line.portfolio._replace(holding=-line.portfolio.holding))
    assert largest_holding(turned) == (session, asset)


def test_rates_by_asset_that_are_all_one_are_that_one(market, variant, registered, swings):
    @cost("all_alike")
    def all_alike(view: View, parameters: Values) -> Rates:
        """Charge every asset the same, each by itself."""
        return Rates(np.full(3, 7.0 / 1e4), np.full(view.ret.shape, 0.30 / 252))

    one, many = (run_line(market, shorting(variant, cost=name)) for name in ("borrow", "all_alike"))
    for layer in ("allocation", "portfolio"):
        for found, known in zip(getattr(many, layer), getattr(one, layer), strict=True):
            assert found.tobytes() == known.tobytes()


@pytest.mark.parametrize("changes", VARIANTS.values(), ids=VARIANTS.keys())
def test_shorts_know_nothing_of_later_bars(market, variant, swings, changes):
    truncation = Truncation(market, shorting(variant, **changes))
    for count in (60, 97, 118):
        assert truncation.leaks(shorter(market, count)) == []
    assert truncation.compared > 0


@pytest.mark.parametrize("name", ["borrow", "by_asset"])
def test_in_sample_shorts_pay_what_they_pay_out_of_sample(market, variant, swings, name):
    v = shorting(variant, cost=name)
    found = in_sample_sharpes(market, v, "swing")
    assert np.isnan(found[0]).all(), "nothing stands before the first year"
    price, live = market.panel.price, market.panel.is_live
    for i in range(3):
        net, held = [], 0.0
        for t in (t for t, day in enumerate(SESSIONS) if day.year == 2015 and live[t, i]):
            now = SWING[(t + 3 * i) % len(SWING)]
            net.append(
                plain_return(held, now, price[t, i] / price[t - 1, i] - 1 if net else 0.0, fees_of(v, t, i))
            )
            held = now
        assert found[1, i] == pytest.approx(fmean(net) / pstdev(net) * sqrt(252), rel=1e-9)


def test_a_trade_is_a_run_of_one_sign_and_a_turn_closes_one_and_opens_another():
    """Worked by hand: the session of a turn belongs to the trade that it closes, both costs included."""
    position = np.array([0.0, 1.0, 0.5, -0.5, -1.0, 0.0, -1.0, 1.0, 0.25])
    net = np.array([0.0, -0.01, 0.10, -0.02, 0.05, -0.01, 0.03, -0.04, 0.02])
    trades = find_trades(position, net, np.arange(9) == 0)
    assert trades.entry.tolist() == [1, 3, 6, 7]
    assert trades.exit.tolist() == [3, 5, 7, -1]
    assert trades.sessions.tolist() == [2, 2, 1, 2]
    known = [0.99 * 1.10 * 0.98 - 1, 1.05 * 0.99 - 1, 1.03 * 0.96 - 1, 0.02]
    np.testing.assert_allclose(trades.net_return, known, atol=1e-15)


def test_a_short_that_meets_the_start_of_a_stream_stays_open_and_so_does_a_turn_at_the_end():
    position = np.array([-1.0, -0.5, -1.0, 0.0, 1.0, -1.0])
    net = np.array([-0.01, 0.02, 0.03, -0.04, 0.05, 0.06])
    starts = np.array([True, False, True, False, False, False])
    trades = find_trades(position, net, starts)
    assert trades.entry.tolist() == [0, 2, 4, 5]
    assert trades.exit.tolist() == [-1, 3, 5, -1]
    assert trades.sessions.tolist() == [2, 1, 1, 1]
    known = [0.99 * 1.02 - 1, 1.03 * 0.96 - 1, 1.05 * 1.06 - 1, 0.0]
    np.testing.assert_allclose(trades.net_return, known, atol=1e-15)


def plain_trades(position: list[float], net: list[float], starts: list[bool]) -> list[tuple]:
    """Find the runs of one sign in each stream; what follows a run, if anything, closes it."""
    found = []
    bounds = [*(t for t, is_start in enumerate(starts) if is_start), len(position)]
    for first, last in pairwise(bounds):
        sign = [(p > 0) - (p < 0) for p in position[first:last]] + [None]
        t = 0
        while t < last - first:
            end = next(k for k in range(t, len(sign)) if sign[k] != sign[t])
            if sign[t]:
                is_turn = t > 0 and sign[t - 1] == -sign[t]
                is_open = first + end == last
                growth = 1.0
                for value in net[first + t + is_turn : first + end + (not is_open)]:
                    growth *= 1 + value
                found.append((first + t, -1 if is_open else first + end, end - t, growth - 1))
            t = end
    return found


@given(
    st.lists(
        st.tuples(st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0]), st.floats(-0.2, 0.2), st.booleans()),
        max_size=60,
    )
)
def test_trades_on_either_side_are_those_of_a_plain_loop(rows):
    position, net = ([row[k] for row in rows] for k in (0, 1))
    starts = [t == 0 or row[2] for t, row in enumerate(rows)]
    trades = find_trades(np.array(position), np.array(net), np.array(starts, dtype=bool))
    known = plain_trades(position, net, starts)
    found = zip(trades.entry.tolist(), trades.exit.tolist(), trades.sessions.tolist(), strict=True)
    assert list(found) == [each[:3] for each in known]
    np.testing.assert_allclose(trades.net_return, [each[3] for each in known], atol=EXACT)
