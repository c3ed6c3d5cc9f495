"""Projects for the pages to be followed in, and a Yahoo for them to ask."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from story import new_project, run, yahoo_of
from warehouses import ROOT

from plumbline.ledger.chain import FOLDER


@pytest.fixture(scope="session")
def yahoo(shared: Path) -> Iterator[str]:
    """Return the address of a Yahoo that has real bars."""
    folder = shared / "data"
    universe = pd.read_parquet(folder / "universe_100.parquet")
    files = [pd.read_parquet(path).assign(symbol=path.stem) for path in sorted((folder / "yahoo").iterdir())]
    with yahoo_of(pd.concat([*files, universe])) as address:
        yield address


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """Return a project as a new user has it."""
    return new_project(tmp_path)


@pytest.fixture(scope="session")
def built(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Return a function that makes a project in which `make build` has been run on the stories' day."""

    def make() -> Path:
        project = new_project(tmp_path_factory.mktemp("built"))
        (project / "data").mkdir()
        shutil.copy(sample, project / "data")
        _keep_compiled(project)
        shutil.copytree(sample.parent / "raw" / FOLDER, project / "data" / "raw" / FOLDER)
        run("make .venv/.sql\n.venv/bin/python -m ingest sample\n.venv/bin/python -m ingest rebuild", project)
        return project

    return make


def _keep_compiled(project: Path) -> None:
    """Give a project the compiled engine that its build would have left."""
    for path in (ROOT / "plumbline").rglob("__pycache__/*.nb[ci]"):
        copy = project / path.relative_to(ROOT)
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(path, copy)
