"""Other weights and other allocators, by hand and against the text written out plainly a second time."""

from collections.abc import Sequence
from math import sqrt
from statistics import stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from panels import make_market, random_raws, variant_ids, weekdays

from plumbline.components.allocators import blend, gated, hysteresis
from plumbline.engine.allocator import state_shares, states_of
from plumbline.engine.features import NAMED
from plumbline.engine.folds import in_folds
from plumbline.engine.line import Line, run_line
from plumbline.engine.market import Market
from plumbline.engine.registry import component
from plumbline.engine.variants import Variant, VariantError, check_variant, make_variant

SESSIONS = weekdays("2015-02-02", 800)
CODE = {"C": 0, "T": 1, "M": 2}
NAN = float("nan")
ALLOCATORS = ("allocator_hysteresis", "allocator_gated", "allocator_blend")


def codes(letters: str) -> np.ndarray:
    """Return a sequence of states, one letter a session, of one asset."""
    return np.array([[CODE[letter]] for letter in letters], np.int8)


def letters(state: np.ndarray) -> str:
    return "".join("CTM"[code] for code in state[:, 0])


def confirmed_state(named: np.ndarray, age: np.ndarray) -> np.ndarray:
    return hysteresis.confirmed(named, age, hysteresis.CONFIRM.default)


def recent_share(state: np.ndarray, age: np.ndarray, code: int) -> np.ndarray:
    return state_shares(state, age, code, blend.SESSIONS.default)


class Regime:
    """A view of one session of one asset that has a volatility and a momentum only."""

    def __init__(self, vol_20: float, mom_60: float) -> None:
        self.known = {("volatility", 20): vol_20, ("momentum", 60): mom_60}

    def volatility(self, window: int) -> np.ndarray:
        """Return the volatility, which is known over 20 sessions."""
        return np.array([[self.known["volatility", window]]])

    def momentum(self, window: int) -> np.ndarray:
        """Return the momentum, which is known over 60 sessions."""
        return np.array([[self.known["momentum", window]]])


def since_start(count: int, first: int = 0) -> np.ndarray:
    """Return the sessions of an asset that starts at `first`."""
    return np.maximum(np.arange(count) - first + 1, 0).astype(np.int32)[:, None]


@pytest.mark.parametrize(
    ("named", "followed"),
    [
        ("TTTTT", "CCTTT"),  # CASH until three in a row
        ("TTCTT", "CCCCC"),
        ("TTTMMT", "CCTTTT"),  # two of another are not enough
        ("TTTMMMC", "CCTTTMM"),
        ("TTTCCCTTT", "CCTTTCCCT"),  # CASH must be confirmed, too
        ("TTTMCMCM", "CCTTTTTT"),
        ("M", "C"),
    ],
)
def test_hysteresis_follows_what_was_named_three_times_in_a_row(named, followed):
    assert letters(confirmed_state(codes(named), since_start(len(named)))) == followed


def test_hysteresis_starts_afresh_with_each_history():
    named = codes("TTTTTTTT")
    assert letters(confirmed_state(named, since_start(8, first=2))) == "CCCCTTTT"
    new_year = np.array([1, 2, 3, 4, 1, 2, 3, 4], np.int32)[:, None]
    assert letters(confirmed_state(named, new_year)) == "CCTTCCTT"


@pytest.mark.parametrize(
    ("named", "vol_20", "mom_60", "followed"),
    [
        ("T", 0.39, -1.0, "T"),
        ("T", 0.40, 1.0, "C"),
        ("T", 0.41, 1.0, "C"),
        ("M", 9.0, -0.09, "M"),
        ("M", 0.1, -0.10, "C"),
        ("M", 0.1, -0.11, "C"),
        ("C", 0.1, 0.5, "C"),
        ("T", NAN, 0.1, "C"),  # nothing is known to be harmless
        ("M", 0.1, NAN, "C"),
    ],
)
def test_gates_close_where_the_regime_is_hostile_to_the_strategy(
    variant, monkeypatch, named, vol_20, mom_60, followed
):
    monkeypatch.setattr(gated, "rule", lambda view, parameters, legs: codes(named))
    parameters = variant("allocator_gated").of(component("allocator", "gated"))
    assert letters(gated.gated(Regime(vol_20, mom_60), parameters, ())) == followed


def test_blending_weighs_by_the_last_ten_sessions():
    state = codes("TTTTTTTTTTMMMC")
    age = since_start(len(state))
    for code, known in (("T", [*range(1, 11), 9, 8, 7, 6]), ("M", [0] * 10 + [1, 2, 3, 3])):
        found = recent_share(state, age, CODE[code])[:, 0]
        np.testing.assert_allclose(found, np.array(known) / 10, atol=1e-15)
    late = recent_share(codes("TTTT"), since_start(4, first=2), CODE["T"])[:, 0]
    assert late.tolist() == [0.0, 0.0, 0.1, 0.2], "nothing before the start counts"


def plain_states(
    allocator: str, named: Sequence[int], market: Market, asset: int, states: Sequence[str]
) -> list[str]:
    """Choose the state of each session of one asset from what the rule names (docs, alternatives)."""
    vol_20, mom_60 = (market.feature(NAMED[name], "continuous") for name in ("vol_20", "mom_60"))
    age = market.age("continuous")[:, asset]
    found, held = [], "CASH"
    for t, code in enumerate(named):
        name = states[code]
        if allocator == "allocator_hysteresis":
            if age[t] >= 3 and len({named[t], named[t - 1], named[t - 2]}) == 1:
                held = name
            name = held
        if allocator == "allocator_gated":
            quiet = vol_20[t, asset] < 0.40
            shallow = mom_60[t, asset] > -0.10
            name = {"TREND": name if quiet else "CASH", "MEANREV": name if shallow else "CASH"}.get(
                name, name
            )
        found.append(name if age[t] > 0 else "CASH")
    return found


def plain_exposure(allocator: str, states: list[str], line: Line, asset: int) -> list[float]:
    """Follow the strategies by name, or by the share of the last ten sessions under `blend`."""
    held = {name.upper(): s.positions.position[:, asset] for name, s in line.streams.items()}
    found = []
    for t, state in enumerate(states):
        if allocator == "allocator_blend":
            recent = states[max(t - 9, 0) : t + 1]
            found.append(sum(recent.count(name) / 10 * position[t] for name, position in held.items()))
        else:
            found.append(held[state][t] if state in held else 0.0)
    return found


@pytest.mark.parametrize("name", ALLOCATORS)
@given(seed=st.integers(0, 10_000), late=st.integers(0, 200), early_death=st.integers(0, 200))
def test_states_and_exposures_are_those_of_the_plain_way(short, name, seed, late, early_death):
    market = make_market(random_raws(seed, SESSIONS, late=late, early_death=early_death), SESSIONS)
    rule = run_line(market, short("baseline")).allocation.state
    line = run_line(market, short(name))
    folds, names = in_folds(market, short(name)), states_of(short(name))
    assert names == ("CASH", "TREND", "MEANREV")
    for asset in range(3):
        states = plain_states(name, rule[:, asset].tolist(), market, asset, names)
        live = market.panel.is_live[:, asset]
        found = [names[code] for code in line.allocation.state[live, asset]]
        assert found == [state for state, is_live in zip(states, live, strict=True) if is_live]
        exposure = np.where(folds[:, asset], plain_exposure(name, states, line, asset), 0.0)
        np.testing.assert_allclose(line.allocation.exposure[:, asset], exposure, rtol=0, atol=1e-12)


def test_every_allocator_makes_a_difference_and_none_holds_more_than_all(short):
    market = make_market(random_raws(81, SESSIONS), SESSIONS)
    exposures = [run_line(market, short(name)).allocation.exposure for name in ("baseline", *ALLOCATORS)]
    assert len({exposure.tobytes() for exposure in exposures}) == 4
    assert all((exposure >= 0).all() and (exposure <= 1).all() for exposure in exposures)
    assert set(np.unique(exposures[3])) > {0.0, 0.1, 1.0}


def plain_weights(variant: Variant, market: Market, line: Line, t: int) -> list[float]:
    """Weigh one session from the text: 1/sd of what the variant says, or equally; at most the cap each."""
    inverse = []
    for asset in range(len(market.panel.symbols)):
        if line.allocation.age[t, asset] < 20:
            inverse.append(0.0)
            continue
        price = market.panel.price[t - 20 : t + 1, asset]
        sd = 1.0 if variant.weighting == "equal" else stdev(price[1:] / price[:-1] - 1)
        inverse.append(1 / sd if sd > 0 else 0.0)
    weights = [x / sum(inverse) if sum(inverse) else 0.0 for x in inverse]
    while (excess := sum(max(w - variant.max_weight, 0.0) for w in weights)) > 1e-15:
        free = [w if w < variant.max_weight else 0.0 for w in weights]
        if not sum(free):
            return [min(w, variant.max_weight) for w in weights]
        weights = [
            min(w, variant.max_weight) + excess * f / sum(free) for w, f in zip(weights, free, strict=True)
        ]
    return weights


@pytest.mark.parametrize("name", ["weighting_asset", "weighting_equal"])
@pytest.mark.parametrize("max_weight", [0.70, 0.40])
def test_weights_are_those_of_the_plain_way(short, name, max_weight):
    """From the session on which a stream has a full window, until its asset has ended."""
    market = make_market(random_raws(82, SESSIONS, late=200, early_death=80), SESSIONS)
    variant = short(name, max_weight=max_weight)
    line = run_line(market, variant)
    counts = set()
    for t in np.flatnonzero(line.portfolio.age > 0)[::3]:
        weights = plain_weights(variant, market, line, t)
        np.testing.assert_allclose(line.portfolio.weight[t], weights, rtol=0, atol=1e-9)
        counts.add(sum(weight > 0 for weight in weights))
    assert counts == {0, 2, 3}


def test_equal_weights_have_no_favourite_among_assets_in_cash(short):
    """What the alternatives are for: an asset that sat in cash gets no large weight."""
    market = make_market(random_raws(83, SESSIONS), SESSIONS)
    largest = {}
    for name in ("baseline", "weighting_asset", "weighting_equal"):
        line = run_line(market, short(name))
        full = line.portfolio.age > 25
        idle = (line.allocation.exposure == 0)[full]
        largest[name] = line.portfolio.weight[full][idle].max()
    assert largest["weighting_equal"] == pytest.approx(1 / 3)
    assert largest["weighting_equal"] < largest["weighting_asset"] <= largest["baseline"] == 0.70


def test_the_volatility_target_is_annual_whatever_the_weights(short):
    """Leverage by the standard library from the unlevered returns of the last 20 sessions."""
    market = make_market(random_raws(84, SESSIONS), SESSIONS)
    for name in variant_ids("alternative"):
        portfolio = run_line(market, short(name, max_leverage=3.0)).portfolio
        for t in np.flatnonzero(portfolio.age >= 20)[::17]:
            recent = portfolio.unlevered_return[t - 19 : t + 1].tolist()
            sd = stdev(recent)
            known = 3.0 if len(set(recent)) == 1 else min(3.0, 0.10 / sqrt(252) / sd)
            assert portfolio.leverage[t] == pytest.approx(known, rel=1e-9), name


def test_the_alternatives_of_the_seed_differ_from_baseline_in_one_column_each(variant):
    for name in variant_ids("alternative"):
        mine, base = variant(name), variant("baseline")
        assert check_variant(mine) is mine
        assert (mine.weighting != base.weighting) + (mine.allocator != base.allocator) == 1
        assert mine.changed("baseline", weighting="stream", allocator="rule") == base


def test_blending_where_one_stream_is_followed_is_refused(variant):
    rule = "follows several strategies at once; where cost_basis is strategy it must follow one"
    with pytest.raises(VariantError, match=f"^variant 'published': allocator {rule}$"):
        check_variant(variant("published", allocator="blend"))
    for name in ("bridge_6_switching", "bridge_7_weights", "baseline"):
        check_variant(variant(name, allocator="blend"))


@pytest.mark.parametrize(
    ("column", "known"),
    [("weighting", "asset, equal, stream"), ("allocator", "always, blend, gated, hysteresis, rule")],
)
@pytest.mark.parametrize("value", ["Equal", "", "best"])
def test_an_unknown_alternative_is_refused_by_name(variant, column, known, value):
    rule = f"is '{value}': no {column} '{value}' is registered; there are {known}"
    wrong = variant("baseline", **{column: value})
    with pytest.raises(VariantError, match=f"^variant 'baseline': {column} {rule}$"):
        check_variant(wrong)
    with pytest.raises(VariantError, match=f"^variant 'baseline': {column} .*is '{value}'"):
        make_variant("baseline", wrong.values)
