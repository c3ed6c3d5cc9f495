"""The docs site: dbt's page, repaired so that it opens from a disk without errors and can be read.

dbt writes its docs site as one file, meant for a web server. Each repair below replaces a piece of that
file and says why; a piece that is not there means that another dbt wrote the file, and is an error.
"""

import os
import sys
from pathlib import Path
from typing import NamedTuple

from plumbline.warehouse.paths import PROJECT_ROOT, warehouse_path


class DocsError(Exception):
    """The page cannot be repaired, and why."""


class Repair(NamedTuple):
    """A piece of dbt's page, what takes its place, and why."""

    old: str
    new: str
    why: str


# Of nodes whose colour dbt does not take from dbt_project.yml. Those of the layers stand there; with
# these, no two are alike to a colour-blind eye, and white text has a contrast of 4.5 or more on each.
INPUTS, EXPOSURES, TESTS = "#115c38", "#e10c88", "#33454f"
CANVAS, EDGES = "#14212b", "#6b8699"
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath "
    "d='M7.5 0h1v8h-1z' fill='%23888'/%3E%3Cpath d='M4.5 8h7L8 16z' fill='%23c2500c'/%3E%3C/svg%3E"
)
STYLE = f"""<style>
.launcher-window {{ background: {CANVAS} !important; }}
.column-row > td:nth-child(3) {{ white-space: normal !important; max-width: none !important; width: 60%; }}
.column-row > td:nth-child(3) p {{ margin: 0; }}
.detail-body {{ white-space: normal !important; }}
</style>"""
# The page reads which graph an address asks for only while it loads.
SCRIPT = """<script>
addEventListener("click", event => {
  const link = event.target.closest('a[href*="g_v=1"]');
  if (!link) return;
  event.preventDefault();
  location.hash = link.hash;
  location.reload();
}, true);
</script>"""


def _colour(kind: str, old: str, new: str) -> Repair:
    style = 'node[{}]\',style:{{"background-color":"{}","border-color":"{}"}}'
    kind = f'resource_type="{kind}"'
    return Repair(
        style.format(kind, old, old), style.format(kind, new, new), "colours that tell layers apart"
    )


def _description(thing: str) -> Repair:
    return Repair(
        f'<span ng-show="!{thing}.expanded">{{{{ {thing}.description }}}}</span>',
        f'<div ng-show="!{thing}.expanded" class="model-markdown" marked="{thing}.description"></div>',
        "descriptions that are cut off after 20 letters and show their markup",
    )


REPAIRS = (
    Repair(
        "<title>dbt Docs</title>",
        f"<title>Plumbline: every table and column</title>{STYLE}{SCRIPT}",
        "name, style, and links that open a graph",
    ),
    Repair("${require('./assets/favicons/favicon.ico')}", ICON, "a link to a file that is not there"),
    Repair('xlink:href="{{ getIcon(', 'ng-attr-href="{{ getIcon(', "the template is loaded like an address"),
    _description("column"),
    _description("arg"),
    Repair(
        '"test","unit_test","analysis","exposure","metric","semantic_model"',
        '"test","exposure","metric","semantic_model"',
        "unit tests and analyses lead nowhere in the graph; its menu of resources still offers them",
    ),
    Repair('"#006f8a"', f'"{EDGES}"', "edges of the graph that are almost as dark as what is behind them"),
    Repair('"#027599"', f'"{EDGES}"', "the same, in the small graph"),
    Repair(
        '"background-color":"#0094b3","border-color":"#0094b3","font-size":"24px"',
        f'"background-color":"{TESTS}","border-color":"{TESTS}","font-size":"24px"',
        "tests in the graph, which stand back",
    ),
    _colour("source", "#5fb825", INPUTS),
    _colour("exposure", "#ff694b", EXPOSURES),
)


def repaired(page: str) -> str:
    """Return dbt's page with every repair made."""
    for repair in REPAIRS:
        if repair.old not in page:
            raise DocsError(
                f"dbt's page has no {repair.old!r} (wanted: {repair.why}); the repairs are for the dbt of"
                " requirements.lock"
            )
        page = page.replace(repair.old, repair.new)
    return page


def write_docs(target: Path) -> Path:
    """Let dbt write its page into folder `target`, repair it, and return where it lies."""
    from dbt.cli.main import dbtRunner

    # A parse in part forgets the descriptions of singular tests.
    arguments = ["--no-partial-parse", "docs", "generate", "--static", "--target-path", str(target)]
    if not dbtRunner().invoke(arguments).success:
        raise DocsError("dbt could not write the docs site")
    page = target / "static_index.html"
    page.write_text(repaired(page.read_text(encoding="utf-8")), encoding="utf-8")
    return page


def main() -> None:
    """Write the docs site of the warehouse."""
    warehouse = warehouse_path()
    if not warehouse.exists():
        sys.exit(f"Error: there is no warehouse {warehouse}; build it first, with: make build")
    os.environ["WAREHOUSE_PATH"] = str(warehouse)
    target = Path(os.environ.get("DBT_TARGET_PATH", "target")).absolute()
    os.chdir(PROJECT_ROOT)
    try:
        page = write_docs(target)
    except (DocsError, OSError) as error:
        sys.exit(f"Error: {error}")
    print(f"Open {page} in a browser.")


if __name__ == "__main__":
    main()
