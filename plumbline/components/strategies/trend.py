"""Trend following on a least-squares forecast (docs/method.md, section 4)."""

import numpy as np

from plumbline.engine.features import Feature
from plumbline.engine.lanes import select
from plumbline.engine.market import Forecast, Regressor
from plumbline.engine.registry import Parameter, Values, strategy
from plumbline.engine.steps import MAY_ENTER, Quantity, above, momentum, step
from plumbline.engine.strategies import Positions, StrategyView

THRESHOLD = Parameter(
    "prediction_threshold",
    0.0,
    move="relative",
    unit="fraction",
    meaning="Enters above this forecast of the return of the next sessions.",
)
RETURN = Parameter(
    "trend_ret20_min",
    0.0,
    move="relative",
    unit="fraction",
    meaning="Enters above this return over trend_return_window sessions.",
)
HOLD = Parameter("trend_hold", 5, 1, move="steps", unit="sessions", meaning="How long an entry is held.")
ROWS = Parameter("min_train_rows", 200, 1, unit="rows", meaning="Training rows that a fit needs.")
RETURN_WINDOW = Parameter(
    "trend_return_window",
    20,
    1,
    move="window",
    unit="sessions",
    meaning="Window of the return that must be above its limit.",
)
VOLUME_WINDOW = Parameter(
    "trend_volume_window",
    10,
    1,
    move="window",
    unit="sessions",
    meaning="Window of the relative volume in the forecast.",
)
HORIZON = Parameter(
    "trend_horizon",
    5,
    1,
    move="window",
    unit="sessions",
    meaning="Sessions ahead whose return is forecast: the label's horizon.",
)


def forecast_of(parameters: Values) -> Forecast:
    """Return what trend forecasts: the next sessions' return on four returns and relative volume.

    Coefficients in order: intercept, ret_1d, ret_5d, ret_10d, ret_20d, rvol_10.
    """
    returns = [Regressor(Feature("momentum", window)) for window in (1, 5, 10, 20)]
    # Relative volume lies around 1.
    volume = Regressor(Feature("relative_volume", parameters.trend_volume_window), 1.0)
    return Forecast((*returns, volume), parameters.trend_horizon)


@strategy("trend", THRESHOLD, RETURN, HOLD, ROWS, RETURN_WINDOW, VOLUME_WINDOW, HORIZON, is_fitted=True)
def trend(view: StrategyView, parameters: Values) -> Positions:
    """Enters where a least-squares forecast of the next five sessions is positive and the last 20
    sessions rose; holds five sessions.

    One fit an asset and year on the rows before it; an entry where
    ``forecast > prediction_threshold`` and ``momentum(20) > trend_ret20_min``.
    """
    prediction = view.forecast(forecast_of(parameters), parameters.min_train_rows)
    is_rising = view.momentum(parameters.trend_return_window) > parameters.trend_ret20_min
    entry = (prediction > parameters.prediction_threshold) & is_rising
    return Positions(view.hold(entry, parameters.trend_hold), np.asarray(prediction))


FORECAST = Quantity(
    (VOLUME_WINDOW, HORIZON, ROWS),
    lambda view, parameters: view.forecast(forecast_of(parameters), parameters.min_train_rows),
)


@step(
    "strategy",
    "trend",
    MAY_ENTER,
    above(FORECAST, THRESHOLD),
    above(momentum(RETURN_WINDOW), RETURN),
    counts=(HOLD,),
    carries=1,
)
def trend_step(may_enter, is_promising, is_rising, hold, left):
    """Say of one session whether it holds, and for how many sessions more."""
    left = select(may_enter & is_promising & is_rising & (left == 0), hold, left)
    holds = left > 0
    return holds, select(holds, left - 1, left)
