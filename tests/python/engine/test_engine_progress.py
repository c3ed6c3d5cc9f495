"""Long steps say how far they are: at once, and then every two seconds."""

import itertools

import pytest

from plumbline.tables import progress
from plumbline.tables.progress import tracked


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(progress, "fire_event", lambda event: found.append(event.msg.strip()))
    return found


def test_a_short_step_says_one_line(lines):
    assert list(tracked("abc", 3, "strategies")) == ["a", "b", "c"]
    assert lines == ["strategies: 3 variants"]


def test_a_long_step_says_every_two_seconds_how_far_it_is(lines):
    clock = itertools.chain([0.0], itertools.count(0.5, 0.5))  # half a second for each item
    done = list(tracked(range(1500), 1500, "bootstrap", "histories", now=lambda: next(clock)))
    assert done == list(range(1500))
    assert lines[:3] == [
        "bootstrap: 1,500 histories",
        "bootstrap: 3 of 1,500 histories done",
        "bootstrap: 7 of 1,500 histories done",
    ]


def test_nothing_to_do_is_said_too(lines):
    assert list(tracked([], 0, "allocator")) == []
    assert lines == ["allocator: 0 variants"]
