"""The referee beside others, on the same lines: ``python -m benchmarks.referee [--quick] [--keep FOLDER]``.

Each line is a claim to be worth more than `always_long`, by a Sharpe ratio of 0.1 a year, or a series of
returns, for those that see no more. Two warehouses are built for it, which takes minutes.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.lines import CASES, COMPONENTS, QUESTIONS, Line, lines
from benchmarks.peers import BLOCKS, PEERS, YEAR, Peer, ask, oracles, ratios, shown_the_rule
from benchmarks.report import machine
from plumbline.engine.overfitting import backtest_overfitting, deflated_sharpe, moments

RESULTS = Path(__file__).with_name("referee.md")
INSTALL = "not installed: pip install -e .[peers]"
NOTHING = "-"
QUICK_SESSIONS, QUICK_TRIALS = 400, 6


def quick_lines() -> list[Line]:
    """Return lines of noise, few and short, of which no warehouse says anything."""
    found = []
    for number, case in enumerate(CASES[:2]):
        draws = np.random.default_rng(number)
        trials = 0.0004 + 0.01 * draws.standard_normal((QUICK_SESSIONS, QUICK_TRIALS))
        days = np.arange("2020-01-01", QUICK_SESSIONS, dtype="datetime64[D]")
        beside, costs = 0.01 * draws.standard_normal(QUICK_SESSIONS), np.full(QUICK_SESSIONS, 1e-5)
        found.append(Line(case, days, trials[:, 0], beside, np.ones(QUICK_SESSIONS), costs, trials, {}))
    return found


def document(found: Sequence[Line], peers: Sequence[Peer] = PEERS) -> str:
    """Return the whole text: what was run, what each judge said, and their statistics beside ours."""
    there = [peer for peer in peers if peer.version]
    named = {"date", "processor", "Python", "numpy"}
    rows = [[name, said] for name, said in machine().items() if name in named]
    rows += [[peer.distribution, peer.version or INSTALL] for peer in peers]
    parts = [
        "# Beside the others",
        "",
        "Written by `python -m benchmarks.referee`. Sharpe ratios are annual, net of costs. Whoever says"
        " that a line may be believed is in bold.",
        "",
        *table(["", ""], rows),
        "",
        "## The lines, and what the warehouse answers",
        "",
        *table(
            ["line", "what it is", "sessions", "trials", "Sharpe", "believed", *QUESTIONS, "void, because"],
            [_ours(line) for line in found],
        ),
        "",
        "## What the others say, told of one trial / of all",
        "",
        *table(["line", *(peer.distribution for peer in there)], [_row(line, there) for line in found]),
        "",
        "## Shown the rule that reads tomorrow",
        "",
        *(f"- {name}: {said}." for name, said in shown_the_rule(COMPONENTS).items()),
        "",
        "## Their statistics beside ours",
        "",
        "The deflated Sharpe ratio of each line, and the probability that the best of its trials is"
        f" overfitted, of the same returns, trials, variance of their ratios, and {BLOCKS} blocks.",
        "",
        *_oracles(found),
    ]
    return "\n".join(parts) + "\n"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table."""
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cell.replace('|', '/').replace(chr(10), ' ') for cell in cells)} |"


def _ours(line: Line) -> list[str]:
    return [
        line.case.line_id,
        line.case.said,
        f"{len(line.net):,}",
        f"{line.trials.shape[1]:,}",
        f"{ratios(line.net[:, None])[0] * YEAR**0.5:.2f}",
        f"**{line.answer}**",
        *(line.answers.get(question, NOTHING) for question in QUESTIONS),
        line.why or NOTHING,
    ]


def _row(line: Line, peers: Sequence[Peer]) -> list[str]:
    cells = [line.case.line_id]
    for peer in peers:
        print(f"{peer.distribution} judges {line.case.line_id}", file=sys.stderr)
        told = [ask(peer, line, is_told) for is_told in (False, True)]
        marked = [f"**{said.words}**" if said.believes else said.words for said in told]
        cells.append(" / ".join(dict.fromkeys(marked)))
    return cells


def _oracles(found: Sequence[Line]) -> Iterator[str]:
    names: list[str] = []
    rows = []
    for line in found:
        others = oracles(line)
        names = list(others)
        trials = line.trials[len(line.trials) % BLOCKS :]
        ours = (
            deflated_sharpe(moments(line.net), float(ratios(line.trials).var()), trials.shape[1]),
            backtest_overfitting(trials, BLOCKS),
        )
        for statistic, place in (("deflated Sharpe", 0), ("PBO", 1)):
            values = [ours, *others.values()]
            rows.append([line.case.line_id, statistic, *(_number(value[place]) for value in values)])
    yield from table(["line", "statistic", "this referee", *names], rows)


def _number(value: float) -> str:
    return NOTHING if np.isnan(value) else f"{value:.6f}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Ask every judge of every line, print what they say, and write it to a file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.referee", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="noise instead of them, without a warehouse")
    parser.add_argument("--keep", type=Path, help="where the warehouses are made, and found the next time")
    parser.add_argument("--to", type=Path, default=RESULTS, help="where to write; benchmarks/referee.md")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        found = quick_lines() if asked.quick else lines(asked.keep or Path(folder))
    text = document(found)
    asked.to.write_text(text)
    print(text, f"Written: {asked.to}", sep="\n")


if __name__ == "__main__":
    main()
