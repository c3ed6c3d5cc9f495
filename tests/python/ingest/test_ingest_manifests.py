"""Damaged manifests: whatever is in one, every command names it, and none ends in a traceback."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from ingest.manifests import ManifestError, read_manifest

Ingest = Callable[..., Result]


def _set(name: str, value: object) -> Callable[[dict], None]:
    return lambda manifest: manifest.update({name: value})


def _set_in_symbol(name: str, value: object) -> Callable[[dict], None]:
    return lambda manifest: manifest["symbols"][0].update({name: value})


DAMAGES = {
    "rows in words": _set("rows", "many"),
    "rows true": _set("rows", True),
    "rows none": _set("rows", None),
    "time a number": _set("ingested_at", 5),
    "time without a zone": _set("ingested_at", "2026-01-05T12:00:00.000000"),
    "time in another zone": _set("ingested_at", "2026-01-05T12:00:00.000000+01:00"),
    "time in short": _set("ingested_at", "2026-01-05T12:00:00Z"),
    "time in words": _set("ingested_at", "noon"),
    "day in words": _set("first_session", "Monday"),
    "day a number": _set("last_session", 20200102),
    "day in short": _set("last_session", "20200102"),
    "source a list": _set("source", ["files"]),
    "request a text": _set("request", "all"),
    "request from a number": _set("request", {"start": 3}),
    "request from no day": _set("request", {"start": "the first"}),
    "versions a list": _set("versions", []),
    "symbols none": _set("symbols", None),
    "symbols a text": _set("symbols", "SPY"),
    "no symbols": _set("symbols", []),
    "symbols numbers": _set("symbols", [1, 2]),
    "symbol a number": _set_in_symbol("symbol", 7),
    "symbol a path": _set_in_symbol("symbol", "../../SPY"),
    "symbol in lower case": _set_in_symbol("symbol", "spy"),
    "rows of a symbol": _set_in_symbol("rows", "5"),
    "checksum none": _set_in_symbol("sha256", None),
    "content none": _set_in_symbol("content_sha256", None),
    "session of a symbol": _set_in_symbol("last_session", "soon"),
    "no rows": lambda manifest: manifest.pop("rows"),
    "no session": lambda manifest: manifest["symbols"][0].pop("first_session"),
}


@pytest.fixture
def landed(ingest: Ingest, house: Path, csv: Callable, frame: Callable) -> Path:
    """Return the manifest of a batch that has landed."""
    ingest("files", csv("SPY.csv", frame()))
    (found,) = (house / "raw").glob("*/manifest.json")
    return found


def _damage(path: Path, change: Callable[[dict], None]) -> None:
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


@pytest.mark.parametrize("change", DAMAGES.values(), ids=DAMAGES)
def test_each_is_an_error_that_names_the_manifest(
    change: Callable[[dict], None], landed: Path, ingest: Ingest
) -> None:
    _damage(landed, change)
    with pytest.raises(ManifestError, match="is damaged; restore it from a copy, or remove its folder"):
        read_manifest(landed.parent)
    assert f"Error: {landed} is damaged" in ingest("status").stderr


@pytest.mark.parametrize("name", ["rows in words", "time a number", "symbol a path", "symbols none"])
def test_every_command_names_it(
    name: str, landed: Path, ingest: Ingest, csv: Callable, frame: Callable
) -> None:
    _damage(landed, DAMAGES[name])
    more = csv("QQQ.csv", frame())
    for command in (["verify"], ["rebuild"], ["files", more], ["yahoo", "--symbols", "SPY"]):
        result = ingest(*command)
        assert result.exit_code == 1, command
        assert f"{landed} is damaged" in result.stderr, command


@pytest.mark.parametrize("text", ["[" * 100_000, "1", '"text"', "null", "[]", "{}", "\ufeff{}", "NaN"])
def test_what_is_no_manifest_at_all(text: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(ManifestError, match="is damaged"):
        read_manifest(tmp_path)


def test_entries_of_a_later_version_do_no_harm(landed: Path) -> None:
    _damage(landed, lambda manifest: manifest.update(colour="red"))
    assert read_manifest(landed.parent)["rows"] == 5
