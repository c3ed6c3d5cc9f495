"""Jobs, and those who contend in each: run in turns, on the same inputs, in one process."""

import ctypes
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from statistics import median
from typing import Any, NamedTuple

import numpy as np

ROUNDS = 5
SLOW = 10.0  # seconds; what takes longer is run once, and its memory is not measured


class Contender(NamedTuple):
    """One way to do a job: `run` takes the job's inputs and returns numbers that all ways must agree on.

    `largest` is the largest size it is asked to do, `needs` a package that may not be installed.
    """

    name: str
    run: Callable[[Any], np.ndarray]
    largest: float = float("inf")
    needs: str = ""


class Job(NamedTuple):
    """What is done, at which sizes, and by whom; the first contender is the one that others are held against.

    `prepare` makes the inputs of a size, `cells` counts in them what a cost is given per (`cell`).
    """

    name: str
    title: str
    size: str
    sizes: tuple[int, ...]
    quick: tuple[int, ...]
    cell: str
    prepare: Callable[[int], Any]
    cells: Callable[[Any], int]
    contenders: tuple[Contender, ...]


class Timing(NamedTuple):
    """Of one contender at one size: median CPU seconds, growth of memory in bytes, distance to the first."""

    size: int
    contender: str
    seconds: float
    cells: int
    peak: int | None
    difference: float


def measure(job: Job, sizes: Sequence[int], rounds: int = ROUNDS) -> Iterator[Timing]:
    """Yield the timings of a job, size by size; a contender that is not installed has none."""
    smallest = job.prepare(job.quick[0])
    for each in filter(is_installed, job.contenders):
        each.run(smallest)  # compiles
    for size in sizes:
        inputs = job.prepare(size)
        contenders = [each for each in job.contenders if size <= each.largest and is_installed(each)]
        # The first run fills caches; only of the slow it is the one that counts.
        found, spent = {}, {}
        for each in contenders:
            start = time.process_time()
            found[each.name] = each.run(inputs)
            spent[each.name] = [time.process_time() - start]
        fast = [each for each in contenders if spent[each.name][0] < SLOW]
        spent |= {each.name: [] for each in fast}
        for _ in range(rounds):
            for each in fast:
                start = time.process_time()
                each.run(inputs)
                spent[each.name].append(time.process_time() - start)
        first = found[contenders[0].name]
        for each in contenders:
            yield Timing(
                size,
                each.name,
                median(spent[each.name]),
                job.cells(inputs),
                _peak(each, inputs) if each in fast else None,
                float(np.max(np.abs(found[each.name] - first))),
            )


def is_installed(contender: Contender) -> bool:
    """Return whether the package that a contender needs is there."""
    return not contender.needs or find_spec(contender.needs) is not None


def exponent(timings: Sequence[Timing]) -> float:
    """Return how one contender's time grows with the size: the slope of a line through the logarithms.

    Where the cells do not grow as the size does, because fewer variants are run, that is taken out.
    """
    sizes = np.array([timing.size for timing in timings], float)
    per_size = [timing.seconds / timing.cells * timing.size for timing in timings]
    return float(np.polyfit(np.log(sizes), np.log(per_size), 1)[0])


def _peak(contender: Contender, inputs: Any) -> int:
    """Return by how many bytes one run makes a process grow at most: a child of this one, made for it."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):  # else what runs before have freed would serve the child, uncounted
        libc.malloc_trim(0)
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with os.fdopen(reading) as pipe:
            said = pipe.read()
        os.waitpid(child, 0)
        return int(said)
    try:
        before = _largest()
        contender.run(inputs)
        os.write(writing, str(_largest() - before).encode())
    finally:
        os._exit(0)


def _largest() -> int:
    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest if sys.platform == "darwin" else largest * 1024
