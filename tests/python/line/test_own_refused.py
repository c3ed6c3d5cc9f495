"""What a user brings and what cannot be used is refused before a table is built, and says where and why."""

import shutil

import duckdb
import pytest
from own_cases import COMPONENTS, HEADERS, HOLD, ROWS, SOUND, STRATEGY
from warehouses import ROOT, copy_of, python

from plumbline.components import load
from plumbline.tables.own import load_own

REGISTERS = "from plumbline.engine.registry import strategy\n@strategy"


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
        ("import sys\nsys.exit(3)\n", ("line 2", "SystemExit", "3")),
        (
            REGISTERS + "('cash')\ndef f(view, parameters):\n    'X.'\n",
            ("line 2", "CASH is that of none"),
        ),
        (
            REGISTERS + "('trend')\ndef f(view, parameters):\n    'X.'\n",
            ("line 2", "the name is taken by", "trend.py"),
        ),
        (
            REGISTERS + "('Mine')\ndef f(view, parameters):\n    'X.'\n",
            ("line 2", "lower-case letters"),
        ),
        (
            REGISTERS + "('mine')\ndef f(view, parameters):\n    pass\n",
            ("line 2", "write a docstring"),
        ),
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


def test_a_folder_that_is_not_there_is_named(con, monkeypatch, tmp_path):
    monkeypatch.setenv("PLUMBLINE_OWN", str(tmp_path / "onw"))
    with pytest.raises(ValueError, match=r"PLUMBLINE_OWN is .*onw.*, which is no folder"):
        load_own(con)


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
