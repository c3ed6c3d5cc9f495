"""Schema ``meta``: what a published warehouse says of the build that made it."""

import hashlib
import json
import platform
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import duckdb

from plumbline.warehouse.hashes import hash_marts
from plumbline.warehouse.paths import PROJECT_ROOT, own_path

PACKAGES = (
    *("plumbline", "arch", "dbt-core", "dbt-duckdb", "duckdb"),
    *("numba", "numpy", "pandas", "pyarrow", "scipy"),
)

_TABLES = """
create schema if not exists meta;

create or replace table meta.build (
    started_at timestamptz not null,
    finished_at timestamptz not null,
    as_of varchar,
    end_session varchar,
    selection varchar not null,
    versions varchar not null,
    inputs varchar not null
);
comment on table meta.build is 'One row: the build that made this warehouse.';
comment on column meta.build.as_of is 'The var as_of (UTC); NULL where every batch was used.';
comment on column meta.build.end_session is 'The var end_session; NULL where every bar was used.';
comment on column meta.build.selection is 'Arguments that dbt build was given.';
comment on column meta.build.versions is 'Versions of the libraries that computed it, as JSON.';
comment on column meta.build.inputs is
    'sha256 of every batch in schema raw, seed and file in own/, and the removals of symbols, as JSON.';

create or replace table meta.test_results (
    test_name varchar not null,
    tested varchar not null,
    tags varchar not null,
    status varchar not null,
    failures bigint,
    message varchar,
    seconds double not null
);
comment on table meta.test_results is 'One row per test that the build ran.';
comment on column meta.test_results.tested is 'The models that the test reads, comma-separated.';
comment on column meta.test_results.tags is 'Tags of these models, layers among them, comma-separated.';

create or replace table meta.table_hashes (
    table_name varchar primary key,
    rows bigint not null,
    sha256 varchar not null
);
comment on table meta.table_hashes is 'One row per table of schema marts: the hash of its content.';
"""


def _inputs(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str] | list[str]]:
    seeds = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((PROJECT_ROOT / "seeds").glob("*.csv"))
    }
    batches = dict(con.execute("select batch_id, sha256 from raw.batches order by batch_id").fetchall())
    removals = con.execute("select removal_id from raw.removals order by removal_id").fetchall()
    own = {
        str(path.relative_to(own_path())): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(own_path().rglob("*"))
        if path.suffix in (".csv", ".py")
    }
    return {"batches": batches, "removals": [name for (name,) in removals], "seeds": seeds, "own": own}


def _tags(manifest: dict, parents: list[str]) -> list[str]:
    """Return the tags of what a test reads; of a seed or source, those of the models that read it."""
    models = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    read = {
        model
        for parent in parents
        for model in ([parent] if parent in models else manifest["child_map"][parent])
        if model in models
    }
    return sorted({tag for model in read for tag in models[model]["tags"]})


def _test_rows(target: Path) -> list[list[object]]:
    results = json.loads((target / "run_results.json").read_text())["results"]
    manifest = json.loads((target / "manifest.json").read_text())
    known = manifest["nodes"] | manifest["unit_tests"]
    rows = []
    for result in results:
        if result["unique_id"].startswith(("test.", "unit_test.")):
            node = known[result["unique_id"]]
            parents = node["depends_on"]["nodes"]
            rows.append(
                [
                    node["name"],
                    ", ".join(parent.split(".")[-1] for parent in parents),
                    ", ".join(_tags(manifest, parents)),
                    *(result[key] for key in ("status", "failures", "message", "execution_time")),
                ]
            )
    return rows


def write_meta(
    con: duckdb.DuckDBPyConnection, target: Path, arguments: list[str], started: datetime, finished: datetime
) -> None:
    """Write schema ``meta`` into a freshly built warehouse.

    Parameters
    ----------
    con
        The warehouse.
    target
        dbt's target folder, with `run_results.json` and `manifest.json` of the build.
    arguments
        What `dbt build` was given.
    started, finished
        When the build ran.
    """
    variables = json.loads((target / "run_results.json").read_text())["args"].get("vars") or {}
    versions = {"python": platform.python_version()} | {package: version(package) for package in PACKAGES}
    con.execute(_TABLES)
    con.execute(
        "insert into meta.build values (?, ?, ?, ?, ?, ?, ?)",
        [
            started,
            finished,
            variables.get("as_of"),
            variables.get("end_session"),
            " ".join(arguments),
            json.dumps(versions),
            json.dumps(_inputs(con)),
        ],
    )
    con.executemany("insert into meta.test_results values (?, ?, ?, ?, ?, ?, ?)", _test_rows(target))
    con.executemany("insert into meta.table_hashes values (?, ?, ?)", [list(row) for row in hash_marts(con)])
