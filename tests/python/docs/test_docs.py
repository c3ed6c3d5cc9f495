"""What README and docs tell readers to do works, what they show is what comes, and links lead somewhere."""

import csv
import re
from pathlib import Path

import pytest
from pages import DOCS, OWN, PAGES, TUTORIAL, blocks, commands, rows
from story import follow
from warehouses import ROOT

LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")
# The tests cannot run themselves; what the tutorial does need not be done again.
DONE = frozenset({"make test"}.union(*(commands(block) for block in blocks(TUTORIAL) if block.kind == "sh")))


def kinds(page: Path) -> set[str]:
    """Return which kinds of blocks a page has that the tutorial does not see to."""
    return {block.kind for block in blocks(page) if block.kind != "sh" or not commands(block) <= DONE}


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


OTHERS = [page for page in PAGES if page not in (TUTORIAL, *OWN)]  # test_own has the latter
WITH_COMMANDS = [page for page in OTHERS if "sh" in kinds(page)]
WITH_QUERIES = [page for page in OTHERS if "sql" in kinds(page) and "sh" not in kinds(page)]


def test_the_tutorial_gives_what_it_shows(fresh, yahoo):
    follow(TUTORIAL, fresh, yahoo)


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=name)
def test_commands_give_what_is_shown(built, request, page):
    yahoo = request.getfixturevalue("yahoo") if "cron" in kinds(page) else ""
    follow(page, built(), yahoo, DONE)


@pytest.mark.parametrize("page", WITH_QUERIES, ids=name)
def test_queries_give_what_is_shown(sample, tmp_path, page):
    (tmp_path / "data").symlink_to(sample.parent)
    follow(page, tmp_path, done=DONE)


def test_the_tables_shown_are_those_of_the_contract():
    reference = DOCS / "reference"
    with (reference / "contract.csv").open(newline="") as file:
        promised = dict.fromkeys(row["table"] for row in csv.DictReader(file))
    shown = next(block.table for block in blocks(reference / "tables.md") if block.kind == "sql")
    assert [cells[0] for cells in rows(shown)] == list(promised)


def test_the_readme_shows_three_answers():
    assert [bool(block.table) for block in blocks(ROOT / "README.md") if block.kind == "sql"] == [True] * 3


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_block_is_of_a_kind_that_is_followed(page):
    followed = {"sh", "cron", "sql", "text"}
    assert [b.line for b in blocks(page) if b.kind not in followed and not b.path] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_to_files(page):
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target
