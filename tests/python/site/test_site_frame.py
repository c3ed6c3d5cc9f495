"""Pages are valid, whole and self-contained, whatever warehouse they are built from."""

import re
import shutil
from itertools import pairwise
from urllib.parse import urlparse

import duckdb
import pytest
from site_reading import SITE, payload, text_of

from plumbline.site.build import build_site
from plumbline.site.queries import SiteError

# The folders of models that `--exclude tag:robustness` leaves out.
ROBUSTNESS = {"stress", "stability", "referee"}
LIMIT = 2_000_000
# Where digits are not numbers of the warehouse: in headings and links page numbers, in code names.
NOT_PROSE = {"data", "code", "pre", "h1", "h2", "h3", "a", "td", "th", "option", "script", "style", "title"}


def test_two_builds_are_equal_byte_for_byte(sample, dist, built, tmp_path):
    again = built(sample, tmp_path / "dist")
    assert sorted(path.name for path in again.iterdir()) == sorted(path.name for path in dist.iterdir())
    for path in dist.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes(), path.name


def test_every_template_is_a_page_and_stays_small(dist):
    sizes = {path.stem: path.stat().st_size for path in dist.iterdir()}
    assert sizes.keys() == {path.stem for path in (SITE / "pages").glob("*.html")}
    assert not {name: size for name, size in sizes.items() if size >= LIMIT}


def test_links_and_references_resolve(pages):
    ids = {name: [one.get("id") for one in page.iter() if one.get("id")] for name, page in pages.items()}
    for name, page in pages.items():
        assert len(ids[name]) == len({*ids[name]}), name
        for element in page.iter():
            for attribute in ("aria-labelledby", "aria-describedby", "for"):
                assert set((element.get(attribute) or "").split()) <= {*ids[name]}, (name, element.attrib)
            if element.tag == "a":
                target = urlparse(element.get("href"))
                assert not target.scheme and not target.netloc, (name, target)
                there = target.path.removesuffix(".html") or name
                assert there in pages, (name, target)
                assert not target.fragment or target.fragment in ids[there], (name, target)


def test_nothing_is_fetched(pages):
    for name, page in pages.items():
        for element in page.iter():
            for attribute in ("src", "srcset", "data", "action", "poster"):
                assert attribute not in element.attrib, (name, element.tag)
            if element.tag not in ("a", "code"):
                assert element.get("href", "data:,") == "data:,", (name, element.tag)
        policy = page.find(".//meta[@http-equiv='Content-Security-Policy']").get("content")
        assert policy.startswith("default-src 'none'"), name
        styles = "".join(text_of(style) for style in page.iterfind(".//style"))
        assert "url(" not in styles and "@import" not in styles, name


def test_no_digit_in_prose_is_typed(pages):
    def prose(element):
        yield element.text or ""
        for child in element:
            if child.tag not in NOT_PROSE:
                yield from prose(child)
            yield child.tail or ""

    for name, page in pages.items():
        for text in prose(page.find("body")):
            assert not re.search(r"\d", text), (name, text)


def test_headings_and_landmarks(pages):
    for name, page in pages.items():
        assert page.get("lang") == "en"
        levels = [int(e.tag[1]) for e in page.iter() if re.fullmatch(r"h\d", str(e.tag))]
        assert levels.count(1) == 1 and levels[0] == 1, name
        assert all(after <= before + 1 for before, after in pairwise(levels)), name
        for landmark in ("header", "nav", "main", "footer"):
            assert len(page.findall(f".//{landmark}")) == 1, (name, landmark)
        current = [a for a in page.iterfind(".//nav//a") if a.get("aria-current") == "page"]
        assert [a.get("href") for a in current] == [f"{name}.html"]
        for table in page.iterfind(".//table"):
            assert table.find("caption") is not None
            assert all(head.get("scope") in ("row", "col") for head in table.iter("th")), name


def test_pages_without_the_layers_they_need_say_so(sample, built, tmp_path):
    partial = tmp_path / "warehouse.duckdb"
    shutil.copy(sample, partial)
    with duckdb.connect(str(partial)) as con:
        con.execute("drop schema meta cascade")
        tables = con.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        for (table,) in tables:
            (model,) = SITE.parent.glob(f"models/marts/*/{table}.sql")
            if model.parent.name in ROBUSTNESS:
                con.execute(f"drop table marts.{table}")
    dist = built(partial, tmp_path / "dist")
    front = (dist / "index.html").read_text()
    assert "no test results were published" in front
    assert "Claims are judged by <code>layer_referee</code>, which this warehouse was built without" in front
    assert "<code>make build</code>, then <code>make site</code>" in front
    assert all("Plumbline</title>" in path.read_text() for path in dist.iterdir())


def test_a_wrong_query_or_chart_is_named(sample, tmp_path):
    content = tmp_path / "site"
    shutil.copytree(SITE, content, ignore=shutil.ignore_patterns("dist", ".dist-*"))
    mistakes = {
        "queries/panel.sql": ("select 1; select 2", "site/queries/panel.sql is not one SELECT"),
        "queries/headline.sql": ("select nonsense", "site/queries/headline.sql: Binder Error"),
        "charts/headline_equity.json": ('{"mark": "nonsense"}', "site/charts/headline_equity.json"),
        "columns.json": ("{}", "not in site/columns.json"),
        "pages/index.html": ("{% nonsense %}", "site/pages/index.html"),
    }
    with duckdb.connect(str(sample), read_only=True) as con:
        for file, (text, message) in mistakes.items():
            right = (content / file).read_text()
            (content / file).write_text(text)
            with pytest.raises(SiteError, match=re.escape(message)):
                build_site(con, tmp_path / "dist", content)
            (content / file).write_text(right)
        assert not (tmp_path / "dist").exists()
        build_site(con, tmp_path / "dist", content)


def test_a_folder_that_is_no_site_is_left_alone(sample, tmp_path):
    (tmp_path / "precious.txt").write_text("kept")
    with (
        duckdb.connect(str(sample), read_only=True) as con,
        pytest.raises(SiteError, match=r"holds more than a site \(precious.txt\)"),
    ):
        build_site(con, tmp_path)
    assert (tmp_path / "precious.txt").read_text() == "kept"


def test_the_selector_offers_what_the_page_has(pages):
    for name, page in pages.items():
        filters = payload(page)["filters"]
        if "series" in filters:
            for role, first in zip(("shown", "compared"), filters["series"], strict=True):
                options = page.findall(f".//select[@id='{role}']//option")
                assert [one.get("value") for one in options if "selected" in one.attrib] == [first], name
