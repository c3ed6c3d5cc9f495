"""Options of `plumbline build` that stand for dbt's vars."""

import json

import pytest
from click.testing import CliRunner

from plumbline import __main__ as command
from plumbline.warehouse.dbt_arguments import ArgumentsError, with_variables


def variables(arguments):
    """Return the vars that dbt, which takes the last --vars alone, would see."""
    return json.loads(arguments[len(arguments) - 1 - arguments[::-1].index("--vars") + 1])


def test_without_variables_the_arguments_are_as_they_were():
    given = ["--vars", "{end_session: 2025-12-31}", "--select", "dim_assets"]
    assert with_variables(given, {}) == given


@pytest.mark.parametrize(
    "given",
    [
        ["--vars", "{end_session: 2025-12-31, as_of: '2026-01-05 00:00'}", "--threads", "1"],
        ["--threads", "1", '--vars={"end_session": "2025-12-31", "as_of": "2026-01-05 00:00"}'],
    ],
)
def test_variables_join_those_that_are_given(given):
    made = with_variables(given, {"symbols": ["SPY"], "strict": True})
    assert made[:2] == ["--threads", "1"]
    assert variables(made) == {
        "end_session": "2025-12-31",
        "as_of": "2026-01-05 00:00",
        "symbols": ["SPY"],
        "strict": True,
    }


@pytest.mark.parametrize("text", ["", "end_session", "[1, 2]", "{a: [}"])
def test_what_is_no_mapping_is_named(text):
    with pytest.raises(ArgumentsError, match="is no YAML mapping, such as"):
        with_variables(["--vars", text], {"strict": True})


def test_two_values_of_one_variable_are_refused():
    with pytest.raises(ArgumentsError, match="--vars sets strict to False, and --strict to True; give one"):
        with_variables(["--vars", "{strict: false}"], {"strict": True})


@pytest.mark.parametrize(
    ("given", "symbols", "rest"),
    [
        (["--symbols", "SPY", "AAPL"], ["SPY", "AAPL"], []),
        (["--symbols", "SPY,AAPL", "--threads", "1"], ["SPY", "AAPL"], ["--threads", "1"]),
        (["--select", "a", "b", "--symbols", "SPY", "^GSPC"], ["SPY", "^GSPC"], ["--select", "a", "b"]),
        (["--symbols=SPY", "--select", "a", "b"], ["SPY"], ["--select", "a", "b"]),
    ],
)
def test_symbols_are_all_that_follow_the_option(monkeypatch, given, symbols, rest):
    seen = []
    monkeypatch.setattr(command, "build_warehouse", lambda arguments, **_: seen.append(arguments))
    done = CliRunner().invoke(command.cli, ["build", *given])
    assert done.exit_code == 0, done.output
    assert seen[0][: len(rest)] == rest
    assert variables(seen[0]) == {"symbols": symbols}
