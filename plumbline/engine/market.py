"""What no variant's parameters change: returns, features, fits and forecasts of a panel."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import NamedTuple, TypeVar

import numpy as np

from plumbline.engine.features import NAMED, Feature, compute_feature
from plumbline.engine.panel import Panel, ages
from plumbline.engine.regression import YearlyFits, fit_by_year, predict
from plumbline.engine.types import Bools, Floats, Ints
from plumbline.engine.variants import WARM_UPS
from plumbline.engine.windows import change

Once = TypeVar("Once")


class Regressor(NamedTuple):
    """A feature that a forecast hangs on, and the value it roughly lies around, which keeps the fit exact."""

    feature: Feature
    centre: float = 0.0


class Forecast(NamedTuple):
    """What is forecast, and from what: the return of the next `horizon` sessions, on `regressors`."""

    regressors: tuple[Regressor, ...]
    horizon: int


@dataclass(frozen=True, eq=False)
class Market:
    """A panel and what is computed from it once, when first asked for, for any number of variants.

    Shapes: S sessions, A assets, Y calendar years.

    Parameters
    ----------
    panel
        Aligned bars.
    known_features
        Features under the warm-up rule `continuous`, (S, A) each, where they are at hand already.
    is_in_sample
        Whether forecasts come from one fit on the whole panel instead of from those that walk forward.
    """

    panel: Panel
    known_features: Mapping[Feature, Floats] | None = None
    is_in_sample: bool = False

    @cached_property
    def _calendar(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        year = self.panel.sessions.astype("datetime64[Y]").astype(int) + 1970
        return np.unique(year, return_index=True, return_inverse=True)

    @property
    def years(self) -> np.ndarray:
        """Calendar years of the panel, ascending, (Y,)."""
        return self._calendar[0]

    @property
    def first_of_year(self) -> np.ndarray:
        """Index of the first session of each year, (Y,)."""
        return self._calendar[1]

    @property
    def year_of(self) -> np.ndarray:
        """Index into `years` of each session, (S,)."""
        return self._calendar[2]

    @cached_property
    def ret(self) -> Floats:
        """Return from the previous close, 0 where there is none, (S, A)."""
        return np.nan_to_num(change(self.panel.price, self.age("continuous"), 1), nan=0.0)

    @cached_property
    def _ages(self) -> dict[str, Ints]:
        start = {"continuous": np.zeros((1, 1), np.int32), "year": self.first_of_year[self.year_of][:, None]}
        return {rule: ages(self.panel.is_live, start[rule]) for rule in WARM_UPS}

    def age(self, warm_up: str) -> Ints:
        """Sessions of the asset since history starts under that rule, 0 where it has no row, (S, A)."""
        return self._ages[warm_up]

    @cached_property
    def test_sessions(self) -> np.ndarray:
        """Sessions of the asset in each year, (Y, A)."""
        return _count_by_year(self.panel.is_live, self.first_of_year)

    @cached_property
    def train_sessions(self) -> np.ndarray:
        """Sessions of the asset before each year, (Y, A)."""
        return np.cumsum(self.test_sessions, axis=0) - self.test_sessions

    @cached_property
    def _known(self) -> dict[Hashable, object]:
        return {("continuous", *key): values for key, values in (self.known_features or {}).items()}

    def once(self, key: Hashable, compute: Callable[[], Once]) -> Once:
        """Return what `key` stands for, computed when first asked for."""
        if key not in self._known:
            self._known[key] = compute()
        return self._known[key]

    def feature(self, feature: Feature, warm_up: str) -> Floats:
        """One feature under that rule, (S, A)."""
        panel = self.panel
        return self.once(
            (warm_up, *feature),
            lambda: compute_feature(feature, panel.price, panel.volume, self.age(warm_up)),
        )

    def features(self, warm_up: str) -> SimpleNamespace:
        """Return the named features under that rule, (S, A) each, as attributes by the names of `NAMED`."""
        return SimpleNamespace(**{name: self.feature(feature, warm_up) for name, feature in NAMED.items()})

    def named_features(self) -> dict[tuple[str, str, int], Feature]:
        """Return the features that were computed so far, by rule, name and window."""
        return {key: Feature(*key[1:]) for key in self._known if key[0] in WARM_UPS}

    def anew(self, panel: Panel) -> "Market":
        """Return the market of another panel, with the same features and forecasts computed of its bars."""
        other = Market(panel)
        for (rule, *_), feature in self.named_features().items():
            other.feature(feature, rule)
        for forecast, rule in self.forecasts():
            other.prediction(forecast, rule)
        return other

    def forecasts(self) -> list[tuple[Forecast, str]]:
        """Return the forecasts that were computed so far, each with its rule."""
        return [key[1:] for key in self._known if key[0] == "prediction"]

    def fits(self, forecast: Forecast) -> YearlyFits:
        """Return the fit of every asset and year, (Y, A) each: on features under `continuous`, before it."""
        return self.once(("fits", forecast), lambda: self._fit(forecast))

    def _fit(self, forecast: Forecast) -> YearlyFits:
        panel, horizon = self.panel, forecast.horizon
        label = np.full(panel.price.shape, np.nan)
        if len(label) > horizon:
            label[:-horizon] = panel.price[horizon:] / panel.price[:-horizon] - 1.0
        # Centring keeps the normal equations well conditioned; it only moves the intercept.
        regressors = [self.feature(x.feature, "continuous") - x.centre for x in forecast.regressors]
        first = np.array([len(label)]) if self.is_in_sample else self.first_of_year
        fits = fit_by_year(regressors, label, panel.is_live & ~panel.is_filled, first, horizon)
        for place, regressor in enumerate(forecast.regressors, start=1):
            if regressor.centre:
                fits.coefficients[..., 0] -= fits.coefficients[..., place] * regressor.centre
        if self.is_in_sample:
            return YearlyFits(*(np.repeat(values, len(self.years), axis=0) for values in fits))
        return fits

    def prediction(self, forecast: Forecast, warm_up: str) -> Floats:
        """Forecast of each close by its year's fit, NaN where unknown, (S, A)."""
        return self.once(("prediction", forecast, warm_up), lambda: self._predict(forecast, warm_up))

    def _predict(self, forecast: Forecast, warm_up: str) -> Floats:
        regressors = np.stack([self.feature(x.feature, warm_up) for x in forecast.regressors])
        return predict(self.fits(forecast).coefficients, regressors, self.year_of)


def _count_by_year(mask: Bools, first_of_year: np.ndarray) -> np.ndarray:
    if not len(first_of_year):
        return np.zeros((0, mask.shape[1]), np.int64)
    return np.add.reduceat(mask.astype(np.int64), first_of_year, axis=0)


def taking_over(market: Market, panel: Panel, *kept: str) -> Market:
    """Return the market of a panel that takes over what was computed of another.

    Parameters
    ----------
    market
        Where it comes from.
    panel
        Has the first sessions of that market's, and its assets; returns and features are the same on them.
    kept
        What else of the cache is the same there, by the first word of its key.
    """
    count = len(panel.sessions)
    taken = Market(panel)
    years = len(taken.years)
    for key, values in market._known.items():
        if key[0] in WARM_UPS or key[0] == "prediction":
            taken._known[key] = values[:count]
        elif key[0] == "fits":
            taken._known[key] = YearlyFits(*(each[:years] for each in values))
        elif key[0] in kept:
            taken._known[key] = values
    # What a cached_property found stands in the instance's own dictionary.
    vars(taken).update(ret=market.ret[:count], _ages={rule: market.age(rule)[:count] for rule in WARM_UPS})
    return taken


def before_year(market: Market, year: int) -> Market:
    """Return the market before a calendar year, given by its index, with one fit on all of it."""
    first = market.first_of_year[year]
    panel = Panel(
        market.panel.sessions[:first], market.panel.symbols, *(values[:first] for values in market.panel[2:])
    )
    # Features under `continuous` look back only: those of a shorter panel are a part of the longer one's.
    known = {
        Feature(*key[1:]): values[:first] for key, values in market._known.items() if key[0] == "continuous"
    }
    return Market(panel, known, is_in_sample=True)
