"""The results as Markdown: what was run on what, and a table a job."""

import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from pathlib import Path

from benchmarks.measuring import Job, Timing, exponent, is_installed

PACKAGES = ("numpy", "numba", "pandas", "arch", "vectorbt")
HEADER = """# Benchmarks

Written by `make bench`. All contenders of a job run in turns, in one process, on the same inputs and one \
thread. Times are medians of CPU time, *memory* is how far one run makes a process grow beyond its inputs, \
*difference* is the largest one between a contender's numbers and those of the first. What takes more than \
ten seconds runs once.
"""


def machine() -> dict[str, str]:
    """Return what the figures hang on: the machine, the system, the versions."""
    found = {
        "date": date.today().isoformat(),
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "Python": sys.version.split()[0],
    }
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def document(results: Mapping[str, Sequence[Timing]], jobs: Sequence[Job]) -> str:
    """Return the whole text, of `results` by the names of `jobs`."""
    lines = [HEADER, "| | |", "| --- | --- |", *(f"| {name} | {said} |" for name, said in machine().items())]
    for job in jobs:
        lines += ["", f"## {job.title}", "", *table(job, results[job.name]), ""]
        lines += closing(job, results[job.name])
    return "\n".join(lines) + "\n"


def table(job: Job, timings: Sequence[Timing]) -> Iterator[str]:
    """Yield the lines of the table of one job."""
    yield (
        f"| {job.size} | contender | ms | ns per {job.cell} | times the first | memory, MB "
        "| memory, bytes each | difference |"
    )
    yield "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for size, group in groupby(timings, lambda timing: timing.size):
        rows = list(group)
        for row in rows:
            peak = (
                (f"{row.peak / 2**20:.1f}", f"{row.peak / row.cells:.1f}") if row.peak is not None else "  "
            )
            cells = [
                f"{size:,}",
                row.contender,
                _short(row.seconds * 1e3),
                _short(row.seconds * 1e9 / row.cells),
                _short(row.seconds / rows[0].seconds),
                *peak,
                f"{row.difference:.0e}" if row.difference else "0",
            ]
            yield f"| {' | '.join(cell.strip() for cell in cells)} |"


def closing(job: Job, timings: Sequence[Timing]) -> Iterator[str]:
    """Yield how each contender's time grows, and who was left out."""
    for each in job.contenders:
        if not is_installed(each):
            yield f"- Skipped: {each.name}, because {each.needs} is not installed."
            continue
        own = [timing for timing in timings if timing.contender == each.name]
        if len(own) > 1:
            yield f"- {each.name}: time grows as {job.size} to the power {exponent(own):.2f}."


def _short(value: float) -> str:
    """Return a number with three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
