"""Many variants side by side give, bit for bit, what each gives alone."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from panels import make_market, random_raws, seed_draws, weekdays
from written import message

from plumbline.engine import sweep as sweeps
from plumbline.engine import sweep_tiles
from plumbline.engine.line import legs_of, run_line
from plumbline.engine.market import Market
from plumbline.engine.panel import Panel
from plumbline.engine.perturbations import Draws, grid, joint, joint_values, one_at_a_time
from plumbline.engine.registry import components
from plumbline.engine.skill import permuted_sharpes
from plumbline.engine.steps import step_of
from plumbline.engine.summary import state_agreement, state_mix, summarise
from plumbline.engine.sweep import Swept, check, sweep, together, why_not
from plumbline.engine.sweep_portfolio import MEASURES
from plumbline.engine.sweep_tiles import SCALARS, VECTORS, Form
from plumbline.engine.variants import Variant, make_variant
from plumbline.tables.stability import perturbed_variants, stability_lines

SESSIONS = weekdays("2015-02-02", 800)
WINDOWS = (
    "trend_return_window",
    "trend_volume_window",
    "trend_horizon",
    "meanrev_return_window",
    "meanrev_volatility_window",
    "rule_fast_window",
    "rule_slow_window",
    "rule_drawdown_window",
    "rule_volatility_window",
)


@pytest.fixture(scope="module")
def troubled() -> Market:
    """Bars with gaps, a fortnight without volume, a late listing and a death."""
    return make_market(random_raws(3, SESSIONS, late=300, early_death=150, assets=4), SESSIONS)


def run_beside(market: Market, variants: list[Variant], **options: object) -> tuple[list[Variant], Swept]:
    """Run variants of one base side by side, in the order in which they come back."""
    ((places, base, changed, reason),) = together(market, variants)
    assert not reason
    return [variants[place] for place in places], sweep(market, base, changed, keep=True, **options)


def differences(market: Market, variants: list[Variant], found: Swept, base: Variant) -> Iterator[str]:
    """Yield what is not, in every bit, what the line of the variant alone gives."""
    of_base = run_line(market, base)
    for number, variant in enumerate(variants):
        line = run_line(market, variant)
        alone = summarise(line.portfolio)._asdict()
        assert alone["sessions"] == found.sessions
        for name in MEASURES:
            if not np.array_equal(alone[name], found.measures[name][number], equal_nan=True):
                yield f"{variant.variant_id}: {name}"
        if not np.array_equal(line.portfolio.net_return[line.portfolio.age > 0], found.net[number]):
            yield f"{variant.variant_id}: daily returns"
        mix = state_mix(market, line, found.states.shape[2])
        counts = found.states[number]
        is_year = counts.sum(axis=1) > 0
        shares = counts[is_year] / counts[is_year].sum(axis=1, keepdims=True)
        if not (np.array_equal(mix.year, found.years[is_year]) and np.array_equal(mix.share, shares)):
            yield f"{variant.variant_id}: states"
        if state_agreement(market, line, market, of_base) != found.agreement[number]:
            yield f"{variant.variant_id}: agreement"


def perturbations(market: Market, base: Variant, draws: int = 40) -> list[Variant]:
    """Return grid, one-at-a-time and joint changes of a variant."""
    cells = grid(base, ("trend_mom20_min", "meanrev_mom20_max"), 0.005)
    return [
        change.variant
        for changes in (cells, one_at_a_time(base, market), joint(base, market, Draws(draws, 1)))
        for change in changes
    ]


def held_to_the_line(market: Market, base: Variant, variants: list[Variant], **options: object) -> None:
    choice = run_line(market, base).allocation.state
    ordered, found = run_beside(market, variants, choice=choice, **options)
    assert list(differences(market, ordered, found, base)) == []


@pytest.mark.parametrize("form", [VECTORS, SCALARS], ids=["vectors", "scalars"])
def test_perturbations_side_by_side_are_those_one_by_one(troubled, short, form: Form):
    base = short("baseline")
    held_to_the_line(troubled, base, perturbations(troubled, base), form=form)


@pytest.mark.parametrize(
    "name", ["weighting_asset", "weighting_equal", "allocator_hysteresis", "allocator_gated"]
)
def test_every_component_with_a_step_form_runs_beside_others(troubled, short, name: str):
    base = short(name)
    held_to_the_line(troubled, base, perturbations(troubled, base, 24))


@pytest.mark.parametrize("follows", ["trend", "meanrev"])
def test_one_strategy_always_runs_beside_others(troubled, short, follows: str):
    base = short("baseline", allocator="always", follows=follows)
    held_to_the_line(troubled, base, [v.variant for v in joint(base, troubled, Draws(24, 1))])


def test_windows_differ_from_variant_to_variant(troubled, short):
    base = short("baseline")
    generator = np.random.default_rng(5)
    variants = [
        base.changed(
            f"window_{number}",
            **{
                name: max(2, int(generator.integers(-5, 6)) + base.values[name])
                for name in generator.choice(WINDOWS, 3, replace=False)
            },
        )
        for number in range(48)
    ]
    held_to_the_line(troubled, base, variants)


def test_rows_that_a_fit_needs_and_whether_it_has_them_differ(troubled, short):
    base = short("baseline")
    variants = [base.changed(f"rows_{rows}", min_train_rows=rows) for rows in (1, 60, 150, 400, 500, 700)]
    held_to_the_line(troubled, base, variants)


@pytest.mark.parametrize("fixture", ["three_symbols", "universe"])
def test_real_bars_side_by_side(request, variant, fixture: str):
    market = request.getfixturevalue(fixture)
    base = variant("baseline")
    every = perturbations(market, base, 1000)
    step = 9 if fixture == "three_symbols" else 60
    held_to_the_line(market, base, every[::step])


def test_equal_returns_have_no_volatility_at_all(short):
    # The mean of twenty equal numbers may differ from them in the last bit: deviations must be exactly 0.
    base = short("baseline", allocator="always", follows="trend", cost_bps=0.0, prediction_threshold=-1.0)
    days = np.array(SESSIONS, "datetime64[D]")
    steady = 50 * np.cumprod(np.full((800, 2), 1.001), axis=0)
    noise = np.random.default_rng(1).normal(0.0005, 0.01, (800, 2))
    noise[400:480] = 0.0007
    price = np.hstack([steady, 50 * np.cumprod(1 + noise, axis=0)])
    live = np.ones(price.shape, bool)
    market = Market(Panel(days, ("A", "B", "C", "D"), price, np.full(price.shape, 1e6), live, ~live))
    held_to_the_line(market, base, [v.variant for v in joint(base, market, Draws(16, 1))])


def test_no_result_hangs_on_chunks_batches_or_threads(troubled, short, monkeypatch):
    base = short("baseline")
    values = joint_values(base, troubled, Draws(150, 1))
    whole = sweep(troubled, base, values, keep=True)
    monkeypatch.setattr(sweeps, "CHUNK", 41)
    monkeypatch.setattr(sweep_tiles, "WORDS", 1)
    cut = sweep(troubled, base, values, keep=True, threads=3)
    for name in MEASURES:
        np.testing.assert_array_equal(cut.measures[name], whole.measures[name])
    np.testing.assert_array_equal(cut.net, whole.net)
    np.testing.assert_array_equal(cut.states, whole.states)
    np.testing.assert_array_equal(cut.agreement, whole.agreement)


@pytest.mark.parametrize("days", [0, 90])
def test_without_a_session_there_are_no_measures(short, days: int):
    market = make_market(random_raws(3, SESSIONS[:90]) if days else {}, SESSIONS[:days])
    base = short("baseline")
    found = sweep(market, base, joint_values(base, market, Draws(10, 1)), keep=True)
    assert found.sessions == 0 and found.net.shape == (10, 0)
    assert all(np.isnan(values).all() for values in found.measures.values())


def calls_in_the_engine(call: Callable[[], object]) -> int:
    """Count the calls of Python functions of the engine and of components."""
    count = 0

    def watch(frame, event, argument) -> None:
        nonlocal count
        if event == "call" and {"engine", "components"} & set(Path(frame.f_code.co_filename).parts[-3:]):
            count += 1

    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(None)
    return count


def test_no_function_of_the_engine_is_called_once_per_variant(troubled, short):
    base = short("baseline")
    few, many = (joint_values(base, troubled, Draws(count, 1)) for count in (256, 2048))
    sweep(troubled, base, few)  # compiles
    more = calls_in_the_engine(lambda: sweep(troubled, base, many))
    assert more - calls_in_the_engine(lambda: sweep(troubled, base, few)) < (2048 - 256) / 16


def test_what_cannot_run_beside_others_says_why(troubled, short):
    assert why_not(troubled, short("published")) == "warm_up is year, not continuous"
    assert why_not(troubled, short("allocator_blend")) == "allocator blend has no step form"
    assert why_not(troubled, short("baseline", cost="borrow")) == (
        "cost borrow is more than one rate for all trades"
    )
    assert why_not(troubled, short("baseline", trend_hold=40_000)) == "trend_hold is above 32,000"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("baseline", "stability sweep: 40 perturbations of baseline, side by side"),
        (
            "allocator_blend",
            "perturbations of allocator_blend run one by one: allocator blend has no step form",
        ),
    ],
)
def test_a_sweep_says_once_how_it_runs(troubled, short, monkeypatch, name: str, said: str):
    lines: list[str] = []
    monkeypatch.setattr("plumbline.tables.stability.say", lines.append)
    variants, draws = [short(name)], seed_draws() | {"joint": {"draws": 40, "seed": 1}}
    perturbed = perturbed_variants(troubled, variants, [{"base_variant_id": name, "kind": "joint"}], draws)
    assert len(stability_lines(troubled, variants, perturbed, draws)) == 41
    assert lines == [said]


def test_variants_of_several_makes_are_grouped(troubled, short):
    variants = [
        short("baseline", cost_bps=1.0),
        short("published"),
        short("baseline", cost_bps=2.0),
        short("allocator_hysteresis"),
        short("baseline", min_train_sessions=200),
    ]
    found = [(places.tolist(), bool(reason)) for places, _, _, reason in together(troubled, variants)]
    assert found == [([0, 2], False), ([1], True), ([3], False), ([4], False)]


def test_a_cost_that_names_a_symbol_is_no_number_that_variants_differ_in(troubled, short, own):
    own(
        """
@cost("mine", Parameter("dear", "ASSET0", of="symbol"), Parameter("dear_bps", 5.0, 0.0))
def mine(view, parameters):
    \"\"\"Charges one symbol.\"\"\"
    out = np.zeros(view.ret.shape)
    out[:, view.column(parameters.dear)] = parameters.dear_bps / 1e4
    return Rates(out)
"""
    )
    given = {**short("baseline").values, "cost": "mine"}
    variants = [make_variant(f"dear_{k}", {**given, "dear": f"ASSET{k}"}) for k in range(2)]
    found = [(places.tolist(), reason) for places, _, _, reason in together(troubled, variants)]
    assert found == [([k], "cost mine is more than one rate for all trades") for k in range(2)]


def test_the_components_that_the_project_ships_have_step_forms_but_for_blend():
    without = {
        found.name
        for kind in ("strategy", "allocator")
        for found in components(kind).values()
        if not found.is_own and step_of(found) is None
    }
    assert without == {"blend"}


OWN = '''
from plumbline.engine.lanes import select
from plumbline.engine.steps import above, below, momentum, step, MAY_ENTER

WINDOW = Parameter("dip_window", 7, 1)
DEPTH = Parameter("dip_max", -0.01, move="relative")
REST = Parameter("dip_rest", 4, 1, move="steps")


@strategy("dip", WINDOW, DEPTH, REST)
def dip(view, parameters):
    """Holds one session after a dip, then rests for some."""
    entry = (view.momentum(parameters.dip_window) < parameters.dip_max) & view.may_enter
    out, wait = np.zeros(view.ret.shape), np.zeros(view.ret.shape[1], int)
    for t in range(len(out)):
        wait[view.span.age[t] <= 1] = 0
        begins = entry[t] & (wait == 0) & (view.span.age[t] > 0)
        out[t, begins] = 1.0
        wait = np.where(begins, parameters.dip_rest, np.maximum(wait - 1, 0))
    return out


@step("strategy", "dip", MAY_ENTER, below(momentum(WINDOW), DEPTH), counts=(REST,), carries=1)
def dip_step(may_enter, has_dipped, rest, wait):
    begins = may_enter & has_dipped & (wait == 0)
    return begins, {}
'''
SOUND = "select(begins, rest, select(wait > 0, wait - 1, 0))"


def test_a_step_form_of_the_users_own_runs_beside_others(troubled, short, own):
    own(OWN.replace("{}", SOUND))
    given = {**short("baseline").values, "allocator": "always", "follows": "dip"}
    base = make_variant("mine", given)
    held_to_the_line(troubled, base, [v.variant for v in joint(base, troubled, Draws(24, 1))])


def test_a_step_form_that_does_not_compile_is_named(troubled, short, own):
    path = own(OWN.replace("{}", "unknown_name"))
    base = make_variant("mine", {**short("baseline").values, "allocator": "always", "follows": "dip"})
    values = joint_values(base, troubled, Draws(8, 1))
    text = path.read_text()
    line = text[: text.index("@step")].count("\n") + 1
    assert message(lambda: sweep(troubled, base, values)).startswith(
        f"{path}, line {line}: the step form of strategy 'dip' does not compile: "
    )


def test_a_step_form_that_says_something_else_than_its_function_is_named(troubled, short, own):
    path = own(OWN.replace("{}", "select(begins, rest + 1, select(wait > 0, wait - 1, 0))"))
    base = make_variant("mine", {**short("baseline").values, "allocator": "always", "follows": "dip"})
    variants, found = run_beside(troubled, [v.variant for v in joint(base, troubled, Draws(9, 1))])
    said = message(lambda: check(troubled, variants, found))
    assert said.startswith("a step form says something else than its function, one of ")
    assert f"{path}, line" in said and "variant 'mine~joint_000" in said


@pytest.mark.parametrize("name", ["baseline", "weighting_equal", "allocator_blend"])
def test_permutations_held_in_tiles_are_those_one_by_one(troubled, short, name: str, monkeypatch):
    base = short(name)
    legs = legs_of(run_line(troubled, base).streams)
    value, found = permuted_sharpes(troubled, base, legs, 40, 21, 7)
    monkeypatch.setattr("plumbline.engine.skill.why_not_held", lambda variant: "asked for")
    alone_value, alone = permuted_sharpes(troubled, base, legs, 40, 21, 7)
    assert value == alone_value
    np.testing.assert_array_equal(found, alone)
    assert len(set(found)) > 30
