"""`make bench` runs and writes its results; how fast anything is, is no test's business."""

import subprocess
import sys

from warehouses import ROOT


def test_a_quick_run_writes_every_contender_and_the_machine(tmp_path):
    results = tmp_path / "results.md"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--jobs", "bootstrap", "--to", str(results)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    text = results.read_text()
    assert "| numba | " in text and "| vectorbt | " in text
    for contender in ("engine", "numpy, all draws at once"):
        assert text.count(f" | {contender} | ") == 2, text
        assert f"- {contender}: time grows as draws to the power " in text


def test_a_job_that_there_is_not_is_refused_with_those_that_there_are(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--jobs", "walking", "--to", str(tmp_path / "results.md")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "walk-forward" in done.stderr
