"""The strategy layer: daily rows, fitted models and trades of every strategy and variant."""

import numpy as np
import pyarrow as pa

from plumbline.components.strategies.trend import forecast_of
from plumbline.engine.folds import fold_years
from plumbline.engine.market import Market
from plumbline.engine.measures import group_offsets
from plumbline.engine.panel import melt
from plumbline.engine.registry import ComponentError, component, components
from plumbline.engine.strategies import run_strategy
from plumbline.engine.trades import find_trades
from plumbline.engine.variants import Variant, named_symbols
from plumbline.tables.arrow import PARTS, in_turn, key_codes, label, net_return, sort_rows, stack
from plumbline.tables.each import each_in_turn
from plumbline.tables.streams import Rows, Stream, distinct

DAILY = {
    "stream_id": pa.int32(),
    "symbol": pa.string(),
    "session_date": pa.date32(),
    "position": pa.float64(),
    "gross_return": pa.float64(),
    "cost_return": pa.float64(),
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
    "stream_id": pa.int32(),
    "symbol": pa.string(),
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


def strategy_daily(market: Market, variants: list[Variant], streams: pa.Table) -> pa.RecordBatchReader:
    """Return one row per stream of a strategy, symbol and session.

    Parameters
    ----------
    market, variants
        What to run.
    streams
        Which variants share a stream, as `streams_of` returns it.

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
    tasks = distinct(variants, streams)
    return each_in_turn(market, _strategy_rows, tasks, len(tasks), DAILY, "strategies")


def _strategy_rows(market: Market, stream: Stream) -> pa.Table:
    found = run_strategy(stream.strategy, market, stream.variant)
    columns = {
        "position": found.positions.position,
        "gross_return": found.gross,
        "cost_return": found.cost,
        "prediction": found.positions.prediction,
        "is_reported": found.is_reported,
    }
    return label(melt(market.panel, found.age > 0, columns), stream_id=stream.stream_id)


def trades(variants: list[Variant], streams: pa.Table, rows_of: Rows) -> pa.RecordBatchReader:
    """Return one row per stream of a strategy, symbol and trade of its reported rows.

    Parameters
    ----------
    variants, streams
        What was run.
    rows_of
        Gives the rows of a stream in the strategy layer.
    """
    columns = ("symbol", "session_date", "is_reported", "position", *PARTS)
    found = (_trades(stream, rows_of(stream.stream_id, *columns)) for stream in distinct(variants, streams))
    return in_turn(found, TRADES)


def _trades(stream: Stream, rows: pa.Table) -> pa.Table:
    daily = sort_rows(rows.filter(rows["is_reported"]), "symbol", "session_date")
    dates = daily["session_date"].to_numpy().astype("datetime64[D]")
    by_year = stream.variant.warm_up == "year"
    fresh_year = dates.astype("datetime64[Y]").astype(int) if by_year else np.zeros(len(daily), int)
    starts = np.zeros(len(daily), bool)
    starts[group_offsets(key_codes(daily, "symbol"), fresh_year)[:-1]] = True
    found = find_trades(daily["position"].to_numpy(), net_return(daily).to_numpy(), starts)
    is_open = found.exit < 0
    columns = {
        "symbol": daily["symbol"].take(pa.array(found.entry)),
        "entry_date": dates[found.entry],
        "exit_date": pa.array(dates[np.where(is_open, 0, found.exit)] if len(dates) else dates, mask=is_open),
        "sessions": found.sessions,
        "net_return": found.net_return,
    }
    return label(pa.table(columns), stream_id=stream.stream_id)


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
