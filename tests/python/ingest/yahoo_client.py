"""The command line in a process of its own, led to a Yahoo on this machine: to be killed, or measured.

``python yahoo_client.py ADDRESS SYMBOLS_A_BATCH HOOK ARGUMENT…``: `HOOK` is Python that runs before. Its
clock runs a thousand times too fast.
"""

import os
import resource
import signal
import sys
import threading
import time

import curl_cffi.requests
import pyarrow as pa
from yahoo_server import redirected

from ingest import clock, gather, landing, run  # noqa: F401 (for hooks)
from ingest.__main__ import main


def die(*_: object, **__: object) -> None:
    """End this process as SIGKILL does."""
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(module: object, name: str, call: int) -> None:
    """Let the process die where a function is called for the n-th time."""
    real, calls = getattr(module, name), []

    def hooked(*arguments: object, **options: object) -> object:
        calls.append(name)
        return die() if len(calls) == call else real(*arguments, **options)

    setattr(module, name, hooked)


def kill_after(seconds: float) -> None:
    """Let the process die at some time."""
    threading.Timer(seconds, die).start()


def say_memory() -> None:
    """Write down the most memory that was used so far, in megabytes: by the process, and by Arrow in it."""
    process = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    print(f"memory {process:.1f} {pa.default_memory_pool().max_memory() / 2**20:.1f}", file=sys.stderr)


def say_memory_before_loading() -> None:
    """Write it down before DuckDB begins to fill what it may take."""
    real = run._load

    def hooked(purpose: str) -> int:
        say_memory()
        return real(purpose)

    run._load = hooked


if __name__ == "__main__":
    address, gather.SYMBOLS_A_BATCH, hook, *arguments = sys.argv[1], int(sys.argv[2]), *sys.argv[3:]
    strangers: list[str] = []
    curl_cffi.requests.Session.request = redirected(address, strangers, lambda: None)
    clock.monotonic = lambda: 1000 * time.monotonic()
    clock.wait = lambda stopped, seconds: stopped.wait(seconds / 1000)
    # Tests that a shell runs in the background inherit from it that Ctrl-C means nothing.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    exec(hook)
    try:
        main(arguments)
    finally:
        assert strangers == [], "only Yahoo is asked"
