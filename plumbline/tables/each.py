"""The one seam over which all splittable work goes: variants, worlds, chunks of a sweep."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TypeVar

import pyarrow as pa

from plumbline.tables.arrow import in_turn, stack
from plumbline.tables.progress import tracked

Context = TypeVar("Context")
Task = TypeVar("Task")

_held: Any = None  # what every task of a worker process shares


def workers() -> int:
    """Return how many processes work at once: PLUMBLINE_WORKERS, 1 by default."""
    said = os.environ.get("PLUMBLINE_WORKERS", "1")
    if not said.isdigit() or int(said) < 1:
        raise ValueError(f"PLUMBLINE_WORKERS must be a whole number of 1 or more, is {said!r}")
    return int(said)


def each(
    context: Context,
    run: Callable[[Context, Task], pa.Table],
    tasks: Sequence[Task],
    schema: Mapping[str, pa.DataType],
    label: str,
    unit: str = "variants",
) -> pa.Table:
    """Run every task and put the tables together, in the order of the tasks, however the work is cut.

    Parameters
    ----------
    context
        What all tasks share; sent once to every process.
    run
        A function of a module, ``(context, task) -> Table`` with the columns of `schema`.
    tasks
        What to run.
    schema
        Names and types of the columns.
    label, unit
        What the progress is called, and what it counts.
    """
    return stack(tracked(_results(context, run, tasks), len(tasks), label, unit), schema)


def each_in_turn(
    context: Context,
    run: Callable[[Context, Task], pa.Table],
    tasks: Iterable[Task],
    total: int,
    schema: Mapping[str, pa.DataType],
    label: str,
    unit: str = "streams",
) -> pa.RecordBatchReader:
    """Run every task as `each` does, when whoever reads the tables asks for the next: few are held at a time.

    Parameters
    ----------
    context, run, schema, label, unit
        As for `each`.
    tasks
        What to run; the next ones are asked for when there is somebody to run them.
    total
        How many there are.
    """
    return in_turn(tracked(_few_results(context, run, tasks), total, label, unit), schema)


def _few_results(context: Any, run: Callable, tasks: Iterable) -> Iterator[pa.Table]:
    count = workers()
    if count <= 1:
        yield from (run(context, task) for task in tasks)
        return
    with _pool(count, context) as pool:
        waiting: deque = deque()
        for task in tasks:
            waiting.append(pool.submit(_run, run, task))
            if len(waiting) > count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _results(context: Any, run: Callable, tasks: Sequence) -> Iterator[pa.Table]:
    count = min(workers(), len(tasks))
    if count <= 1:
        yield from (run(context, task) for task in tasks)
        return
    with _pool(count, context) as pool:
        yield from pool.map(_run, [run] * len(tasks), tasks, chunksize=max(1, len(tasks) // (8 * count)))


def _pool(count: int, context: Any) -> ProcessPoolExecutor:
    # Started afresh, not forked: dbt runs models in threads, and a fork of those may never end.
    return ProcessPoolExecutor(count, multiprocessing.get_context("spawn"), _start, (context,))


def _start(context: Any) -> None:
    from plumbline.components import load

    global _held
    load()
    _held = context


def _run(run: Callable, task: Any) -> pa.Table:
    return run(_held, task)
