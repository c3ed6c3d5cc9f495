"""Small changes of a variant's parameters, to see how much hangs on them (docs/method.md, section 6)."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy.stats import qmc

from plumbline.engine.features import Feature
from plumbline.engine.market import Market
from plumbline.engine.panel import Panel, since, take_assets
from plumbline.engine.registry import Parameter
from plumbline.engine.types import Floats
from plumbline.engine.variants import Variant, is_legal, used

RELATIVE = {"minus_25": -0.25, "minus_10": -0.10, "plus_10": 0.10, "plus_25": 0.25}
# A parameter whose base is 0 has no relative change; whole numbers move by whole steps.
ABSOLUTE = {"minus_25": -0.0125, "minus_10": -0.005, "plus_10": 0.005, "plus_25": 0.0125}
STEPS = {"minus_25": -2, "minus_10": -1, "plus_10": 1, "plus_25": 2}
JOINT_RELATIVE = 0.20
JOINT_ABSOLUTE = 0.01
WINDOW = "window"
IN_WHOLE = ("steps", WINDOW)  # moves of whole numbers


class Draws(NamedTuple):
    """How many random draws there are, and where they start."""

    draws: int
    seed: int


class Perturbation(NamedTuple):
    """A changed variant, its kind (`grid`, `one_at_a_time`, `joint`), and what changed to what, if one."""

    variant: Variant
    kind: str
    parameter: str | None
    value: float | None


def moving(variant: Variant) -> tuple[Parameter, ...]:
    """Return the parameters of the variant that a perturbation moves; windows move among neighbours only."""
    return tuple(parameter for parameter in used(variant) if parameter.move not in ("none", WINDOW))


def grid(base: Variant, parameters: tuple[str, str], step: float) -> Iterator[Perturbation]:
    """Yield the 3 x 3 grid of two parameters around their base; the fifth is the base itself."""
    first, second = parameters
    number = 0
    for up in (-1, 0, 1):
        for across in (-1, 0, 1):
            number += 1
            # A step of 0 leaves the very bits of the base.
            values = {
                first: _moved(base.values[first], up * step),
                second: _moved(base.values[second], across * step),
            }
            yield Perturbation(base.changed(f"{base.variant_id}~grid_{number}", **values), "grid", None, None)


def one_at_a_time(base: Variant, market: Market) -> Iterator[Perturbation]:
    """Yield each parameter moved by 10 % and 25 %, either way, to values that it may take.

    One that moves by deviation moves by that share of its feature's standard deviation on `market`.
    """
    for parameter in moving(base):
        name, before = parameter.name, base.values[parameter.name]
        for label, relative in RELATIVE.items():
            if parameter.move == "steps":
                value = before + STEPS[label]
            elif parameter.move == "deviation":
                value = before + relative * _deviation(market, base, parameter)
            elif before == 0.0:
                value = ABSOLUTE[label]
            else:
                value = before * (1.0 + relative)
            changed = base.changed(f"{base.variant_id}~{name}_{label}", **{name: value})
            if is_legal(changed):
                yield Perturbation(changed, "one_at_a_time", name, float(value))


def joint_values(base: Variant, market: Market, draws: Draws) -> dict[str, np.ndarray]:
    """Return values within 20 % of the base's by parameter, (draws,) each, spread evenly by a Sobol sequence.

    Parameters
    ----------
    base, market
        What is moved; a limit moves by its feature's standard deviation on `market`.
    draws
        How many, and the seed. Fewer draws of one seed are the first of more.

    References
    ----------
    Sobol, I. M. (1967), "On the distribution of points in a cube and the approximate evaluation of
    integrals"; scrambled as in Owen (1998), scipy.stats.qmc.
    """
    parameters = moving(base)
    places = _places(len(parameters), draws)
    return {
        parameter.name: _placed(base, market, parameter, place)
        for parameter, place in zip(parameters, places, strict=True)
    }


def _places(count: int, draws: Draws) -> Floats:
    """Return points of a Sobol sequence in the cube from -1 to 1, (count, draws)."""
    if not count:
        return np.empty((0, draws.draws))
    power = int(np.ceil(np.log2(draws.draws)))
    points = qmc.Sobol(count, scramble=True, rng=draws.seed).random_base2(power)
    return (2.0 * points[: draws.draws] - 1.0).T


def _placed(base: Variant, market: Market, parameter: Parameter, place: Floats) -> np.ndarray:
    """Return the values of a parameter that lie at places from -1 to 1, 20 % from the base's either way."""
    before = base.values[parameter.name]
    if parameter.move == "deviation":
        moved = before + JOINT_RELATIVE * place * _deviation(market, base, parameter)
    else:
        moved = before * (1.0 + JOINT_RELATIVE * place) if before else JOINT_ABSOLUTE * place
    if parameter.move not in IN_WHOLE:
        return np.clip(moved, parameter.lowest, parameter.highest)
    return np.clip(np.rint(moved), parameter.lowest, parameter.highest).astype(np.int64)


def joint(base: Variant, market: Market, draws: Draws) -> Iterator[Perturbation]:
    """Yield changes of all parameters at once: see `joint_values`."""
    yield from _numbered(base, "joint", joint_values(base, market, draws))


def neighbour_values(base: Variant, market: Market, draws: Draws) -> dict[str, np.ndarray]:
    """Return the values of a variant's neighbours, (draws,) each: as `joint_values`, and its windows.

    Windows and horizons move together, by 10 or 20 %: 20 and 60 sessions become 18 and 54.
    """
    parameters = moving(base)
    windows = [parameter for parameter in used(base) if parameter.move == WINDOW]
    *places, together = _places(len(parameters) + 1, draws)
    steps = np.clip(np.floor(2.5 * (together + 1.0)), 0, 4) / 2.0 - 1.0
    own = [(parameter, steps) for parameter in windows] + list(zip(parameters, places, strict=True))
    return {parameter.name: _placed(base, market, parameter, place) for parameter, place in own}


def neighbours(base: Variant, market: Market, draws: Draws) -> Iterator[Perturbation]:
    """Yield the neighbours of a variant: see `neighbour_values`."""
    yield from _numbered(base, "neighbour", neighbour_values(base, market, draws))


def _numbered(base: Variant, kind: str, values: dict[str, np.ndarray]) -> Iterator[Perturbation]:
    for number, own in enumerate(zip(*values.values(), strict=True), start=1):
        changed = dict(zip(values, (value.item() for value in own), strict=True))
        yield Perturbation(
            base.changed(f"{base.variant_id}~{kind}_{number:04d}", **changed), kind, None, None
        )


def _moved(value: float, step: float) -> float:
    return round(value + step, 12) if step else value


def _deviation(market: Market, variant: Variant, parameter: Parameter) -> float:
    """Return the standard deviation of the parameter's feature over all sessions and assets, or 0."""
    values = market.feature(Feature(*parameter.feature), variant.warm_up)
    known = values[np.isfinite(values)]
    return float(known.std()) if known.size else 0.0


class DataChange(NamedTuple):
    """A change of the bars under an unchanged variant: `price_noise`, `start_months` or `without_asset`.

    `value` is the number of the noise draw, or the months left out; `symbol` the asset left out.
    """

    variant: Variant
    parameter: str
    value: float | None
    symbol: str | None


NOISE = 1e-4  # one basis point, the standard deviation of the log price
START_MONTHS = 12


def data_changes(base: Variant, symbols: tuple[str, ...], noise: Draws) -> Iterator[DataChange]:
    """Yield the changes of the bars: noise, later starts, and each asset left out (of two or more)."""

    def named(suffix: str) -> Variant:
        return base.changed(f"{base.variant_id}~{suffix}")

    for draw in range(1, noise.draws + 1):
        yield DataChange(named(f"noise_{draw:02d}"), "price_noise", float(draw), None)
    for months in range(1, START_MONTHS + 1):
        yield DataChange(named(f"start_{months:02d}"), "start_months", float(months), None)
    for symbol in symbols if len(symbols) > 1 else ():
        yield DataChange(named(f"without_{symbol}"), "without_asset", None, symbol)


def changed_panel(panel: Panel, parameter: str, value: float | None, symbol: str | None, seed: int) -> Panel:
    """Return the panel that a change of the bars makes: see `DataChange`; `seed` is the noise's."""
    if parameter == "price_noise":
        draws = np.random.default_rng([seed, int(value)]).standard_normal(panel.price.shape)
        own = np.where(panel.is_filled, 0, np.arange(len(draws))[:, None])
        last_bar = np.maximum.accumulate(own, axis=0)  # a carried price keeps the noise of its bar
        return panel._replace(price=panel.price * np.exp(NOISE * np.take_along_axis(draws, last_bar, axis=0)))
    if parameter == "without_asset":
        kept = np.array([other != symbol for other in panel.symbols])
        return take_assets(panel, kept)
    if not len(panel.sessions):
        return panel
    first = panel.sessions[0].astype("datetime64[M]") + int(value)
    return since(panel, int(np.searchsorted(panel.sessions, first.astype("datetime64[D]"))))
