"""The line of `baseline` as a notebook would write it: one DataFrame an asset, loops over sessions."""

import numpy as np
import pandas as pd

from plumbline.engine.panel import Panel
from plumbline.engine.variants import Variant

ROOT_252 = np.sqrt(252)
FEATURES = ["ret_1d", "ret_5d", "ret_10d", "ret_20d", "rvol_10"]


def features(price: pd.Series, volume: pd.Series) -> pd.DataFrame:
    """Return the features of one asset, by session."""
    table = pd.DataFrame({f"ret_{k}d": price / price.shift(k) - 1 for k in (1, 5, 10, 20)})
    table["rvol_10"] = volume / volume.rolling(10).mean()
    table["mom_20"] = table["ret_20d"]
    table["mom_60"] = price / price.shift(60) - 1
    table["vol_20"] = table["ret_1d"].rolling(20).std() * ROOT_252
    table["drawdown_60"] = price / price.rolling(60).max() - 1
    return table


def predict(table: pd.DataFrame, price: pd.Series, variant: Variant) -> pd.Series:
    """Return the walk-forward forecast of the next five sessions' return."""
    label = price.shift(-5) / price - 1
    forecast = pd.Series(np.nan, index=price.index)
    for year in price.index.year.unique():
        before = price.index.year < year
        if before.sum() < variant.min_train_sessions:
            continue
        train = pd.concat([table[FEATURES], label.rename("label")], axis=1)[before].iloc[:-5].dropna()
        design = np.column_stack([np.ones(len(train)), train[FEATURES]])
        coefficients = np.linalg.lstsq(design, train["label"].to_numpy(), rcond=None)[0]
        test = table.loc[price.index.year == year, FEATURES]
        forecast[test.index] = coefficients[0] + test.to_numpy() @ coefficients[1:]
    return forecast


def hold(entry: pd.Series, sessions: int) -> pd.Series:
    """Hold each entry for a number of sessions."""
    position, left = [], 0
    for enters in entry:
        if left == 0 and enters:
            left = sessions
        position.append(float(left > 0))
        left = max(left - 1, 0)
    return pd.Series(position, index=entry.index)


def exposure(price: pd.Series, volume: pd.Series, variant: Variant) -> pd.Series:
    """Return what the allocator holds of one asset, from its first fold on."""
    table = features(price, volume)
    sessions_before = pd.Series(price.index.year, index=price.index).map(
        {year: (price.index.year < year).sum() for year in price.index.year.unique()}
    )
    in_fold = sessions_before >= variant.min_train_sessions
    trend = (predict(table, price, variant) > variant.prediction_threshold) & (
        table["ret_20d"] > variant.trend_ret20_min
    )
    meanrev = (table["ret_5d"] < variant.meanrev_ret5_max) & (
        table["vol_20"] < variant.meanrev_entry_vol20_max
    )
    is_trend = (table["mom_60"] > variant.trend_mom60_min) & (table["mom_20"] > variant.trend_mom20_min)
    is_meanrev = (
        (table["mom_20"] < variant.meanrev_mom20_max)
        & (table["drawdown_60"] < variant.meanrev_dd60_max)
        & (table["vol_20"] < variant.meanrev_vol20_max)
        & ~is_trend
    )
    return (
        hold(trend & in_fold, variant.trend_hold).where(is_trend, 0.0)
        + hold(meanrev & in_fold, variant.meanrev_hold).where(is_meanrev, 0.0)
    )[in_fold]


def cap_exactly(weight: pd.Series, max_weight: float) -> pd.Series:
    """Hand what exceeds the cap to the uncapped until none exceeds it."""
    while (weight > max_weight).any():
        excess = (weight - max_weight).clip(lower=0).sum()
        weight = weight.clip(upper=max_weight)
        room = weight[weight < max_weight]
        weight[room.index] += excess * room / room.sum() if room.sum() else 0.0
    return weight


def net_returns(panel: Panel, variant: Variant) -> pd.Series:
    """Return the portfolio's daily net returns."""
    dates = pd.DatetimeIndex(panel.sessions)
    price = pd.DataFrame(panel.price, index=dates, columns=list(panel.symbols))
    volume = pd.DataFrame(panel.volume, index=dates, columns=list(panel.symbols))
    charge = variant.cost_bps / 10_000
    held = pd.DataFrame({name: exposure(price[name], volume[name], variant) for name in price})
    returns = price.pct_change(fill_method=None).loc[held.index]
    stream = held.shift(fill_value=0.0) * returns - charge * held.diff().fillna(held).abs()
    volatility = stream.rolling(variant.vol_window).std()
    # pandas leaves about 1e-11 where nothing moved; without this an idle asset takes all the weight.
    inverse = (1 / volatility.where(volatility > 1e-9)).fillna(0.0)
    weight = inverse.div(inverse.sum(axis=1).replace(0, np.nan), axis=0).fillna(0.0)
    weight = weight.apply(cap_exactly, axis=1, max_weight=variant.max_weight)
    unlevered = weight * held
    earned = (unlevered.shift(fill_value=0.0) * returns).sum(axis=1)
    earned -= charge * unlevered.diff().fillna(unlevered).abs().sum(axis=1)
    risk = earned.rolling(variant.vol_window).std()
    leverage = (variant.target_volatility / ROOT_252 / risk).clip(upper=variant.max_leverage).fillna(0.0)
    holding = unlevered.mul(leverage, axis=0)
    gross = (holding.shift(fill_value=0.0) * returns).sum(axis=1)
    return gross - charge * holding.diff().fillna(holding).abs().sum(axis=1)
