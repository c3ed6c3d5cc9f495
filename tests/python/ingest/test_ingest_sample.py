"""The embedded sample: its known facts, and that it is what its provenance note says."""

import hashlib
import re
from collections.abc import Callable
from datetime import date
from importlib import resources

import pytest

from ingest.rebuild_sample import SOURCES

FOLDER = resources.files("ingest") / "sample"


@pytest.fixture
def sample(ingest: Callable, query: Callable) -> Callable[[str], list[tuple]]:
    result = ingest("sample")
    assert result.exit_code == 0, result.stderr
    assert "Landed batch" in result.stdout
    return query


def test_three_symbols_over_the_same_sessions(sample: Callable) -> None:
    assert sample(
        "select symbol, count(*), min(session_date), max(session_date) from raw.bars group by 1 order by 1"
    ) == [(symbol, 3270, date(2000, 3, 1), date(2013, 3, 1)) for symbol in ("AAPL", "MSFT", "^GSPC")]
    assert sample("select source, price_basis from raw.batches") == [("sample", "raw")]
    assert sample(
        "select count(*) from raw.sessions where session_date between '2000-03-01' and '2013-03-01'"
    ) == [(3270,)]


RETURNS = """
select session_date::varchar, {0} / lag({0}) over (order by session_date) - 1 as change
from raw.bars where symbol = '{1}' qualify change < -0.4 order by 1
"""


def test_the_crash_of_apple_is_real_and_its_splits_stand_in_the_closes(sample: Callable) -> None:
    ((day, change),) = sample(RETURNS.format("adj_close", "AAPL"))
    assert (day, round(change, 2)) == ("2000-09-29", -0.52)
    falls = [day for day, _ in sample(RETURNS.format("close", "AAPL"))]
    assert falls == ["2000-06-21", "2000-09-29", "2005-02-28"]
    assert [day for day, _ in sample(RETURNS.format("close", "MSFT"))] == ["2003-02-18"]
    assert sample(RETURNS.format("adj_close", "MSFT")) == []


def test_the_index_has_no_adjustment(sample: Callable) -> None:
    assert sample("select count(*) from raw.bars where symbol = '^GSPC' and adj_close <> close") == [(0,)]


def test_start_and_end_cut_it(ingest: Callable, query: Callable) -> None:
    assert ingest("sample", "--start", "2005-01-01", "--end", "2005-12-30").exit_code == 0
    assert query("select count(*), max(session_date) from raw.bars where symbol = 'AAPL'") == [
        (252, date(2005, 12, 30))
    ]


def test_the_provenance_note_names_every_file_and_source() -> None:
    note = (FOLDER / "PROVENANCE.md").read_text()
    files = [path for path in FOLDER.iterdir() if path.name.endswith(".parquet")]
    assert len(files) == 3
    for path in files:
        assert re.search(rf"`{re.escape(path.name)}` .*{hashlib.sha256(path.read_bytes()).hexdigest()}", note)
    for source in SOURCES:
        assert f"{source.package} {source.version}" in note
        assert source.member in note and source.sha256 in note
    assert "public domain" in note and "NCSA" in note


def test_if_empty_leaves_what_has_landed_alone(ingest: Callable, query: Callable) -> None:
    for _ in range(2):
        assert ingest("sample", "--if-empty", "--end", "2001-12-31").exit_code == 0
    assert ingest("sample", "--if-empty").exit_code == 0
    assert query("select count(*), max(last_session) from raw.batches") == [(1, date(2001, 12, 31))]
