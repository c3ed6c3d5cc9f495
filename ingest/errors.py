"""How ingest says no: one exception, one line, with the next step in it."""

import errno
from collections.abc import Sequence

import click

from plumbline.warehouse.faults import NO_ROOM, WarehouseError

_SHOWN_CHARACTERS = 100


class InputError(Exception):
    """An input is refused; the message names what, where and what to do, in one line."""


class NoBarsError(InputError):
    """A source knows no bars of what was asked for, and would not know any if asked again."""


class DelistedError(NoBarsError):
    """A source reports a symbol as delisted, which many say of one that never was, too."""


class StoppedEarly(Exception):
    """A source will be asked for nothing more in this run; the message says why and what to do."""


class Commands(click.Group):
    """A group of commands that end with one line, not with a traceback, where files or folders fail them."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except WarehouseError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read the output has gone; click ends without a word
                raise
            step = "make room there" if NO_ROOM.search(str(error)) else "give yourself the right to use it"
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(
                f"{where}{error.strerror or error}; {step} and run this again: what has landed stays"
            ) from error


def shown(value: object) -> str:
    """Return `value` as it may stand in a message: quoted, on one line, cut when long."""
    text = value if isinstance(value, str) else str(value)
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…")


def some(names: Sequence[object], most: int = 10) -> str:
    """Return names as they may stand in a message: the first of them, and how many there are where cut."""
    named = ", ".join(str(name) for name in names[:most])
    return named if len(names) <= most else f"{named}, … ({len(names):,} in all)"


def printable(text: str) -> str:
    """Return `text` with whatever would steer a terminal, or break a line or an encoding, spelt out.

    Names of files and symbols come from outside, and messages quote them.
    """
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
