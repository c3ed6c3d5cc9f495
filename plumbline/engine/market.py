"""What no variant's parameters change: returns, features, fits and forecasts of a panel."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import NamedTuple, TypeVar

import numpy as np
from numba import njit

from plumbline.engine.features import NAMED, Feature, compute_feature
from plumbline.engine.panel import Panel, ages
from plumbline.engine.regression import YearlyFits, fit_by_year, predict
from plumbline.engine.types import Floats, Ints
from plumbline.engine.variants import WARM_UPS
from plumbline.engine.windows import BLOCK, change_between

Once = TypeVar("Once")
LARGEST = np.finfo(np.float64).max


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
        is_first = np.ones(len(year), bool)
        is_first[1:] = year[1:] != year[:-1]
        first = np.flatnonzero(is_first)
        return year[first], first, np.cumsum(is_first) - 1

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
        price, ret = self.panel.price, np.empty(self.panel.price.shape)
        _returns(price.ravel(), self.age("continuous").ravel(), price.shape[1], ret.ravel())
        return ret

    def age(self, warm_up: str) -> Ints:
        """Sessions of the asset since history starts under that rule, 0 where it has no row, (S, A)."""
        return self.once(("age", warm_up), lambda: self._age(warm_up))

    def _age(self, warm_up: str) -> Ints:
        start = self.first_of_year[self.year_of] if warm_up == "year" else 0
        return ages(self.panel.is_live, start)

    @cached_property
    def test_sessions(self) -> np.ndarray:
        """Sessions of the asset in each year, (Y, A)."""
        count = np.zeros((len(self.years), len(self.panel.symbols)), np.int64)
        _count_by_year(self.panel.is_live, self.year_of, count)
        return count

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
        for asked in self.forecasts():
            other.prediction(*asked)
        return other

    def forecasts(self) -> list[tuple[Forecast, str, int]]:
        """Return the forecasts that were computed so far, each with its rule and the rows that it needs."""
        return [key[1:] for key in self._known if key[0] == "prediction"]

    def fits(self, forecast: Forecast) -> YearlyFits:
        """Return the fit of every asset and year, (Y, A) each: on features under `continuous`, before it."""
        return self.once(("fits", forecast), lambda: self._fit(forecast))

    def _fit(self, forecast: Forecast) -> YearlyFits:
        panel, horizon = self.panel, forecast.horizon
        # The label of a session is the return that `horizon` sessions later has become known.
        label = self.feature(Feature("momentum", horizon), "continuous")[horizon:]
        regressors = [self.feature(x.feature, "continuous") for x in forecast.regressors]
        centres = [x.centre for x in forecast.regressors]
        first = np.array([len(panel.sessions)]) if self.is_in_sample else self.first_of_year
        fits = fit_by_year(regressors, label, panel.is_live & ~panel.is_filled, first, horizon, centres)
        for place, centre in enumerate(centres, start=1):
            if centre:
                fits.coefficients[..., 0] -= fits.coefficients[..., place] * centre
        if self.is_in_sample:
            return YearlyFits(*(np.repeat(values, len(self.years), axis=0) for values in fits))
        return fits

    def prediction(self, forecast: Forecast, warm_up: str, least_rows: int = 0) -> Floats:
        """Forecast of each close by its year's fit, NaN where unknown or by a fit on fewer rows, (S, A)."""
        key = ("prediction", forecast, warm_up, least_rows)
        return self.once(key, lambda: self._predict(forecast, warm_up, least_rows))

    def _predict(self, forecast: Forecast, warm_up: str, least_rows: int) -> Floats:
        fits = self.fits(forecast)
        coefficients = np.where((fits.rows < least_rows)[..., None], np.nan, fits.coefficients)
        regressors = [self.feature(x.feature, warm_up) for x in forecast.regressors]
        return predict(coefficients, regressors, self.first_of_year)


@njit(cache=True, nogil=True)
def _returns(price, age, stride, out):
    for first in range(0, price.size, BLOCK):
        last = min(first + BLOCK, price.size)
        change_between(price, age, stride, 1, first, last, out)
        for j in range(first, last):
            known = 0.0 if np.isnan(out[j]) else out[j]
            out[j] = min(max(known, -LARGEST), LARGEST)  # a price of 0 makes infinite ones


@njit(cache=True, nogil=True)
def _count_by_year(is_live, year_of, out):
    for t in range(is_live.shape[0]):
        for i in range(is_live.shape[1]):
            out[year_of[t], i] += is_live[t, i]


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
        if key[0] in (*WARM_UPS, "age", "prediction"):
            taken._known[key] = values[:count]
        elif key[0] == "fits":
            taken._known[key] = YearlyFits(*(each[:years] for each in values))
        elif key[0] in kept:
            taken._known[key] = values
    # What a cached_property found stands in the instance's own dictionary.
    vars(taken).update(ret=market.ret[:count])
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
