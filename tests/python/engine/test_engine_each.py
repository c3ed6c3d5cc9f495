"""Work that is split over processes gives the tables that one process gives."""

import pytest
from panels import make_market, random_raws, seed_draws, weekdays

from plumbline.tables.each import workers
from plumbline.tables.stability import perturbed_variants, stability_lines
from plumbline.tables.strategy import strategy_daily
from plumbline.tables.streams import streams_of

SESSIONS = weekdays("2015-02-02", 500)


def test_two_processes_give_the_tables_of_one(short, monkeypatch):
    market = make_market(random_raws(9, SESSIONS), SESSIONS)
    variants = [short("published"), short("baseline"), short("weighting_equal")]
    sweeps = [{"base_variant_id": "baseline", "kind": "data", "parameters": None, "step": None}]
    found = []
    for count in ("1", "2"):
        monkeypatch.setenv("PLUMBLINE_WORKERS", count)
        assert workers() == int(count)
        streams = streams_of(variants, ["meanrev", "trend"])
        daily = strategy_daily(market, variants, streams).read_all()
        perturbed = perturbed_variants(market, variants, sweeps, seed_draws())
        found.append((daily, stability_lines(market, variants, perturbed, seed_draws())))
    assert all(one.equals(two) for one, two in zip(*found, strict=True))
    assert len(found[0][1]) == len(variants) + 10 + 12 + 3


@pytest.mark.parametrize("said", ["0", "-1", "two", "1.5", ""])
def test_a_number_of_processes_that_cannot_be_is_refused(monkeypatch, said):
    monkeypatch.setenv("PLUMBLINE_WORKERS", said)
    with pytest.raises(
        ValueError, match=f"PLUMBLINE_WORKERS must be a whole number of 1 or more, is {said!r}"
    ):
        workers()


def test_without_a_word_there_is_one_process(monkeypatch):
    monkeypatch.delenv("PLUMBLINE_WORKERS", raising=False)
    assert workers() == 1
