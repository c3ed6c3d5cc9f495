"""What becomes of memory that arrays of the engine no longer need."""

import ctypes
import os
import sys

# Parameters of glibc's mallopt, from malloc.h.
TRIM_THRESHOLD, TOP_PAD, MMAP_MAX = -1, -2, -4
KEPT = 1 << 30


def keep_freed(most: int = KEPT) -> bool:
    """Keep freed memory in the process for the next arrays, up to `most` bytes, where malloc is glibc's.

    A line makes some twenty arrays, and the next one as many again. By default they go back to the system
    in between, and a page that comes back is cleared first: a third of the time of a line. More than
    `most` bytes in one piece are still given back. Nothing is changed where the environment says itself
    how malloc is to behave. Returns whether anything was.
    """
    is_said = any(name in os.environ for name in ("MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES"))
    if is_said or not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    values = {TRIM_THRESHOLD: most, TOP_PAD: most // 4, MMAP_MAX: 0}
    return all(mallopt(parameter, value) for parameter, value in values.items())
