"""Variants as the project ships them, and worlds: those of the engine's tests."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))

from engine.conftest import registered, short, variant
from simulated import Question, hold_by_volume, question_of

from plumbline.engine.variants import Variant

__all__ = ["registered", "short", "variant"]


@pytest.fixture
def question(variant: Callable[..., Variant], registered: dict) -> Callable[..., Question]:
    """Return a function that asks about the worlds of one kind; their strategies are registered."""
    hold_by_volume()
    return lambda kind: question_of(kind, variant)
