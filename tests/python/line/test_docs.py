"""What README and docs show is what the warehouse answers, and their links lead somewhere."""

import re

import pytest
from warehouses import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
QUERY = re.compile(r"```sql\n(?P<sql>(?:(?!```).)+)```\n(?:\n(?P<table>(?:\|[^\n]*\n)+))?", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def shown_queries():
    return [
        pytest.param(match["sql"], match["table"], id=f"{page.name}-{n}")
        for page in PAGES
        for n, match in enumerate(QUERY.finditer(page.read_text()))
    ]


@pytest.mark.parametrize(("sql", "table"), shown_queries())
def test_queries_give_what_is_shown(sample, query, sql, table):
    answer = [[str(value) for value in row] for row in query(sample, sql)]
    if table is not None:  # a query may have nothing to show on the sample
        shown = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]
        assert answer == shown[2:]


def test_the_readme_shows_three_answers():
    assert sum(param.id.startswith("README") for param in shown_queries()) == 3


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target
