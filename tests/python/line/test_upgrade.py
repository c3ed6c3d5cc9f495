"""An older clone goes on working after `git pull`: its warehouse, its bars, what was its user's own."""

import os
import shutil
import subprocess
import sys

import pytest
from warehouses import CORE, NO_TESTS, ROOT

BEFORE = "5acec480a6c9"  # the last commit whose strategies stood in plumbline/own
STRATEGY = '''
import numpy as np

from plumbline.engine.market import Market
from plumbline.engine.strategies import Positions, Span, hold, register
from plumbline.engine.variants import Variant


@register("momentum")
def momentum(market: Market, variant: Variant, span: Span) -> Positions:
    """Hold for a month whatever rose over the last 60 sessions."""
    entry = market.features(variant.warm_up).mom_60 > 0
    position = hold(entry, span, 20 * variant.meanrev_hold // 3)
    return Positions(position, np.full(position.shape, np.nan))
'''
COLUMNS = 27  # parameters of the seed


def git(*arguments, cwd=ROOT):
    return subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """Return a clone of that commit, with a warehouse, a variant and a strategy of its user's own."""
    if git("cat-file", "-e", BEFORE).returncode:
        pytest.skip("needs the history: this clone is shallow")
    folder = tmp_path_factory.mktemp("older") / "plumbline"
    git("clone", "--quiet", "--no-local", str(ROOT), str(folder))
    git("checkout", "--quiet", "-B", "mine", BEFORE, cwd=folder)
    with (folder / "seeds" / "variants.csv").open("a") as file:
        cells = {0: "5"}  # cost_bps, then a blank for each that is the base's
        values = ",".join(cells.get(place, "") for place in range(COLUMNS))
        file.write(f'dearer,user,daily,baseline,"Mine.",{values.replace("5", "9", 1)}\n')
    with (folder / "seeds" / "strategies.csv").open("a") as file:
        file.write('momentum,,false,true,"Mine."\n')
    (folder / "plumbline" / "own" / "momentum.py").write_text(STRATEGY)
    run(folder, "-m", "ingest", "sample")
    run(folder, "-m", "dbt.cli.main", *NO_TESTS, *CORE)
    return folder


def run(folder, *arguments):
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("DBT_", "PLUMBLINE_"))
    }
    variables |= {"PYTHONPATH": str(folder), "WAREHOUSE_PATH": str(folder / "data" / "warehouse.duckdb")}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_pull_meets_no_edited_file_and_the_next_build_has_all_that_was(clone, query):
    sql = """
        select variant_id, session_date, net_return, leverage from marts.fct_portfolio_daily order by all
    """
    mine = "select * from marts.fct_strategy_daily where strategy = 'momentum' order by all"
    warehouse = clone / "data" / "warehouse.duckdb"
    older, older_mine = query(warehouse, sql), query(warehouse, mine)
    assert {row[0] for row in older} >= {"dearer", "baseline"}
    assert older_mine

    pulled = git("pull", "--quiet", "--no-rebase", "origin", "HEAD", cwd=clone)
    assert pulled.returncode == 0, pulled.stderr
    run(clone, "-m", "dbt.cli.main", *NO_TESTS, *CORE)

    assert query(warehouse, sql) == older
    assert query(warehouse, mine) == older_mine
    state = "select state, is_enabled, description from marts.dim_strategies where strategy = 'momentum'"
    assert query(warehouse, state) == [
        (None, True, "Hold for a month whatever rose over the last 60 sessions.")
    ]
    family = "select family, cost_bps from marts.dim_variants where variant_id = 'dearer' order by 1"
    assert query(warehouse, family) == [("user", 9.0)]


def test_what_was_moved_to_own_says_the_same(clone, query):
    """The page's better way: the same strategy and variant in own/."""
    warehouse = clone / "data" / "warehouse.duckdb"
    returns = "select session_date, net_return from marts.fct_portfolio_daily"
    sql = f"{returns} where variant_id = 'dearer' order by 1"
    older = query(warehouse, sql)
    git("checkout", "seeds/variants.csv", cwd=clone)
    shutil.move(clone / "plumbline" / "own" / "momentum.py", clone / "own" / "components" / "momentum.py")
    (clone / "own" / "variants.csv").open("a").write("dearer,baseline,Mine.,,,,\n")
    (clone / "own" / "variant_parameters.csv").open("a").write("dearer,cost_bps,9\n")
    run(clone, "-m", "dbt.cli.main", *NO_TESTS, *CORE)
    assert query(warehouse, sql) == older
