"""Each failure mode on a line made so that anyone can see why it fell, and all against a plain twin."""

import numpy as np
import pytest
from falls import CALM, STATES, after_calm, evidence, line, modes, weigh
from hypothesis import given
from hypothesis import strategies as st

from plumbline.components.allocators.rule import DOWN as MEANREV
from plumbline.components.allocators.rule import UP as TREND
from plumbline.engine.drawdowns import find_episodes
from plumbline.engine.failures import failure_shares
from plumbline.engine.held import HeldLine

EXACT = 1e-12


def parts(found: HeldLine) -> dict[str, float]:
    """Return constant exposure and what was lost beyond it, as far as it is anything."""
    weighed = weigh(found)
    shares = evidence(found)
    is_part = [role != "aspect" for role in weighed.roles]
    assert sum(np.array(list(shares.values()))[is_part]) == pytest.approx(1.0, abs=EXACT)
    return {
        name: share
        for (name, share), is_one in zip(shares.items(), is_part, strict=True)
        if is_one and abs(share) > EXACT
    }


def test_what_is_always_held_alike_loses_nothing_beyond_constant_exposure():
    """The holding of the last close is the mean's, too."""
    held = [0.5] * 6
    fallen = line([0.0, 0.1, -0.1, -0.1, -0.1, 0.6], held)
    found = parts(fallen)
    assert found == {"constant_exposure": pytest.approx(1.0)}
    weighed = weigh(fallen)
    assert weighed.dominant == ""
    assert np.isnan(weighed.explained)


def test_a_gap_while_long_is_no_late_exit():
    """Nothing could be decided between the peak and the loss: what stood was hit."""
    found = parts(after_calm([0.02, -0.2], [1, 1]))
    assert found.keys() == {"constant_exposure", "hit_while_long"}
    mean = 2 / 22
    assert found["hit_while_long"] == pytest.approx(1 - mean)
    assert found["constant_exposure"] == pytest.approx(mean)


def test_a_fall_that_had_shown_itself_is_left_too_late():
    """Sold only after five sessions of -4 %: the first is a hit, by the close of which -4 % is seen."""
    fallen = after_calm([0.02, *[-0.04] * 5, 0.3], [1] * 6 + [0])
    found = parts(fallen)
    mean, lost = 6 / 27, 1 - 0.96**5
    assert found["hit_while_long"] == pytest.approx((1 - mean) * 0.04 / lost)
    assert found["late_exit"] == pytest.approx((1 - mean) * (lost - 0.04) / lost)


def test_a_slow_slide_is_seen_when_chance_does_not_make_it():
    """At 0.5 % a session and a deviation of 1 %, from the session n on at which n / 2 > 2 √n: the 17th."""
    count, deviation = 40, np.std([*CALM[1:], 0.0], ddof=1)
    down = 1 - np.exp(-0.005 * np.arange(count + 1))
    seen = next(n for n in range(1, count) if down[n] > 2 * deviation * np.sqrt(n))
    found = evidence(after_calm([0.0, *np.diff(-down) / (1 - down[:-1]), 0.9], [1] * (count + 1) + [0]))
    assert 15 < seen < 25
    assert found["hit_while_long"] / found["late_exit"] == pytest.approx(down[seen] / (down[-1] - down[seen]))


def test_a_fall_that_was_left_once_seen_is_no_late_exit():
    found = parts(after_calm([0.02, -0.04, -0.04, -0.04, 0.3], [1, 1, 0, 0, 0], cost=[0, 0, 0, 1e-9, 0]))
    assert "late_exit" not in found
    assert found["hit_while_long"] > 0
    assert found["missed_rebound"] < 0, "what was not held fell: it was spared"


def test_positions_entered_after_the_peak_are_whipsawed():
    """The first entry's cost takes the line off its peak."""
    ret, held, cost = [0.02, 0.0, -0.05, 0.0, -0.05, 0.3], [1, 0, 1, 0, 1, 0], [0, 1e-9, 0, 0, 0, 0]
    found = evidence(after_calm(ret, held, cost=cost))
    assert found["whipsaw"] == pytest.approx(1 - 3 / 26)
    assert found["hit_while_long"] == found["late_exit"] == found["falling_knife"] == 0.0


def test_mean_reversion_that_buys_the_fall_catches_a_falling_knife():
    state = [TREND, MEANREV, MEANREV, MEANREV, MEANREV]
    found = parts(after_calm([0.02, -0.001, -0.1, -0.1, 0.3], [1, 1, 1, 1, 0], state=state))
    assert found["falling_knife"] / found["hit_while_long"] == pytest.approx(
        (0.1 + 0.1 * 0.9) * 0.999 / 0.001
    )
    assert "late_exit" not in found, "another strategy took the position over: that is an entry"


def test_a_loss_belongs_to_the_state_that_held_it():
    """The decision of the close before loses, whatever the close of the day names."""
    state = [TREND, MEANREV, TREND, TREND]
    found = parts(
        after_calm([0.02, 0.0, -0.1, 0.3], [0, 0, 1, 0], state=[MEANREV, *state[1:]], cost=[0, 1e-9, 0, 0])
    )
    assert found["falling_knife"] > 0.9
    assert "whipsaw" not in found


def test_a_state_that_no_mode_names_enters_as_any_other_and_without_such_a_mode_stays_unexplained():
    fallen = line([0.0, -0.1, -0.1, 0.5], [1, 1, 1, 0], state=TREND, cost=[0.001, 0, 0, 0])
    assert parts(fallen)["whipsaw"] > 0
    named = [rule for rule in modes(min_depth=0.0) if rule.failure_mode != "whipsaw"]
    weighed = failure_shares(fallen, find_episodes(fallen.equity), STATES, named)
    everything = weigh(fallen)
    assert weighed.by_episode.sum() < 1
    assert weighed.explained < 0.1 < 0.9 < everything.explained


def test_a_fall_from_the_first_session_on_was_entered_after_the_peak():
    """Before the first session nothing was held."""
    fallen = line([0.0, -0.1, -0.1, 0.5], [1, 1, 1, 0], cost=[0.01, 0, 0, 0])
    assert find_episodes(fallen.equity).start[0] == -1
    found = parts(fallen)
    assert found.keys() == {"constant_exposure", "whipsaw", "cost_bleed"}
    assert found["cost_bleed"] == pytest.approx(0.01 / (1 - 0.99 * 0.81))


def test_what_rose_without_us_on_the_way_down_was_missed():
    found = parts(after_calm([0.02, -0.05, 0.06, -0.05, 0.3], [1, 1, 0, 1, 0]))
    mean = 3 / 25
    assert found["missed_rebound"] == pytest.approx(0.95 * 0.06 * mean / (1 - 0.95**2))


def test_trading_that_earns_nothing_bleeds():
    found = parts(line([0.0] * 5, [0, 1, 0, 1, 0], cost=[0.0, 0.01, 0.01, 0.01, 0.01]))
    assert found == {"cost_bleed": pytest.approx(1.0)}


@pytest.mark.parametrize(
    ("after", "missed"),
    [([0, 0, 0, 0], 4), ([1, 1, 1, 1], 0), ([0, 0, 1, 1], 2)],
    ids=["never back", "never out", "back halfway"],
)
def test_what_constant_exposure_earned_without_us_was_reentered_late(after, missed):
    """Of the depth, not of what rose: no rise near 0 makes it large."""
    fallen = line([0.0, 0.0, -0.2, *[0.04] * 4], [1, 1, *after, 0])
    mean, equity = fallen.holding.mean(), fallen.equity
    known = sum(equity[2 + k] * mean * 0.04 for k in range(missed)) / 0.2
    assert evidence(fallen)["late_reentry"] == pytest.approx(known)


def test_a_rise_after_the_recovery_is_not_missed():
    assert evidence(line([0.0, 0.0, -0.5, 1.0, 0.5, 0.5], [1, 1, 1, 0, 0, 0]))["late_reentry"] == 0.0


@pytest.mark.parametrize("rise", [1e-9, 0.0, -1e-9])
def test_a_rise_near_nothing_is_no_late_reentry(rise):
    """It was a share of that rise once: 1.0 here."""
    found = evidence(line([0.0, 0.0, -0.5, rise], [1, 1, 0, 0]))
    assert found["late_reentry"] == pytest.approx(0.0, abs=1e-8)


def test_leverage_halved_after_the_trough_costs_half_the_recovery():
    found = evidence(line([0.0, 0.1, -0.3, 0.2, 0.2], [1, 1, 0.5, 0.5, 0.5], leverage=[1, 1, 1, 0.5, 0.5]))
    # The unlevered return of each of the two sessions is 0.2, half of which was not earned.
    assert found["leverage_cut_after_loss"] == pytest.approx((0.7 * 0.1 + 0.7 * 1.1 * 0.1) / 0.3)
    still_falling = evidence(line([0.0, 0.0, -0.3], [1, 1, 1]))
    assert still_falling["leverage_cut_after_loss"] == 0.0


def test_one_asset_of_two_loses_what_equal_parts_would_not_have():
    ret = np.transpose([[0.0, 0.0, -0.2, 0.5], [0.0, 0.0, 0.0, 0.5]])
    holding = np.transpose([[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    # Beyond the mean of a quarter, three quarters stood in what fell by 20 %; halves would fall by 10 %.
    assert evidence(line(ret, holding))["single_asset_concentration"] == pytest.approx(0.75 * 0.1 / 0.2)
    alone = evidence(line([0.0, 0.0, -0.2, 0.5], [0, 1, 1, 0]))
    assert alone["single_asset_concentration"] == pytest.approx(0.0, abs=EXACT)


def test_an_asset_that_does_not_trade_is_no_part_of_equal_parts():
    ret = np.transpose([[0.0, 0.0, -0.2, 0.5], [0.0, 0.0, 0.0, 0.0]])
    fallen = line(ret, np.transpose([[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]))
    alone = fallen._replace(is_live=np.transpose([[True] * 4, [False] * 4]))
    assert evidence(alone)["single_asset_concentration"] == pytest.approx(0.0, abs=EXACT)


def fall_of_three(together: bool) -> HeldLine:
    """300 sessions of their own, then 30 falling ones, each asset's the same or each its own."""
    generator = np.random.default_rng(4)
    calm, fall = generator.normal(0.001, 0.01, (300, 3)), generator.normal(-0.02, 0.01, (30, 3))
    fall = np.repeat(fall[:, :1], 3, axis=1) if together else fall
    fallen = line(np.vstack([np.abs(calm), fall]), np.full((330, 3), 1 / 3))
    assert find_episodes(fallen.equity).start[-1] == 299
    return fallen._replace(ret=np.vstack([calm, fall]))


def test_assets_that_fall_together_and_did_not_before_widen_the_fall():
    """Against the covariances: deviations of the fall, correlations of before."""
    for together in (True, False):
        fallen = fall_of_three(together)
        before, fall = fallen.ret[300 - 252 : 300], fallen.ret[300:]
        held, deviation = np.full(3, 1 / 3), fall.std(axis=0, ddof=1)
        as_usual = np.corrcoef(before.T) * np.outer(deviation, deviation)
        wide, usual = (np.sqrt(held @ covariance @ held) for covariance in (np.cov(fall.T), as_usual))
        depth = -find_episodes(fallen.equity).depth.min()
        known = (wide - usual) * np.sqrt(30) / depth
        assert evidence(fallen)["correlation_spike"] == pytest.approx(known, abs=1e-9)
        assert (known > 0.03) == together


def test_too_little_history_has_no_spike():
    ret = np.full((25, 2), 0.01)
    ret[12:] = -0.01
    assert evidence(line(ret, np.full((25, 2), 0.5)))["correlation_spike"] == 0.0


def plain(found: HeldLine, start: int, trough: int) -> dict[str, float]:
    """Weigh constant exposure and the parts of one fall, cell by cell, as the documentation says it."""
    lost = dict.fromkeys(("constant", "cost", "standing_unseen", "standing_seen", "not_held", *STATES), 0.0)
    equity = [1.0, *found.equity]
    for i in range(found.ret.shape[1]):
        mean = sum(found.holding[:, i]) / len(found.holding)
        recent = found.ret[max(start - 19, 0) : start + 1, i]
        deviation = np.std(recent, ddof=1) if len(recent) > 1 else np.nan
        stands, seen, grown = True, False, 1.0
        for t in range(start + 1, trough + 1):
            weight = equity[t] / equity[start + 1]
            constant = mean * found.ret[t, i]
            lost["constant"] -= weight * constant
            lost["cost"] -= weight * found.cost[t, i]
            before = found.holding[t - 1, i] if t else 0.0
            is_held = found.gross[t, i] != 0 or (found.ret[t, i] == 0 and before != 0)
            stands &= is_held and found.gross_state[t, i] == found.gross_state[start + 1, i]
            if not is_held:
                where = "not_held"
            elif not stands:
                where = STATES[found.gross_state[t, i]]
            else:
                where = "standing_seen" if seen else "standing_unseen"
            lost[where] += weight * (constant - found.gross[t, i])
            grown *= 1 + found.ret[t, i]
            seen |= bool(grown - 1 < -2 * deviation * np.sqrt(t - start))
    return lost


@given(seed=st.integers(0, 10_000), count=st.integers(2, 120), assets=st.integers(1, 4))
def test_parts_are_those_of_the_plain_twin_and_add_up_to_the_depth(seed, count, assets):
    generator = np.random.default_rng(seed)
    shape = (count, assets)
    ret = generator.normal(-0.001, 0.02, shape) * (generator.random(shape) > 0.1)
    holding = (
        generator.random(shape)
        * np.repeat(generator.random((count // 4 + 1, assets)) > 0.4, 4, axis=0)[:count]
    )
    state = np.repeat(generator.integers(0, 3, count // 5 + 1), 5)[:count]
    fallen = line(ret, holding, cost=generator.random(shape) * 1e-3)
    states = np.broadcast_to(state[:, None], shape)
    fallen = fallen._replace(gross_state=np.vstack([np.zeros((1, assets), int), states[:-1]]))
    weighed = weigh(fallen)
    episodes = find_episodes(fallen.equity)
    role = np.array(weighed.roles)
    np.testing.assert_allclose(weighed.by_episode[:, role != "aspect"].sum(axis=1), 1.0, rtol=0, atol=1e-9)
    named = {"whipsaw": ("CASH", "TREND"), "falling_knife": ("MEANREV",)}
    for e, number in enumerate(weighed.numbers):
        known = plain(fallen, episodes.start[number], episodes.trough[number])
        for rule, share, is_aspect in zip(modes(), weighed.by_episode[e], role == "aspect", strict=True):
            lost = (
                sum(known[name] for name in named.get(rule.failure_mode, (rule.measure,)))
                if not is_aspect
                else 0
            )
            if not is_aspect:
                assert share == pytest.approx(lost / -weighed.depths[e], abs=1e-9)


def test_shares_of_all_episodes_are_weighed_by_depth():
    """Two episodes: one of 10 % by a cost alone, one of 20 % by what stood."""
    ret, cost = [0.0, 0.0, 0.2, -0.2, 0.5], [0, 0.1, 0, 0, 0]
    fallen = after_calm(ret, [0, 1, 1, 1, 0], cost=cost)
    weighed = weigh(fallen)
    assert weighed.episodes == 2
    assert weighed.depths == pytest.approx([-0.1, -0.2])
    shares = dict(zip(weighed.modes, weighed.shares, strict=True))
    mean = 3 / 25
    assert shares["cost_bleed"] == pytest.approx(0.1 / 0.3)
    assert shares["hit_while_long"] == pytest.approx((1 - mean) * 0.2 / 0.3)
    assert weighed.dominant == "hit_while_long"
    assert weighed.explained == pytest.approx(1.0)
    twice = weighed.pick(np.array([0, 0]))
    assert twice.dominant == "cost_bleed"
    assert twice.shares == pytest.approx(weighed.by_episode[0])


def test_only_modes_that_occur_explain():
    ret, cost = [0.0, 0.0, 0.2, -0.2, 0.5], [0, 0.1, 0, 0, 0]
    fallen = after_calm(ret, [0, 1, 1, 1, 0], cost=cost)
    some = weigh(fallen, threshold=0.9)
    lost = 0.2 * (1 - 3 / 25)
    assert some.explained == pytest.approx(0.1 / (0.1 + lost))
    assert some.added == pytest.approx(0.1 / 0.3)
    assert weigh(fallen).added == pytest.approx((0.1 + lost) / 0.3)
    assert np.isnan(weigh(fallen, threshold=2.0).explained), "nothing can reach that"


def test_without_a_deep_episode_nothing_is_known():
    weighed = failure_shares(line([0.0, 0.1], [1, 1]), find_episodes(np.array([1.0, 1.1])), STATES, modes())
    assert weighed.episodes == 0
    assert np.isnan([weighed.explained, weighed.added]).all()
    assert np.isnan(weighed.shares).all()
    assert weighed.dominant == ""
