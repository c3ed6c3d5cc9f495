"""The lines that referees are held against each other on, each a claim in a warehouse made for it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pandas as pd

from benchmarks.digits import heads

ROOT = Path(__file__).resolve().parents[1]
COMPONENTS = Path(__file__).with_name("judged")
VARIANTS = ("variant_id", "base_variant_id", "description", "allocator", "follows", "weighting", "cost")
CLAIMS = ("claim_id", "variant_id", "benchmark_id", "minimum_gain", "stated_on", "description")
EMPTY = ("scenarios.csv", "data_check_overrides.csv")  # of which nobody claims anything
QUESTIONS = ("q1_generalise", "q2_select", "q3_allocate")
TRIALS = ("grid", "one_at_a_time", "joint")  # kinds of perturbation that count as trials
HELD, DRIFT, EDGE, NOISE = 10, 0.0004, 0.002, 0.02  # sessions; a session's return: mean, planted, deviation
SEED = 20100104


class Case(NamedTuple):
    """A line: its id, what it is, the strategy that it follows, and what differs of its variant.

    Without a strategy it is a variant of the project's. `is_planted` lines stand on bars of their own.
    """

    line_id: str
    said: str
    follows: str = ""
    changed: tuple[tuple[str, str], ...] = ()
    is_planted: bool = False

    @property
    def variant_id(self) -> str:
        """The variant that the claim is about, and the claim's name."""
        return f"line_{self.line_id}" if self.follows else self.line_id


# A third of 300 % of the capital, whatever the volatility: the index, whole.
WHOLE = (("max_leverage", "3"), ("target_volatility", "10"), ("max_weight", "1"))
CASES = (
    Case("baseline", "the project's own line"),
    Case("published", "it earns before it holds"),
    Case("always_long", "everything held at one volatility", "everything"),
    Case("index_held", "the S&P 500 held", "one_asset", WHOLE),
    Case("coin_flip", "noise with drift: what is held, and when, is drawn", "coin"),
    Case("reads_tomorrow", "it holds what will rise", "tomorrow"),
    Case("honest_edge", "the coin again, on bars that it was planted in", "coin", is_planted=True),
)


class Line(NamedTuple):
    """What a referee may see of a line, and what the warehouse answers to its claim.

    `net`, `beside`, `trades` and `costs` are of shape (sessions,): net returns, those of `always_long`, how
    many assets were traded and what it cost. `trials`, (sessions, trials), are the line and what was run
    around it. `answers` has the questions that the claim raises; `why` is the void claim's reason.
    """

    case: Case
    sessions: np.ndarray
    net: np.ndarray
    beside: np.ndarray
    trades: np.ndarray
    costs: np.ndarray
    trials: np.ndarray
    answers: dict[str, str]
    why: str = ""

    @property
    def answer(self) -> str:
        """The least favourable answer."""
        order = ("void", "no", "inconclusive", "yes")
        return min(self.answers.values(), key=order.index, default="inconclusive")


def write_own(folder: Path, cases: list[Case]) -> None:
    """Write an own/ in which each case is a claim, of a variant of its own where it follows a strategy."""
    (folder / "components").mkdir(parents=True)
    own = [case for case in cases if case.follows]
    for path in COMPONENTS.glob("[a-z]*.py"):
        if any(f'"{case.follows}"' in path.read_text() for case in own):
            shutil.copy(path, folder / "components")
    for name in EMPTY:
        (folder / name).write_text((ROOT / "own" / name).read_text().splitlines()[0] + "\n")
    variants = [
        (case.variant_id, "baseline", f"{case.said}.", "always", case.follows, "equal", "") for case in own
    ]
    claims = [
        (case.variant_id, case.variant_id, "always_long", "0.1", "2026-01-02", f"{case.said}.")
        for case in cases
        if case.line_id != "baseline"  # of which the project has a claim
    ]
    values = [(case.variant_id, *pair) for case in own for pair in case.changed]
    for name, columns, rows in (
        ("variants.csv", VARIANTS, variants),
        ("claims.csv", CLAIMS, claims),
        ("variant_parameters.csv", ("variant_id", "parameter", "value"), values),
    ):
        pd.DataFrame(rows, columns=columns).to_csv(folder / name, index=False)


def plant(folder: Path) -> None:
    """Write bars of three assets that rise in the ten sessions after the coin came up heads, and else fall.

    On average they drift, so that an asset held without looking earns what it would without the coin.
    """
    folder.mkdir(parents=True)
    days = pd.read_parquet(ROOT / "ingest" / "sample" / "AAPL.parquet")["session_date"]
    draws = np.random.default_rng(SEED)
    for symbol in ("EDGEA", "EDGEB", "EDGEC"):
        volume = draws.integers(5_000_000, 20_000_000, len(days)).astype(np.float64)
        since = pd.Series(heads(volume)).shift(fill_value=False).rolling(HELD, min_periods=1).max().to_numpy()
        share = since.mean()
        signal = np.where(since > 0, 1.0, -share / (1.0 - share))
        close = 100.0 * np.cumprod(1.0 + DRIFT + EDGE * signal + draws.normal(0.0, NOISE, len(days)))
        bars = {"Date": days, "Open": close, "High": close * 1.001, "Low": close * 0.999, "Close": close}
        bars |= {"Adj Close": close, "Volume": volume.astype(np.int64)}
        pd.DataFrame(bars).to_csv(folder / f"{symbol}.csv", index=False)


def build(folder: Path, cases: list[Case], is_planted: bool) -> Path:
    """Return the warehouse of some cases in a folder; it is made where it is not there yet."""
    warehouse = folder / "warehouse.duckdb"
    if (folder / "done").exists():
        return warehouse
    shutil.rmtree(folder, ignore_errors=True)
    write_own(folder / "own", cases)
    asked = ["sample"]
    if is_planted:
        plant(folder / "bars")
        asked = ["files", str(folder / "bars")]
    paths = {"WAREHOUSE_PATH": warehouse, "LANDING_PATH": folder / "landing", "PLUMBLINE_OWN": folder / "own"}
    paths |= {"DBT_PROJECT_DIR": ROOT, "DBT_PROFILES_DIR": ROOT}
    paths |= {"DBT_TARGET_PATH": folder / "target", "DBT_LOG_PATH": folder / "target"}
    variables = os.environ | {name: str(path) for name, path in paths.items()}
    # Without tests: a strategy that reads tomorrow fails one, as it should, and would stop the build.
    wanted = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"]
    wanted += [
        "--select",
        "+rpt_answers",
        "+fct_portfolio_daily",
        "+fct_holdings_daily",
        "+fct_benchmark_daily",
        "+dim_claims",
    ]
    for command in (["ingest", *asked], ["dbt.cli.main", "build", *wanted]):
        subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=variables, check=True)
    (folder / "done").touch()
    return warehouse


def read_line(con: duckdb.DuckDBPyConnection, case: Case) -> Line:
    """Return a line from its warehouse; the trials of `published` are those of `baseline`."""

    def daily(query: str, name: str) -> pd.DataFrame:
        return con.execute(query, [name]).df().set_index("session_date")

    earned = "select session_date, net_return from marts.fct_portfolio_daily where variant_id = ? order by 1"
    held = "select session_date, net_return from marts.fct_benchmark_daily where benchmark_id = ? order by 1"
    traded = (
        "select session_date, count(*) filter (where cost_contribution < 0.0) as trades,"
        " -sum(cost_contribution) as costs"
        " from marts.fct_holdings_daily where variant_id = ? group by 1 order by 1"
    )
    base = case.variant_id if case.follows else "baseline"
    days = daily(earned, base).index
    runs = con.execute(
        "select lines.net_returns from engine.int_variants__perturbed as perturbed"
        " inner join engine.int_stability__lines as lines on perturbed.variant_id = lines.variant_id"
        " where perturbed.base_variant_id = ? and list_contains(?, perturbed.kind)"
        " order by perturbed.variant_id",
        [base, list(TRIALS)],
    ).fetchall()
    trials = pd.DataFrame(np.column_stack([run for (run,) in runs if len(run) == len(days)]), days)
    found = daily(earned, case.variant_id)
    found["beside"] = daily(held, "always_long")["net_return"]
    found = found.join(daily(traded, case.variant_id)).fillna(0.0).join(trials, how="inner")
    answers = con.execute(
        "select question_id, answer from marts.rpt_answers"
        " where claim_id = ? and list_contains(?, question_id) and (deciding_metric is not null or"
        " answer = 'void') order by position",
        [case.variant_id, list(QUESTIONS)],
    ).fetchall()
    why = con.execute("select void_reason from marts.dim_claims where claim_id = ?", [case.variant_id])
    columns = (found[name].to_numpy() for name in ("net_return", "beside", "trades", "costs"))
    return Line(
        case,
        found.index.to_numpy("datetime64[D]"),
        *columns,
        found.drop(columns=["beside", "trades", "costs"]).to_numpy(),
        dict(answers),
        why.fetchall()[0][0] or "",
    )


def lines(folder: Path) -> list[Line]:
    """Return every line, from warehouses in a folder that are made where they are not there yet."""
    found = []
    for is_planted in (False, True):
        cases = [case for case in CASES if case.is_planted == is_planted]
        warehouse = build(folder / ("planted" if is_planted else "sample"), cases, is_planted)
        with duckdb.connect(str(warehouse), read_only=True) as con:
            found += [read_line(con, case) for case in cases]
    return found
