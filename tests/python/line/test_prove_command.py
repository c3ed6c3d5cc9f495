"""`python -m plumbline prove`: the proofs of a build, cut after every session; what fails is named."""

import pytest
from click.testing import CliRunner

from plumbline.__main__ import cli

LEAK = '''
import numpy as np
from plumbline.engine.registry import strategy


@strategy("leak")
def leak(view, parameters):
    """Holds what rises tomorrow."""
    return np.vstack([view.ret[1:], view.ret[-1:] * 0]) > 0
'''


@pytest.fixture
def run(sample, tmp_path, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_PATH", str(sample))
    monkeypatch.setenv("PLUMBLINE_OWN", str(tmp_path))
    return lambda *arguments: CliRunner().invoke(cli, ["prove", *arguments])


def test_every_proof_of_a_sound_component_and_a_line_holds(run):
    done = run("meanrev", "baseline", "published")
    assert done.exit_code == 0, done.output
    assert "strategy meanrev (baseline): truncation holds\n" in done.output
    assert "line baseline (baseline): executability holds\n" in done.output
    assert "line published (published): executability is not asked: it is not executable\n" in done.output
    assert "Every proof holds (" in done.output


def test_a_strategy_of_ones_own_that_looks_ahead_is_named(run, tmp_path):
    (tmp_path / "components").mkdir()
    (tmp_path / "components" / "leak.py").write_text(LEAK)
    try:
        done = run("leak")
    finally:
        (tmp_path / "components" / "leak.py").unlink()
        assert run("none").exit_code == 1  # which reads the folder again
    assert done.exit_code == 1
    assert "strategy leak (baseline): levels holds\n" in done.output
    assert "strategy leak, truncation: position of AAPL on 2003-" in done.output
    assert " is 1, and 0 by bars after 2003-" in done.output
    assert "Error: 2 proofs fail" in done.output


def test_what_is_not_there_is_refused(run, tmp_path, monkeypatch):
    done = run("baselin")
    assert (
        done.exit_code == 1
        and "no component or variant 'baselin'; there are allocator_blend, " in done.output
    )
    monkeypatch.setenv("WAREHOUSE_PATH", str(tmp_path / "none.duckdb"))
    assert "there is no warehouse" in run("trend").output


def test_a_build_proves_every_component_and_line(sample, query):
    sql = (
        "select kind, count(*) from marts.rpt_proofs where holds <> (kind <> 'control') and {} group by kind"
    )
    assert query(sample, sql.format("proof <> 'executability'")) == []
    sql = """
        select count(*) from marts.dim_variants as variants
        left join marts.rpt_proofs as proofs on subject = variant_id and proof = 'executability'
        where detail = 'daily' and holds is distinct from is_executable
    """
    assert query(sample, sql) == [(0,)]
