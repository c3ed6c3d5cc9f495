"""Proofs catch what looks ahead, or elsewhere, on the sixteen cuts of a build, and pass what does not."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from panels import make_market, random_raws, variant_ids, weekdays

from plumbline.engine.market import Market
from plumbline.engine.proof_controls import controls
from plumbline.engine.proof_worlds import CUTS, World, cuts, first_eligible, worlds_of_a_build
from plumbline.engine.proofs import LINE, Case, prove
from plumbline.engine.registry import component
from plumbline.tables.proofs import cases

SESSIONS = weekdays("2012-02-02", 1900)
EVERY = {"truncation", "levels", "names_and_dates", "repeatable", "sealed"}


@pytest.fixture(scope="module")
def market() -> Market:
    return make_market(random_raws(31, SESSIONS, late=180, early_death=170), SESSIONS)


@pytest.fixture(scope="module")
def worlds(market, short) -> list[World]:
    return worlds_of_a_build(market, first_eligible(market, short("baseline")))


def failing(case: Case, market: Market, worlds: list[World]) -> set[str]:
    return {finding.proof for finding in prove(case, market, worlds) if not finding.holds}


@pytest.fixture
def fails(own, short, market, worlds) -> Callable[[str], set[str]]:
    """Return a function that says which proofs a strategy fails, given the lines of its body."""

    def say(body: str, traits: str = "") -> set[str]:
        lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
        own(f'@strategy("mine"{traits})\ndef mine(view, parameters):\n    """Do it."""\n{lines}')
        return failing(
            Case("strategy", "mine", short("baseline"), component("strategy", "mine")), market, worlds
        )

    return say


AHEAD = "ahead = np.vstack([view.ret[1:], view.ret[-1:] * 0])"
LEAKS = {
    "mean over the whole sample": ("return view.ret > view.ret.mean(axis=0)", {"truncation", "repeatable"}),
    "next year's fit": (
        "year = view.sessions.astype('datetime64[Y]')\n"
        "best = [view.ret[year == min(y + 1, year[-1])].mean(axis=0) for y in year]\n"
        "return np.array(best) > 0",
        {"truncation", "repeatable"},
    ),
    "tomorrow of another asset": (
        f"{AHEAD}\nreturn np.roll(ahead, 1, axis=1) > 0",
        {"truncation", "repeatable"},
    ),
    "counting back from the last session": (
        "left = len(view.sessions) - np.arange(len(view.sessions))\n"
        "return np.broadcast_to((left % 5 == 0)[:, None], view.ret.shape)",
        {"truncation"},
    ),
    "level of adj_close": ("return view.price > 60", {"levels"}),
    "a landing file read": ("open('/dev/null').close()\nreturn view.ret > 0", {"sealed"}),
    "crises by date": (
        "day = view.sessions\n"
        "is_crisis = (day > np.datetime64('2015-08-01')) & (day < np.datetime64('2016-02-01'))\n"
        "return np.broadcast_to(~is_crisis[:, None], view.ret.shape)",
        {"names_and_dates"},
    ),
    "out on the eve of a fall of 4 %": (f"{AHEAD}\nreturn ahead > -0.04", {"truncation", "repeatable"}),
    "tomorrow of symbols known by name": (
        f"{AHEAD}\nknown = np.array(view.symbols) == 'ASSET1'\nreturn (ahead > 0) & known",
        {"truncation", "names_and_dates", "repeatable"},
    ),
    "tomorrow after 1,200 sessions": (
        f"{AHEAD}\nahead[:1200] = 0\nreturn ahead > 0",
        {"truncation", "repeatable"},
    ),
    "tomorrow": (f"{AHEAD}\nreturn ahead > 0", {"truncation", "repeatable"}),
    "thresholds fitted on the whole sample": (
        "change = view.momentum(20)\nreturn change > np.nanquantile(change, 0.8)",
        {"truncation", "repeatable"},
    ),
}


@pytest.mark.parametrize("name", LEAKS)
def test_a_planted_leak_is_caught(fails, name):
    body, expected = LEAKS[name]
    found = fails(body)
    assert found & expected and (expected <= found or "repeatable" in expected), found


def test_fitted_constants_are_not_seen(fails):
    """Nothing of a function tells that its numbers were chosen on these very bars."""
    assert fails("return view.momentum(17) > 0.0137") == set()


SOUND = {
    "spread": (
        "a, b = view.column(parameters.bought), view.column(parameters.sold)\n"
        "change = view.momentum(20)\n"
        "is_behind = change[:, b] - change[:, a] > 0.02\n"
        "position = np.zeros(view.ret.shape)\n"
        "position[is_behind, a], position[is_behind, b] = 0.5, -0.5\n"
        "return position",
        ', Parameter("bought", "ASSET0", of="symbol"), Parameter("sold", "ASSET2", of="symbol")'
        ", shorts=True, parts=True",
    ),
    "rank across assets": (
        "change = np.nan_to_num(view.momentum(60), nan=-1.0)\n"
        "return change == change.max(axis=1, keepdims=True)",
        "",
    ),
    "one that waits": ("return view.hold((view.age > 300) & (view.momentum(5) < -0.02), 7)", ""),
    "fitted each year": (
        "from plumbline.engine.features import Feature\n"
        "from plumbline.engine.market import Forecast, Regressor\n"
        "of = Regressor(Feature('momentum', 5)), Regressor(Feature('volatility', 20), 0.2)\n"
        "asked = Forecast(of, 5)\n"
        "return view.forecast(asked, 60) > 0",
        ", is_fitted=True",
    ),
    "logarithms": (
        "size = np.abs(np.diff(np.log(view.price), axis=0, prepend=np.nan))\n"
        "return np.minimum(np.nan_to_num(size), 1)",
        ", parts=True",
    ),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_strategy_passes(fails, market, short, own, worlds, name):
    body, traits = SOUND[name]
    if "parameters" in body:
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        own(f'@strategy("mine"{traits})\ndef mine(view, parameters):\n    """Do it."""\n{lines}')
        variant = short("baseline").changed(bought="ASSET0", sold="ASSET2")
        assert (
            failing(Case("strategy", "mine", variant, component("strategy", "mine")), market, worlds) == set()
        )
    else:
        assert fails(body, traits) == set()


def test_every_shipped_component_and_line_passes(market, short, worlds):
    variants = [short(name) for name in variant_ids()]
    for case in cases(variants, ["meanrev", "trend"]):
        found = failing(case, market, worlds)
        is_excused = case.kind == LINE and not case.variant.is_executable
        assert found <= ({"executability"} if is_excused else set()), case


def test_every_control_fails(market, short, worlds):
    findings = list(controls(market, short("baseline"), worlds))
    assert {finding.proof for _, finding in findings} == EVERY | {"executability"}
    assert [name for name, finding in findings if finding.holds] == []


TOUCHED = {
    "pathlib": "__import__('pathlib').Path('/dev/null').read_text()",
    "os.open": "__import__('os').open('/dev/null', 0)",
    "urllib": "__import__('urllib.request').request.urlopen('http://127.0.0.1:9/')",
    "socket": "__import__('socket').socket()",
    "subprocess": "__import__('subprocess').run(['true'])",
    "os.system": "__import__('os').system('true')",
    "os.environ.get": "__import__('os').environ.get('HOME')",
    "os.getenv": "__import__('os').getenv('HOME')",
    "in os.environ": "'HOME' in __import__('os').environ",
    "os.listdir": "__import__('os').listdir('/')",
    "glob": "__import__('glob').glob('/*')",
    "a thread": "__import__('threading').Thread(target=print).start()",
    "duckdb": "__import__('duckdb').connect()",
    "pyarrow": "__import__('pyarrow.parquet').parquet.read_table('/nowhere.parquet')",
}


@pytest.mark.parametrize("name", TOUCHED)
def test_what_lies_outside_is_refused_though_caught(fails, name):
    body = f"try:\n    {TOUCHED[name]}\nexcept Exception:\n    pass\nreturn view.ret > 0"
    assert fails(body) == {"sealed"}


@pytest.mark.parametrize(
    "body",
    [
        "from scipy.stats import norm\nreturn view.ret > norm.ppf(0.5)",
        "import warnings\nwarnings.warn('a line of source is shown', stacklevel=1)\nreturn view.ret > 0",
        "from numba import njit\nreturn njit(lambda x: x > 0)(np.ascontiguousarray(view.ret))",
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_imports_warnings_and_the_compiler_are_not_refused(fails, body):
    assert fails(body) == set()


def test_the_environment_is_as_before(fails):
    before = type(os.environ)
    fails("return view.ret > 0")
    assert type(os.environ) is before and os.environ.get("PATH")


def test_a_refusal_names_file_and_line(own, short, market, worlds):
    path: Path = own(
        '@strategy("mine")\ndef mine(view, parameters):\n    """Do it."""\n    open("/dev/null")\n'
    )
    case = Case("strategy", "mine", short("baseline"), component("strategy", "mine"))
    with pytest.raises(Exception, match="returned NoneType"):
        list(prove(case, market, worlds))
    assert path.exists()


def test_cuts_are_sixteen_and_spread(market, short):
    first = first_eligible(market, short("baseline"))
    found = cuts(market, first)
    assert len(found) == len(set(found)) == CUTS
    assert found[0] == first + 1 and sum(count > 1200 for count in found) >= 4


def test_bars_without_a_fold_have_nothing_to_prove(short):
    few = make_market(random_raws(3, SESSIONS[:100]), SESSIONS[:100])
    assert worlds_of_a_build(few, first_eligible(few, short("baseline"))) == []
