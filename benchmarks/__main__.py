"""The engine beside other ways to the same numbers: ``python -m benchmarks [--quick] [--jobs NAME …]``."""

import argparse
from pathlib import Path

from benchmarks import luck, sweeps, walk_forward, worlds
from benchmarks.measuring import ROUNDS, measure
from benchmarks.report import closing, document, table

JOBS = {
    job.name: job
    for job in (
        walk_forward.JOB,
        sweeps.MANY,
        sweeps.JOB,
        worlds.PERMUTATIONS,
        worlds.WORLDS,
        luck.OVERFITTING,
        luck.SUPERIORITY,
        luck.BOOTSTRAP,
    )
}
RESULTS = Path(__file__).with_name("results.md")


def main() -> None:
    """Run the jobs, print each when it is done, and write all of them to a file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, one round")
    parser.add_argument("--jobs", nargs="+", choices=JOBS, default=list(JOBS), help="all of them by default")
    parser.add_argument("--to", type=Path, default=RESULTS, help="where to write; benchmarks/results.md")
    arguments = parser.parse_args()
    jobs = [JOBS[name] for name in arguments.jobs]
    results = {}
    for job in jobs:
        sizes, rounds = (job.quick, 1) if arguments.quick else (job.sizes, ROUNDS)
        results[job.name] = list(measure(job, sizes, rounds))
        print(job.title, *table(job, results[job.name]), *closing(job, results[job.name]), "", sep="\n")
    arguments.to.write_text(document(results, jobs))
    print(f"Written: {arguments.to}")


if __name__ == "__main__":
    main()
