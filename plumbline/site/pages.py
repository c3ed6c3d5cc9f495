"""Pages: Jinja templates with helpers that ask the warehouse and remember what they asked."""

import re
from collections.abc import Callable
from pathlib import Path

import jinja2
from jinja2 import nodes
from markupsafe import Markup, escape

from plumbline.site.formats import TEXT, shown
from plumbline.site.queries import AbsentTablesError, Answer, SiteError, columnar, script_json

Ask = Callable[[str], Answer]

_BACKTICKS = re.compile(r"`([^`]+)`")
# Columns that name variants, as in site/page.js: one that is not executable is marked wherever it stands.
_VARIANTS = ("series", "variant_id", "subject")

# What the front matter of a page may leave out.
_DEFAULTS = {
    "number": "",  # of the notebook that it replaces
    "short": "",  # title in the navigation
    "about": "",  # a line on the front page
    "variants": "",  # which it shows, where there is no selector
    "layers": [],  # whose tests are named
    "filters": {},  # column → values shown at first, [] what its selector offers first; `series` has its own
    "choices": {},  # column of `filters` → label and query of a selector of its own
    "benchmarks": False,  # whether the selector offers them
    "absent": [],  # set by the build: tables that the warehouse lacks
}


def environment(content: Path) -> jinja2.Environment:
    """Return the templates of the site; whatever is put into them is escaped."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(content),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def front_matter(templates: jinja2.Environment, path: Path) -> dict:
    """Return what a page says of itself: the constant that its ``{% set page = {…} %}`` holds."""
    try:
        tree = templates.parse(path.read_text(encoding="utf-8"))
    except jinja2.TemplateSyntaxError as error:
        raise SiteError(f"site/pages/{path.name}, line {error.lineno}: {error}") from error
    for node in tree.find_all(nodes.Assign):
        if isinstance(node.target, nodes.Name) and node.target.name == "page":
            return {"name": path.stem} | _DEFAULTS | node.node.as_const()
    raise SiteError(f"site/pages/{path.name} does not begin with {{% set page = … %}}")


def render(templates: jinja2.Environment, page: dict, ask: Ask, frame: dict) -> str:
    """Return a page as HTML; one whose tables are not in the warehouse says so in its place."""
    for template in (f"pages/{page['name']}.html", "absent.html"):
        try:
            if not page["absent"]:
                page = page | {"filters": _filters(page, ask)}
            context = _helpers(templates, page, ask, frame)
            return templates.get_template(template).render(context)
        except AbsentTablesError as error:
            page = page | {"absent": error.tables}
        except jinja2.TemplateError as error:
            raise SiteError(f"site/{template}: {error}") from error
    raise SiteError(f"site/absent.html reads {', '.join(page['absent'])}, not in this warehouse")


def _filters(page: dict, ask: Ask) -> dict[str, list]:
    """Return what a page shows at first."""
    found = dict(page["filters"])
    for name, choice in page["choices"].items():
        found[name] = found[name] or [row[name] for row in ask(choice["query"]).records()[:1]]
    return found


def _not_executable(ask: Ask) -> list[str]:
    """Return the variants whose results cannot be had; none where the warehouse does not know them."""
    try:
        return [row["variant_id"] for row in ask("not_executable").records()]
    except AbsentTablesError:
        return []


def _helpers(templates: jinja2.Environment, page: dict, ask: Ask, frame: dict) -> dict:
    """Return the functions that a page's template may call."""
    columns = frame["columns"]
    marked = _not_executable(ask)
    data: dict[str, Answer] = {}
    charts: dict[str, dict] = {}
    in_text: dict[str, Answer] = {}

    def column(name: str) -> dict[str, str]:
        if name not in columns:
            raise SiteError(f"site/pages/{page['name']}.html shows {name}, not in site/columns.json")
        return columns[name]

    def part(name: str, /, **context: object) -> Markup:
        return Markup(templates.get_template(f"parts/{name}.html").render(context | {"cell": cell}))

    def mark(name: object) -> Markup:
        return Markup(' <small class="mark">not executable</small>') if name in marked else Markup("")

    def cell(value: object, name: str, kind: str = "") -> Markup:
        kind = kind or column(name)["format"]
        if kind in TEXT or value is None:
            return _text(value, kind) + (mark(value) if name in _VARIANTS else "")
        return Markup('<data value="{}">{}</data>').format(value, shown(value, kind))

    def has(*names: str) -> bool:
        try:
            return all(ask(name) is not None for name in names)
        except AbsentTablesError:
            return False

    def rows(name: str, **where: object) -> list[dict]:
        unknown = where.keys() - {*ask(name).columns}
        if unknown:
            raise SiteError(f"site/queries/{name}.sql has no column {', '.join(sorted(unknown))}")
        return [row for row in ask(name).records() if all(row[key] == where[key] for key in where)]

    def get(name: str, of: str, **where: object) -> object:
        found = {row[of] for row in rows(name, **where)}
        if len(found) != 1:
            raise SiteError(f"site/queries/{name}.sql has {len(found)} values of {of} where {where}, not one")
        return found.pop()

    def value(name: str, of: str, kind: str = "", **where: object) -> Markup:
        in_text[name] = ask(name)
        found = get(name, of, **where)
        # As JSON: the text 1 is not the number 1.
        spot = Markup('data-query="{}" data-column="{}" data-where="{}"').format(name, of, script_json(where))
        kind = kind or column(of)["format"]
        text = _text(found, kind) if kind in TEXT else shown(found, kind)
        return Markup('<data {} value="{}">{}</data>').format(spot, "" if found is None else found, text)

    def chart(name: str, title: str, caller: Callable[[], str]) -> Markup:
        if name not in frame["charts"]:
            raise SiteError(f"site/pages/{page['name']}.html names the chart {name}; there is no such file")
        charts[name] = frame["charts"][name]
        answer = data.setdefault(charts[name]["query"], ask(charts[name]["query"]))
        for shown_column in answer.columns:
            column(shown_column)
        return part("chart", name=name, title=title, summary=caller(), answer=answer)

    def table(name: str, title: str, *hidden: str, whole: bool = False) -> Markup:
        answer = ask(name)
        shown_columns = [(name, column(name)) for name in answer.columns if name not in hidden]
        filters = {} if whole else page["filters"]
        listed = [(row, _attributes(row, filters)) for row in answer.records()]
        return part("table", title=title, answer=answer, columns=shown_columns, rows=listed, text=TEXT)

    def sql(*names: str) -> Markup:
        return part("sql", answers=[ask(name) for name in names], of_text=False)

    def behind() -> Markup:
        """Return the queries of the numbers in the text, so that they can be run, too."""
        return part("sql", answers=[in_text[name] for name in sorted(in_text)], of_text=True)

    def payload() -> Markup:
        """Return the data and charts of this page, for page.js."""
        named = {name for answer in data.values() for name in answer.columns}
        whole = {
            "charts": charts,
            "colours": frame["theme"]["colours"],
            "columns": {name: columns[name] for name in sorted(named)},
            "data": {name: columnar(answer) for name, answer in sorted(data.items())},
            "filters": page["filters"],
            "not_executable": marked,
        }
        return Markup(script_json(whole))

    return frame | {
        "this": page,
        "not_executable": marked,
        **{"has": has, "rows": rows, "get": get, "value": value, "cell": cell},
        **{"chart": chart, "table": table, "sql": sql, "behind": behind, "payload": payload},
        "source": lambda name: Markup(templates.loader.get_source(templates, name)[0]),
    }


def _text(value: object, kind: str) -> Markup:
    """Return text of the warehouse; what it puts into `backticks` is code, as in all its descriptions."""
    tag = "code" if kind == "code" and value is not None else "span"
    marked = _BACKTICKS.sub(r"<code>\1</code>", str(escape(shown(value, kind))))
    return Markup(f'<{tag} class="{kind}">{marked}</{tag}>')


def _attributes(row: dict, filters: dict[str, list]) -> Markup:
    """Return what page.js chooses rows of a table by; those not chosen at first are hidden."""
    given = {name: row[_column(name, row)] for name in filters if _column(name, row) in row}
    text = Markup("").join(Markup(' data-{}="{}"').format(name, value) for name, value in given.items())
    return text + Markup(" hidden") * any(given[name] not in filters[name] for name in given)


def _column(name: str, row: dict) -> str:
    """Return the column that a filter means: a series is a variant where there are no benchmarks."""
    return "variant_id" if name == "series" and name not in row else name
