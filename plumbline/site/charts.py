"""Vega-Lite specs compiled to Vega for both themes, and the library that draws them."""

import json
from functools import cache
from pathlib import Path

import vl_convert

from plumbline.site.queries import SiteError

# What the pages use of the pinned package: drawing only, the specs are compiled here. The address is the
# name of the module inside the package; nothing is fetched.
_SNIPPET = """
import {{View, Warn, parse}} from "https://cdn.jsdelivr.net/npm/vega@{version}/+esm";
window.vega = {{View, Warn, parse}};
"""


@cache
def library() -> str:
    """Return the chart library as a script."""
    return vl_convert.javascript_bundle(_SNIPPET.format(version=vl_convert.get_vega_version()))


def read_json(path: Path) -> dict:
    """Return the object in a JSON file, or say which file is wrong."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise SiteError(f"site/{path.parent.name}/{path.name}: {error}") from error


def compiled(path: Path, theme: dict) -> dict[str, object]:
    """Return a chart as the page needs it: its query, its options, and the Vega spec of each theme.

    Parameters
    ----------
    path
        A Vega-Lite spec without data; ``usermeta`` holds the options: `query` (default: the chart's own
        name) and what page.js reads. ``"$NAME"`` anywhere in it stands for that colour of the theme.
    theme
        What `site/theme.json` holds.
    """
    spec = read_json(path)
    options = spec.pop("usermeta", {})
    themes = {name: _vega(path, spec, theme, colours) for name, colours in theme["colours"].items()}
    return {"query": path.stem} | options | {"specs": themes}


def _vega(path: Path, spec: dict, theme: dict, colours: dict) -> dict:
    faceted = "facet" in spec or {"row", "column", "facet"} & spec.get("encoding", {}).keys()
    frame = {"data": {"name": "rows"}, "config": theme["config"]}
    if not faceted:
        frame |= {"width": 600, "autosize": {"type": "fit-x", "contains": "padding"}}
    try:
        whole = _coloured(frame | spec, colours)
        return vl_convert.vegalite_to_vega(whole)
    except (KeyError, ValueError) as error:
        raise SiteError(f"site/charts/{path.name}: {str(error).splitlines()[0]}") from error


def _coloured(part: object, colours: dict) -> object:
    if isinstance(part, dict):
        return {key: _coloured(value, colours) for key, value in part.items()}
    if isinstance(part, list):
        return [_coloured(value, colours) for value in part]
    if isinstance(part, str) and part.startswith("$"):
        return colours[part[1:]]
    return part
