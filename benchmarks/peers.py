"""Other judges of return series, each asked as its README says, and believed as far as it says so.

Each is told of one trial, or of all that were run around a line. What a judge takes besides, it is given:
the trials' returns, the benchmark, how often was traded and what that cost.
"""

import tempfile
import warnings
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.lines import Line

BLOCKS = 10  # of the cross-validation, for all: with 16, those in plain Python take minutes a line
YEAR = 252
BELIEF = 0.95
# What is imported of each.
MODULES = {
    "holdout-backtest": "holdout",
    "nullius": "nullius",
    "overfit-gauntlet": "overfit_gauntlet",
    "overfitguard": "overfitguard",
    "quant-harness": "harness",
    "trialgate": "trialgate",
}


class Said(NamedTuple):
    """What a judge says of a line, and whether that is that it may be believed; None where it cannot say."""

    words: str
    believes: bool | None


class Peer(NamedTuple):
    """A judge: its distribution, and how it is asked of a line, with all trials or with one."""

    distribution: str
    ask: Callable[[Line, bool], Said]

    @property
    def version(self) -> str | None:
        """Its version; None where it is not installed."""
        try:
            return version(self.distribution)
        except PackageNotFoundError:
            return None


def ratios(trials: np.ndarray) -> np.ndarray:
    """Return the Sharpe ratio per session of each trial, (sessions, trials)."""
    return trials.mean(axis=0) / trials.std(axis=0, ddof=1)


def _overfit_gauntlet(line: Line, is_told: bool) -> Said:
    from overfit_gauntlet import run_gauntlet

    report = run_gauntlet(line.net, ann=YEAR, n_trials=line.trials.shape[1] if is_told else 1)
    return Said(report.verdict.value, report.passed)


def _nullius(line: Line, is_told: bool) -> Said:
    import nullius

    number = line.trials.shape[1] if is_told else 1
    spread = nullius.trial_sharpe_variance(ratios(line.trials), annualized=False)
    report = nullius.Report([nullius.deflated_sharpe(line.net, n_trials=number, var_across_trials=spread)])
    if is_told:
        report.add(nullius.pbo(line.trials, n_splits=BLOCKS))
    failed = [f"{check.name} {check.statistic:.2f}" for check in report if check.failed]
    return Said(f"{report.worst()}{': ' if failed else ''}{', '.join(failed)}", not failed)


def _holdout(line: Line, is_told: bool) -> Said:
    import holdout

    if not is_told:
        found = holdout.estimate_sharpe(line.net)
        value = holdout.probabilistic_sharpe_ratio(
            found.value, found.n, skewness=found.skewness, kurtosis=found.kurtosis
        )
        return Said(f"PSR {value:.2f}", value > BELIEF)
    correlation = holdout.trial_correlation(line.trials)
    count = holdout.effective_number_of_trials(correlation, method="eigenvalue")
    value = holdout.deflate_trials(line.trials, selected=0, n_trials=count).deflated
    pbo = holdout.probability_of_backtest_overfitting(line.trials, n_blocks=BLOCKS).pbo
    return Said(f"DSR {value:.2f}, PBO {pbo:.2f}", value > BELIEF)


def _trialgate(line: Line, is_told: bool) -> Said:
    from trialgate import append_trial, evaluate_registry

    if not is_told:
        return Said("needs two trials", None)
    zone = {"tzinfo": UTC}
    first, last = (datetime.combine(day, datetime.min.time(), **zone) for day in _days(line)[[0, -1]])
    with tempfile.TemporaryDirectory() as folder:
        registry = Path(folder) / "registry.jsonl"
        for number, returns in enumerate(line.trials.T):
            append_trial(
                registry,
                recorded_at=last,
                code_version="1",
                strategy_id=line.case.line_id,
                parameters={"trial": str(number)},
                universe=("all",),
                data_start=first,
                data_end=last,
                cost_assumptions={"cost_bps": "5"},
                metrics={},
                operator_note="",
                period_returns=returns.tolist(),
                period_costs=np.maximum(line.costs, 0.0).tolist() if number == 0 else None,
            )
        report = evaluate_registry(
            registry,
            candidate_trial_id=1,
            periods_per_year=YEAR,
            effective_trials=line.trials.shape[1],
            block_count=BLOCKS,
        )
    failed = [check.gate.split(" (")[0] for check in report.checks if not check.passed]
    return Said(f"not qualified: {', '.join(failed)}" if failed else "qualified", report.passed)


def _quant_harness(line: Line, is_told: bool) -> Said:
    from harness import audit_returns

    report = audit_returns(
        line.net,
        line.trades,
        pd.DatetimeIndex(line.sessions, tz="UTC"),
        n_trials=line.trials.shape[1] if is_told else 1,
    )
    failed = ", ".join(name.removesuffix("_ok") for name in report["failed_checks"])
    return Said(f"{report['verdict']}{': ' if failed else ''}{failed}", report["verdict"] == "PASS")


def _overfitguard(line: Line, is_told: bool) -> Said:
    from overfitguard import validate

    found = validate(line.net, line.trials.shape[1] if is_told else 1, benchmark=line.beside)
    beats = found.beats_benchmark_oos
    words = found.verdict + (", below the benchmark" if beats is False else "")
    return Said(words, found.verdict == "LIKELY_REAL" and beats is not False)


def _days(line: Line) -> np.ndarray:
    return line.sessions.astype("datetime64[D]").astype(object)


PEERS = (
    Peer("overfit-gauntlet", _overfit_gauntlet),
    Peer("nullius", _nullius),
    Peer("holdout-backtest", _holdout),
    Peer("trialgate", _trialgate),
    Peer("quant-harness", _quant_harness),
    Peer("overfitguard", _overfitguard),
)


def ask(peer: Peer, line: Line, is_told: bool) -> Said:
    """Ask a peer of a line; what it refuses to judge is said in its own words."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return peer.ask(line, is_told)
    except Exception as error:  # whatever it raises is its answer
        return Said(f"refuses: {error}", None)


def oracles(line: Line) -> dict[str, tuple[float, float]]:
    """Return the deflated Sharpe ratio and the overfitting probability of a line by each that is installed.

    On the same inputs: the trials' number and variance of Sharpe ratios per session, and ten blocks.
    """
    installed = {peer.distribution for peer in PEERS if peer.version}
    returns, trials = line.net, line.trials
    trials = trials[len(trials) % BLOCKS :]  # the same blocks, whoever cuts them
    number, spread = trials.shape[1], float(ratios(line.trials).var())
    found = {}
    if "overfit-gauntlet" in installed:
        from overfit_gauntlet import stats

        found["overfit-gauntlet"] = (stats.deflated_sharpe(returns, number, YEAR, spread), np.nan)
    if "nullius" in installed:
        import nullius

        dsr = nullius.deflated_sharpe_ratio(returns, n_trials=number, var_across_trials=spread)["dsr"]
        pbo = nullius.probability_of_backtest_overfitting(trials, n_splits=BLOCKS)["pbo"]
        found["nullius"] = (dsr, pbo)
    if "holdout-backtest" in installed:
        import holdout

        own = holdout.estimate_sharpe(returns)
        dsr = holdout.deflated_sharpe_ratio(
            own.value,
            own.n,
            n_trials=number,
            trials_variance=spread,
            skewness=own.skewness,
            kurtosis=own.kurtosis,
        )
        pbo = holdout.probability_of_backtest_overfitting(trials, n_blocks=BLOCKS).pbo
        found["holdout-backtest"] = (dsr, pbo)
    if "trialgate" in installed:
        import trialgate

        annual = (ratios(line.trials) * sqrt(YEAR)).tolist()
        dsr = trialgate.deflated_sharpe_ratio(
            returns.tolist(), trial_sharpes=annual, periods_per_year=YEAR, effective_trials=number
        ).deflated_sharpe_ratio
        pbo = trialgate.probability_of_backtest_overfitting(trials.tolist(), block_count=BLOCKS).pbo
        found["trialgate"] = (dsr, pbo)
    if "quant-harness" in installed:
        import harness

        dsr = harness.deflated_sharpe_ratio(returns, number, spread)
        found["quant-harness"] = (dsr, harness.pbo_cscv(trials.T, BLOCKS))
    return found


def shown_the_rule(folder: Path) -> dict[str, str]:
    """Return what those that look at code or rules say of the leak, by peer; most look at returns alone."""
    installed = {peer.distribution for peer in PEERS if peer.version}
    found = {}
    if "overfit-gauntlet" in installed:
        from overfit_gauntlet.lint import lint_path

        findings = lint_path(str(folder / "tomorrow.py"))
        found["overfit-gauntlet"] = f"its linter finds {len(findings)} faults in tomorrow.py"
    if "nullius" in installed:
        import nullius

        days = pd.date_range("2020-01-01", periods=400, freq="B")
        bars = pd.DataFrame({"time": days, "ret": np.random.default_rng(0).normal(0.0, 0.01, len(days))})

        def rule(seen: pd.DataFrame) -> pd.DataFrame:
            return seen.assign(holds=(seen["ret"].shift(-1) > 0.0).astype(float))

        check = nullius.check_prefix_invariance(rule, bars)
        found["nullius"] = f"its prefix check of the rule {'passes' if check.passed else 'fails'}"
    return found
