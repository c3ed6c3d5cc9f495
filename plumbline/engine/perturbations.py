"""Small changes of a variant's parameters, to see how much hangs on them (docs/method.md, section 6)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.stats import qmc

from plumbline.engine.panel import Panel, since, take_assets
from plumbline.engine.variants import INTEGERS, PARAMETERS, Variant, is_legal

NOT_PERTURBED = {
    *("min_train_sessions", "min_train_rows", "min_test_sessions"),
    *("state_lag", "weight_lag", "leverage_lag"),
    *("warm_up", "cap", "cost_basis", "weighting", "allocator"),
}
PERTURBED = tuple(name for name in PARAMETERS if name not in NOT_PERTURBED)

GRID_STEP = 0.005
RELATIVE = {"minus_25": -0.25, "minus_10": -0.10, "plus_10": 0.10, "plus_25": 0.25}
# A parameter whose base is 0 has no relative change; whole numbers move by whole steps.
ABSOLUTE = {"minus_25": -0.0125, "minus_10": -0.005, "plus_10": 0.005, "plus_25": 0.0125}
STEPS = {"minus_25": -2, "minus_10": -1, "plus_10": 1, "plus_25": 2}
JOINT_RELATIVE = 0.20
JOINT_ABSOLUTE = 0.01
JOINT_DRAWS = 1000
SEED = 20100104


class Perturbation(NamedTuple):
    """A changed variant, its kind (`grid`, `one_at_a_time`, `joint`), and what changed to what, if one."""

    variant: Variant
    kind: str
    parameter: str | None
    value: float | None


def grid(base: Variant) -> Iterator[Perturbation]:
    """Yield the 3 x 3 grid around the two 20-session momentum limits; the fifth is the base itself."""
    number = 0
    for up in (-1, 0, 1):
        for across in (-1, 0, 1):
            number += 1
            # A step of 0 leaves the very bits of the base.
            changed = replace(
                base,
                variant_id=f"{base.variant_id}~grid_{number}",
                trend_mom20_min=_moved(base.trend_mom20_min, up * GRID_STEP),
                meanrev_mom20_max=_moved(base.meanrev_mom20_max, across * GRID_STEP),
            )
            yield Perturbation(changed, "grid", None, None)


def one_at_a_time(base: Variant) -> Iterator[Perturbation]:
    """Yield each parameter moved by 10 % and 25 %, either way, to values that it may take."""
    for name in PERTURBED:
        before = getattr(base, name)
        for label, relative in RELATIVE.items():
            if name in INTEGERS:
                value = before + STEPS[label]
            elif before == 0.0:
                value = ABSOLUTE[label]
            else:
                value = before * (1.0 + relative)
            changed = replace(base, variant_id=f"{base.variant_id}~{name}_{label}", **{name: value})
            if is_legal(changed):
                yield Perturbation(changed, "one_at_a_time", name, float(value))


def joint(base: Variant, draws: int = JOINT_DRAWS) -> Iterator[Perturbation]:
    """Yield `draws` changes of all parameters at once within 20 %, spread evenly by a Sobol sequence.

    References
    ----------
    Sobol, I. M. (1967), "On the distribution of points in a cube and the approximate evaluation of
    integrals"; scrambled as in Owen (1998), scipy.stats.qmc.
    """
    points = qmc.Sobol(len(PERTURBED), scramble=True, rng=SEED).random_base2(int(np.ceil(np.log2(draws))))
    for number, point in enumerate(2.0 * points[:draws] - 1.0, start=1):
        values = {}
        for name, place in zip(PERTURBED, point, strict=True):
            before = getattr(base, name)
            moved = before * (1.0 + JOINT_RELATIVE * place) if before else JOINT_ABSOLUTE * place
            values[name] = max(round(moved), 1) if name in INTEGERS else float(moved)
        values["cost_bps"] = max(values["cost_bps"], 0.0)
        values["max_weight"] = min(values["max_weight"], 1.0)
        values["vol_window"] = max(values["vol_window"], 2)
        changed = replace(base, variant_id=f"{base.variant_id}~joint_{number:04d}", **values)
        yield Perturbation(changed, "joint", None, None)


def _moved(value: float, step: float) -> float:
    return round(value + step, 12) if step else value


class DataChange(NamedTuple):
    """A change of the bars under an unchanged variant: `price_noise`, `start_months` or `without_asset`.

    `value` is the number of the noise draw, or the months left out; `symbol` the asset left out.
    """

    variant: Variant
    parameter: str
    value: float | None
    symbol: str | None


NOISE = 1e-4  # one basis point, the standard deviation of the log price
NOISE_DRAWS = 10
START_MONTHS = 12


def data_changes(base: Variant, symbols: tuple[str, ...]) -> Iterator[DataChange]:
    """Yield the changes of the bars: noise, later starts, and each asset left out (of two or more)."""

    def named(suffix: str) -> Variant:
        return replace(base, variant_id=f"{base.variant_id}~{suffix}")

    for draw in range(1, NOISE_DRAWS + 1):
        yield DataChange(named(f"noise_{draw:02d}"), "price_noise", float(draw), None)
    for months in range(1, START_MONTHS + 1):
        yield DataChange(named(f"start_{months:02d}"), "start_months", float(months), None)
    for symbol in symbols if len(symbols) > 1 else ():
        yield DataChange(named(f"without_{symbol}"), "without_asset", None, symbol)


def changed_panel(panel: Panel, change: DataChange) -> Panel:
    """Return the panel that a change of the bars makes of `panel`."""
    if change.parameter == "price_noise":
        draws = np.random.default_rng([SEED, int(change.value)]).standard_normal(panel.price.shape)
        own = np.where(panel.is_filled, 0, np.arange(len(draws))[:, None])
        last_bar = np.maximum.accumulate(own, axis=0)  # a carried price keeps the noise of its bar
        return panel._replace(price=panel.price * np.exp(NOISE * np.take_along_axis(draws, last_bar, axis=0)))
    if change.parameter == "without_asset":
        kept = np.array([symbol != change.symbol for symbol in panel.symbols])
        return take_assets(panel, kept)
    if not len(panel.sessions):
        return panel
    first = panel.sessions[0].astype("datetime64[M]") + int(change.value)
    return since(panel, int(np.searchsorted(panel.sessions, first.astype("datetime64[D]"))))
