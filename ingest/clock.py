"""The clock of every command; what must know the time or wait is given it, so that a test can set it."""

import threading
import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds that only ever grow."""
    return time.monotonic()


def wait(stopped: threading.Event, seconds: float) -> bool:
    """Wait, or until `stopped` is set; return whether it is."""
    return stopped.wait(seconds)
