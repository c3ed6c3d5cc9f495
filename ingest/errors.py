"""How ingest says no: one exception, one line, with the next step in it."""

_SHOWN_CHARACTERS = 100


class InputError(Exception):
    """An input is refused; the message names what, where and what to do, in one line."""


def shown(value: object) -> str:
    """Return `value` as it may stand in a message: quoted, on one line, cut when long."""
    text = value if isinstance(value, str) else str(value)
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…")
