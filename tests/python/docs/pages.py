"""What README and docs tell their readers to do, and what they say comes of it."""

import re
from pathlib import Path
from typing import NamedTuple

from warehouses import ROOT

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
TUTORIAL = DOCS / "tutorial.md"
# What a user adds: test_own follows these together, in one folder outside the clone.
OWN = [path for path in sorted((DOCS / "how-to").glob("own-*.md")) if path.stem != "own-bars"]

_FENCE = re.compile(
    r"^```(?P<kind>\w+)(?: (?P<path>\S+))?\n(?P<text>.*?)^```\n(?:\n(?P<table>(?:\|[^\n]*\n)+))?",
    re.DOTALL | re.MULTILINE,
)
ANY = "…"  # stands for what differs from one machine, or one day, to the next


class Block(NamedTuple):
    """A fenced block: a command line, a query, what goes into the file `path`, or what a command answers.

    `table` is what a page shows as the answer to a query.
    """

    kind: str
    path: str | None
    text: str
    table: str | None
    line: int


def blocks(page: Path) -> list[Block]:
    """Return the fenced blocks of a page, in order."""
    text = page.read_text()
    return [
        Block(*match.group("kind", "path", "text", "table"), text.count("\n", 0, match.start()) + 1)
        for match in _FENCE.finditer(text)
    ]


def commands(block: Block) -> set[str]:
    """Return the command lines of a block, without their comments; one that goes on in the next is one."""
    lines = block.text.replace("\\\n", "").splitlines()
    return {re.sub(r"(^|\s+)#.*", "", line).strip() for line in lines} - {""}


def rows(table: str) -> list[list[str]]:
    """Return the cells of a table in Markdown, without its heading."""
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]


def cells(answer: list[tuple]) -> list[list[str]]:
    """Return what a page shows of an answer."""
    return [["" if value is None else str(value).strip() for value in row] for row in answer]


def said(answer: str) -> str:
    """Return what a command answered as a reader sees it: no colours, no blank lines or ends of lines."""
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", answer)
    return "\n".join(line.rstrip() for line in plain.splitlines() if line.strip())


def is_shown(shown: str, answer: str) -> bool:
    """Return whether a command answered what is shown; `ANY` stands for anything, alone for any lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == ANY else re.escape(line).replace(re.escape(ANY), ".*") + r"\n"
        for line in said(shown).splitlines()
    )
    return re.fullmatch(pattern, said(answer) + "\n") is not None
