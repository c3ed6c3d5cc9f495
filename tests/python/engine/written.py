"""Components as a user writes them: files of his own, and what a refusal of one says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from plumbline.engine.registry import ComponentError

HEAD = '''"""What a user wrote."""
import numpy as np
from plumbline.engine.allocator import Choice
from plumbline.engine.costs import Rates
from plumbline.engine.registry import Parameter, allocator, benchmark, cost, shock, strategy, weighting
'''
FIRST = HEAD.count("\n") + 1  # the line of what a test adds

FILE = Path("components") / "mine.py"  # within the folder of the user's own


def message(call: Callable[[], object]) -> str:
    """Return what a call is refused with."""
    with pytest.raises(ComponentError) as refusal:
        call()
    return str(refusal.value)


def place(path: Path, kind: str = "strategy", name: str = "mine") -> str:
    """Return how a message names the component that starts on the first line of what a test adds."""
    return f"{path}, line {FIRST}: {kind} '{name}'"


def declared(decorator: str) -> str:
    """Return a function that does nothing, under a decorator."""
    body = '    """Do nothing."""\n    return np.zeros(view.ret.shape)\n'
    return f"@{decorator}\ndef mine(view, parameters):\n{body}"
