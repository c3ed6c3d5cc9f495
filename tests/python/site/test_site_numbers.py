"""Each number on the pages is what its query answers, and a changed warehouse changes the page."""

import json
import shutil

import duckdb
import pytest
from site_reading import answers, columns, names, payload, readable, text_and_mark, text_of, unpacked

# Columns that name variants.
VARIANTS = ("series", "variant_id", "subject")
FORMATS = {name: column["format"] for name, column in columns().items()}


@pytest.fixture(scope="module")
def asked(sample):
    """Return what each query answers on the sample."""
    return answers(sample)


def test_each_number_in_the_text_is_its_query(pages, asked):
    seen = 0
    for name, page in pages.items():
        for data in page.iterfind(".//data[@data-query]"):
            where = json.loads(data.get("data-where"))
            column = data.get("data-column")
            rows = [row for row in asked[data.get("data-query")] if where.items() <= row.items()]
            assert len({row[column] for row in rows}) == 1, (name, data.attrib)
            value = rows[0][column]
            assert data.get("value") == names(value), (name, data.attrib)
            assert text_of(data) == readable(value, FORMATS[column]), (name, data.attrib)
            seen += 1
    assert seen > 100


def test_each_cell_of_a_table_is_its_query(pages, asked):
    tables = [(n, table) for n, page in pages.items() for table in page.iterfind(".//*[@data-table]")]
    assert tables
    not_executable = {row["variant_id"] for row in asked["not_executable"]}
    assert {"published", "bridge_1_state_lag"} <= not_executable
    assert "baseline" not in not_executable
    for name, table in tables:
        shown = [head.get("data-column") for head in table.iterfind(".//thead/tr/th")]
        rows = asked[table.get("data-table")]
        # A table without rows says so in one.
        lines = [line for line in table.iterfind(".//tbody/tr") if line.get("class") != "none"]
        assert len(lines) == len(rows), (name, table.attrib)
        for line, row in zip(lines, rows, strict=True):
            for cell, column in zip(line, shown, strict=True):
                value = row[column]
                text, is_marked = text_and_mark(cell)
                assert text == readable(value, FORMATS[column]), (name, column, row)
                assert is_marked == (column in VARIANTS and value in not_executable), (name, column, row)
                exact = cell.find("data")
                assert exact is None or exact.get("value") == names(value), (name, column, row)


def test_the_data_of_each_chart_are_its_query(pages, asked):
    drawn = set()
    for name, page in pages.items():
        carried = payload(page)
        mounted = {figure.get("data-chart") for figure in page.iterfind(".//figure")}
        assert mounted == carried["charts"].keys(), name
        for chart in carried["charts"].values():
            assert unpacked(carried["data"][chart["query"]]) == asked[chart["query"]], (name, chart["query"])
        drawn |= mounted
    assert drawn


def test_a_changed_warehouse_changes_the_page(sample, dist, built, tmp_path):
    changed = tmp_path / "warehouse.duckdb"
    shutil.copy(sample, changed)
    with duckdb.connect(str(changed)) as con:
        con.execute("update marts.rpt_performance set sharpe = 9.87654321 where variant_id = 'baseline'")
        con.execute("update marts.rpt_answers set sentence = '<script>alert(1)</script>' where position = 1")
    after = built(changed, tmp_path / "dist")
    before_text, after_text = ((folder / "index.html").read_text() for folder in (dist, after))
    assert 'value="9.87654321">9.88</data>' in after_text
    assert "9.87654321" not in before_text
    assert "<script>alert" not in after_text
    assert "&lt;script&gt;alert" in after_text
