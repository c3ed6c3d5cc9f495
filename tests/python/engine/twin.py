"""The method of docs/method.md written out a second time: slowly, one asset and one session at a time.

It shares no line with the engine, only the names of a variant's parameters, and was written from the
text alone. Every list runs over the sessions of the panel; None is NULL or "no row".
"""

from collections.abc import Mapping, Sequence
from datetime import date
from math import sqrt
from typing import NamedTuple

import numpy as np

from plumbline.engine.variants import Variant

CARRIED = 5
HORIZON = 5
REGRESSORS = ("ret_1d", "ret_5d", "ret_10d", "ret_20d", "rvol_10")
FEATURES = (*REGRESSORS, "mom_20", "mom_60", "vol_20", "drawdown_60")

Raw = Mapping[date, tuple[float, float | None]]
Values = list[float | None]


class Bars(NamedTuple):
    """Aligned bars of one asset (section 8); price is None before its first bar and after its end."""

    price: Values
    volume: Values
    is_filled: list[bool]


class Asset(NamedTuple):
    """Everything of one asset under one variant; `begin` is the session its streams started on."""

    begin: list[int | None]
    folds: set[int]
    ret: list[float]
    positions: dict[str, Values]
    streams: dict[str, Values]
    state: list[str]
    lagged_state: list[str]
    exposure: list[float]
    m: Values
    m_gross: Values
    m_cost: Values


def align(raw: Raw, sessions: Sequence[date]) -> Bars:
    """Carry the last price over up to five missing sessions; refuse a bar that returns later."""
    bars, last, missing = Bars([], [], []), None, 0
    for day in sessions:
        if day in raw:
            if last is not None and missing > CARRIED:
                raise ValueError(f"{day}: a bar after {missing} missing sessions")
            last, volume = raw[day]
            missing, row = 0, (last, volume, False)
        else:
            missing += 1
            is_carried = last is not None and missing <= CARRIED
            row = (last, 0.0, True) if is_carried else (None, None, False)
        for column, value in zip(bars, row, strict=True):
            column.append(value)
    return bars


def total(values: Sequence[float]) -> float:
    """Sum, oldest first."""
    result = 0.0
    for value in values:
        result += value
    return result


def sd(window: Sequence[float]) -> float:
    """Sample standard deviation in two passes; exactly 0 for equal values."""
    if all(value == window[0] for value in window):
        return 0.0
    mean = total(window) / len(window)
    return sqrt(total([(value - mean) ** 2 for value in window]) / (len(window) - 1))


def window(values: Values, t: int, length: int, start: int | None) -> list[float] | None:
    """Return the last `length` values up to t, None if one is NULL or from before the start."""
    if start is None or t - length + 1 < start:
        return None
    inside = values[t - length + 1 : t + 1]
    return None if any(value is None for value in inside) else inside


def compute_features(bars: Bars, start: list[int | None]) -> dict[str, Values]:
    """Section 2; nothing from before start[t] counts at t."""
    result: dict[str, Values] = {name: [] for name in FEATURES}
    price = bars.price

    def change(t: int, k: int) -> float | None:
        return None if start[t] is None or t - k < start[t] else price[t] / price[t - k] - 1

    for t in range(len(price)):
        for name, k in (("ret_1d", 1), ("ret_5d", 5), ("ret_10d", 10), ("ret_20d", 20)):
            result[name].append(change(t, k))
        for name, k in (("mom_20", 20), ("mom_60", 60)):
            result[name].append(change(t, k))
        volumes = window(bars.volume, t, 10, start[t])
        mean = total(volumes) / 10 if volumes else 0.0
        result["rvol_10"].append(bars.volume[t] / mean if mean != 0 else None)
        returns = window(result["ret_1d"], t, 20, start[t])
        result["vol_20"].append(sd(returns) * sqrt(252) if returns else None)
        prices = window(price, t, 60, start[t])
        result["drawdown_60"].append(price[t] / max(prices) - 1 if prices else None)
    return result


def hold(entry: list[bool], begin: list[int | None], sessions: int) -> Values:
    """Hold for so many sessions from an entry on; look for the next one on the session after."""
    positions: Values = []
    free_from = 0
    for t in range(len(entry)):
        if begin[t] is None:
            positions.append(None)
            continue
        if t == begin[t]:
            free_from = t
        if t >= free_from and entry[t]:
            free_from = t + sessions
        positions.append(1.0 if t < free_from else 0.0)
    return positions


class Twin:
    """A panel of raw bars; `asset` and the functions of twin_portfolio work out one variant on it."""

    def __init__(self, raw: Mapping[str, Raw], sessions: Sequence[date]) -> None:
        self.sessions = list(sessions)
        self.year = [day.year for day in sessions]
        self.bars = {symbol: align(raw[symbol], sessions) for symbol in sorted(raw)}
        self.features = {
            (symbol, warm_up): compute_features(bars, self.start(bars, warm_up))
            for symbol, bars in self.bars.items()
            for warm_up in ("year", "continuous")
        }
        self.fits = {
            (symbol, year): self.fit(symbol, year) for symbol in self.bars for year in sorted(set(self.year))
        }
        self.assets: dict[tuple, Asset] = {}

    def start(self, bars: Bars, warm_up: str) -> list[int | None]:
        """Return the first session whose data count, at each session of the asset."""
        live = [t for t, price in enumerate(bars.price) if price is not None]
        first = {year: min(t for t in live if self.year[t] == year) for year in {self.year[t] for t in live}}
        start: list[int | None] = [None] * len(self.sessions)
        for t in live:
            start[t] = first[self.year[t]] if warm_up == "year" else live[0]
        return start

    def fit(self, symbol: str, year: int) -> tuple[int, np.ndarray | None]:
        """Return the number of training rows and the coefficients, intercept first (section 4)."""
        bars, features = self.bars[symbol], self.features[symbol, "continuous"]
        x, y = [], []
        for t in range(len(self.sessions) - HORIZON):
            later = t + HORIZON
            if self.year[later] >= year or bars.price[t] is None or bars.price[later] is None:
                continue
            row = [features[name][t] for name in REGRESSORS]
            if not bars.is_filled[t] and all(value is not None for value in row):
                x.append([1.0, *row])
                y.append(bars.price[later] / bars.price[t] - 1)
        return len(y), np.linalg.lstsq(np.array(x), np.array(y), rcond=None)[0] if y else None

    def prediction(self, symbol: str, v: Variant) -> Values:
        """Predict with the features of the test year's warm-up; None without a fit or a feature."""
        features, result = self.features[symbol, v.warm_up], []
        for t, year in enumerate(self.year):
            rows, coefficients = self.fits[symbol, year]
            x = [features[name][t] for name in REGRESSORS]
            known = rows >= v.min_train_rows and all(value is not None for value in x)
            result.append(float(coefficients @ np.array([1.0, *x])) if known else None)
        return result

    def folds(self, symbol: str, v: Variant) -> set[int]:
        """Return the years with enough sessions of the asset before and in them."""
        years = [
            year for year, price in zip(self.year, self.bars[symbol].price, strict=True) if price is not None
        ]
        return {
            year
            for year in set(self.year)
            if sum(each < year for each in years) >= v.min_train_sessions
            and years.count(year) >= v.min_test_sessions
        }

    def begin(self, symbol: str, v: Variant, years: set[int]) -> list[int | None]:
        """Return the session on which the streams of t started, for an asset that runs in `years`."""
        start = self.start(self.bars[symbol], v.warm_up)
        inside = [t for t in range(len(start)) if start[t] is not None and self.year[t] in years]
        if v.warm_up == "year":
            return [start[t] if t in set(inside) else None for t in range(len(start))]
        first = min(inside, default=len(start))
        return [first if t >= first and start[t] is not None else None for t in range(len(start))]

    def state(self, symbol: str, v: Variant) -> list[str]:
        """Section 5; CASH where the asset has no row."""
        features, result = self.features[symbol, v.warm_up], []
        for t in range(len(self.sessions)):
            mom_20, mom_60, vol_20, drawdown = (
                features[name][t] for name in ("mom_20", "mom_60", "vol_20", "drawdown_60")
            )
            if None in (mom_20, mom_60, vol_20, drawdown):
                result.append("CASH")
            elif mom_60 > v.trend_mom60_min and mom_20 > v.trend_mom20_min:
                result.append("TREND")
            elif (
                mom_20 < v.meanrev_mom20_max
                and drawdown < v.meanrev_dd60_max
                and vol_20 < v.meanrev_vol20_max
            ):
                result.append("MEANREV")
            else:
                result.append("CASH")
        return result

    def asset(self, symbol: str, v: Variant) -> Asset:
        """Return one asset under a variant, worked out when first asked for."""
        key = (symbol, *sorted(v.values.items()))
        if key not in self.assets:
            self.assets[key] = self.work_out(symbol, v)
        return self.assets[key]

    def work_out(self, symbol: str, v: Variant) -> Asset:
        """Work out strategies, state, exposure and stream of one asset (sections 4 to 6)."""
        c = v.cost_bps / 10_000
        bars, features = self.bars[symbol], self.features[symbol, v.warm_up]
        sessions = range(len(self.sessions))
        folds = self.folds(symbol, v)
        begin = self.begin(symbol, v, folds)
        start = self.start(bars, v.warm_up)
        ret = [0.0] * len(sessions)
        for t in sessions[1:]:
            if bars.price[t] is not None and bars.price[t - 1] is not None:
                ret[t] = bars.price[t] / bars.price[t - 1] - 1

        # Mean reversion has strategy rows in every year with bars, if years start afresh; a carried
        # bar counts, since whether a later one of its own exists must not decide.
        own = {self.year[t] for t in sessions if bars.price[t] is not None}
        meanrev_years = own if v.warm_up == "year" else folds
        prediction = self.prediction(symbol, v)
        enters: dict[str, list[bool]] = {"trend": [], "meanrev": []}
        for t in sessions:
            ret_5d, ret_20d, vol_20 = (features[name][t] for name in ("ret_5d", "ret_20d", "vol_20"))
            is_trend = prediction[t] is not None and prediction[t] > v.prediction_threshold
            is_trend = is_trend and ret_20d is not None and ret_20d > v.trend_ret20_min
            is_meanrev = ret_5d is not None and ret_5d < v.meanrev_ret5_max
            is_meanrev = is_meanrev and vol_20 is not None and vol_20 < v.meanrev_entry_vol20_max
            enters["trend"].append(is_trend and not bars.is_filled[t] and self.year[t] in folds)
            enters["meanrev"].append(is_meanrev and not bars.is_filled[t] and self.year[t] in meanrev_years)
        begins = {"trend": begin, "meanrev": self.begin(symbol, v, meanrev_years | folds)}
        positions = {
            "trend": hold(enters["trend"], begins["trend"], v.trend_hold),
            "meanrev": hold(enters["meanrev"], begins["meanrev"], v.meanrev_hold),
        }

        def parts(held: Values, begin_of: list[int | None], t: int) -> tuple[float, float]:
            before = held[t - 1] if t > begin_of[t] else 0.0
            return before * ret[t], c * abs(held[t] - before)

        streams: dict[str, Values] = {
            name: [
                None if of[t] is None else parts(positions[name], of, t)[0] - parts(positions[name], of, t)[1]
                for t in sessions
            ]
            for name, of in begins.items()
        }
        state = self.state(symbol, v)
        lagged = ["CASH"] * len(sessions)
        exposure = [0.0] * len(sessions)
        for t in sessions:
            if start[t] is not None and t - v.state_lag >= start[t]:
                lagged[t] = state[t - v.state_lag]
            if begin[t] is not None and self.year[t] in folds and state[t] != "CASH":
                exposure[t] = positions[state[t].lower()][t]

        m, gross, cost = ([None] * len(sessions) for _ in range(3))
        for t in sessions:
            if begin[t] is None:
                continue
            if v.cost_basis != "strategy":
                gross[t], cost[t] = parts(exposure, begin, t)
            elif lagged[t] == "CASH" or t == begin[t]:
                gross[t], cost[t] = 0.0, 0.0
            else:
                gross[t], cost[t] = parts(positions[lagged[t].lower()], begin, t)
            m[t] = gross[t] - cost[t]
        return Asset(begin, folds, ret, positions, streams, state, lagged, exposure, m, gross, cost)
