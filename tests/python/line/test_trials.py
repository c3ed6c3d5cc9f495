"""The trial ledger in a build: what it records, that it records it once, and what comes of what was tried."""

import shutil
from datetime import UTC, datetime

import duckdb
import numpy as np
import pytest
from test_refused_writes import MERE_USER
from warehouses import STORY_NOW, copy_of, dbt, python

from plumbline.ledger.chain import FOLDER, LINES, hash_of, read_chain
from plumbline.ledger.store import Trial, append, read_returns, verify
from plumbline.warehouse.hashes import hash_table

NOISE = 300
TABLES = ("fct_trials", "rpt_trials", "rpt_overfitting", "dim_claims")
MODELS = ("int_trials__recorded", "int_trials__by_day", "int_overfitting__statistics", *TABLES)
AGAIN = ("run", "--select", *MODELS)  # the rest of a warehouse does not hang on the ledger
NAMED = "select variant_id from marts.dim_variants where family != 'perturbation' order by 1"
LUCK = """
    select statistic, subject, value, reference, trials from marts.rpt_overfitting
    where statistic = 'effective_trials' or statistic = 'deflated_sharpe' and subject = 'baseline'
    order by statistic
"""


def hashes(warehouse):
    with duckdb.connect(str(warehouse), read_only=True) as con:
        return {table: hash_table(con, "marts", table).sha256 for table in TABLES}


def ledger_of(warehouse):
    return warehouse.parent / "raw" / FOLDER


def files(warehouse):
    return {path.name: path.read_bytes() for path in ledger_of(warehouse).iterdir() if path.is_file()}


def test_a_build_records_every_named_variant_and_no_perturbation(sample, query):
    named = query(sample, NAMED)
    assert query(sample, "select variant_id from marts.fct_trials order by 1") == named
    chain, faults = verify(ledger_of(sample))
    assert len(chain.lines) == len(named) == 14 and faults == []
    recorded = "select distinct recorded_at from marts.fct_trials"
    at = datetime.fromisoformat(STORY_NOW).isoformat(timespec="microseconds")
    assert query(sample, recorded) == [(at,)]


def test_what_is_recorded_is_what_was_run(sample, query):
    sql = """
        select max(abs(trials.sharpe - performance.sharpe)), bool_and(trials.sessions = performance.sessions)
        from marts.fct_trials as trials
        inner join marts.rpt_performance as performance using (variant_id)
    """
    assert query(sample, sql) == [(0.0, True)]
    said = [line.values() for line in read_chain(ledger_of(sample)).lines]
    daily = "select session_date, net_return from marts.fct_portfolio_daily where variant_id = ? order by 1"
    for line in said:
        days, returns = zip(*query(sample, daily, line["variant_id"]), strict=True)
        found = read_returns(ledger_of(sample), [line], np.array(days, "datetime64[D]"))
        assert found[line["key"]].tolist() == list(returns)
    gain = """
        select trials.gain - (trials.sharpe - (
            select sharpe(net_return) from marts.fct_benchmark_daily where benchmark_id = 'always_long'
        ))
        from marts.fct_trials as trials where variant_id = 'baseline'
    """
    assert query(sample, gain)[0][0] == pytest.approx(0.0, abs=1e-12)


def test_the_first_build_has_only_its_own_trials_to_reckon_with(sample, query):
    (_, _, value, reference, trials), (_, _, count, number, _) = query(sample, LUCK)
    assert trials == number == 14 and 1.0 < count < 14.0
    assert 0.0 < value < 1.0 and reference > 0.0
    days = "select sum(new_trials), max(all_trials_so_far), count(distinct recorded_on) from marts.rpt_trials"
    assert query(sample, days) == [(14, 14, 1)]
    assert query(sample, "select trials, trials_before from marts.dim_claims") == [(14, 0)]


def test_the_same_again_adds_nothing_and_changes_no_hash(sample, tmp_path):
    again = copy_of(sample, tmp_path)
    before = files(again)
    assert dbt(*AGAIN, warehouse=again)
    assert files(again) == before
    assert hashes(again) == hashes(sample)


def noise(warehouse, count):
    """Record trials of noise over the symbols of a warehouse, as builds on one day would have."""
    folder = ledger_of(warehouse)
    said = next(line.values() for line in read_chain(folder).lines if b'"baseline"' in line.text)
    with duckdb.connect(str(warehouse), read_only=True) as con:
        rows = con.execute(
            "select session_date, net_return from marts.fct_benchmark_daily "
            "where benchmark_id = 'always_long' order by 1"
        ).fetchall()
    days, long = zip(*rows, strict=True)
    own = ("hash", "previous", "key", "recorded_at", "returns")
    values = {name: value for name, value in said.items() if name not in own}
    trials = []
    for number in range(count):
        drawn = np.random.default_rng(number).normal(0.0, 0.006, len(long))
        name = hash_of([number, "noise"])
        mine = {"trial": name, "variant_id": f"noise_{number}", "base_variant_id": "baseline"}
        trials.append(Trial(hash_of([name, "bars"]), {**values, **mine}, np.array(long) + drawn))
    append(folder, np.array(days, "datetime64[D]"), trials, now=lambda: datetime(2026, 1, 5, tzinfo=UTC))


def test_trials_that_are_gone_still_count_and_as_of_before_them_does_not_see_them(sample, tmp_path, query):
    house = copy_of(sample, tmp_path)
    before = hashes(house)
    (_, _, value, reference, _), _ = query(house, LUCK)
    noise(house, NOISE)
    assert dbt(*AGAIN, warehouse=house)
    (_, _, now, higher, trials), (_, _, count, _, _) = query(house, LUCK)
    assert trials == 14 + NOISE and 0.8 * NOISE < count < 1.1 * trials
    assert now < value and higher > reference
    rows = query(
        house,
        "select cast(recorded_on as varchar), trials_so_far, all_trials_so_far, best_variant_id, "
        "deflated_sharpe from marts.rpt_trials where base_variant_id = 'baseline' order by 1",
    )
    assert [row[0] for row in rows] == ["2026-01-02", "2026-01-05"]
    assert rows[1][1] == rows[0][1] + NOISE and rows[1][2] == 14 + NOISE
    assert rows[1][3].startswith("noise_") and rows[1][4] < 0.95
    assert query(house, "select trials, trials_before from marts.dim_claims") == [(14 + NOISE, 0)]

    known, past = files(house), ("--vars", '{as_of: "2026-01-03 00:00"}')
    assert dbt(*AGAIN, *past, warehouse=house, parses=True)
    assert hashes(house) == before
    assert files(house) == known
    shutil.rmtree(ledger_of(house))
    assert dbt(*AGAIN, *past, warehouse=house, parses=True)
    assert not ledger_of(house).exists(), "a past answer records nothing"
    assert query(house, "select count(*) from marts.fct_trials") == [(0,)]
    assert query(house, LUCK)[0][4] == 14, "what a build runs itself counts in any case"


@pytest.mark.parametrize("fault", ["not to be written to", "no folder at all"])
def test_where_nothing_can_be_recorded_a_build_says_so_and_goes_on(sample, tmp_path, query, fault):
    house = copy_of(sample, tmp_path)
    shutil.rmtree(ledger_of(house))
    if fault == "no folder at all":
        ledger_of(house).write_text("in the way")
    else:
        ledger_of(house).mkdir()
        ledger_of(house).chmod(0o555)
    target = {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs")}
    done = python("-c", MERE_USER, "dbt.cli.main", *AGAIN, warehouse=house, **target)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("trial ledger: nothing was recorded in") == 1
    assert query(house, "select count(*) from marts.fct_trials") == [(0,)]
    assert query(house, LUCK)[0][4] == 14


def test_a_ledger_that_was_changed_is_told_of(sample, tmp_path):
    house = copy_of(sample, tmp_path)
    path = ledger_of(house) / LINES
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([lines[0], *lines[2:]]))
    target = {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs")}
    done = python("-m", "dbt.cli.main", *AGAIN, warehouse=house, **target)
    assert done.returncode == 0, done.stdout
    assert "trial ledger: line 2 follows a line that is not before it" in done.stdout
    assert "python -m plumbline ledger verify" in done.stdout


def test_the_ledger_is_in_the_way_of_no_ingest(sample, tmp_path):
    house = copy_of(sample, tmp_path)
    before = files(house)
    for command in ("verify", "rebuild", "status"):
        done = python("-m", "ingest", command, warehouse=house)
        assert done.returncode == 0, done.stdout + done.stderr
    assert python("-m", "ingest", "remove", "MSFT", warehouse=house).returncode == 0
    assert files(house) == before
