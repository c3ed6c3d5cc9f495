"""`make bench` runs and writes its results; how fast anything is, is no test's business.

Beside the other judges of return series: their deflated Sharpe ratio and overfitting probability are ours.
"""

import subprocess
import sys
from math import sqrt

import numpy as np
import pytest
from warehouses import ROOT

from benchmarks import peers, referee
from benchmarks.lines import CASES, Line, write_own
from plumbline.engine.overfitting import backtest_overfitting, deflated_sharpe, moments

SESSIONS = 640
# Of made_up(12) and made_up(11), to ten digits, by overfit-gauntlet 0.1.0, nullius 0.1.0,
# holdout-backtest 0.1.0 and trialgate 0.6.0.
DEFLATED = {12: 0.8801308062, 11: 0.8930310109}
# By nullius, holdout-backtest and trialgate, for whom a best trial at the median is overfitted, and by
# quant-harness 0.4.1, for whom it is not. Only an odd number of trials has a median; for us it is half so.
OVERFITTED = {12: (0.6984126984, 0.6984126984), 11: (0.7539682540, 0.6904761905)}


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


def made_up(trials):
    """Return a line whose trials differ, made without a random draw."""
    days, number = np.arange(float(SESSIONS))[:, None], np.arange(1.0, trials + 1.0)
    waves = np.sin(days * number * 1.7 + number**2) + 0.6 * np.sin(days * days * 0.37 * number) ** 3
    returns = 0.0006 + 0.01 * waves
    sessions = np.arange("2020-01-01", SESSIONS, dtype="datetime64[D]")
    nothing = np.zeros(SESSIONS)
    return Line(CASES[0], sessions, returns[:, 0], nothing, nothing, nothing, returns, {})


def our_deflated(line):
    """Return our ratio as the others have it: with a standard deviation of sessions - 1."""
    found = moments(line.net)
    found = found._replace(sharpe=found.sharpe * sqrt((SESSIONS - 1) / SESSIONS))
    return deflated_sharpe(found, peers.ratios(line.trials).var(), line.trials.shape[1])


@pytest.mark.parametrize("trials", DEFLATED)
def test_the_statistics_of_luck_are_what_others_found(trials):
    line = made_up(trials)
    assert our_deflated(line) == pytest.approx(DEFLATED[trials], abs=1e-9)
    # What the standard deviation is divided by moves it no further than this.
    found = deflated_sharpe(moments(line.net), peers.ratios(line.trials).var(), trials)
    assert found == pytest.approx(DEFLATED[trials], abs=5e-4)
    ours = backtest_overfitting(line.trials, peers.BLOCKS)
    assert ours == pytest.approx(np.mean(OVERFITTED[trials]), abs=1e-9)


@pytest.mark.parametrize("peer", [peer.distribution for peer in peers.PEERS[:5]])
@pytest.mark.parametrize("trials", DEFLATED)
def test_the_statistics_of_luck_are_those_of_whoever_is_installed(peer, trials):
    line = made_up(trials)
    pytest.importorskip(peers.MODULES[peer], reason=f"{peer} is not installed: pip install -e .[peers]")
    dsr, pbo = peers.oracles(line)[peer]
    # quant-harness corrects skewness and kurtosis for the length of the sample.
    assert our_deflated(line) == pytest.approx(dsr, abs=1e-5 if peer == "quant-harness" else 1e-9)
    if not np.isnan(pbo):
        assert pbo == pytest.approx(OVERFITTED[trials][peer == "quant-harness"], abs=1e-9)


def test_the_referee_goes_on_without_the_others(tmp_path, monkeypatch, capsys):
    def absent(name):
        raise peers.PackageNotFoundError(name)

    monkeypatch.setattr(peers, "version", absent)
    results = tmp_path / "referee.md"
    referee.main(["--quick", "--to", str(results)])
    text = results.read_text()
    assert text.count("| not installed: pip install -e .[peers] |") == len(peers.PEERS)
    assert "| baseline | deflated Sharpe | " in text
    assert text in capsys.readouterr().out


def test_each_line_is_a_claim_of_a_variant_that_may_be_stated(tmp_path, monkeypatch):
    import duckdb

    from plumbline.components import load
    from plumbline.tables.own import load_own

    write_own(tmp_path / "own", [case for case in CASES if not case.is_planted])
    monkeypatch.setenv("PLUMBLINE_OWN", str(tmp_path / "own"))
    try:
        with duckdb.connect() as con:
            con.execute("create schema raw")
            con.execute("create table raw.bars as select '^GSPC' as symbol")
            load_own(con)
            claims = con.execute("select count(*) from own.claims").fetchone()[0]
    finally:
        monkeypatch.undo()
        load()
    assert claims == 5
