"""`python -m plumbline sweep`: the build's own sweep, of any size, into a file."""

import duckdb
import pytest
from click.testing import CliRunner

from plumbline.__main__ import cli

SWEPT = """
    select variant_id, sharpe, total_return, max_drawdown, avg_leverage, annual_turnover, state_agreement
    from marts.rpt_stability_sweep
    where base_variant_id = 'baseline' and kind = 'joint'
    order by variant_id
    limit 100
"""
WRITTEN = """
    select
        format('baseline~joint_{:04d}', number),
        sharpe, total_return, max_drawdown, avg_leverage, annual_turnover, state_agreement
    from read_parquet(?)
    order by number
"""


@pytest.fixture
def run(sample, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_PATH", str(sample))
    return lambda *arguments: CliRunner().invoke(cli, ["sweep", *map(str, arguments)])


@pytest.mark.parametrize("threads", [1, 2])
def test_the_rows_are_those_of_the_build(run, sample, tmp_path, threads):
    path = tmp_path / "new" / "sweep.parquet"
    done = run("--joint", 100, "--threads", threads, "--to", path)
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"{path}: 100 variants in ")
    assert [each.name for each in path.parent.iterdir()] == ["sweep.parquet"]
    with duckdb.connect(str(sample), read_only=True) as con:
        assert con.execute(WRITTEN, [str(path)]).fetchall() == con.execute(SWEPT).fetchall()


def test_what_has_no_step_form_is_run_one_by_one_and_said(run, tmp_path):
    done = run("--joint", 3, "--base", "allocator_blend", "--to", tmp_path / "blend.parquet")
    assert done.exit_code == 0, done.output
    assert "One by one, which is slower: allocator blend has no step form." in done.output
    found = duckdb.read_parquet(str(tmp_path / "blend.parquet")).fetchdf()
    assert len(found) == 3 and found["sharpe"].nunique() == 3


def test_what_cannot_be_swept_is_refused(run, tmp_path, monkeypatch):
    done = run("--joint", 3, "--base", "baselin")
    assert done.exit_code == 1 and "no variant 'baselin'; there are allocator_blend, " in done.output
    monkeypatch.setenv("WAREHOUSE_PATH", str(tmp_path / "none.duckdb"))
    done = run("--joint", 3)
    assert done.exit_code == 1 and "there is no warehouse" in done.output
