"""The docs site opens from a disk, without a network and without errors, and shows what it should."""

import json

import pytest

pytestmark = pytest.mark.browser

BODY = ".app-body:not(.ng-hide)"  # the hidden one is the results of a search
GRAPH = ".launcher-window canvas:visible"
CLOSE = "button[ng-click='closeGraph()']:visible"
NODES = """() => angular.element(document.body).injector().get("graph").graph.elements
    .filter(e => e.group == "nodes").map(e => ({name: e.data.name, hidden: e.data.hidden == 1}))"""
EDGES = """() => angular.element(document.body).injector().get("graph").graph.elements
    .filter(e => e.group == "edges").map(e => [e.data.source, e.data.target])"""
TREE = """() => {
    const names = [];
    const walk = items => items.forEach(item => { names.push(item.name); walk(item.items || []); });
    walk(angular.element(document.body).injector().get("project").tree.project);
    return names;
}"""


@pytest.fixture
def docs(open_page, docs_site):
    """Return a function that opens a page of the docs site and waits until it stands there."""
    opened = []

    def run(fragment):
        page, complaints = open_page(docs_site, fragment)
        opened.append(complaints)
        page.wait_for_selector(f"{BODY} h1")
        return page

    yield run
    assert [complaint for complaints in opened for complaint in complaints] == []


@pytest.fixture(scope="module")
def manifest(docs_site):
    return json.loads((docs_site.parent / "manifest.json").read_text())


def graph(docs, selection):
    """Open the graph with a selection; return its nodes, whether each is hidden, and its edges."""
    page = docs(f"#!/overview?g_v=1&{selection}")
    page.wait_for_selector(GRAPH)
    nodes = {node["name"]: node["hidden"] for node in page.evaluate(NODES)}
    return nodes, page.evaluate(EDGES)


def leads_to(edges, start, end):
    """Return whether a path leads from one node to another."""
    reached, front = set(), {start}
    while front:
        reached |= front
        front = {after for before, after in edges if before in front} - reached
    return end in reached


def test_the_overview_leads_to_every_mart_and_to_graphs_that_can_be_read(docs, manifest):
    page = docs("#!/overview")
    assert page.inner_text(f"{BODY} h1") == "Plumbline: a strategy-research warehouse"
    links = page.eval_on_selector_all(
        f"{BODY} .panel-body a[href]", "all => all.map(a => a.getAttribute('href'))"
    )
    views = {link for link in links if link.startswith("#!/overview?g_v=1&")}
    models = {key: node for key, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    marts = {f"#!/model/{key}" for key, node in models.items() if node["fqn"][1] == "marts"}
    assert marts <= set(links) - views <= {f"#!/model/{key}" for key in models}
    assert len(views) > 5
    for view in sorted(views):
        page.click(f'{BODY} a[href="{view}"]')
        page.wait_for_selector(GRAPH)
        assert 5 < len(page.evaluate(NODES)) < 70, view
        page.click(CLOSE)
        page.wait_for_selector(GRAPH, state="hidden")


def test_a_page_of_a_table_shows_every_column_with_its_description(docs, manifest):
    page = docs("#!/model/model.plumbline.rpt_performance")
    rows = page.eval_on_selector_all(
        ".column-row", "all => all.map(row => [...row.cells].slice(0, 3).map(cell => cell.innerText.trim()))"
    )
    columns = manifest["nodes"]["model.plumbline.rpt_performance"]["columns"].values()
    assert [(name, text) for name, _, text in rows] == [
        (column["name"], " ".join(column["description"].split())) for column in columns
    ]
    assert all(kind for _, kind, _ in rows)


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("nodes", "seed.plumbline.variants"),
        ("nodes", "analysis.plumbline.cost_drag"),
        ("nodes", "test.plumbline.assert_portfolio_is_executable"),
        ("sources", "source.plumbline.raw.bars"),
        ("macros", "macro.plumbline.split_check"),
        ("exposures", "exposure.plumbline.public_contract"),
        ("exposures", "exposure.plumbline.answers"),
    ],
)
def test_pages_of_every_kind_show_the_description(docs, manifest, kind, key):
    page = docs(f"#!/{key.split('.')[0]}/{key}")
    shown = page.inner_text(f"{BODY} #description + .section-content .panel-body")
    said = manifest[kind][key]["description"].replace("`", "")
    assert said and shown.split() == said.split()


def test_the_graph_leads_from_the_bars_to_the_answers_through_the_engine(docs):
    nodes, edges = graph(docs, "g_i=%2Brpt_performance")
    assert leads_to(edges, "source.plumbline.raw.bars", "model.plumbline.rpt_performance")
    assert nodes["int_portfolio__lines"] is True, "hidden: drawn in grey"
    assert nodes["rpt_performance"] is False


def test_the_whole_graph_has_no_unit_tests_or_analyses(docs, manifest):
    nodes, edges = graph(docs, "")
    shown = {"model", "seed", "test"}
    known = [
        node["name"]
        for kind in ("nodes", "sources", "exposures")
        for node in manifest[kind].values()
        if node["resource_type"] in shown | {"source", "exposure"} and not node.get("test_metadata")
    ]
    assert set(nodes) == set(known)
    assert len(edges) > len(nodes)


def test_engine_models_and_helper_macros_are_not_in_the_tree(docs, manifest):
    names = set(docs("#!/overview").evaluate(TREE))
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    hidden = {node["name"] for node in models if node["language"] == "python"}
    assert hidden and names & hidden == set()
    assert {node["name"] for node in models} - hidden <= names
    assert {"rolling_mean", "create_user_macros"} <= names
    assert names & {"generate_schema_name", "forget_published_meta"} == set()
