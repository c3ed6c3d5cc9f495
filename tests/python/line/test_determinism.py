"""One hash for every mart, whatever the threads and however often the same bars are ingested."""

import csv

import duckdb
from warehouses import CORE, CUT, NO_TESTS, copy_of, dbt, ingest

from plumbline.warehouse.hashes import hash_marts, hash_table


def hashes(warehouse):
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return {row.table_name: row for row in hash_marts(con)}


def test_threads_change_no_bit(sample, tmp_path):
    again = copy_of(sample, tmp_path)
    assert dbt(*NO_TESTS, "--threads", "1", warehouse=again, duckdb_threads=1)
    assert len(hashes(sample)) >= 36
    assert hashes(again) == hashes(sample)


def test_threads_change_no_bit_of_97_symbols(universe, tmp_path):
    again = copy_of(universe, tmp_path)
    assert dbt(*NO_TESTS, *CORE, "--vars", CUT, "--threads", "1", warehouse=again, duckdb_threads=1)
    assert hashes(again) == hashes(universe)


def test_a_copy_of_the_same_bars_changes_no_bit(shared, real, tmp_path):
    """The copy is of the same content in another format, in another order of ingestion."""
    folder = tmp_path / "csv"
    folder.mkdir()
    for path in sorted((shared / "data" / "yahoo").glob("*.parquet")):
        relation = duckdb.sql(f"select * from '{path}'")
        with (folder / f"{path.stem}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(relation.columns)
            writer.writerows(relation.fetchall())  # shortest text that reads back to the same double
    again = tmp_path / "warehouse.duckdb"
    for symbol in ("SPY", "MSFT", "AAPL"):
        ingest("files", str(folder / f"{symbol}.csv"), warehouse=again)
    assert dbt(*NO_TESTS, *CORE, "--vars", CUT, warehouse=again)
    found = hashes(again)
    assert len(found) >= 23
    assert found.items() <= hashes(real).items()
    ingest("files", str(shared / "data" / "yahoo"), warehouse=again)  # lands nothing new
    with duckdb.connect(str(again), read_only=True) as con:
        assert len(con.sql("from raw.batches").fetchall()) == 3


def test_a_hash_sees_the_last_bit_a_null_and_a_moved_text_boundary():
    con = duckdb.connect()
    variants = {
        "a": "select 'ab' as k, 'c' as v, 0.1::double as x",
        "one_bit": "select 'ab' as k, 'c' as v, 0.1::double + 1.5e-17::double as x",
        "boundary": "select 'a' as k, 'bc' as v, 0.1::double as x",
        "null": "select 'ab' as k, null::varchar as v, 0.1::double as x",
        "empty": "select 'ab' as k, '' as v, 0.1::double as x",
        "copy": "select 'ab' as k, 'c' as v, 0.1::double as x",
    }
    for name, sql in variants.items():
        con.execute(f"create table t_{name} as {sql}")
    found = {name: hash_table(con, "main", f"t_{name}").sha256 for name in variants}
    assert found["a"] == found["copy"]
    assert len(set(found.values())) == len(variants) - 1


def test_a_hash_does_not_depend_on_row_order_or_batches(monkeypatch):
    con = duckdb.connect()
    con.execute("create table up as select range as k, 't' || range as v, range / 3.0 as x from range(5000)")
    con.execute("create table down as select * from up order by k desc")
    one = hash_table(con, "main", "up").sha256
    monkeypatch.setattr("plumbline.warehouse.hashes.ROWS_A_BATCH", 64)
    assert hash_table(con, "main", "down").sha256 == one
