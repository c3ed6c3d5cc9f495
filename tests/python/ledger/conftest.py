"""Ledgers of made-up trials."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from ledgers import FIRST, SESSIONS, trial

from plumbline.ledger.store import append


@pytest.fixture
def record(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that records trials one build after another; it returns the folder."""

    def run(*numbers: int, name: str = "ledger", minute: int = 0) -> Path:
        folder = tmp_path / name
        for place, number in enumerate(numbers):
            at = FIRST + timedelta(minutes=minute + place)
            append(folder, SESSIONS, [trial(number)], now=lambda at=at: at)
        return folder

    return run
