"""`python -m plumbline build` publishes a whole, tested warehouse, or leaves the last one as it was."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time

import duckdb
import pytest
from warehouses import ROOT, copy_of, dbt, ingest, python

from plumbline.warehouse.connect import WarehouseBusyError, connect
from plumbline.warehouse.hashes import hash_marts
from plumbline.warehouse.lock import warehouse_lock
from plumbline.warehouse.publish import BuildError, is_whole

BAD_CSV = """date,open,high,low,close,adj_close,volume
2012-01-03,10,11,9,10,10,100
2012-01-17,10,11,9,10,10,100
"""


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def build(warehouse, *arguments):
    target = str(warehouse.parent / "target")
    return python("-m", "plumbline", "build", *arguments, warehouse=warehouse, DBT_TARGET_PATH=target)


def test_meta_says_what_was_built_tested_and_hashed(sample, query):
    (inputs, versions), *more = query(sample, "select inputs, versions from meta.build")
    assert not more
    assert dict(query(sample, "select batch_id, sha256 from raw.batches")) == json.loads(inputs)["batches"]
    assert json.loads(versions)["duckdb"] == duckdb.__version__
    results = dict(query(sample, "select test_name, status from meta.test_results"))
    assert results["assert_portfolio_is_executable"] == "pass"
    assert len(results) > 60
    assert set(results.values()) == {"pass"}
    with duckdb.connect(str(sample), read_only=True) as con:
        assert query(sample, "from meta.table_hashes order by table_name") == hash_marts(con)


def test_the_file_can_be_read_by_older_clients(sample):
    with duckdb.connect(str(sample), read_only=True) as con:
        (tags,) = con.execute(
            "select tags from duckdb_databases() where database_name = 'warehouse'"
        ).fetchone()
    assert tags["storage_version"] == "v1.4.0+"


def test_a_renamed_copy_answers_alone(sample, tmp_path):
    """No public table leans on the file's name."""
    other = tmp_path / "renamed.duckdb"
    other.write_bytes(sample.read_bytes())
    with duckdb.connect(str(other), read_only=True) as con:
        tables = con.sql(
            "select table_name from information_schema.tables where table_schema = 'marts'"
        ).fetchall()
        for (table,) in tables:
            con.sql(f"select count(*) from marts.{table}").fetchall()
        assert con.sql("from marts.rpt_performance").fetchall()


def test_a_failed_build_leaves_the_published_warehouse_as_it_was(sample, tmp_path):
    warehouse = copy_of(sample, tmp_path / "house")
    csv = tmp_path / "AAPL.csv"
    csv.write_text(BAD_CSV)
    ingest("files", str(csv), warehouse=warehouse)  # loads into raw; the marts are the published ones
    before = digest(warehouse)
    done = build(warehouse)
    assert done.returncode == 1
    assert "AAPL: gap_over_limit (2012-01-17: 8 sessions" in done.stdout  # and no other symbol is left
    assert "way out: python -m ingest files AAPL.csv --replace" in done.stdout
    assert f"The warehouse {warehouse} is as it was." in done.stderr
    assert digest(warehouse) == before
    assert not list(warehouse.parent.glob(".candidate*"))


def test_a_partial_build_is_published_only_when_asked(sample, tmp_path):
    warehouse = copy_of(sample, tmp_path)
    before = digest(warehouse)
    done = build(warehouse, "--select", "dim_strategies")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "not published" in done.stdout
    assert digest(warehouse) == before
    done = build(warehouse, "--publish-partial", "--select", "dim_strategies")
    assert f"Published {warehouse}" in done.stdout
    with duckdb.connect(str(warehouse), read_only=True) as con:
        assert con.sql("select selection from meta.build").fetchall() == [("--select dim_strategies",)]


@pytest.mark.parametrize(
    ("done", "arguments", "whole"),
    [
        (["model.a", "test.b", "unit_test.c"], {}, True),
        (["model.a", "unit_test.c"], {}, False),
        (["model.a", "test.b"], {}, True),
        (["test.b"], {}, False),
        (["model.a", "test.b"], {"empty": True}, False),
    ],
)
def test_a_run_is_whole_when_it_built_and_tested_everything(tmp_path, done, arguments, whole):
    nodes = {"model.a": {}, "test.b": {}, "analysis.d": {}}  # an analysis is kept, never built
    manifest = {"nodes": nodes, "unit_tests": {"unit_test.c": {}}}
    results = {"results": [{"unique_id": each} for each in done], "args": arguments}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "run_results.json").write_text(json.dumps(results))
    assert is_whole(tmp_path) is whole


def test_a_run_without_artifacts_is_not_published(tmp_path):
    with pytest.raises(BuildError, match=r"manifest\.json"):
        is_whole(tmp_path)


def test_whoever_must_wait_is_told_for_whom(tmp_path):
    warehouse = tmp_path / "warehouse.duckdb"
    with warehouse_lock(warehouse, "some other build"):
        done = build(warehouse)
    assert done.returncode == 1
    assert "`some other build` (process" in done.stderr
    assert not warehouse.exists()


def test_a_writer_in_another_process_is_named(tmp_path):
    warehouse = tmp_path / "warehouse.duckdb"
    hold = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('open', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", hold, str(warehouse)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "open\n"
        with pytest.raises(WarehouseBusyError, match=rf"PID {other.pid}"):
            connect(warehouse)
    finally:
        other.kill()
        other.wait()


def test_readers_never_see_less_than_a_whole_warehouse(sample, tmp_path):
    warehouse = copy_of(sample, tmp_path)
    variables = {"DBT_TARGET_PATH": str(tmp_path / "target"), "WAREHOUSE_PATH": str(warehouse)}
    with duckdb.connect(str(warehouse), read_only=True) as con:
        published = con.sql("from marts.rpt_performance").fetchall()
    builder = subprocess.Popen(
        [sys.executable, "-m", "plumbline", "build", "--publish-partial", "--select", "dim_strategies"],
        cwd=ROOT,
        env=os.environ | variables,
        stdout=subprocess.DEVNULL,
    )
    reads = 0
    write = "import duckdb, sys; duckdb.connect(sys.argv[1])"
    while builder.poll() is None:
        with duckdb.connect(str(warehouse), read_only=True) as con:
            assert con.sql("from marts.rpt_performance").fetchall() == published
        reads += 1
        if reads == 50:  # the build holds a read handle, so that nothing written in between is lost
            writer = subprocess.run(
                [sys.executable, "-c", write, str(warehouse)], capture_output=True, text=True
            )
            assert "Could not set lock" in writer.stderr
        time.sleep(0.02)
    assert builder.returncode == 0
    assert reads > 50


def test_a_run_in_place_takes_back_what_meta_said(sample, tmp_path):
    warehouse = copy_of(sample, tmp_path)
    assert dbt("run", "--select", "dim_strategies", warehouse=warehouse)
    with duckdb.connect(str(warehouse), read_only=True) as con:
        assert not con.sql("select 1 from duckdb_tables() where schema_name = 'meta'").fetchall()


@pytest.mark.soak
@pytest.mark.parametrize("seconds", [1, 3, 6, 12, 20, 30])
def test_a_killed_build_leaves_the_published_warehouse_and_the_next_one_succeeds(sample, tmp_path, seconds):
    warehouse = copy_of(sample, tmp_path)
    before = digest(warehouse)
    with subprocess.Popen(
        [sys.executable, "-m", "plumbline", "build"],
        cwd=ROOT,
        env=os.environ | {"DBT_TARGET_PATH": str(tmp_path / "target"), "WAREHOUSE_PATH": str(warehouse)},
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as builder:
        time.sleep(seconds)
        os.killpg(builder.pid, signal.SIGKILL)
    assert digest(warehouse) == before
    assert build(warehouse).returncode == 0
    with (
        duckdb.connect(str(warehouse), read_only=True) as after,
        duckdb.connect(str(sample), read_only=True) as then,
    ):
        assert hash_marts(after) == hash_marts(then)
