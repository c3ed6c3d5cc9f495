"""The strategy layer: daily rows, fitted models and trades of every strategy and variant."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from plumbline.components.strategies.trend import forecast_of
from plumbline.engine.folds import fold_years
from plumbline.engine.market import Market
from plumbline.engine.measures import group_offsets
from plumbline.engine.panel import melt
from plumbline.engine.registry import ComponentError, component, components
from plumbline.engine.strategies import run_strategy
from plumbline.engine.trades import find_trades
from plumbline.engine.variants import Variant, named_symbols
from plumbline.tables.arrow import key_codes, label, sort_rows, stack
from plumbline.tables.each import each

DAILY = {
    "variant_id": pa.string(),
    "symbol": pa.string(),
    "session_date": pa.date32(),
    "strategy": pa.string(),
    "position": pa.float64(),
    "gross_return": pa.float64(),
    "cost_return": pa.float64(),
    "net_return": pa.float64(),
    "prediction": pa.float64(),
    "is_reported": pa.bool_(),
}
COEFFICIENTS = ("intercept", "coef_ret_1d", "coef_ret_5d", "coef_ret_10d", "coef_ret_20d", "coef_rvol_10")
MODELS = {
    "variant_id": pa.string(),
    "symbol": pa.string(),
    "year": pa.int32(),
    **{name: pa.float64() for name in COEFFICIENTS},
    "train_rows": pa.int64(),
    "r_squared": pa.float64(),
}
TRADES = {
    "variant_id": pa.string(),
    "symbol": pa.string(),
    "strategy": pa.string(),
    "entry_date": pa.date32(),
    "exit_date": pa.date32(),
    "sessions": pa.int64(),
    "net_return": pa.float64(),
}


def enabled_strategies(rows: pa.Table) -> list[str]:
    """Return the registered strategies, by name, but for those that seeds/strategies.csv turns off.

    Raises
    ------
    ComponentError
        A row turns on a strategy that is not registered.
    """
    is_enabled = dict(zip(rows["strategy"].to_pylist(), rows["is_enabled"].to_pylist(), strict=True))
    for name, is_on in is_enabled.items():
        if is_on and name not in components("strategy"):
            raise ComponentError(
                f"seeds/strategies.csv: strategy '{name}' is enabled but not registered; "
                f"there are {', '.join(sorted(components('strategy')))}"
            )
    return sorted(name for name in components("strategy") if is_enabled.get(name, True))


def strategy_daily(market: Market, variants: list[Variant], strategies: list[str]) -> pa.Table:
    """Return one row per variant, symbol, session and strategy.

    Raises
    ------
    ValueError
        A variant's line names a symbol that is not in use.
    """
    for variant in variants:
        for name, symbol in named_symbols(variant).items():
            if market.panel.symbols and symbol not in market.panel.symbols:
                raise ValueError(
                    f"variant '{variant.variant_id}': {name} names {symbol}, which is not in use: it has not "
                    "landed, was set aside (marts.rpt_symbols_set_aside) or is not among --symbols; "
                    f"in use: {', '.join(market.panel.symbols[:20])}"
                )
    return each((market, strategies), _strategy_rows, variants, DAILY, "strategies")


def _strategy_rows(context: tuple[Market, list[str]], variant: Variant) -> pa.Table:
    market, strategies = context

    def rows(strategy: str) -> pa.Table:
        streams = run_strategy(strategy, market, variant)
        columns = {
            "position": streams.positions.position,
            "gross_return": streams.gross,
            "cost_return": streams.cost,
            "net_return": streams.gross + streams.cost,
            "prediction": streams.positions.prediction,
            "is_reported": streams.is_reported,
        }
        table = melt(market.panel, streams.age > 0, columns)
        return label(table, variant_id=variant.variant_id, strategy=strategy)

    return stack(map(rows, strategies), DAILY)


def trades(variants: list[Variant], strategy_rows: pa.Table) -> pa.Table:
    """Return one row per variant, symbol, strategy and trade of the strategy layer's reported rows."""
    keys = ("variant_id", "strategy", "symbol")
    daily = sort_rows(strategy_rows.filter(strategy_rows["is_reported"]), *keys, "session_date")
    dates = daily["session_date"].to_numpy().astype("datetime64[D]")
    by_year = pa.array([variant.variant_id for variant in variants if variant.warm_up == "year"], pa.string())
    restarts = pc.is_in(daily["variant_id"], value_set=by_year).to_numpy()
    fresh_year = np.where(restarts, dates.astype("datetime64[Y]").astype(int), 0)
    starts = np.zeros(len(daily), bool)
    starts[group_offsets(*(key_codes(daily, key) for key in keys), fresh_year)[:-1]] = True
    found = find_trades(daily["position"].to_numpy(), daily["net_return"].to_numpy(), starts)
    is_open = found.exit < 0
    columns = {
        **{key: daily[key].take(pa.array(found.entry)) for key in keys},
        "entry_date": dates[found.entry],
        "exit_date": pa.array(dates[np.where(is_open, 0, found.exit)] if len(dates) else dates, mask=is_open),
        "sessions": found.sessions,
        "net_return": found.net_return,
    }
    return stack([pa.table(columns)], TRADES)


def trend_models(market: Market, variants: list[Variant]) -> pa.Table:
    """Return one row per variant, symbol and fold; coefficients are NULL with too few training rows."""

    def rows(variant: Variant) -> pa.Table:
        fits = market.fits(forecast_of(variant.of(component("strategy", "trend"))))
        asset, year = np.nonzero(fold_years(market, variant).T)
        train_rows = fits.rows[year, asset]
        is_fitted = train_rows >= variant.min_train_rows
        coefficients = np.where(is_fitted[:, None], fits.coefficients[year, asset], np.nan)
        r_squared = np.where(is_fitted, fits.r_squared[year, asset], np.nan)
        data = {
            "symbol": np.array(market.panel.symbols, dtype=object)[asset],
            "year": market.years[year],
            "train_rows": train_rows,
            "r_squared": pa.array(r_squared, from_pandas=True),
        }
        data |= {
            name: pa.array(values, from_pandas=True)
            for name, values in zip(COEFFICIENTS, coefficients.T, strict=True)
        }
        return label(pa.table(data), variant_id=variant.variant_id)

    return stack(map(rows, variants), MODELS)
