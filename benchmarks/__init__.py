"""The engine beside other ways to the same numbers, in one process: ``python -m benchmarks``."""

import os

# Before numpy is imported, which reads them then: one thread each, so that CPU time is time.
os.environ.update(
    dict.fromkeys(
        ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"),
        "1",
    )
)
