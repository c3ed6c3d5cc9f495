"""The project keeps to its own conventions: every name, layer, key and description is where it belongs."""

import json
import re

import pytest
from warehouses import ROOT, UNIT_TESTS, dbt

PREFIXES = {
    "staging": r"stg_\w+__\w+",
    "intermediate": r"int_\w+__\w+",
    "executability": r"int_\w+__\w+",
    "checks": r"check_\w+|int_checks__\w+",
    "marts": r"(dim|fct|rpt)_\w+",
    "strategy": r"int_\w+__\w+",
    "allocator": r"int_\w+__\w+",
    "portfolio": r"int_\w+__\w+",
    "stress": r"int_\w+__\w+",
    "stability": r"int_\w+__\w+",
    "referee": r"int_\w+__\w+",
}
GRAIN = "One row per "


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    """Return what dbt knows of the project."""
    folder = tmp_path_factory.mktemp("parsed")
    assert dbt("parse", *UNIT_TESTS, warehouse=folder / "warehouse.duckdb")
    return json.loads((folder / "target" / "manifest.json").read_text())


@pytest.fixture(scope="module")
def models(manifest):
    return {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}


def ours(nodes):
    return [node for node in nodes.values() if node["package_name"] == "plumbline"]


def parents(manifest, node):
    return [manifest["nodes"].get(name) or manifest["sources"][name] for name in node["depends_on"]["nodes"]]


def test_models_are_named_by_their_folder(models):
    for name, node in models.items():
        assert re.fullmatch(PREFIXES[node["fqn"][1]], name), name


def test_only_staging_reads_sources_and_staging_reads_nothing_else(manifest, models):
    for name, node in models.items():
        kinds = {parent["resource_type"] for parent in parents(manifest, node)}
        assert (kinds == {"source"}) is name.startswith("stg_"), name


def test_marts_are_public_under_contract_and_everything_else_is_not(models):
    for name, node in models.items():
        is_mart = node["fqn"][1] == "marts"
        assert (node["access"] == "public") is is_mart, name
        assert node["contract"]["enforced"] is is_mart, name


def test_no_core_model_reads_the_robustness_layers(manifest, models):
    """Else `dbt build --exclude tag:robustness` would not give the core."""
    for name, node in models.items():
        if "robustness" not in node["tags"]:
            for parent in parents(manifest, node):
                assert "robustness" not in parent.get("tags", []), f"{name} reads {parent['name']}"


LAYERS = ["data", "strategy", "allocator", "portfolio", "stress", "stability", "referee"]


def test_a_layer_reads_none_that_comes_after_it(manifest, models):
    for name, node in models.items():
        for parent in parents(manifest, node):
            if parent.get("group"):
                assert LAYERS.index(parent["group"]) <= LAYERS.index(node["group"]), (
                    f"{name} reads {parent['name']}"
                )


def test_every_mart_tests_its_key(manifest, models):
    keyed = {
        name
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and node.get("test_metadata", {}) is not None
        if (node.get("test_metadata") or {}).get("name") == "unique_key"
        for name in node["depends_on"]["nodes"]
    }
    missing = [
        n for n, node in models.items() if node["fqn"][1] == "marts" and node["unique_id"] not in keyed
    ]
    assert missing == []


def test_everything_is_described(manifest, models):
    described = [
        *ours(manifest["nodes"]),
        *manifest["sources"].values(),
        *manifest["exposures"].values(),
        *ours(manifest["macros"]),
        *manifest["unit_tests"].values(),
    ]
    generic = {"unique", "not_null", "accepted_values", "relationships"}
    generic |= {"unique_key", "never_null", "all_finite"}
    silent = [
        node["name"]
        for node in described
        if node["resource_type"] != "operation"  # the hooks of dbt_project.yml
        and not node["description"].strip()
        and (node.get("test_metadata") or {}).get("name") not in generic
    ]
    assert silent == []


def test_every_description_of_a_model_starts_with_its_grain(models):
    assert [name for name, node in models.items() if not node["description"].startswith(GRAIN)] == []


def test_every_column_is_described(manifest, sample, query):
    relations = [
        node
        for node in [*manifest["nodes"].values(), *manifest["sources"].values()]
        if node["resource_type"] in ("seed", "source", "model")
    ]
    assert len(relations) > 130
    for node in relations:
        sql = "select column_name from duckdb_columns() where schema_name = ? and table_name = ?"
        columns = [name for (name,) in query(sample, sql, node["schema"], node["name"])]
        described = {name for name, column in node["columns"].items() if column["description"].strip()}
        assert columns and set(columns) == described, f"{node['name']}: {set(columns) ^ described}"


def test_every_argument_of_a_macro_is_described(manifest):
    for macro in ours(manifest["macros"]):
        head = re.search(r"{%-?\s*(?:macro|test)\s+\w+\((.*?)\)\s*-?%}", macro["macro_sql"], re.DOTALL)
        names = [argument.split("=")[0].strip() for argument in head[1].split(",") if argument.strip()]
        described = [said["name"] for said in macro["arguments"] if said["description"].strip()]
        assert described == names, macro["name"]


def test_the_public_contract_is_every_mart(manifest, models):
    marts = {node["unique_id"] for node in models.values() if node["fqn"][1] == "marts"}
    assert set(manifest["exposures"]["exposure.plumbline.public_contract"]["depends_on"]["nodes"]) == marts


def test_every_model_is_in_the_group_of_its_layer(manifest, models):
    for name, node in models.items():
        assert f"layer_{node['group']}" in node["tags"], name
    assert all(group["description"] for group in manifest["groups"].values())


def test_python_models_stay_out_of_tree_and_search(models):
    for name, node in models.items():
        assert node["docs"]["show"] is (node["language"] != "python"), name


def test_one_story_a_file():
    """A file fits in the head: three hundred and fifty lines at most, tests and SQL alike."""
    folders = ("plumbline", "ingest", "python_models", "tests", "models", "macros", "analyses")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    for path in (path for path in files if path.suffix in (".py", ".sql")):
        assert len(path.read_text().splitlines()) <= 350, path
