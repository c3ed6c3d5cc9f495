"""Reads a page as a stranger would: no code of the site is used."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import Element

import duckdb

SITE = Path(__file__).resolve().parents[3] / "site"


def columns() -> dict[str, dict[str, str]]:
    """Return label and format of each column."""
    return json.loads((SITE / "columns.json").read_text())


def answers(warehouse: Path) -> dict[str, list[dict]]:
    """Return what each query file answers, asked as it stands."""
    found = {}
    with duckdb.connect(str(warehouse), read_only=True) as con:
        for path in sorted((SITE / "queries").glob("*.sql")):
            result = con.execute(path.read_text())
            names = [column[0] for column in result.description]
            rows = [dict(zip(names, map(plain, row), strict=True)) for row in result.fetchall()]
            found[path.stem] = rows
    return found


def plain(value: object) -> object:
    """Return a value of DuckDB as JSON can say it."""
    if isinstance(value, date):
        return str(value)
    return float(value) if isinstance(value, Decimal) else value


def text_of(element: Element) -> str:
    """Return all text in an element."""
    return "".join(element.itertext())


def text_and_mark(cell: Element) -> tuple[str, bool]:
    """Return the text of a cell, and whether it is marked as not executable."""
    mark = cell.find("small[@class='mark']")
    text = text_of(cell)
    if mark is None:
        return text, False
    assert text_of(mark) == "not executable"
    return text.removesuffix(" not executable"), True


def payload(page: Element) -> dict:
    """Return the data that a page carries."""
    return json.loads(page.find(".//*[@id='payload']").text)


def unpacked(packed: dict) -> list[dict]:
    """Return the rows of an answer that is inlined column by column."""
    whole = []
    for column in packed["columns"]:
        if isinstance(column, dict) and "runs" in column:
            pairs = zip(column["runs"][::2], column["runs"][1::2], strict=True)
            column = [column["of"][at] for at, count in pairs for _ in range(count)]
        elif isinstance(column, dict):
            column = [column["of"][at] for at in column["at"]]
        whole.append(column)
    assert all(len(column) == packed["count"] for column in whole)
    return [dict(zip(packed["names"], row, strict=True)) for row in zip(*whole, strict=True)]


def readable(value: object, kind: str) -> str:
    """Return a value as it should be shown, rounded in decimal."""
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if kind in ("text", "prose", "code", "date"):
        return value.replace("`", "")
    sign, rest = ("+", kind[1:]) if kind[0] == "+" else ("", kind)
    if rest.endswith("g"):
        text = f"{abs(value):{rest}}".replace("-", "\N{MINUS SIGN}")
    else:
        places = int(rest.strip(",f%d.") or 0)
        scaled = abs(Decimal(value)) * (100 if rest.endswith("%") else 1)
        text = f"{scaled.quantize(Decimal(1).scaleb(-places)):{',' if ',' in rest else ''}f}"
    if not text.strip("0.,"):
        sign = ""
    elif value < 0:
        sign = "\N{MINUS SIGN}"
    return sign + text + ("%" if rest.endswith("%") else "")


def names(value: object) -> str:
    """Return a value as an attribute says it."""
    return "" if value is None else str(value)
