"""The engine is compiled once after an install, wherever that lies, and says so; nothing stale is run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from warehouses import ROOT

SMALL = """
import numpy as np
from plumbline.engine.resampling import resampled_sharpes
found = resampled_sharpes(np.sin(np.arange(50.0)), np.arange(50, dtype=np.int32)[None])
print(found[0].hex())
"""
SAYS = "Compiling the engine, once after an install: about "
ENDS = "Compiled the engine: "


def start(install: Path, cache: Path | None, **variables: str) -> subprocess.Popen:
    """Start one small function of the engine in `install`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NUMBA_", "XDG_"))}
    named = {"NUMBA_CACHE_DIR": str(cache)} if cache else {}
    return subprocess.Popen(
        [sys.executable, "-c", SMALL],
        cwd=install,
        env=kept | named | {"PYTHONPATH": str(install), "PYTHONDONTWRITEBYTECODE": "1"} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(install: Path, cache: Path | None = None, **variables: str) -> tuple[str, bool]:
    """Run it to its end; return its number and whether it was compiled, which both lines must say."""
    return end(start(install, cache, **variables))


def end(process: subprocess.Popen) -> tuple[str, bool]:
    said, stderr = process.communicate()
    assert process.returncode == 0, stderr
    lines = stderr.splitlines()
    assert len(lines) in (0, 2), stderr
    assert all(line.startswith(how) for line, how in zip(lines, (SAYS, ENDS), strict=False)), stderr
    return said, lines != []


@pytest.fixture
def cache(compiled: tuple[Path, str], tmp_path: Path) -> Path:
    """Return a warm cache of one's own."""
    return Path(shutil.copytree(compiled[0], tmp_path / "cache"))


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a cache that one run has filled, and that run's number."""
    folder = tmp_path_factory.mktemp("compiled")
    said, was_compiled = run(ROOT, folder)
    assert was_compiled
    return folder, said


@pytest.fixture
def install(tmp_path: Path) -> Path:
    """Return a copy of the package that can keep nothing beside its sources, whoever runs it."""
    copy = tmp_path / "install"
    shutil.copytree(ROOT / "plumbline", copy / "plumbline", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "plumbline" / "engine" / "__pycache__").touch()
    return copy


def test_a_warm_cache_is_loaded_in_silence(cache, compiled):
    assert run(ROOT, cache) == (compiled[1], False)


def test_an_install_that_is_read_only_keeps_what_it_compiled_in_the_users_cache(install, tmp_path, compiled):
    home = tmp_path / "home"
    home.mkdir()
    assert run(install, HOME=str(home)) == (compiled[1], True)
    assert run(install, HOME=str(home)) == (compiled[1], False)
    assert list(home.rglob("*.nbi"))


def test_a_user_without_a_home_keeps_it_among_the_temporary_files(install, tmp_path, compiled):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    nowhere = {"HOME": "/dev/null/nowhere", "TMPDIR": str(temporary)}
    assert run(install, **nowhere) == (compiled[1], True)
    assert run(install, **nowhere) == (compiled[1], False)
    (folder,) = temporary.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    # Where others may write, another's code could lie: nothing of it is run.
    folder.chmod(0o777)
    assert run(install, **nowhere) == (compiled[1], True)


def test_another_cpu_compiles_anew_and_computes_the_same_bits(cache, compiled):
    other = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    assert run(ROOT, cache, **other) == (compiled[1], True)
    assert run(ROOT, cache, **other) == (compiled[1], False)
    assert run(ROOT, cache) == (compiled[1], False)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.99])
def test_damaged_files_are_made_anew(cache, compiled, share):
    files = list(cache.rglob("*.nb[ic]"))
    assert files
    for path in files:
        path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert run(ROOT, cache) == (compiled[1], True)
    assert run(ROOT, cache) == (compiled[1], False)


def test_a_function_is_compiled_anew_when_one_in_another_file_that_it_calls_changes(
    install, tmp_path, compiled
):
    folder = tmp_path / "cache"
    assert run(install, folder) == (compiled[1], True)
    measures = install / "plumbline" / "engine" / "measures.py"
    text, once = measures.read_text(), "return sqrt(SESSIONS_PER_YEAR) * mean"
    assert text.count(once) == 1
    measures.write_text(text.replace(once, once.replace("return", "return 2.0 *")))
    said, was_compiled = run(install, folder)
    assert was_compiled
    assert float.fromhex(said) == 2 * float.fromhex(compiled[1])


def test_two_processes_may_compile_at_once(tmp_path, compiled):
    both = [start(ROOT, tmp_path / "cache") for _ in range(2)]
    assert [end(process)[0] for process in both] == [compiled[1]] * 2
    assert run(ROOT, tmp_path / "cache") == (compiled[1], False)
