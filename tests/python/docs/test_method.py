"""The law and its code hold to each other: each section names its files, and each file its section."""

import re

import pytest
from pages import DOCS
from warehouses import ROOT

METHOD = DOCS / "method.md"
CLAIM = re.compile(r"docs/method\.md, (?:sections? (?P<numbers>[\d, and]+)|(?P<name>alternatives))")
LINK = re.compile(r"\]\(\.\./([^)]+)\)")
FOLDERS = ("plumbline/engine", "plumbline/components")


def stated():
    """Return the files that each section names as its definition, by number or name."""
    found = {}
    for section in re.split(r"^## ", METHOD.read_text(), flags=re.MULTILINE)[1:]:
        title, _, text = section.partition("\n")
        key = re.match(r"(\d+)\.", title)
        line = next((line for line in text.splitlines() if line.startswith("Defined in ")), "")
        found[key[1] if key else title.lower()] = set(LINK.findall(line))
    return found


def claimed():
    """Return the files whose docstring says that they define a section, by number or name."""
    found = {}
    for path in (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        head = path.read_text().split('"""')[1]
        for match in CLAIM.finditer(" ".join(head.split())):
            for key in re.findall(r"\d+", match["numbers"] or "") or [match["name"]]:
                found.setdefault(key, set()).add(str(path.relative_to(ROOT)))
    return found


# Section 9 is of what comes out, not of how.
@pytest.mark.parametrize("section", [section for section in stated() if section != "9"])
def test_a_section_names_its_definitions_and_they_name_it(section):
    files = stated()[section]
    assert files
    assert [name for name in files if not (ROOT / name).is_file()] == []
    python = {name for name in files if name.endswith(".py")}
    assert python == claimed().get(section, set())


def test_no_file_claims_a_section_that_is_none():
    assert set(claimed()) <= set(stated())


def test_every_component_that_the_project_ships_is_in_a_section_or_on_the_page_of_robustness():
    text = METHOD.read_text() + (DOCS / "robustness.md").read_text()
    files = [path for path in (ROOT / "plumbline" / "components").rglob("*.py") if path.stem != "__init__"]
    assert [
        path.stem for path in files if f"`{path.stem}" not in text and f"/{path.stem}.py" not in text
    ] == []


def test_the_engine_names_no_strategy_and_no_state():
    words = re.compile(r"trend|meanrev|mean_reversion", re.IGNORECASE)
    for path in (ROOT / "plumbline" / "engine").glob("*.py"):
        assert not words.findall(path.read_text()), path
