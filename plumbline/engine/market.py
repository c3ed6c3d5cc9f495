"""What no variant's parameters change: returns, features, fits and predictions of a panel."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from plumbline.engine.features import Features, compute_features
from plumbline.engine.panel import Panel, ages
from plumbline.engine.regression import YearlyFits, fit_by_year
from plumbline.engine.types import Bools, Floats, Ints
from plumbline.engine.variants import WARM_UPS, Variant
from plumbline.engine.windows import change

LABEL_HORIZON = 5  # sessions from a training row to its label


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
    known_fits
        Trend models to use instead of those that walk forward, (Y, A) each.
    """

    panel: Panel
    known_features: Features | None = None
    known_fits: YearlyFits | None = None

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
    def _features(self) -> dict[str, Features]:
        return {"continuous": self.known_features} if self.known_features else {}

    def features(self, warm_up: str) -> Features:
        """Features under that rule, (S, A) each."""
        if warm_up not in self._features:
            self._features[warm_up] = compute_features(self.panel.price, self.panel.volume, self.age(warm_up))
        return self._features[warm_up]

    @cached_property
    def fits(self) -> YearlyFits:
        """The trend model of every asset and year, (Y, A) each."""
        if self.known_fits:
            return self.known_fits
        return fit_trend(self.panel, self.features("continuous"), self.first_of_year)

    @cached_property
    def _spans(self) -> dict[tuple, np.ndarray]:
        return {}

    def span(self, name: str, variant: Variant, compute: Callable[[], np.ndarray]) -> np.ndarray:
        """Return a span that hangs on a variant's folds and warm-up alone, computed when first asked for."""
        key = (name, variant.min_train_sessions, variant.min_test_sessions, variant.warm_up)
        if key not in self._spans:
            self._spans[key] = compute()
        return self._spans[key]

    @cached_property
    def _predictions(self) -> dict[str, Floats]:
        return {}

    def prediction(self, warm_up: str) -> Floats:
        """Predicted five-session return at each close, NaN where unknown, (S, A)."""
        if warm_up not in self._predictions:
            self._predictions[warm_up] = predict_trend(self.fits, self.features(warm_up), self.year_of)
        return self._predictions[warm_up]


def _count_by_year(mask: Bools, first_of_year: np.ndarray) -> np.ndarray:
    if not len(first_of_year):
        return np.zeros((0, mask.shape[1]), np.int64)
    return np.add.reduceat(mask.astype(np.int64), first_of_year, axis=0)


def fit_trend(panel: Panel, features: Features, first_of_year: Ints) -> YearlyFits:
    """Fit the trend model of every asset and year: the next five sessions' return on five features.

    Coefficients in order: intercept, ret_1d, ret_5d, ret_10d, ret_20d, rvol_10.
    """
    label = np.full(panel.price.shape, np.nan)
    if len(label) > LABEL_HORIZON:
        label[:-LABEL_HORIZON] = panel.price[LABEL_HORIZON:] / panel.price[:-LABEL_HORIZON] - 1.0
    # Relative volume lies around 1; centring it there only moves the intercept.
    regressors = [
        features.ret_1d,
        features.ret_5d,
        features.ret_10d,
        features.ret_20d,
        features.rvol_10 - 1.0,
    ]
    fits = fit_by_year(regressors, label, panel.is_live & ~panel.is_filled, first_of_year, LABEL_HORIZON)
    fits.coefficients[..., 0] -= fits.coefficients[..., 5]
    return fits


def predict_trend(fits: YearlyFits, features: Features, year_of: np.ndarray) -> Floats:
    """Return each session's predicted five-session return from its year's fit, NaN where unknown."""
    coefficients = fits.coefficients.transpose(2, 0, 1)
    prediction = coefficients[0][year_of]
    for slope, feature in zip(
        coefficients[1:],
        (features.ret_1d, features.ret_5d, features.ret_10d, features.ret_20d, features.rvol_10),
        strict=True,
    ):
        prediction = prediction + slope[year_of] * feature
    return prediction


def fold_years(market: Market, variant: Variant) -> Bools:
    """Return which years are folds of which asset, shape (years, assets).

    Carried sessions count as they stand: whether a later bar exists must not decide a fold.
    """
    return (market.train_sessions >= variant.min_train_sessions) & (
        market.test_sessions >= variant.min_test_sessions
    )


def in_folds(market: Market, variant: Variant) -> Bools:
    """Return which sessions of an asset lie in its folds, shape (sessions, assets)."""
    return market.span(
        "in_folds", variant, lambda: fold_years(market, variant)[market.year_of] & market.panel.is_live
    )


def stream_age(market: Market, variant: Variant) -> Ints:
    """Count the sessions of positions and streams since their start, shape (sessions, assets).

    Under `year` they start on the first session of each fold and are 0 outside the asset's folds.
    Under `continuous` they start on the first session of its first fold and run on, also through a
    last year that is too short to be a fold.
    """
    return market.span("stream_age", variant, lambda: _stream_age(market, variant))


def _stream_age(market: Market, variant: Variant) -> Ints:
    folds = in_folds(market, variant)
    if variant.warm_up == "year":
        return np.where(folds, market.age("year"), 0).astype(np.int32)
    has_begun = np.logical_or.accumulate(folds, axis=0)
    return ages(has_begun & market.panel.is_live, np.zeros((1, 1), np.int32))


def portfolio_age(market: Market, variant: Variant) -> Ints:
    """Count the portfolio's sessions since their start, shape (sessions,); 0 before the first.

    Under `continuous` from the first session on which any asset is in a fold, under `year` from
    the first session of each year that is a fold of every asset.
    """
    return market.span("portfolio_age", variant, lambda: _portfolio_age(market, variant))


def _portfolio_age(market: Market, variant: Variant) -> Ints:
    session = np.arange(len(market.year_of), dtype=np.int32)
    if not market.panel.symbols:
        return np.zeros_like(session)
    folds = fold_years(market, variant)
    if variant.warm_up == "year":
        age = session - market.first_of_year[market.year_of] + 1
        return np.where(folds.all(axis=1)[market.year_of], age, 0).astype(np.int32)
    any_in_fold = in_folds(market, variant).any(axis=1)
    if not any_in_fold.any():
        return np.zeros_like(session)
    return np.maximum(session - any_in_fold.argmax() + 1, 0).astype(np.int32)
