"""Symbols: what is one, and the file name it has."""

import re
from urllib.parse import quote, unquote

from ingest.errors import InputError, shown
from ingest.exchanges import exchange_of_symbol

_SYMBOL = re.compile(r"\^?[A-Z0-9][A-Z0-9.\-]{0,14}")

# Yahoo's spelling of what trades around the clock or on another exchange's days.
_OFF_CALENDAR = (
    (re.compile(r"[A-Z0-9^.\-]{1,15}=X"), "a currency pair"),
    (re.compile(r"[A-Z0-9^.\-]{1,15}=F"), "a future"),
    (
        re.compile(r"[A-Z0-9]{1,12}-(?:USD[TC]?|EUR|GBP|JPY|CAD|AUD|CHF|CNY|INR|KRW|BRL|BTC|ETH)"),
        "a crypto pair",
    ),
)


def validate_symbol(text: str) -> str:
    """Return `text` as a symbol: trimmed, in upper case.

    What is returned is safe in a file name and in a URL once quoted: letters, digits, ``.``, ``-`` and
    a leading ``^`` only.

    Raises
    ------
    InputError
        `text` is no symbol, or names something that does not trade on the XNYS calendar.
    """
    symbol = text.strip()
    # Ask for ASCII first: upper() turns letters such as the dotless i into plain ones.
    symbol = symbol.upper() if symbol.isascii() else symbol
    for pattern, kind in _OFF_CALENDAR:
        if pattern.fullmatch(symbol):
            raise InputError(off_calendar(symbol, f"it is {kind}"))
    if exchange := exchange_of_symbol(symbol):
        suffix = symbol.rpartition(".")[2]
        raise InputError(off_calendar(symbol, f"its ending .{suffix} is that of {exchange.place}"))
    if not _SYMBOL.fullmatch(symbol):
        raise InputError(
            f"{shown(text)} is no symbol: a letter or digit, then up to 14 letters, digits, dots or hyphens; "
            "an index has a ^ before them; correct its spelling"
        )
    return symbol


def off_calendar(symbol: str, evidence: str) -> str:
    """Return the one sentence for what does not trade on the days of the New York Stock Exchange."""
    return (
        f"{symbol} does not trade on the XNYS (New York Stock Exchange) calendar, which everything here "
        f"stands on ({evidence}); choose a US-listed share, fund or index instead"
    )


def file_name(symbol: str) -> str:
    """Return the name of the landing file of `symbol`: ``^GSPC`` lies in ``%5EGSPC.parquet``."""
    return f"{quote(symbol, safe='')}.parquet"


def symbol_of_stem(stem: str) -> str:
    """Return the validated symbol that a file's name without its ending stands for."""
    return validate_symbol(unquote(stem))
