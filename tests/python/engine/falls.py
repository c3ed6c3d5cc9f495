"""Portfolios made so that anyone can see why they fell."""

import csv
from collections.abc import Sequence

import numpy as np
from panels import SEEDS

from plumbline.components.allocators.rule import UP as TREND
from plumbline.engine.allocator import CASH
from plumbline.engine.drawdowns import find_episodes
from plumbline.engine.failures import FailureShares, Rule, failure_shares
from plumbline.engine.held import HeldLine

STATES = ("CASH", "TREND", "MEANREV")
# Twenty sessions before any fall, of a deviation of about 1 %, over which nothing is held.
CALM = [0.01, -0.01] * 10


def modes(**numbers: float) -> list[Rule]:
    """Return the failure modes of the seed, with other depths or thresholds if given."""
    with (SEEDS / "failure_modes.csv").open(newline="") as file:
        return [
            Rule(
                row["failure_mode"],
                row["measure"],
                row["state"] or None,
                float(row["min_depth"]),
                float(row["threshold"]),
            )._replace(**numbers)
            for row in csv.DictReader(file)
        ]


def line(
    ret: Sequence,
    holding: Sequence,
    state: Sequence | int = TREND,
    leverage: Sequence | None = None,
    cost: Sequence | None = None,
) -> HeldLine:
    """Let `holding` at each close earn the next session's return; flat sequences are of one asset."""
    ret, holding = (np.array(each, dtype=float).reshape(len(ret), -1) for each in (ret, holding))
    held = np.vstack([np.zeros_like(holding[:1]), holding[:-1]])
    gross, shape = held * ret, ret.shape
    paid = np.zeros(shape) if cost is None else -np.array(cost, dtype=float).reshape(shape)
    states = np.broadcast_to(np.array(state).reshape(-1, 1), shape)
    before = np.vstack([np.full_like(states[:1], CASH), states[:-1]])
    net = (gross + paid).sum(axis=1)
    levels = np.ones(len(ret)) if leverage is None else np.array(leverage, dtype=float)
    is_live = np.ones(shape, bool)
    return HeldLine(
        np.cumprod(1 + net), levels, net / levels, holding, gross, paid, before, states, ret, is_live
    )


def after_calm(ret: Sequence[float], holding: Sequence[float], **other: Sequence | int) -> HeldLine:
    """Let a calm go before that nothing is held in; `holding` is at the close before each return."""
    flat = [0.0] * (len(CALM) - 1)
    padded = {
        name: [0 if name == "cost" else value[0]] * len(CALM) + list(value) if np.ndim(value) else value
        for name, value in other.items()
    }
    return line([*CALM, *ret], [*flat, *holding, 0.0], **padded)


def weigh(found: HeldLine, **numbers: float) -> FailureShares:
    return failure_shares(found, find_episodes(found.equity), STATES, modes(min_depth=0.0, **numbers))


def evidence(found: HeldLine) -> dict[str, float]:
    """Return the share of the depth of each mode, of the deepest episode of a line."""
    weighed = weigh(found)
    return dict(zip(weighed.modes, weighed.by_episode[weighed.depths.argmin()], strict=True))
