"""Reading what was asked for into batches: all of it as one, or piece by piece with several workers."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import NamedTuple, TypeVar

from ingest.bars import Bars, Refusal
from ingest.errors import DelistedError, InputError, StoppedEarly
from ingest.summary import progress, tracked

# A batch of so many symbols is what an interruption can cost, and all that is held in memory.
SYMBOLS_A_BATCH = 50
WORKERS = 4

# Ctrl-C in the instant before the main thread begins to wait would go unseen until that wait is over.
_SECONDS_TO_NOTICE_CTRL_C = 0.5

Input = TypeVar("Input")


class Gathered(NamedTuple):
    """What lands as one batch: the inputs that were read, their bars, and what was refused."""

    inputs: list
    bars: list[Bars]
    refusals: list[Refusal]


def gather_all(
    inputs: Sequence[Input], read: Callable[[Input], Iterable[Bars | Refusal]]
) -> Iterator[Gathered]:
    """Read all inputs into one batch; a symbol that two of them hold is refused."""
    came: dict[str, tuple[Input, Bars]] = {}
    refusals: list[Refusal] = []
    twice: set[str] = set()
    for each in tracked(inputs, "Reading"):
        try:
            outcomes = read(each)
        except InputError as error:
            refusals.append(Refusal(str(each), str(error)))
            continue
        for outcome in outcomes:
            if isinstance(outcome, Refusal):
                refusals.append(outcome)
            elif outcome.symbol in came:
                twice.add(outcome.symbol)
                first, _ = came[outcome.symbol]
                reason = f"{outcome.symbol} comes from {first} and from {each}; name one of them"
                refusals.append(Refusal(outcome.symbol, reason))
            else:
                came[outcome.symbol] = (each, outcome)
    # Which of two files is right is not for us to say: neither lands.
    bars = [bars for symbol, (_, bars) in came.items() if symbol not in twice]
    del came  # the batch is let go of by whoever lands it
    yield Gathered(list(inputs), bars, refusals)


def gather_in_batches(
    symbols: Sequence[str],
    read: Callable[[str], Iterable[Bars]],
    *,
    stop: Callable[[str], None],
    size: int | None = None,
    workers: int = WORKERS,
) -> Iterator[Gathered]:
    """Read symbols with several workers, and yield a batch as soon as its symbols are there.

    Which symbols make a batch, and in which order, depends on `symbols` alone. The next batch is begun when
    the last one has been taken, so that one at most is in memory.

    Parameters
    ----------
    symbols
        What to read, each once.
    read
        Turns one symbol into bars, in any thread; an `InputError` refuses that symbol and no other.
    stop
        Called with a reason when nobody wants the rest: lets every `read` that waits raise `StoppedEarly`.
    size
        Symbols in a batch.
    workers
        How many are read at a time.

    Raises
    ------
    StoppedEarly
        As `read` did, once what came before has been yielded.
    """
    size = size or SYMBOLS_A_BATCH
    with progress("Reading", len(symbols)) as advance, ThreadPoolExecutor(workers) as pool:
        try:
            for first in range(0, len(symbols), size):
                asked = symbols[first : first + size]
                futures = [pool.submit(read, symbol) for symbol in asked]
                for future in futures:
                    future.add_done_callback(lambda _: advance())
                gathered, stopped = _in_order(asked, futures)
                del futures, future
                yield gathered
                del gathered
                if stopped:
                    raise stopped
        finally:
            stop("nobody waits for it any more")
            pool.shutdown(cancel_futures=True)


def _in_order(symbols: Sequence[str], futures: Sequence[Future]) -> tuple[Gathered, StoppedEarly | None]:
    """Wait for what becomes of each symbol; return it all, and why some were not asked for."""
    gathered, stopped = Gathered([], [], []), None
    for symbol, future in zip(symbols, futures, strict=True):
        while not wait([future], _SECONDS_TO_NOTICE_CTRL_C).done:
            pass
        try:
            gathered.bars.extend(future.result())
        except InputError as error:
            gathered.refusals.append(Refusal(symbol, str(error), isinstance(error, DelistedError)))
        except StoppedEarly as error:
            stopped = error
            continue
        gathered.inputs.append(symbol)
    return gathered, stopped
