"""What a user brings and what cannot be used is refused before a table is built, and says where and why."""

import shutil

import duckdb
import pytest
from warehouses import ROOT, copy_of, python

from plumbline.components import load
from plumbline.tables.own import load_own

STRATEGY = '''
from plumbline.engine.registry import Parameter, strategy
import numpy as np

@strategy("mine", {parameters})
def mine(view, parameters):
    """Holds something."""
    {body}
'''
HOLD = 'Parameter("mine_hold", 5, 1, 9, move="steps", unit="sessions", meaning="How long.")'
SOUND = "return np.zeros(view.ret.shape)"

# parameters, body, what the message must say
COMPONENTS = {
    "declared twice": (f"{HOLD}, {HOLD}", SOUND, ("parameter 'mine_hold' is declared twice",)),
    "declared otherwise": (
        'Parameter("trend_hold", 4, 1, 9, move="steps")',
        SOUND,
        ("'trend_hold' is declared in another way", "trend.py"),
    ),
    "default too high": (
        'Parameter("mine_hold", 12, 1, 9)',
        SOUND,
        ("'mine_hold'", "the default must be a whole number from 1 to 9, is 12"),
    ),
    "no such move": (
        'Parameter("mine_hold", 5, move="sideways")',
        SOUND,
        ("move must be one of relative, deviation",),
    ),
    "a list": ("", "return [1, 2, 3]", ("returned shape (3,)", "positions must be of shape")),
    "a text": ("", "return 'long'", ("returned str", "must be an array of shape")),
    "one row less": ("", "return np.zeros(view.ret.shape)[1:]", ("returned shape", "must be of shape")),
    "nothing known": (
        "",
        "return np.full(view.ret.shape, np.nan)",
        ("position of A on", "is nan; it must be 0 or 1"),
    ),
    "too much": ("", "return np.full(view.ret.shape, 2.0)", ("is 2; it must be 0 or 1",)),
    "short": ("", "return -np.ones(view.ret.shape)", ("is -1; it must be 0 or 1", "shorts=True")),
    "half": ("", "return np.full(view.ret.shape, 0.5)", ("is 0.5; it must be 0 or 1", "parts=True")),
    "a mistake": ("", "return view.momentum(20) > limit", ("line 8", "NameError", "limit")),
    "no such feature": (
        "",
        "return view.feature('beta', 20) > 0",
        ("no feature 'beta'; there are drawdown, momentum",),
    ),
    "a window of nothing": (
        "",
        "return view.momentum(0) > 0",
        ("window of momentum must be a whole number of 1 or more, is 0",),
    ),
    "not its own": (
        "",
        "return view.ret * parameters.trend_hold",
        ("reads parameter 'trend_hold', which it does not declare",),
    ),
    "no such asset": (
        "",
        "return view.price[:, view.column('NONE')]",
        ("symbol 'NONE' is not among the assets",),
    ),
    "writes to the bars": ("", "view.price[0] = 1.0\n    return np.zeros(view.ret.shape)", ("read-only",)),
}

# file, its lines after the header, what the message must say
ROWS = {
    "cells": (
        "variants.csv",
        "a,baseline,Words, more words,rule,,,",
        ("own/variants.csv, line 2", "8 cells", "7"),
    ),
    "value": (
        "variant_parameters.csv",
        "mine,trend_hold,0",
        ("own/variant_parameters.csv, line 2, column trend_hold", "whole number of 1 or more, is '0'"),
    ),
    "fraction": ("variant_parameters.csv", "mine,trend_hold,2.5", ("column trend_hold", "is '2.5'")),
    "word": (
        "variant_parameters.csv",
        "mine,cost_bps,five",
        ("column cost_bps", "must be a number of 0 or more, is 'five'"),
    ),
    "infinite": ("variant_parameters.csv", "mine,cost_bps,inf", ("column cost_bps", "is 'inf'")),
    "choice": (
        "variant_parameters.csv",
        "mine,cap,soft",
        ("column cap", "one of renormalise, exact, is 'soft'"),
    ),
    "name": (
        "variant_parameters.csv",
        "mine,trend_hodl,5",
        ("line 2, column parameter", "'trend_hodl' is no parameter; there are", "trend_hold"),
    ),
    "twice": (
        "variant_parameters.csv",
        "mine,cost_bps,5\nmine,cost_bps,6",
        ("line 3", "has a value already"),
    ),
    "whose": (
        "variant_parameters.csv",
        "nobody,cost_bps,5",
        ("line 2, column variant_id", "'nobody' is no variant"),
    ),
    "base": (
        "variants.csv",
        "a,basline,Words.,,,,",
        ("own/variants.csv, line 2, column base_variant_id", "'basline' is no variant", "baseline"),
    ),
    "circle": ("variants.csv", "a,b,Words.,,,,\nb,a,Words.,,,,", ("line 2", "leads in a circle")),
    "taken": (
        "variants.csv",
        "baseline,,Words.,,,,",
        ("line 2, column variant_id", "'baseline' stands in seeds/variants.csv, line 2 already"),
    ),
    "id": ("variants.csv", "a b,baseline,Words.,,,,", ("column variant_id", "letters, digits", "'a b'")),
    "no words": ("variants.csv", "a,baseline,,,,,", ("column description",)),
    "allocator": (
        "variants.csv",
        "a,baseline,Words.,rul,,,",
        ("line 2, column allocator", "no allocator 'rul' is registered; there are always, blend"),
    ),
    "strategy": (
        "variants.csv",
        "a,baseline,Words.,always,tren,,",
        ("line 2, column follows", "there are meanrev, trend"),
    ),
    "lag": (
        "variant_parameters.csv",
        "mine,state_lag,0",
        ("column state_lag", "must be 1 where cost_basis is net"),
    ),
    "shares": ("variants.csv", "a,published,Words.,blend,,,", ("column allocator", "must follow one")),
    "same": ("variant_parameters.csv", "mine,down,trend", ("chooses among trend, trend",)),
    "scenario kind": (
        "scenarios.csv",
        "s,gapp,Words.,{}",
        ("own/scenarios.csv, line 2", "kind 'gapp' is none of window, bootstrap"),
    ),
    "scenario json": ("scenarios.csv", "s,gap,Words.,size", ("line 2", "no JSON")),
    "scenario value": (
        "scenarios.csv",
        's,gap,Words.,"{""size"": -2}"',
        ("line 2", "size must be a number of -0.95 or more, is -2"),
    ),
    "scenario name": (
        "scenarios.csv",
        's,gap,Words.,"{""sise"": -0.1}"',
        ("no parameter 'sise'; it has size, assets",),
    ),
    "scenario twice": ("scenarios.csv", "cost_0,cost,Words.,{}", ("'cost_0' stands in seeds/scenarios.csv",)),
    "override check": (
        "data_check_overrides.csv",
        "unit_brake,SPY,warn,,why",
        ("own/data_check_overrides.csv, line 2, column check_id", "is no check", "unit_break"),
    ),
    "override severity": (
        "data_check_overrides.csv",
        "unit_break,SPY,ignore,,why",
        ("column severity", "reject, fail, stop, warn"),
    ),
    "override threshold": (
        "data_check_overrides.csv",
        "unit_break,SPY,,high,why",
        ("column threshold", "'high'"),
    ),
    "claim": (
        "claims.csv",
        "c,nothing,cash,0,2026-01-02",
        ("own/claims.csv, line 2, column variant_id", "'nothing' is no variant"),
    ),
    "claim date": ("claims.csv", "c,baseline,cash,0,2nd of May", ("column stated_on",)),
}
HEADERS = {
    "variants.csv": "variant_id,base_variant_id,description,allocator,follows,weighting,cost",
    "variant_parameters.csv": "variant_id,parameter,value",
    "scenarios.csv": "scenario_id,kind,description,parameters",
    "data_check_overrides.csv": "check_id,symbol,severity,threshold,reason",
    "claims.csv": "claim_id,variant_id,benchmark_id,min_gain,stated_on",
}


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Return an own/ as it is shipped; what was read from it is forgotten afterwards."""
    folder = tmp_path / "own"
    (folder / "components").mkdir(parents=True)
    for name, header in HEADERS.items():
        (folder / name).write_text(header + "\n")
    with monkeypatch.context() as patch:
        patch.setenv("PLUMBLINE_OWN", str(folder))
        yield folder
    load()


@pytest.fixture
def con():
    """Return a warehouse in memory in which A and B have landed."""
    with duckdb.connect() as con:
        con.execute("create schema raw")
        con.execute("create table raw.bars as select * from (values ('A'), ('B')) as bars (symbol)")
        yield con


def tables(con):
    return con.execute("select count(*) from duckdb_tables() where schema_name = 'own'").fetchone()[0]


@pytest.mark.parametrize("case", COMPONENTS)
def test_a_component_that_cannot_be_used_is_named_with_file_and_line(own, con, case):
    parameters, body, said = COMPONENTS[case]
    path = own / "components" / "mine.py"
    path.write_text(STRATEGY.format(parameters=parameters, body=body))
    with pytest.raises(ValueError, match=r"mine\.py, line") as refused:
        load_own(con)
    assert "strategy 'mine'" in str(refused.value)
    for words in said:
        assert words in str(refused.value)
    assert tables(con) == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import pandas\n\nimport no_such_module\n", ("line 3", "ModuleNotFoundError", "no_such_module")),
        ("def broken(:\n", ("line 1", "invalid syntax")),
        ("x = 1\nx.y\n", ("line 2", "AttributeError")),
    ],
)
def test_a_file_that_cannot_be_imported_is_named_with_its_line(own, con, text, said):
    (own / "components" / "mine.py").write_text(text)
    with pytest.raises(ValueError, match=r"mine\.py") as refused:
        load_own(con)
    for words in said:
        assert words in str(refused.value)


@pytest.mark.parametrize("case", ROWS)
def test_a_row_that_cannot_be_used_is_named_with_file_line_and_column(own, con, case):
    name, lines, said = ROWS[case]
    if name == "variant_parameters.csv":
        (own / "variants.csv").open("a").write("mine,baseline,Words.,,,,\n")
    with (own / name).open("a") as file:
        file.write(lines + "\n")
    with pytest.raises(ValueError, match=r"own/") as refused:
        load_own(con)
    for words in said:
        assert words in str(refused.value), str(refused.value)
    assert tables(con) == 0


def test_a_column_that_is_no_parameter_is_named(own, con):
    (own / "variants.csv").write_text(
        "variant_id,base_variant_id,description,trend_hodl\na,baseline,Words.,5\n"
    )
    with pytest.raises(
        ValueError, match=r"own/variants\.csv, line 1, column trend_hodl: is no parameter; there are"
    ):
        load_own(con)


def test_a_variant_that_trades_what_has_not_landed_is_refused(own, con):
    (own / "components" / "mine.py").write_text(
        STRATEGY.format(parameters='Parameter("mine_asset", "A", of="symbol")', body=SOUND)
    )
    (own / "variants.csv").open("a").write("a,baseline,Words.,always,mine,,\n")
    load_own(con)
    (own / "variant_parameters.csv").open("a").write("a,mine_asset,C\n")
    with pytest.raises(
        ValueError, match=r"own/variant_parameters\.csv, line 2, column mine_asset: symbol 'C' has not landed"
    ):
        load_own(con)


def test_a_variant_that_follows_what_is_turned_off_is_refused(own, con, tmp_path, monkeypatch):
    seeds = tmp_path / "project" / "seeds"
    shutil.copytree(ROOT / "seeds", seeds)
    rows = (seeds / "strategies.csv").read_text()
    (seeds / "strategies.csv").write_text(rows.replace("MEANREV,false,true", "MEANREV,false,false"))
    monkeypatch.setattr("plumbline.tables.own.PROJECT_ROOT", tmp_path / "project")
    with pytest.raises(
        ValueError, match=r"line 2: variant 'baseline' follows meanrev, which seeds/strategies\.csv turns"
    ):
        load_own(con)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "trend2,TREND,true,true,x",
            "line 4, column strategy: no strategy 'trend2' is registered; there are",
        ),
        (
            "mine,TREND,false,false,x",
            "line 4, column state: states are strategies' names now; to trade 'mine'",
        ),
    ],
)
def test_a_row_of_the_older_way_that_cannot_be_meant_is_refused(own, con, tmp_path, monkeypatch, row, said):
    seeds = tmp_path / "project" / "seeds"
    shutil.copytree(ROOT / "seeds", seeds)
    with (seeds / "strategies.csv").open("a") as file:
        file.write(row + "\n")
    monkeypatch.setattr("plumbline.tables.own.PROJECT_ROOT", tmp_path / "project")
    with pytest.raises(ValueError, match=said):
        load_own(con)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "renormalise,strategy",
            "renormalised,strategy",
            "line 3, column cap: must be one of renormalise, exact",
        ),
        (
            ",,,,,60,0,0,0,year",
            ",,,,,sixty,0,0,0,year",
            "line 3, column min_test_sessions: must be a whole number",
        ),
        (",,,,,60,0,0,0,year", ",,,,60,0,0,0,year", "line 3: has 31 cells where the header has 32"),
        ("published,core", "published,cor", "line 3, column family: must be one of core, bridge"),
    ],
)
def test_a_row_of_the_wide_seed_is_refused_in_the_same_words(own, con, tmp_path, monkeypatch, old, new, said):
    seeds = tmp_path / "project" / "seeds"
    shutil.copytree(ROOT / "seeds", seeds)
    text = (seeds / "variants.csv").read_text()
    assert old in text
    (seeds / "variants.csv").write_text(text.replace(old, new, 1))
    monkeypatch.setattr("plumbline.tables.own.PROJECT_ROOT", tmp_path / "project")
    with pytest.raises(ValueError, match=f"seeds/variants.csv, {said}"):
        load_own(con)


def test_what_is_sound_is_stated_with_its_place(own, con):
    (own / "components" / "mine.py").write_text(STRATEGY.format(parameters=HOLD, body=SOUND))
    (own / "variants.csv").open("a").write("a,baseline,Words.,always,mine,,\n")
    (own / "variant_parameters.csv").open("a").write("a,mine_hold,7\n")
    load_own(con)
    found = con.execute(
        "select parameter, value, place from own.variant_parameters order by parameter"
    ).fetchall()
    assert found == [
        ("allocator", "always", "own/variants.csv, line 2"),
        ("follows", "mine", "own/variants.csv, line 2"),
        ("mine_hold", "7", "own/variant_parameters.csv, line 2"),
    ]


def test_a_build_is_refused_before_its_first_table(sample, tmp_path, own, query):
    warehouse = copy_of(sample, tmp_path / "warehouse")
    (own / "variants.csv").open("a").write("a,basline,Words.,,,,\n")
    before = query(sample, "select * from marts.dim_variants order by all")
    refused = python("-m", "plumbline", "build", warehouse=warehouse, PLUMBLINE_OWN=str(own))
    assert refused.returncode == 1
    assert "own/variants.csv, line 2, column base_variant_id: 'basline' is no variant" in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr
    assert query(warehouse, "select * from marts.dim_variants order by all") == before
    assert query(warehouse, "select count(*) from own.variants") == [(0,)]
    assert query(warehouse, "select started_at from meta.build") == query(
        sample, "select started_at from meta.build"
    )
