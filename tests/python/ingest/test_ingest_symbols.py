"""What is a symbol, and that whatever is accepted is harmless."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.errors import InputError
from ingest.symbols import file_name, symbol_of_stem, validate_symbol

_SPELLINGS = st.text(alphabet="abzAZ019^.-=/\\'\";% _\x00\n\u0131é", max_size=18) | st.text(max_size=20)


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("SPY", "SPY"),
        (" spy ", "SPY"),
        ("^gspc", "^GSPC"),
        ("BRK-B", "BRK-B"),
        ("brk.b", "BRK.B"),
        ("3M", "3M"),
    ],
)
def test_accepts_what_yahoo_calls_shares_funds_and_indices(text: str, symbol: str) -> None:
    assert validate_symbol(text) == symbol


@pytest.mark.parametrize(
    "text",
    [
        "",
        "^",
        "../x",
        "a';--",
        "SPY AAPL",
        "-SPY",
        ".SPY",
        "SPY\nX",
        "SPY\x00",
        "%2e%2e",
        "s\u0131x",
        "A" * 16,
    ],
)
def test_refuses_what_is_no_symbol_with_the_rule(text: str) -> None:
    with pytest.raises(InputError, match="is no symbol: a letter or digit") as refusal:
        validate_symbol(text)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("text", ["EURUSD=X", "eur=x", "ES=F", "BTC-USD", "eth-eur", "DOGE-USDT"])
def test_refuses_what_trades_on_other_days_in_one_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"does not trade on the XNYS \(New York Stock Exchange\) calendar"):
        validate_symbol(text)


@given(_SPELLINGS)
@example("A..B")
@example("^A")
def test_whatever_is_accepted_is_a_safe_file_name_and_comes_back(text: str) -> None:
    try:
        symbol = validate_symbol(text)
    except InputError:
        return
    name = file_name(symbol)
    assert validate_symbol(symbol) == symbol
    assert symbol_of_stem(name.removesuffix(".parquet")) == symbol
    assert name.isascii() and name.isprintable() and not set(name) & set("/\\:*?\"'<>| ;")
    assert PurePosixPath(name).name == name == PureWindowsPath(name).name
    assert not name.startswith((".", "-"))
