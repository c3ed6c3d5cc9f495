"""Batches over time: what an older one alone has is kept, and any past answer can be built again."""

import csv
import json
import random
from datetime import UTC, datetime
from itertools import pairwise

import duckdb
import exchange_calendars
import pytest
from dbt_common.exceptions import CompilationError
from warehouses import CORE, DATA_TESTS, NO_TESTS, dbt, ingest

from plumbline.warehouse.hashes import hash_marts

SESSIONS = exchange_calendars.get_calendar("XNYS", start="2017-01-03", end="2020-12-31").sessions.date


def random_bars(seed, count=800):
    """Return seeded bars, as the rows of a CSV file in Yahoo's shape."""
    generator = random.Random(seed)
    rows, close = [], 100.0
    for day in SESSIONS[:count]:
        close *= 1 + generator.gauss(0.0004, 0.01)
        low, high = close * 0.99, close * 1.01
        rows.append([day.isoformat(), close, high, low, close, close * 0.9, generator.randint(1000, 9000)])
    return rows


def write(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["date", "open", "high", "low", "close", "adj_close", "volume"])
        writer.writerows(rows)


def land(warehouse, symbol, rows, *options):
    path = warehouse.parent / f"{symbol}.csv"
    write(path, rows)
    ingest("files", str(path), *options, warehouse=warehouse)


def now():
    """Return the time as `as_of` wants it, later than all that has landed."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def as_of(time):
    return "--vars", json.dumps({"as_of": time})


def rescaled(rows, factor):
    """Return the rows with adj_close on another basis, as after a dividend."""
    return [[*row[:5], row[5] * factor, row[6]] for row in rows]


def hashes(warehouse):
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return hash_marts(con)


def test_any_past_answer_can_be_built_again(tmp_path, query):
    """Three vintages: the original, one with a restated bar, one that goes on after a dividend."""
    warehouse = tmp_path / "warehouse.duckdb"
    bars = random_bars(1)
    restated = [row.copy() for row in bars[:700]]
    restated[650][5] *= 1.02
    vintages = [bars[:700], restated, rescaled(restated[600:] + bars[700:], 0.99)]
    land(warehouse, "ABC", random_bars(2))
    known = []
    for rows in vintages:
        land(warehouse, "XYZ", rows)
        assert dbt(*NO_TESTS, *CORE, warehouse=warehouse)
        known.append(hashes(warehouse))
    assert len({tuple(each) for each in known}) == 3
    sql = "select cast(ingested_at at time zone 'UTC' as varchar) from raw.batches order by 1"
    _, *times = query(warehouse, sql)
    for (time,), then in zip(times[:2], known, strict=False):
        arguments = ("--vars", f'{{as_of: "{time}"}}')
        assert dbt(*NO_TESTS, *CORE, *arguments, warehouse=warehouse)
        assert hashes(warehouse) == then
    restatements = "select symbol, session_date from marts.fct_restatements order by session_date"
    assert dbt(*NO_TESTS, "--select", "fct_restatements", warehouse=warehouse)
    assert query(warehouse, restatements) == [("XYZ", SESSIONS[650]), ("XYZ", SESSIONS[651])]


def test_sessions_that_a_new_batch_lacks_are_kept_on_its_basis(tmp_path, query):
    warehouse = tmp_path / "warehouse.duckdb"
    bars = random_bars(3, 300)
    land(warehouse, "XYZ", bars[:200])
    land(warehouse, "XYZ", rescaled(bars[150:160] + bars[162:], 0.98))
    assert dbt(*NO_TESTS, "--select", "+fct_bars_daily", warehouse=warehouse)
    rows = query(
        warehouse, "select session_date, adj_close, ret_1d, is_filled from marts.fct_bars_daily order by 1"
    )
    assert len(rows) == 300
    expected = [row[5] for row in rescaled(bars, 0.98)]
    assert [adj_close for _, adj_close, _, _ in rows] == pytest.approx(expected, rel=1e-14)
    returns = [new / old - 1 for old, new in pairwise(expected)]
    assert [ret for _, _, ret, _ in rows[1:]] == pytest.approx(returns, abs=1e-14)
    assert not any(is_filled for *_, is_filled in rows)


def test_returns_survive_any_history_of_batches(tmp_path, query):
    """Thirty symbols, each with six batches of random sessions, each batch on a basis of its own.

    All end on the same session, so that there is always one in common.
    """
    warehouse = tmp_path / "warehouse.duckdb"
    generator = random.Random(5)
    truth = {f"S{n:02d}": random_bars(n, 120) for n in range(30)}
    for batch in range(6):
        folder = tmp_path / f"batch{batch}"
        folder.mkdir()
        for symbol, bars in truth.items():
            first = generator.randrange(len(bars)) if batch else 0
            landed = [row for row in bars[first:-1] if not batch or generator.random() < 0.8]
            write(folder / f"{symbol}.csv", rescaled([*landed, bars[-1]], generator.random() + 0.5))
        ingest("files", str(folder), warehouse=warehouse)
    assert dbt(*NO_TESTS, "--select", "+fct_bars_daily", warehouse=warehouse)
    for symbol, bars in truth.items():
        sql = "select ret_1d from marts.fct_bars_daily where symbol = ? order by session_date offset 1"
        expected = [new[5] / old[5] - 1 for old, new in pairwise(bars)]
        assert [ret for (ret,) in query(warehouse, sql, symbol)] == pytest.approx(expected, abs=1e-12), symbol
    kept = "select count(*), count(distinct batch_id) from intermediate.int_bars__rebased where is_kept"
    rows, batches = query(warehouse, kept)[0]
    assert rows > 1000
    assert batches == 5


def test_batches_with_nothing_in_common_are_not_joined(tmp_path, capfd, query):
    warehouse = tmp_path / "warehouse.duckdb"
    bars = random_bars(4, 300)
    land(warehouse, "XYZ", bars[:200])
    land(warehouse, "XYZ", bars[200:])
    assert not dbt(*DATA_TESTS, "--select", "+fct_bars_daily", warehouse=warehouse)
    printed = " ".join(capfd.readouterr().out.split())
    assert "XYZ: no_common_session" in printed
    for (batch_id,) in query(warehouse, "select batch_id from raw.batches"):
        assert batch_id in printed
    assert "way out: python -m ingest files XYZ.csv --replace" in printed
    land(warehouse, "XYZ", bars, "--replace")
    assert dbt(*DATA_TESTS, "--select", "+fct_bars_daily", warehouse=warehouse)


def test_a_replacement_supersedes_what_it_leaves_out(tmp_path, query):
    """Two bad sessions, and a corrected file without them: without --replace the old rows are kept."""
    warehouse = tmp_path / "warehouse.duckdb"
    bars = random_bars(6, 300)
    bad = [row.copy() for row in bars]
    for row in bad[100:102]:
        row[5] *= 40
    corrected = bars[:100] + bars[102:]
    land(warehouse, "XYZ", bad)
    before = now()
    land(warehouse, "XYZ", corrected)
    used = "select session_date, adj_close from intermediate.int_bars__active order by 1"
    assert dbt(*NO_TESTS, "--select", "+int_bars__active", warehouse=warehouse)
    assert [day for day, _ in query(warehouse, used)] == [*SESSIONS[:300]], "the old rows are still there"
    land(warehouse, "XYZ", corrected, "--replace")
    assert dbt(*NO_TESTS, "--select", "+int_bars__active", warehouse=warehouse)
    expected = [(day, row[5]) for day, row in zip(SESSIONS[:300], bars, strict=True)]
    assert query(warehouse, used) == expected[:100] + expected[102:]
    batches = "select count(*) from checks.int_checks__batches"
    assert dbt(*NO_TESTS, "--select", "+fct_bars_daily", warehouse=warehouse)
    assert query(warehouse, batches) == [(1,)]
    filled = "select session_date from marts.fct_bars_daily where is_filled order by 1"
    assert query(warehouse, filled) == [(SESSIONS[100],), (SESSIONS[101],)]
    assert dbt(*NO_TESTS, "--select", "+int_bars__active", *as_of(before), warehouse=warehouse)
    expected = [(day, row[5]) for day, row in zip(SESSIONS[:300], bad, strict=True)]
    assert query(warehouse, used) == expected, "as_of before it still finds them"


def test_a_symbol_taken_out_is_as_if_it_had_never_landed(tmp_path):
    """And is back, to the bit, with as_of before its removal and after --undo."""
    warehouse, alone = tmp_path / "warehouse.duckdb", tmp_path / "alone" / "warehouse.duckdb"
    alone.parent.mkdir()
    for symbol, seed in (("ABC", 7), ("XYZ", 8)):
        land(warehouse, symbol, random_bars(seed, 700))
    land(alone, "ABC", random_bars(7, 700))
    with_both, before = core_hashes(warehouse), now()
    without = core_hashes(alone)
    assert with_both != without
    ingest("remove", "XYZ", warehouse=warehouse)
    assert core_hashes(warehouse) == without
    land(warehouse, "XYZ", random_bars(9, 710))
    assert core_hashes(warehouse) == without, "whatever lands of it"
    assert core_hashes(warehouse, *as_of(before)) == with_both
    land(warehouse, "XYZ", random_bars(8, 700), "--replace")
    ingest("remove", "XYZ", "--undo", warehouse=warehouse)
    assert core_hashes(warehouse, "--vars", '{symbols: "abc"}') == without
    features = {table: sha256 for table, _, sha256 in with_both if table == "fct_features_daily"}
    assert features.items() <= {table: sha256 for table, _, sha256 in core_hashes(warehouse)}.items()


def core_hashes(warehouse, *arguments):
    """Build the tables about bars and return the hashes of their content."""
    selected = ("--select", "+dim_assets", "+fct_bars_daily", "+fct_features_daily", "+dim_sessions")
    assert dbt(*NO_TESTS, *selected, *arguments, warehouse=warehouse)
    return hashes(warehouse)


SYMBOLS_ASKED_FOR = ("--select", "+int_sources__active", "assert_symbols_have_landed")


@pytest.mark.parametrize(
    ("symbols", "said"),
    [
        ("[XYZ, TWTR]", "TWTR has not landed; ingest it, for example with: python -m ingest yahoo --sym"),
        ("[gone]", "GONE was removed; bring it back with: python -m ingest remove GONE --undo"),
    ],
)
def test_symbols_that_are_not_there_are_named(symbols, said, two_symbols, capfd):
    variables = ("--vars", f"{{symbols: {symbols}}}")
    assert not dbt(*DATA_TESTS, *SYMBOLS_ASKED_FOR, *variables, warehouse=two_symbols)
    assert said in " ".join(capfd.readouterr().out.split())


@pytest.mark.parametrize(
    ("symbols", "said"),
    [
        ("'XYZ;--'", "var symbols has 'XYZ;--', which is no symbol"),
        ("'\u0131bm'", "var symbols has '\u0131bm', which is no symbol"),
        ("[ON]", "put the symbol in quotes"),
        ("700", "put the symbol in quotes"),
        ("''", "var symbols names none"),
    ],
)
def test_what_is_no_symbol_never_becomes_sql(symbols, said, two_symbols):
    asked = (*DATA_TESTS, *SYMBOLS_ASKED_FOR, "--vars", f"{{symbols: {symbols}}}")
    with pytest.raises(CompilationError, match=said):
        dbt(*asked, warehouse=two_symbols, parses=True)


@pytest.fixture(scope="module")
def two_symbols(tmp_path_factory):
    """Return a warehouse of XYZ, and of GONE, which was removed."""
    warehouse = tmp_path_factory.mktemp("two") / "warehouse.duckdb"
    for symbol in ("XYZ", "GONE"):
        land(warehouse, symbol, random_bars(1, 50))
    ingest("remove", "GONE", warehouse=warehouse)
    return warehouse
