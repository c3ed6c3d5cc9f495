"""Made-up trials, and the lines of a ledger as they stand in its file."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from plumbline.ledger.chain import LINES, hash_of
from plumbline.ledger.store import Trial

SESSIONS = np.arange(np.datetime64("2012-01-02"), np.datetime64("2012-04-11"))
FIRST = datetime(2026, 1, 2, tzinfo=UTC)


def trial(number: int, symbols: tuple[str, ...] = ("AAPL",)) -> Trial:
    """Return a made-up trial."""
    returns = np.random.default_rng(number).normal(0.0, 0.01, len(SESSIONS))
    returns[:5] = np.nan
    values = {
        "trial": hash_of([number, *symbols]),
        "variant_id": f"variant_{number}",
        "base_variant_id": None,
        "parameters": {"max_weight": number / 7, "cap": "exact"},
        "components": {"cost proportional": "0" * 16},
        "symbols": list(symbols),
        "seal": None,
        "bars": "0" * 64,
        "first_session": "2012-01-07",
        "last_session": "2012-04-10",
        "sessions": 95,
        "sharpe": number / 3,
        "gain": None,
    }
    return Trial(hash_of([values["trial"], values["bars"]]), values, returns)


def texts(folder: Path) -> list[bytes]:
    """Return the lines of a ledger as they stand."""
    return (folder / LINES).read_bytes().splitlines()


def rewrite(folder: Path, lines: list[bytes]) -> None:
    """Put other lines in their place."""
    (folder / LINES).write_bytes(b"".join(line + b"\n" for line in lines))
