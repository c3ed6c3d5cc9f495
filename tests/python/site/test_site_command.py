"""`python -m plumbline site`: where it writes, and what it says when it cannot."""

import sys

import duckdb
from click.testing import CliRunner

from plumbline.__main__ import cli


def run(monkeypatch, warehouse, *arguments):
    monkeypatch.setenv("WAREHOUSE_PATH", str(warehouse))
    return CliRunner().invoke(cli, ["site", *map(str, arguments)])


def test_the_site_is_written_and_replaced(sample, tmp_path, monkeypatch):
    for _ in range(2):
        done = run(monkeypatch, sample, "--to", tmp_path / "dist")
        assert done.exit_code == 0, done.output
        assert done.output == f"Open {tmp_path / 'dist' / 'index.html'} in a browser.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["dist"]


def test_what_is_missing_is_named(sample, tmp_path, monkeypatch):
    done = run(monkeypatch, tmp_path / "none.duckdb")
    assert done.exit_code == 1
    assert "there is no warehouse" in done.output and "make build" in done.output
    empty = tmp_path / "empty.duckdb"
    duckdb.connect(str(empty)).close()
    done = run(monkeypatch, empty, "--to", tmp_path / "dist")
    assert done.exit_code == 1
    assert "not in this warehouse" in done.output
    for name in ("plumbline.site.build", "plumbline.site.charts"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    done = run(monkeypatch, sample, "--to", tmp_path / "dist")
    assert done.exit_code == 1
    assert "the site needs vl_convert; install it with: make site" in done.output
    assert not (tmp_path / "dist").exists()
