"""Each shock of the bars does what its formula says and nothing else; of size zero it does nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from panels import aligned_market, make_market, random_raws, weekdays
from twin import Bars

from plumbline.components.shocks.correlation import raise_correlation
from plumbline.components.shocks.gap import add_gap
from plumbline.components.shocks.missing import drop_sessions
from plumbline.components.shocks.reversal import reverse_after
from plumbline.components.shocks.volatility import scale_volatility
from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.shocks import end_asset, resample

SESSIONS = weekdays("2015-02-02", 900)
CARRIED = 5  # docs/method.md, section 8


@pytest.fixture(scope="module")
def market() -> Market:
    """Return assets listed late, dead early and missing now and then."""
    return make_market(random_raws(61, SESSIONS, late=150, early_death=60), SESSIONS)


@pytest.fixture(scope="module")
def whole() -> Market:
    """Return three assets without any gap."""
    generator = np.random.default_rng(62)
    returns = generator.normal(0.0005, 0.01, (900, 3)) + generator.normal(0, 0.005, (900, 1))
    price = 50 * np.cumprod(1 + returns, axis=0)
    bars = {f"A{i}": Bars(list(price[:, i]), [1e6] * 900, [False] * 900) for i in range(3)}
    return aligned_market(bars, SESSIONS)


def returns_of(panel: Panel) -> pd.DataFrame:
    """Return daily returns by pandas, NaN where there is none."""
    return pd.DataFrame(panel.price).pct_change(fill_method=None)


def changed_cells(found: Panel, known: Panel) -> set[tuple[int, int]]:
    """Return where returns differ beyond the rounding of prices compounded anew."""
    difference = (returns_of(found) - returns_of(known)).abs().to_numpy()
    return {(int(t), int(i)) for t, i in np.argwhere(difference > 1e-12)}


def untouched_but_prices(found: Panel, known: Panel) -> bool:
    return all(
        np.array_equal(a, b, equal_nan=b.dtype.kind == "f") for a, b in zip(found[3:], known[3:], strict=True)
    )


@pytest.mark.parametrize(
    "shock",
    [
        lambda market: scale_volatility(market, 1.0),
        lambda market: add_gap(market, 400, np.ones(3, bool), 0.0),
        lambda market: raise_correlation(market, -0.5),
        lambda market: drop_sessions(market, 0.0, 1),
        lambda market: reverse_after(market, np.ones(market.ret.shape, bool), 0),
    ],
    ids=["volatility", "gap", "correlation", "missing", "reversal"],
)
def test_a_shock_of_size_zero_leaves_every_bit(market, shock):
    """Also where a bar lost nearly everything, which no shock may do by itself."""
    price = market.panel.price.copy()
    price[500:, 1] *= 0.02
    for panel in (market.panel, market.panel._replace(price=price)):
        found = shock(Market(panel))
        assert found.price.tobytes() == panel.price.tobytes()
        assert untouched_but_prices(found, panel)


@given(factor=st.floats(0.25, 3.0))
def test_volatility_is_scaled_and_the_mean_stays(market, factor):
    found, known = (returns_of(panel) for panel in (scale_volatility(market, factor), market.panel))
    assert found.min().min() > -0.95, "no return at the floor, which would be another test"
    pd.testing.assert_series_equal(found.std(), factor * known.std(), rtol=1e-9)
    pd.testing.assert_series_equal(found.mean(), known.mean(), atol=1e-12)


def test_no_shock_makes_a_price_negative(market):
    found = scale_volatility(market, 200.0)
    assert (found.price[found.is_live] > 0).all()
    assert returns_of(found).min().min() == pytest.approx(-0.95, abs=1e-9)


@given(session=st.integers(1, 899), size=st.sampled_from([-0.2, -0.1, 0.3]), hit=st.integers(1, 7))
def test_a_gap_changes_one_session_of_the_assets_it_hits(market, session, size, hit):
    assets = np.array([bool(hit >> i & 1) for i in range(3)])
    found = add_gap(market, session, assets, size)
    has_return = market.panel.is_live[session] & market.panel.is_live[session - 1]
    assert changed_cells(found, market.panel) == {(session, i) for i in np.flatnonzero(assets & has_return)}
    assert found.price[:session].tobytes() == market.panel.price[:session].tobytes()
    ratio = (found.price / market.panel.price)[session:, assets & has_return]
    np.testing.assert_allclose(ratio[np.isfinite(ratio)], 1 + size, rtol=1e-12)


@pytest.mark.parametrize("target", [0.5, 0.95])
def test_correlation_reaches_its_target_and_means_and_volatilities_stay(whole, target):
    found, known = returns_of(raise_correlation(whole, target)), returns_of(whole.panel)
    pairs = found.corr().to_numpy()[np.triu_indices(3, 1)]
    assert pairs.mean() == pytest.approx(target, abs=1e-6)
    pd.testing.assert_series_equal(found.std(), known.std(), rtol=1e-9)
    pd.testing.assert_series_equal(found.mean(), known.mean(), atol=1e-12)


def test_correlation_is_that_of_the_sessions_all_assets_have(market):
    """Assets listed late and dead early keep their own mean and volatility, too."""
    shocked = raise_correlation(market, 0.95)
    found, known = returns_of(shocked), returns_of(market.panel)
    together = found.dropna()
    assert 500 < len(together) < 850
    assert together.corr().to_numpy()[np.triu_indices(3, 1)].mean() == pytest.approx(0.95, abs=1e-6)
    pd.testing.assert_series_equal(found.mean(), known.mean(), atol=1e-9)
    pd.testing.assert_series_equal(found.std(), known.std(), rtol=1e-9)
    assert untouched_but_prices(shocked, market.panel)


def test_assets_that_are_as_correlated_already_stay_as_they_are(whole):
    present = returns_of(whole.panel).corr().to_numpy()[np.triu_indices(3, 1)].mean()
    assert raise_correlation(whole, present - 1e-9) is whole.panel
    assert raise_correlation(whole, present + 1e-3) is not whole.panel


def test_an_asset_that_never_moves_does_not_keep_the_others_apart(whole):
    panel = whole.panel
    price = np.column_stack([panel.price[:, :2], np.full(900, 7.0)])
    found = returns_of(raise_correlation(Market(panel._replace(price=price)), 0.95))
    assert found[0].corr(found[1]) == pytest.approx(0.95, abs=1e-6)
    assert (found[2].dropna() == 0).all()


def test_exact_opposites_cannot_be_made_to_agree_and_do_no_harm():
    up = np.random.default_rng(8).choice([-0.5, 0.5], (20, 1))  # prices without rounding
    price = np.cumprod(1 + np.hstack([up, -up]), axis=0)
    bars = {f"A{i}": Bars(list(price[:, i]), [1e6] * 20, [False] * 20) for i in range(2)}
    found = raise_correlation(aligned_market(bars, SESSIONS[:20]), 0.95)
    assert np.isfinite(found.price).all()


@given(share=st.floats(0.005, 0.5), seed=st.integers(0, 100))
def test_lost_bars_are_carried_and_the_others_stay(market, share, seed):
    found, known = drop_sessions(market, share, seed), market.panel
    lost = found.is_filled & ~known.is_filled
    assert np.array_equal(found.is_live, known.is_live)
    assert (found.is_filled | ~known.is_filled).all()
    assert not (lost[1:] & lost[:-1]).any(), "never two in a row"
    own = found.is_live & ~found.is_filled
    assert np.array_equal(found.price[own], known.price[own]), "so is the sum of log returns between bars"
    assert np.array_equal(found.volume[own], known.volume[own])
    assert (found.volume[found.is_filled] == 0).all()
    assert (Market(found).ret[found.is_filled] == 0).all(), "a carried session has no return"
    for column in found.is_filled.T:
        runs = np.diff(np.flatnonzero(np.diff(np.concatenate([[0], column.astype(int), [0]]))))[::2]
        assert runs.max(initial=0) <= CARRIED
    first = known.is_live.argmax(axis=0)
    assert not lost[first, [0, 1, 2]].any(), "nothing is carried before the first bar"


def test_as_many_bars_are_lost_as_was_asked(whole):
    assert drop_sessions(whole, 0.01, 11).is_filled.mean() == pytest.approx(0.01, abs=0.004)
    again = drop_sessions(whole, 0.01, 11)
    assert np.array_equal(again.is_filled, drop_sessions(whole, 0.01, 11).is_filled)
    assert not np.array_equal(again.is_filled, drop_sessions(whole, 0.01, 12).is_filled)


@pytest.mark.parametrize("sessions", [1, 3])
def test_whatever_rises_after_an_entry_falls_instead(whole, sessions):
    entries = np.random.default_rng(7).random((900, 3)) < 0.02
    found, known = (returns_of(p).to_numpy() for p in (reverse_after(whole, entries, sessions), whole.panel))
    for i in range(3):
        for t in range(1, 900):
            is_hit = any(entries[t - k, i] for k in range(1, sessions + 1) if t >= k)
            expected = -abs(known[t, i]) if is_hit else known[t, i]
            assert found[t, i] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("loss", [0.0, -0.3, -1.0])
def test_a_dead_asset_is_as_if_its_loss_were_its_last_bar(market, loss):
    """That is carried as any other is: against the panel made of the raw bars that are left."""
    raws = random_raws(61, SESSIONS, late=150, early_death=60)
    for asset, name in enumerate(market.panel.symbols):
        own = np.flatnonzero((market.panel.is_live & ~market.panel.is_filled)[:-1, asset])
        for session in (*own[1::150], own[-1]):
            found = end_asset(market, asset, session, loss, CARRIED)
            left = {day: bar for day, bar in raws[name].items() if day < SESSIONS[session]}
            last = float(market.panel.price[session - 1, asset] * (1 + loss))
            left[SESSIONS[session]] = (last, float(market.panel.volume[session, asset]))
            known = make_market({**raws, name: left}, SESSIONS).panel
            for a, b in zip(found[2:], known[2:], strict=True):
                assert np.array_equal(a, b, equal_nan=b.dtype.kind == "f"), (name, session)
            assert Market(found).ret[session, asset] == pytest.approx(loss, abs=1e-12)
            assert not Market(found).ret[session + 1 :, asset].any()


def test_what_does_not_live_cannot_end(market):
    first, last = (np.flatnonzero(market.panel.is_live[:, asset])[k] for asset, k in ((2, 0), (0, -1)))
    for asset, session in ((2, 0), (2, first), (0, last + 1)):
        assert end_asset(market, asset, session, -0.3, CARRIED) is market.panel


def test_drawing_every_session_in_its_place_gives_the_same_returns(market):
    found = resample(market, np.arange(900))
    np.testing.assert_allclose(returns_of(found), returns_of(market.panel), rtol=0, atol=1e-12)
    assert untouched_but_prices(found, market.panel)


def test_all_assets_take_their_returns_and_volumes_from_one_session(market):
    source = np.concatenate([[0], np.random.default_rng(3).integers(1, 900, 899)])
    found, known = resample(market, source), returns_of(market.panel).to_numpy()
    drawn = returns_of(found).to_numpy()
    assert np.array_equal(found.is_live, market.panel.is_live)
    for t in range(1, 900):
        for i in range(3):
            if np.isnan(known[t, i]):
                continue
            taken = known[source[t], i]
            assert drawn[t, i] == pytest.approx(0.0 if np.isnan(taken) else taken, abs=1e-12)
            if not np.isnan(taken):
                assert found.volume[t, i] == market.panel.volume[source[t], i]
                assert found.is_filled[t, i] == market.panel.is_filled[source[t], i]
