"""`make site`: the pages, written aside and put in place in one step."""

import shutil
import tempfile
from pathlib import Path

import duckdb

from plumbline.site.charts import compiled, library, read_json
from plumbline.site.pages import environment, front_matter, render
from plumbline.site.queries import SiteError, asking
from plumbline.warehouse.aside import replace
from plumbline.warehouse.paths import PROJECT_ROOT

CONTENT = PROJECT_ROOT / "site"
DIST = CONTENT / "dist"


def build_site(con: duckdb.DuckDBPyConnection, to: Path = DIST, content: Path = CONTENT) -> list[Path]:
    """Write every page of `content`, computed from a warehouse.

    Parameters
    ----------
    con
        A connection to the warehouse; nothing is written to it.
    to
        The folder of the site; it is replaced when every page has been made.
    content
        Pages, queries, charts and styles.

    Returns
    -------
    list of Path
        The pages, in their order.

    Raises
    ------
    SiteError
        A page, query or chart is wrong, or `to` holds something else than a site.
    """
    _require_replaceable(to)
    theme = read_json(content / "theme.json")
    columns = read_json(content / "columns.json")
    charts = {path.stem: compiled(path, theme) for path in sorted((content / "charts").glob("*.json"))}
    ask = asking(con, content / "queries")
    templates = environment(content)
    pages = sorted(
        (front_matter(templates, path) for path in (content / "pages").glob("*.html")),
        key=lambda page: (page["order"], page["name"]),
    )
    frame = {"pages": pages, "theme": theme, "columns": columns, "charts": charts, "library": library()}
    to.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{to.name}-", dir=to.parent))
    try:
        for page in pages:
            html = render(templates, page, ask, frame)
            (aside / f"{page['name']}.html").write_text(html, encoding="utf-8", newline="\n")
        aside.chmod(0o755)
        replace(aside, to)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return [to / f"{page['name']}.html" for page in pages]


def _require_replaceable(to: Path) -> None:
    if not to.exists():
        return
    other = sorted(path.name for path in to.iterdir() if path.suffix != ".html") if to.is_dir() else [to.name]
    if other:
        raise SiteError(f"{to} holds more than a site ({other[0]}); choose another folder with --to")
