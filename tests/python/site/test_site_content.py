"""What the site is made of: queries, layers and colours."""

import json
import re

import duckdb
import pytest
import yaml
from site_reading import SITE, payload

QUERIES = sorted((SITE / "queries").glob("*.sql"))
THEMES = json.loads((SITE / "theme.json").read_text())["colours"]


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_query_is_one_select_with_a_total_order(path, sample):
    sql = path.read_text()
    assert re.search(r"\norder by\s", sql), "has an order"
    assert re.match(r"-- [A-Z][^?]*\?", sql), "begins with the question that it answers"
    with duckdb.connect(str(sample), read_only=True) as con:
        assert [one.type for one in con.extract_statements(sql)] == [duckdb.StatementType.SELECT]
        con.execute("set threads = 1")
        forwards = con.execute(sql).fetchall()
        # Rows that tie in the order may come in any; other threads and no kept order bring that out.
        con.execute("set threads = 3")
        con.execute("set preserve_insertion_order = false")
        assert con.execute(sql).fetchall() == forwards
    assert len({*forwards}) == len(forwards), "rows are distinct"


def test_every_query_and_chart_is_used(pages, dist):
    html = "".join(path.read_text() for path in dist.iterdir())
    shown = set(re.findall(r'data-(?:sql|query|table)="(\w+)"', html))
    offered = {"variants", "benchmarks", "not_executable"}
    templates = "".join(path.read_text() for path in SITE.rglob("*.html") if "dist" not in path.parts)
    asked = set(re.findall(r'rows\("(\w+)"|"query": "(\w+)"', templates))
    asked = {name for pair in asked for name in pair if name}
    assert {path.stem for path in QUERIES} - shown - asked - offered == set()
    drawn = {name for page in pages.values() for name in payload(page)["charts"]}
    assert {path.stem for path in (SITE / "charts").glob("*.json")} == drawn


def test_every_column_named_is_of_some_query(sample):
    named = json.loads((SITE / "columns.json").read_text())
    with duckdb.connect(str(sample), read_only=True) as con:
        known = {c[0] for path in QUERIES for c in con.execute(path.read_text()).description}
    assert named.keys() <= known


def test_layers_are_those_of_the_models(sample):
    """The page names the tests of a layer by the tags of what they read; dbt gives layers to folders."""
    project = yaml.safe_load((SITE.parent / "dbt_project.yml").read_text())["models"]["plumbline"]
    layers = {}

    def walk(node, path):
        for tag in node.get("+tags", []):
            if tag.startswith("layer_"):
                layers[path] = tag
        for name, child in node.items():
            if isinstance(child, dict) and not name.startswith("+"):
                walk(child, (*path, name))

    walk(project, ())
    of_model = {}
    for path in [*SITE.parent.glob("models/**/*.sql"), *SITE.parent.glob("python_models/**/*.py")]:
        folder = path.relative_to(SITE.parent).parts[1:-1]
        of_model[path.stem] = layers.get(folder) or layers.get(folder[:2]) or layers[folder[:1]]
    with duckdb.connect(str(sample), read_only=True) as con:
        tested = con.execute("from meta.test_results select test_name, tested").fetchall()
        said = con.execute((SITE / "queries" / "tests.sql").read_text()).fetchall()
    by_test = {}
    for layer, test, *_ in said:
        by_test.setdefault(test, set()).add(layer)
    for test, models in tested:
        for model in models.split(", "):
            if model in of_model:
                assert of_model[model] in by_test[test], (test, model)


def luminance(colour):
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
def test_colours_can_be_told_from_the_paper(theme):
    colours = THEMES[theme]
    assert colours.keys() == THEMES["light"].keys()
    for name in ("ink", "muted"):
        assert contrast(colours[name], colours["paper"]) >= 4.5, name
    backgrounds = {"paper", "line", "ramp"}
    for name, colour in colours.items():
        for one in [colour] if isinstance(colour, str) else colour:
            assert name in backgrounds or contrast(one, colours["paper"]) >= 3, (name, one)
    for end in colours["ramp"]:
        assert contrast(colours["ink"], end) >= 4.5, end
