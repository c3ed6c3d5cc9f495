"""The portfolio layer: holdings by asset and the portfolio's own line, of every variant."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from plumbline.engine.folds import stream_age
from plumbline.engine.market import Market
from plumbline.engine.measures import equity_curve
from plumbline.engine.panel import index_rows, melt, melt_sessions, spread
from plumbline.engine.portfolio import AssetStreams, Portfolio, build_portfolio
from plumbline.engine.summary import measure
from plumbline.engine.variants import Variant
from plumbline.tables.arrow import PARTS, known, label, sort_rows
from plumbline.tables.each import each_in_turn
from plumbline.tables.streams import Rows, ids_of

STREAM = ("exposure", *PARTS)  # what is read of the allocator layer
HOLDING = ("weight", "holding", "gross_contribution", "cost_contribution")
WHOLE = ("unlevered_return", "leverage", "net_return", "equity", "drawdown")
LINES = {
    "variant_id": pa.string(),
    "symbol": pa.string(),
    "session_date": pa.date32(),
    **dict.fromkeys((*HOLDING, *WHOLE), pa.float64()),
}
PERFORMANCE = {
    "variant_id": pa.string(),
    "first_session": pa.date32(),
    "last_session": pa.date32(),
    "sessions": pa.int64(),
    "sharpe": pa.float64(),
    "total_return": pa.float64(),
    "annual_return": pa.float64(),
    "annual_volatility": pa.float64(),
    "max_drawdown": pa.float64(),
    "avg_leverage": pa.float64(),
    "avg_gross_exposure": pa.float64(),
    "annual_turnover": pa.float64(),
}


def portfolio_lines(
    market: Market, variants: list[Variant], streams: pa.Table, rows_of: Rows
) -> pa.RecordBatchReader:
    """Return one row per variant, portfolio session and symbol, and one without a symbol for the whole.

    Parameters
    ----------
    market, variants
        What to run.
    streams
        Which variants share a stream, as `streams_of` returns it.
    rows_of
        Gives the rows of a stream in the allocator layer.
    """
    tasks = _with_streams(market, variants, streams, rows_of)
    return each_in_turn(market, _portfolio_rows, tasks, len(variants), LINES, "portfolio", "variants")


def _with_streams(
    market: Market, variants: list[Variant], streams: pa.Table, rows_of: Rows
) -> Iterator[tuple[Variant, AssetStreams]]:
    """Pair each variant with its stream, those that share one after each other."""
    ids = {variant.variant_id: ids_of(streams, variant.variant_id)[None] for variant in variants}
    for stream_id in sorted({*ids.values()}):
        table = rows_of(stream_id, "symbol", "session_date", *STREAM)
        index = index_rows(table, market.panel.sessions, market.panel.symbols)
        columns = [spread(table[name], index, 0.0) for name in STREAM]
        for variant in (variant for variant in variants if ids[variant.variant_id] == stream_id):
            yield variant, AssetStreams(stream_age(market, variant), *columns)


def _portfolio_rows(market: Market, task: tuple[Variant, AssetStreams]) -> pa.Table:
    variant, streams = task
    portfolio = build_portfolio(market, variant, streams)
    parts = pa.concat_tables(
        [_holdings(market, portfolio), _whole(market, portfolio)], promote_options="default"
    )
    return label(parts, variant_id=variant.variant_id)


def _holdings(market: Market, portfolio: Portfolio) -> pa.Table:
    is_session = np.broadcast_to(portfolio.age[:, None] > 0, portfolio.weight.shape)
    values = (portfolio.weight, portfolio.holding, portfolio.gross, portfolio.cost)
    return melt(market.panel, is_session, dict(zip(HOLDING, values, strict=True)))


def _whole(market: Market, portfolio: Portfolio) -> pa.Table:
    is_session = portfolio.age > 0
    curve = equity_curve(portfolio.net_return[is_session])
    columns = dict(
        zip(WHOLE, (portfolio.unlevered_return, portfolio.leverage, portfolio.net_return), strict=False)
    )
    table = melt_sessions(market.panel, is_session, columns)
    return table.append_column("equity", [curve.equity]).append_column("drawdown", [curve.drawdown])


def of_whole(lines: pa.Table) -> pa.Table:
    """Return the rows of the portfolio layer that are of the whole portfolio, with their columns."""
    return lines.filter(lines["symbol"].is_null()).select(["variant_id", "session_date", *WHOLE])


def of_assets(lines: pa.Table) -> pa.Table:
    """Return the rows of the portfolio layer that are of an asset, with their columns."""
    return lines.filter(lines["symbol"].is_valid()).select(["variant_id", "symbol", "session_date", *HOLDING])


def performance(variants: list[Variant], rows_of: Rows) -> pa.Table:
    """Return one row per variant, with NULL measures where it has no session.

    Parameters
    ----------
    variants
        Which variants to measure.
    rows_of
        Gives the rows of a variant in the portfolio layer, as `portfolio_lines` returns them.
    """
    columns = ("symbol", "session_date", "holding", "leverage", "net_return")
    rows = [_performance(variant, rows_of(variant.variant_id, *columns)) for variant in variants]
    return pa.Table.from_pylist(rows, schema=pa.schema(PERFORMANCE.items()))


def _performance(variant: Variant, lines: pa.Table) -> dict[str, object]:
    days = sort_rows(lines.filter(lines["symbol"].is_null()), "session_date")
    if not len(days):
        return dict.fromkeys(PERFORMANCE) | {"variant_id": variant.variant_id, "sessions": 0}
    held = sort_rows(lines.filter(lines["symbol"].is_valid()), "symbol", "session_date")
    dates = days["session_date"].to_numpy().astype("datetime64[D]")
    holding = held["holding"].to_numpy().reshape(-1, len(dates)).T
    years = dates.astype("datetime64[Y]")
    starts = np.ones(len(dates), bool)
    starts[1:] = (years[1:] != years[:-1]) & (variant.warm_up == "year")
    measures = measure(days["net_return"].to_numpy(), days["leverage"].to_numpy(), holding, starts)
    return {
        "variant_id": variant.variant_id,
        "first_session": dates[0].item(),
        "last_session": dates[-1].item(),
        **known(measures._asdict()),
    }
