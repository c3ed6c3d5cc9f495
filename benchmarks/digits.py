"""What the coin reads (benchmarks/judged/coin.py), and what is planted in bars (benchmarks/lines.py)."""

import numpy as np


def heads(volume: np.ndarray) -> np.ndarray:
    """Return whether four digits of each volume are 0, as in one of sixteen, whatever the volume's level."""
    digits = np.floor(np.frexp(np.nan_to_num(volume))[0] * 2.0**20).astype(np.int64)
    return (volume > 0.0) & (digits % 16 == 0)
