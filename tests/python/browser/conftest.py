"""A Chromium without a network, and pages opened in it from a disk."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from warehouses import copy_of, python

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
AT_HAND = ("file:", "data:", "blob:", "about:")


class Opened(NamedTuple):
    """A page, and what it has complained of so far: errors, failed requests, requests to a network."""

    page: object
    complaints: list[str]


def chromium_path() -> str | None:
    """Return where a Chromium is: CHROMIUM_PATH, else the first of its names on PATH."""
    return os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """Return a running Chromium; without one skip, or fail where PLUMBLINE_BROWSER says `required`.

    It lives no longer than a module: playwright's event loop is in the way of others.
    """
    path = chromium_path()
    if path is None:
        leave = pytest.fail if os.environ.get("PLUMBLINE_BROWSER") == "required" else pytest.skip
        leave("needs a Chromium: apt-get install chromium, or set CHROMIUM_PATH")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium) -> Iterator[Callable[..., Opened]]:
    """Return a function that opens a file, `fragment` being what follows its name in the address."""
    contexts = []

    def run(
        path: Path, fragment: str = "", *, width: int = 1440, height: int = 900, color_scheme: str = "light"
    ) -> Opened:
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=color_scheme)
        contexts.append(context)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: said.type == "error" and complaints.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        page.on(
            "request",
            lambda request: request.url.startswith(AT_HAND) or complaints.append(f"network: {request.url}"),
        )
        page.goto(path.absolute().as_uri() + fragment)
        return Opened(page, complaints)

    yield run
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def docs_site(built_once, sample) -> Path:
    """Return the file that `make docs` writes of the sample."""

    def build(warehouse: Path) -> None:
        copy_of(sample, warehouse.parent)  # dbt opens it for itself, others read it meanwhile
        target = str(warehouse.parent / "target")
        done = python("-m", "plumbline.warehouse.docs_site", warehouse=warehouse, DBT_TARGET_PATH=target)
        assert done.returncode == 0, done.stdout + done.stderr

    return built_once("docs_site", build).parent / "target" / "static_index.html"
