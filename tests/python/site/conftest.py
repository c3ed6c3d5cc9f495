"""The site of the sample, built once, and its pages read by an independent parser."""

from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

import duckdb
import html5lib
import pytest

from plumbline.site.build import build_site


@pytest.fixture(scope="session")
def built() -> Callable[[Path, Path], Path]:
    """Return a function that builds the site of a warehouse into a folder."""

    def build(warehouse: Path, to: Path) -> Path:
        with duckdb.connect(str(warehouse), read_only=True) as con:
            build_site(con, to)
        return to

    return build


@pytest.fixture(scope="session")
def dist(sample: Path, built: Callable, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site of the sample."""
    return built(sample, tmp_path_factory.mktemp("site") / "dist")


@pytest.fixture(scope="session")
def pages(dist: Path) -> dict[str, Element]:
    """Return the tree of each page; the parser accepts valid HTML only."""
    found = {}
    for path in sorted(dist.glob("*.html")):
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        found[path.stem] = parser.parse(path.read_text(encoding="utf-8"))
    return found
