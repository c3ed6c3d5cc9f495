"""The research site in headless Chromium, from disk and without a network."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from plumbline.site.build import CONTENT, build_site

axe = pytest.importorskip("axe_playwright_python.sync_playwright")

pytestmark = pytest.mark.browser

PAGES = sorted(path.stem for path in (CONTENT / "pages").glob("*.html"))
CONTROLS = "a[href], button:not([hidden]), select, summary, [tabindex='0']"
MARKS = "path, rect, text, line"


@pytest.fixture(scope="module")
def dist(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the site of the sample."""
    to = tmp_path_factory.mktemp("site") / "dist"
    with duckdb.connect(str(sample), read_only=True) as con:
        build_site(con, to)
    return to


@pytest.fixture
def opened(open_page: Callable, dist: Path) -> Iterator[Callable]:
    """Return a function that opens a page once its charts are there; none may complain until the end."""
    seen = []

    def run(name: str, fragment: str = "", *, width: int = 1280, theme: str = "light") -> object:
        seen.append(open_page(dist / f"{name}.html", fragment, width=width, color_scheme=theme))
        drawn(seen[-1].page, theme)
        return seen[-1].page

    yield run
    assert [one.complaints for one in seen if one.complaints] == []


def drawn(page, theme):
    page.wait_for_function(
        "theme => [...document.querySelectorAll('figure')].every(f => f.dataset.drawn === theme)", arg=theme
    )


def violations(page, rules):
    found = axe.Axe().run(page, options={"runOnly": rules}).response["violations"]
    return [
        (one["id"], node["target"], node["failureSummary"])
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_charts_have_marks_and_tables_rows(opened, name):
    page = opened(name)
    for figure in page.query_selector_all("figure"):
        title = figure.get_attribute("data-chart")
        marks = figure.evaluate(
            "(f, marks) => [...f.querySelectorAll('.role-mark')].some(g => g.querySelector(marks))", MARKS
        )
        assert marks, title
        table = figure.query_selector(".as-table")
        table.query_selector("summary").click()
        assert table.wait_for_selector("tbody tr"), title
        assert len(table.query_selector_all("thead th[scope=col]")) > 1, title
    for table in page.query_selector_all("[data-table]"):
        assert table.query_selector_all("tbody tr:not([hidden]) td"), table.get_attribute("data-table")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(opened, name, theme):
    page = opened(name, theme=theme)
    # Of the tables behind charts only the shortest: they are all made alike, and axe visits every cell.
    page.evaluate("document.querySelectorAll('details:not(.as-table)').forEach(d => { d.open = true; })")
    if name == "bridge":
        page.click("#bridge .as-table summary")
    # In the dark only the colours differ.
    assert (
        violations(page, ["wcag2a", "wcag2aa", "best-practice"] if theme == "light" else ["color-contrast"])
        == []
    )


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_scrolls_down_only(opened, name):
    page = opened(name, width=375, theme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    for plot in page.query_selector_all(".plot svg"):
        assert plot.bounding_box()["width"] <= 375


@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_reaches_every_control(opened, name):
    page = opened(name)
    wanted = page.evaluate(
        """controls => [...document.querySelectorAll(controls)]
            .filter(one => one.checkVisibility()).map((one, n) => one.dataset.place = n).length""",
        CONTROLS,
    )
    reached = set()
    for _ in range(wanted + 1):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.place"))
    assert len(reached - {None}) == wanted


def test_the_selector_changes_charts_tables_and_address(opened):
    page = opened("portfolio")
    entries = "[data-chart=portfolio_equity] .legend span"
    rows = "[data-table=portfolio_years] tbody tr:not([hidden]) td:nth-of-type(1)"
    assert page.locator(entries).all_text_contents() == ["baseline", "published, not executable"]
    assert {*page.locator(rows).all_text_contents()} == {"baseline", "published not executable"}
    before = page.locator("[data-chart=portfolio_equity] .role-mark").first.inner_html()
    page.select_option("#shown", "weighting_equal")
    page.select_option("#compared", "always_long")
    page.wait_for_function(
        "entries => document.querySelector(entries).textContent === 'weighting_equal'", arg=entries
    )
    assert page.locator(entries).all_text_contents() == ["weighting_equal", "always_long"]
    assert {*page.locator(rows).all_text_contents()} == {"weighting_equal"}
    assert page.locator("[data-chart=portfolio_equity] .role-mark").first.inner_html() != before
    assert page.evaluate("location.hash") == "#shown=weighting_equal&compared=always_long"
    assert "weighting_equal" in page.locator("#status").text_content()
    page = opened("portfolio", "#shown=allocator_blend&compared=")
    assert page.locator(entries).all_text_contents() == ["allocator_blend"]


def test_an_episode_is_chosen(opened):
    page = opened("failures")
    table = page.locator("[data-chart=episode_drawdown] .as-table")
    table.locator("summary").click()
    first = table.locator("tbody").text_content()
    page.select_option("#filter-rank", "2")
    page.wait_for_function("location.hash.includes('rank=2')")
    assert table.locator("tbody").text_content() != first


def test_a_claim_is_chosen_and_one_without_neighbours_says_so(open_page, sample, tmp_path):
    warehouse = tmp_path / "warehouse.duckdb"
    shutil.copy(sample, warehouse)
    own = """
        insert into marts.dim_claims
        select * replace (
            'mine' as claim_id, 'weighting_equal' as variant_id, 0.25 as minimum_gain, true as is_own,
            'Equal is enough.' as description
        ) from marts.dim_claims
    """
    with duckdb.connect(str(warehouse)) as con:
        con.execute(own)
        build_site(con, tmp_path / "dist")
    page, complaints = open_page(tmp_path / "dist" / "stability.html")
    drawn(page, "light")
    plot = page.locator("[data-chart=neighbours] .plot")
    assert plot.text_content() == "There is none of what is chosen."
    page.select_option("#filter-claim_id", "baseline")
    plot.locator("svg").wait_for()
    page.select_option("#filter-claim_id", "mine")
    plot.get_by_text("There is none of what is chosen.").wait_for()
    assert complaints == []


def test_the_theme_is_kept(opened):
    page = opened("index")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.click("#theme")
    drawn(page, "dark")
    assert page.evaluate(paper) != light
    assert page.locator("#theme").text_content() == "Light theme"
    page.reload()
    drawn(page, "dark")


def test_a_pointer_over_a_line_tells_its_values(opened):
    page = opened("index")
    page.locator("[data-chart=headline_equity] .plot").hover()
    tip = page.locator(".tooltip")
    assert tip.is_visible()
    assert {"session", "baseline", "published, not executable"} <= {*tip.locator("th").all_text_contents()}
