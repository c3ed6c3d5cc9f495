"""Batches that replace a symbol's history: what is superseded, what lands, and what older raws make of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from click.testing import Result

from ingest.bars import Bars
from ingest.landing import Landed, land
from ingest.load import load_landed
from ingest.manifests import ManifestError, by_symbol, in_force, read_manifests
from ingest.status import symbol_statuses

Ingest = Callable[..., Result]
MakeBars = Callable[..., Bars]
Frame = Callable[..., pd.DataFrame]
Csv = Callable[[str, pd.DataFrame], Path]
Query = Callable[[str], list[tuple]]


def _land(folder: Path, *bars: Bars, source: str = "files", basis: str = "raw", replaces: bool) -> Landed:
    return land(folder, bars, source=source, price_basis=basis, request={}, replaces=replaces)


def _in_force(folder: Path, symbol: str = "SPY") -> list[str]:
    return [each.manifest["batch_id"] for each in in_force(by_symbol(read_manifests(folder))[symbol])]


def test_only_a_batch_that_replaces_says_so(tmp_path: Path, bars: MakeBars) -> None:
    _land(tmp_path, bars(), replaces=False)
    _land(tmp_path, bars(level=7), replaces=True)
    assert [manifest.get("replaces") for manifest in read_manifests(tmp_path)] == [None, True]


def test_replacing_or_not_are_two_batches(tmp_path: Path, bars: MakeBars) -> None:
    ids = [_land(tmp_path / str(each), bars(), replaces=each).batch_id for each in (False, True)]
    assert ids[0] != ids[1]


def test_the_newest_replacement_supersedes_symbol_by_symbol(tmp_path: Path, bars: MakeBars) -> None:
    first = _land(tmp_path, bars("SPY", rows=5), bars("AAPL"), replaces=False).batch_id
    second = _land(tmp_path, bars("SPY", rows=3, level=7), replaces=True).batch_id
    third = _land(tmp_path, bars("SPY", rows=4, level=7), replaces=False).batch_id
    assert _in_force(tmp_path) == [second, third]
    assert _in_force(tmp_path, "AAPL") == [first]
    fourth = _land(tmp_path, bars("SPY", rows=2, level=9), replaces=True).batch_id
    assert _in_force(tmp_path) == [fourth]


def test_another_source_is_not_superseded(tmp_path: Path, bars: MakeBars) -> None:
    first = _land(tmp_path, bars(), source="yahoo", replaces=False).batch_id
    _land(tmp_path, bars(level=7), source="files", replaces=True)
    third = _land(tmp_path, bars(level=8), source="yahoo", replaces=False).batch_id
    assert _in_force(tmp_path) == [first, third]


def test_the_same_content_replaces_only_where_older_batches_hold_more(tmp_path: Path, bars: MakeBars) -> None:
    _land(tmp_path, bars(rows=5), replaces=False)
    short = bars(rows=3)
    assert _land(tmp_path, short, replaces=False).new == ["SPY"]
    assert _land(tmp_path, short, replaces=False).new == []
    assert _land(tmp_path, short, replaces=True).new == ["SPY"], "two older sessions still count"
    assert _land(tmp_path, short, replaces=True).new == []
    assert _land(tmp_path, short, replaces=False).new == [], "in force either way"


def test_the_same_content_replaces_nothing_where_no_older_row_counts(tmp_path: Path, bars: MakeBars) -> None:
    _land(tmp_path, bars(rows=3), replaces=False)
    _land(tmp_path, bars(rows=5), replaces=False)
    assert _land(tmp_path, bars(rows=5), replaces=True) == Landed(None, [], ["SPY"])
    assert _land(tmp_path, bars(rows=5), basis="split_adjusted", replaces=True).new == ["SPY"]


def test_a_whole_history_replaces_the_parts_that_it_is_made_of(tmp_path: Path, bars: MakeBars) -> None:
    """Parts without a common session cannot be joined: the same rows as one batch are the way out."""
    whole = bars(rows=5)
    for part in (whole.table[:2], whole.table[2:]):
        _land(tmp_path, whole._replace(table=part), replaces=False)
    assert _land(tmp_path, whole, replaces=True).new == ["SPY"]
    assert _land(tmp_path, whole, replaces=True).new == []


def test_a_replacement_lands_over_a_damaged_file(tmp_path: Path, bars: MakeBars) -> None:
    landed = _land(tmp_path, bars(), replaces=False)
    (tmp_path / landed.batch_id / "SPY.parquet").write_bytes(b"damaged")
    assert _land(tmp_path, bars(), replaces=True).new == ["SPY"]


def test_a_manifest_whose_replaces_is_no_truth_value_is_damaged(tmp_path: Path, bars: MakeBars) -> None:
    path = tmp_path / _land(tmp_path, bars(), replaces=True).batch_id / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"replaces": "no"}))
    with pytest.raises(ManifestError, match="is damaged"):
        read_manifests(tmp_path)


def test_status_speaks_of_what_is_in_force(tmp_path: Path, bars: MakeBars) -> None:
    _land(tmp_path, bars(rows=5), replaces=False)
    _land(tmp_path, bars(rows=3), replaces=True)
    (status,) = symbol_statuses(read_manifests(tmp_path), datetime(2020, 2, 1, tzinfo=UTC))
    assert (status.batches, str(status.first), str(status.last)) == (1, "2020-01-02", "2020-01-06")


def test_files_with_replace(ingest: Ingest, frame: Frame, csv: Csv, query: Query) -> None:
    path = csv("SPY.csv", frame(5))
    assert ingest("files", path).exit_code == 0
    csv("SPY.csv", frame(5).drop(index=2))
    assert "1 new" in ingest("files", path).stdout
    assert "0 new, 1 unchanged" in ingest("files", path).stdout
    assert "1 new" in ingest("files", path, "--replace").stdout
    assert "0 new, 1 unchanged" in ingest("files", path, "--replace").stdout
    replaced = "select is_replacement from raw.batches order by ingested_at"
    assert query(replaced) == [(False,), (False,), (True,)]


def test_yahoo_full_replaces(yahoo: object, ingest: Ingest, query: Query) -> None:
    """A recycled ticker: the older life is left out with --full --start, and stays out."""
    yahoo.default = {}
    days = ("--end", "2020-01-31")
    assert ingest("yahoo", "--symbols", "SPY", "--start", "2020-01-02", *days).exit_code == 0
    assert ingest("yahoo", "--symbols", "SPY", "--full", "--start", "2020-01-13", *days).exit_code == 0
    newest = (
        "select first_session::varchar, is_replacement from raw.batches order by ingested_at desc limit 1"
    )
    assert query(newest) == [("2020-01-13", True)]
    asked = len(yahoo.asked)
    assert ingest("yahoo", "--symbols", "SPY", "--start", "2020-01-02", *days).exit_code == 0
    assert len(yahoo.asked) == asked, "nothing before it is asked for"


def test_an_older_warehouse_gets_what_came_later(tmp_path: Path, bars: MakeBars) -> None:
    """A raw from before gains, replacements and removals, with a batch in it and another to come."""
    first = _land(tmp_path / "raw", bars(), replaces=False).batch_id
    path = str(tmp_path / "warehouse.duckdb")
    with duckdb.connect(path) as con:
        load_landed(con, tmp_path / "raw")
        con.execute("drop table raw.removals")
        con.execute("alter table raw.bars drop column capital_gains")
        con.execute("alter table raw.batches drop column is_replacement")
    second = _land(tmp_path / "raw", bars(rows=3), replaces=True).batch_id
    with duckdb.connect(path) as con:
        assert load_landed(con, tmp_path / "raw") == [second]
        replaced = con.execute("select batch_id, is_replacement from raw.batches order by ingested_at")
        assert replaced.fetchall() == [(first, False), (second, True)]
        assert con.execute("select count(*), count(capital_gains) from raw.bars").fetchall() == [(8, 0)]
        assert con.execute("select count(*) from raw.removals").fetchall() == [(0,)]


def test_batches_stay_in_order_of_time(tmp_path: Path, bars: MakeBars) -> None:
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    for level, hours in ((1, 0), (2, -5)):
        land(
            tmp_path,
            [bars(level=level)],
            source="files",
            price_basis="raw",
            request={},
            replaces=True,
            now=lambda hours=hours: noon + timedelta(hours=hours),
        )
    assert _in_force(tmp_path) == [read_manifests(tmp_path)[-1]["batch_id"]]
