"""What a user brings, as the how-to pages say: a file, and a row, in a folder outside the clone."""

import csv
import re
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path

import duckdb
import pytest
from pages import OWN, blocks, commands
from story import ask, run, write
from warehouses import ROOT

from plumbline.warehouse.hashes import hash_table


def add_column(path: Path) -> None:
    """Add a column to the user's variants, as he may: one of them is to be seen in the sweep alone."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    quiet = ["quiet", "momentum_alone", "Momentum, in the sweep alone.", "", "", "", "", "summary"]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([[*rows[0], "detail"], *([*row, ""] for row in rows[1:]), quiet])


@pytest.fixture(scope="session")
def project(built, tmp_path_factory) -> Path:
    """Return the project of somebody who has followed all of the pages, with an own/ somewhere else."""
    made = built()
    outside = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(made / "own", outside / "own")
    before = run("find . -path ./.venv -prune -o -path ./data -prune -o -type f -print | sort", made)
    for page in OWN:
        for block in blocks(page):
            if block.path:
                write(block, outside)
    add_column(outside / "own" / "variants.csv")
    run("make build", made, PLUMBLINE_OWN=str(outside / "own"))
    after = run("find . -path ./.venv -prune -o -path ./data -prune -o -type f -print | sort", made)
    leftovers = set(after.split()) - set(before.split())
    assert all(
        path.startswith(("./target/", "./logs/")) or ".egg-info/" in path or "__pycache__" in path
        for path in leftovers
    )
    return made


@pytest.mark.parametrize("page", OWN, ids=lambda page: page.stem)
def test_a_page_gives_what_it_shows(project, page):
    assert {command for block in blocks(page) if block.kind == "sh" for command in commands(block)} == {
        "make build"
    }
    for block in blocks(page):
        if block.kind == "sql":
            ask(block, project, f"{page.relative_to(ROOT)}, line {block.line}")


def stated() -> dict[str, list[str]]:
    """Return what docs/building.md says is touched by each addition, by the page that shows it."""
    found = {}
    for line in (ROOT / "docs" / "building.md").read_text().splitlines():
        if page := re.search(r"\(how-to/(own-[\w-]+)\.md\) \|$", line):
            found[page[1]] = re.findall(r"`([^`]+)`", line)
    return found


def test_every_page_has_a_row_in_the_table_of_what_to_touch():
    assert set(stated()) == {page.stem for page in OWN}


@pytest.mark.parametrize("page", OWN, ids=lambda page: page.stem)
def test_git_sees_the_files_of_the_table_and_no_others(tmp_path, page):
    def git(*arguments: str) -> str:
        command = ["git", "-c", "user.name=x", "-c", "user.email=x", *arguments]
        return subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout

    shutil.copytree(ROOT / "own", tmp_path / "own")
    shutil.copy(ROOT / ".gitignore", tmp_path)
    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "As it is shipped")
    for block in blocks(page):
        if block.path:
            write(block, tmp_path)
    touched = {line[3:] for line in git("status", "--porcelain", "--untracked-files=all").splitlines()}
    for path in touched:
        assert any(fnmatch(path, pattern) for pattern in stated()[page.stem]), path
    for pattern in stated()[page.stem]:
        assert any(fnmatch(path, pattern) for path in touched), pattern


def test_each_addition_is_held_to_say_nothing_of_later_bars(project, tmp_path_factory):
    own = next(tmp_path_factory.getbasetemp().glob("elsewhere*/own"))
    command = (
        ".venv/bin/python -m pytest -p no:cacheprovider -v tests/python/engine/test_engine_look_ahead.py"
    )
    said = run(command, project, PLUMBLINE_OWN=str(own))
    for name in ("momentum", "pair", "faller", "calm_or_wild", "least_variance", "dear"):
        assert f"-{name}] PASSED" in said, said


def test_each_addition_is_in_the_index_and_described(project, query):
    sql = "select kind, count(*) from marts.dim_components where is_own and description != '' group by kind"
    found = dict(query(project / "data" / "warehouse.duckdb", sql))
    kinds = {"strategy": 3, "allocator": 1, "weighting": 1, "cost": 1, "benchmark": 1, "shock": 1}
    assert found == kinds


def test_every_variant_of_ones_own_is_swept_over_the_parameters_it_hangs_on(project, query):
    sql = """
        select sweep.base_variant_id, list_sort(list(distinct sweep.parameter))
        from marts.rpt_stability_sweep as sweep
        inner join marts.dim_variants as variants on sweep.base_variant_id = variants.variant_id
        where variants.family = 'user' and sweep.kind = 'one_at_a_time'
        group by all
    """
    swept = dict(query(project / "data" / "warehouse.duckdb", sql))
    line = {"max_leverage", "max_weight", "target_volatility", "vol_window"}
    own = {
        "momentum_alone": {"momentum_min", "momentum_hold", "cost_bps"},
        "pair_alone": {"pair_gap", "cost_bps", "borrow_rate"},
        "faller_alone": {"faller_max", "cost_bps", "borrow_rate"},
        "dear": {"dear_bps", "others_bps"},
        "least_variance": {"variance_window", "cost_bps"},
        "calm_or_wild": {"calm_max", "cost_bps"},
    }
    for variant, parameters in own.items():
        assert parameters | line <= set(swept[variant]), variant


def test_every_variant_of_ones_own_is_stressed(project, query):
    sql = "select count(distinct variant_id) from marts.rpt_stress where scenario_id = 'gap_15_all'"
    own = "select count(*) from marts.dim_variants where family = 'user' and detail = 'daily'"
    warehouse = project / "data" / "warehouse.duckdb"
    assert query(warehouse, sql)[0][0] == query(warehouse, own)[0][0] + 2


def test_a_summary_variant_is_run_in_the_sweep_and_nowhere_else(project, query):
    warehouse = project / "data" / "warehouse.duckdb"
    sql = "select kind, sharpe, max_drawdown from marts.rpt_stability_sweep where variant_id = 'quiet'"
    [(kind, *measures)] = query(warehouse, sql)
    base = "select sharpe, max_drawdown from marts.rpt_performance where variant_id = 'momentum_alone'"
    assert kind == "variant"
    assert [tuple(measures)] == query(warehouse, base)
    for table in ("fct_portfolio_daily", "fct_strategy_daily", "rpt_performance", "rpt_stress"):
        assert query(warehouse, f"select 1 from marts.{table} where variant_id = 'quiet'") == [], table
    assert query(warehouse, "select 1 from marts.rpt_state_shares where variant_id = 'quiet' limit 1")


def test_what_there_was_keeps_every_bit(project, sample):
    with (
        duckdb.connect(str(project / "data" / "warehouse.duckdb"), read_only=True) as ours,
        duckdb.connect(str(sample), read_only=True) as theirs,
    ):
        assert hash_table(ours, "marts", "fct_bars_daily") == hash_table(theirs, "marts", "fct_bars_daily")
        ours.execute(f"attach '{sample}' as theirs (read_only)")
        for table in (
            "fct_strategy_daily",
            "fct_allocator_daily",
            "fct_holdings_daily",
            "fct_portfolio_daily",
            "fct_trades",
            "rpt_performance",
            "rpt_stability_sweep",
            "rpt_state_mix",
            "rpt_stress",
            "rpt_drawdown_attribution",
            "rpt_failure_modes",
            "dim_variants",
            "rpt_generalisation",
        ):
            sql = f"select * from theirs.marts.{table} except all select * from marts.{table}"
            assert ours.sql(sql).fetchall() == [], table
