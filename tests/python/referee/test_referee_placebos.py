"""Placebo worlds: what stays in them, and that no signal does."""

import numpy as np
import pytest
from panels import make_market, random_raws, weekdays
from simulated import PLAIN, market_of, noise, with_reader, without_signal

from plumbline.engine.market import Market
from plumbline.engine.placebos import FAMILIES, World, placebo
from plumbline.engine.shocks import has_return

SESSIONS = weekdays("2015-02-02", 800)
SEED = 20120101
CLOSE = 1e-12


@pytest.fixture(scope="module")
def troubled() -> Market:
    """Return assets with gaps, one of them late, one dead before the end."""
    return make_market(random_raws(95, SESSIONS, late=200, early_death=80), SESSIONS)


@pytest.fixture(scope="module")
def whole() -> Market:
    return without_signal(1)


def test_a_flipped_session_keeps_its_deviations_from_the_mean_but_for_a_sign(whole):
    drift = whole.ret[1:].mean(axis=0)
    flipped = placebo(whole, World("signs_flipped", 1), SEED)
    before, after = whole.ret[1:] - drift, flipped.ret[1:] - drift
    sign = np.sign((before * after).sum(axis=1))[:, None]
    np.testing.assert_allclose(after, sign * before, rtol=0, atol=CLOSE)  # one sign for all assets
    assert 0.45 < (sign > 0).mean() < 0.55
    np.testing.assert_allclose(after.T @ after, before.T @ before, rtol=1e-9)  # so correlations stay


def test_flipped_returns_drift_as_before_in_expectation(whole):
    """Each session's two possible returns have the drift as their mean: see above. So have many worlds."""
    worlds = [
        placebo(whole, World("signs_flipped", number), SEED).ret[1:].mean(axis=0) for number in range(300)
    ]
    error = np.std(worlds, axis=0) / np.sqrt(len(worlds))
    assert (np.abs(np.mean(worlds, axis=0) - whole.ret[1:].mean(axis=0)) < 4 * error).all()


def test_shuffled_returns_are_the_same_ones_in_another_order(whole):
    shuffled = placebo(whole, World("returns_shuffled", 1), SEED)
    before, after = whole.ret[1:], shuffled.ret[1:]
    assert (before[:, 0] != after[:, 0]).mean() > 0.99
    ranked = before[np.argsort(before[:, 0])], after[np.argsort(after[:, 0])]
    np.testing.assert_allclose(*ranked, rtol=0, atol=CLOSE)  # whole rows: all assets together


def test_shuffled_returns_stay_where_the_same_assets_have_one(troubled):
    shuffled = placebo(troubled, World("returns_shuffled", 1), SEED)
    has = has_return(troubled)
    is_own = ~troubled.panel.is_filled.any(axis=1)
    for pattern in np.unique(has, axis=0):
        rows = (has == pattern).all(axis=1)
        for asset in np.flatnonzero(pattern):
            before = troubled.ret[rows, asset]
            after = shuffled.ret[rows & is_own, asset]
            distance = np.abs(after[:, None] - before).min(axis=1)
            assert distance.max(initial=0.0) < CLOSE


@pytest.mark.parametrize("family", FAMILIES)
def test_volumes_carried_bars_late_and_dead_assets_stay(troubled, family):
    made, panel = placebo(troubled, World(family, 3), SEED), troubled.panel
    for name in ("volume", "is_live", "is_filled"):
        np.testing.assert_array_equal(getattr(made.panel, name), getattr(panel, name))
    assert panel.is_filled.sum() > 20
    assert np.abs(made.ret[panel.is_filled]).max() < CLOSE
    first = np.argmax(panel.is_live, axis=0), np.arange(len(panel.symbols))
    np.testing.assert_array_equal(made.panel.price[first], panel.price[first])
    np.testing.assert_array_equal(np.isfinite(made.panel.price), panel.is_live)
    assert (made.ret != troubled.ret).mean() > 0.3


@pytest.mark.parametrize("family", FAMILIES)
def test_a_world_has_the_same_bits_whatever_was_made_before_it(troubled, family):
    numbers = (1, 2, 3)
    forth = {n: placebo(troubled, World(family, n), SEED).panel.price for n in numbers}
    back = {n: placebo(troubled, World(family, n), SEED).panel.price for n in reversed(numbers)}
    for number in numbers:
        assert forth[number].tobytes() == back[number].tobytes()
    assert len({price.tobytes() for price in forth.values()}) == len(numbers)
    assert placebo(troubled, World(family, 1), SEED + 1).panel.price.tobytes() != forth[1].tobytes()


def foretold(market: Market) -> float:
    """Return the correlation of the signal in the volume with the next return."""
    is_set = market.panel.volume.astype(np.int64)[:-1] & 1
    return float(np.corrcoef(is_set.ravel(), market.ret[1:].ravel())[0, 1])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_signal_in_the_volume_foretells_nothing(family):
    """Though it foretells the very next return, and comes in runs of ten sessions."""
    market = with_reader(7, PLAIN)
    assert foretold(market) > 0.1
    worlds = [foretold(placebo(market, World(family, number), SEED)) for number in range(1, 61)]
    assert abs(np.mean(worlds)) < 4 * np.std(worlds) / np.sqrt(len(worlds))


@pytest.mark.parametrize("family", FAMILIES)
def test_yesterdays_return_foretells_nothing(family):
    own = noise(8)
    returns = own.returns.copy()
    returns[1:] -= 0.3 * own.returns[:-1]
    market = market_of(returns, own.volume)

    def persistence(market: Market) -> float:
        return float(np.corrcoef(market.ret[1:-1, 0], market.ret[2:, 0])[0, 1])

    assert persistence(market) < -0.2
    worlds = [persistence(placebo(market, World(family, number), SEED)) for number in range(1, 61)]
    assert abs(np.mean(worlds)) < 4 * np.std(worlds) / np.sqrt(len(worlds))
