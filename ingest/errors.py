"""How ingest says no: one exception, one line, with the next step in it."""

_SHOWN_CHARACTERS = 100


class InputError(Exception):
    """An input is refused; the message names what, where and what to do, in one line."""


class StoppedEarly(Exception):
    """A source will be asked for nothing more in this run; the message says why and what to do."""


def shown(value: object) -> str:
    """Return `value` as it may stand in a message: quoted, on one line, cut when long."""
    text = value if isinstance(value, str) else str(value)
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…")


def printable(text: str) -> str:
    """Return `text` with whatever would steer a terminal, or break a line or an encoding, spelt out.

    Names of files and symbols come from outside, and messages quote them.
    """
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
