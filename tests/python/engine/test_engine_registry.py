"""Components are registered by kind and name; a declaration that cannot be is refused by file and line."""

import pytest
from written import FILE, FIRST, declared, message, place

from plumbline.components.costs import proportional
from plumbline.components.strategies import trend
from plumbline.engine import registry
from plumbline.engine.registry import component

DECLARATIONS = {
    "declared twice": ('"depth", 1.0), Parameter("depth", 1.0', "'depth' is declared twice"),
    "a default too low": (
        '"depth", -1, 0',
        "'depth': the default must be a whole number of 0 or more, is -1",
    ),
    "a default out of bounds": (
        '"depth", 1.5, 0.0, 1.0',
        "'depth': the default must be a number from 0 to 1, is 1.5",
    ),
    "a default that is no number": (
        '"depth", float("nan"), highest=1.0',
        "'depth': the default must be a number of 1 or less, is nan",
    ),
    "a default that is no choice": (
        '"side", "up", choices=("long", "short")',
        "'side': the default must be one of long, short, is 'up'",
    ),
    "a default without a name": (
        '"pair", "", of="symbol"',
        "'pair': the default must be the name of a symbol, is ''",
    ),
    "an unknown move": (
        '"depth", 1.0, move="sideways"',
        "'depth': move must be one of relative, deviation, steps, window, none, is 'sideways'",
    ),
    "a deviation of nothing": (
        '"depth", 1.0, move="deviation"',
        "'depth': what moves by deviation names a feature, as ('momentum', 20), and only it",
    ),
    "a feature without a deviation": (
        '"depth", 1.0, move="relative", feature=("momentum", 20)',
        "'depth': what moves by deviation names a feature, as ('momentum', 20), and only it",
    ),
    "a name in capitals": (
        '"Depth", 1.0',
        "'Depth': a name has lower-case letters, digits and underscores only, a letter first",
    ),
    "the line's own": (
        '"max_weight", 0.5',
        "'max_weight' is one of the line's own, declared in another way; "
        "share that declaration, or choose another name",
    ),
    "a slot": (
        '"cost", "proportional", of="cost"',
        "'cost' is one of the line's own, declared in another way; "
        "share that declaration, or choose another name",
    ),
}


@pytest.mark.parametrize(("given", "rule"), DECLARATIONS.values(), ids=DECLARATIONS.keys())
def test_a_parameter_that_cannot_be_is_refused(own, tmp_path, given, rule):
    text = declared(f'strategy("mine", Parameter({given}))')
    path = tmp_path / FILE
    assert message(lambda: own(text)) == f"{place(path)}, parameter {rule}"
    assert "mine" not in registry.components("strategy")


def test_one_name_declared_in_two_ways_is_refused_and_a_declaration_may_be_shared(own, tmp_path):
    path = tmp_path / FILE
    first = component("strategy", "trend")
    text = declared('strategy("mine", Parameter("trend_hold", 7, 1))')
    assert message(lambda: own(text)) == (
        f"{place(path)}, parameter 'trend_hold' is declared in another way by {trend.__file__}, "
        f"line {first.line}; share that declaration, or choose another name"
    )
    own("from plumbline.components.strategies.trend import HOLD\n" + declared('strategy("mine", HOLD)'))
    assert component("strategy", "mine").parameters == (trend.HOLD,)


def test_a_taken_name_is_refused_with_the_file_that_has_it(own, tmp_path):
    path = tmp_path / FILE
    taken = component("cost", "proportional")
    found = message(lambda: own(declared('cost("proportional")')))
    known = place(path, "cost", "proportional")
    assert found == f"{known}: the name is taken by {proportional.__file__}, line {taken.line}"
    own(declared('strategy("proportional")'))
    assert component("strategy", "proportional").is_own, "a name is taken for its kind alone"
    assert component("cost", "proportional") is taken


def test_a_name_is_taken_within_one_file_too(own, tmp_path):
    """Of two functions under one name, the later one would silently win."""
    path = tmp_path / FILE
    text = declared('strategy("mine")')
    found = message(lambda: own(text + text))
    second = f"{path}, line {FIRST + text.count(chr(10))}: strategy 'mine'"
    assert found == f"{second}: the name is taken by {path}, line {FIRST}"


@pytest.mark.parametrize("name", ["Mine", "my-own", "1st", ""])
def test_a_component_has_a_plain_name_and_a_description(own, tmp_path, name):
    path = tmp_path / FILE
    found = message(lambda: own(declared(f'strategy("{name}")')))
    allowed = "a name has lower-case letters, digits and underscores only, a letter first"
    assert found == f"{place(path, name=name)}: {allowed}"
    bare = '@strategy("mine")\ndef mine(view, parameters):\n    return np.zeros(view.ret.shape)\n'
    assert message(lambda: own(bare)) == (
        f"{place(path)}: write a docstring; its first paragraph is the description"
    )


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("x = 1\ny = (\n", f", line {FIRST + 1}: '(' was never closed"),
        ("x = 1\ny = z\n", f", line {FIRST + 1}: cannot be imported: NameError: name 'z' is not defined"),
        (
            "x = 1\nimport no_such_thing\n",
            f", line {FIRST + 1}: cannot be imported: ModuleNotFoundError: No module named 'no_such_thing'",
        ),
    ],
    ids=["syntax", "name", "import"],
)
def test_a_file_that_cannot_be_read_is_named_with_the_line(own, tmp_path, text, rule):
    assert message(lambda: own(text)) == f"{tmp_path / FILE}{rule}"


def test_a_file_is_read_again_once_it_is_right_and_what_it_declared_no_more_is_gone(own):
    message(lambda: own(declared('strategy("mine", Parameter("depth", -1, 0))')))
    own(declared('strategy("mine", Parameter("depth", 1, 0))'))
    assert component("strategy", "mine").parameters[0].default == 1
    assert component("strategy", "mine").description == "Do nothing."
    own("")
    found = message(lambda: component("strategy", "mine"))
    assert found == "no strategy 'mine' is registered; there are meanrev, trend"
