"""Arguments of dbt: the vars in them, and those that options of ours stand for."""

import json
from collections.abc import Mapping

import yaml

_OPTION = "--vars"


class ArgumentsError(ValueError):
    """The arguments cannot be understood; the message says which."""


def with_variables(arguments: list[str], variables: Mapping[str, object]) -> list[str]:
    """Return `arguments` with `variables` among their vars: of several --vars dbt takes the last alone.

    Raises
    ------
    ArgumentsError
        --vars is no mapping, or sets one of `variables` to something else.
    """
    if not variables:
        return arguments
    rest: list[str] = []
    given: dict[str, object] = {}
    words = iter(arguments)
    for word in words:
        if word == _OPTION:
            given = _mapping(next(words, ""))
        elif word.startswith(f"{_OPTION}="):
            given = _mapping(word.removeprefix(f"{_OPTION}="))
        else:
            rest.append(word)
    for name, value in variables.items():
        if given.get(name, value) != value:
            raise ArgumentsError(
                f"--vars sets {name} to {given[name]!r}, and --{name} to {value!r}; give one"
            )
    return [*rest, _OPTION, json.dumps(given | dict(variables))]


def _mapping(text: str) -> dict[str, object]:
    try:
        given = yaml.safe_load(text)
    except yaml.YAMLError:
        given = None
    if not isinstance(given, dict):
        raise ArgumentsError(f"--vars {text!r} is no YAML mapping, such as '{{end_session: 2025-12-31}}'")
    # Dates as dbt reads them: texts.
    return {
        str(name): value if isinstance(value, bool | int | float | str | list | None) else str(value)
        for name, value in given.items()
    }
