"""The portfolio layer: holdings by asset and the portfolio's own line, of every variant."""

import numpy as np
import pyarrow as pa

from plumbline.engine.folds import stream_age
from plumbline.engine.market import Market
from plumbline.engine.measures import equity_curve
from plumbline.engine.panel import index_rows, melt, melt_sessions, spread
from plumbline.engine.portfolio import AssetStreams, Portfolio, build_portfolio
from plumbline.engine.summary import measure
from plumbline.engine.variants import Variant
from plumbline.tables.arrow import known, label, sort_rows, split_by
from plumbline.tables.each import each

HOLDING = ("weight", "holding", "gross_contribution", "cost_contribution", "contribution")
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


def portfolio_lines(market: Market, variants: list[Variant], allocator_rows: pa.Table) -> pa.Table:
    """Return one row per variant, portfolio session and symbol, and one without a symbol for the whole.

    Parameters
    ----------
    market, variants
        What to run.
    allocator_rows
        The allocator layer: `variant_id`, `symbol`, `session_date`, `exposure`, `gross_return`,
        `cost_return`.
    """
    groups = dict(split_by(sort_rows(allocator_rows, "variant_id"), "variant_id"))
    empty = allocator_rows.slice(0, 0)
    tasks = [(variant, groups.get((variant.variant_id,), empty)) for variant in variants]
    return each(market, _portfolio_rows, tasks, LINES, "portfolio")


def _portfolio_rows(market: Market, task: tuple[Variant, pa.Table]) -> pa.Table:
    variant, table = task
    index = index_rows(table, market.panel.sessions, market.panel.symbols)
    columns = (spread(table[name], index, 0.0) for name in ("exposure", "gross_return", "cost_return"))
    portfolio = build_portfolio(market, variant, AssetStreams(stream_age(market, variant), *columns))
    parts = pa.concat_tables(
        [_holdings(market, portfolio), _whole(market, portfolio)], promote_options="default"
    )
    return label(parts, variant_id=variant.variant_id)


def _holdings(market: Market, portfolio: Portfolio) -> pa.Table:
    is_session = np.broadcast_to(portfolio.age[:, None] > 0, portfolio.weight.shape)
    values = (
        *(portfolio.weight, portfolio.holding, portfolio.gross, portfolio.cost),
        portfolio.gross + portfolio.cost,
    )
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


def performance(variants: list[Variant], lines: pa.Table) -> pa.Table:
    """Return one row per variant, with NULL measures where it has no session.

    Parameters
    ----------
    variants
        Which variants to measure.
    lines
        The portfolio layer, as `portfolio_lines` returns it.
    """
    days = dict(split_by(sort_rows(of_whole(lines), "variant_id", "session_date"), "variant_id"))
    held = dict(split_by(sort_rows(of_assets(lines), "variant_id", "symbol", "session_date"), "variant_id"))

    def row(variant: Variant) -> dict[str, object]:
        key = (variant.variant_id,)
        if key not in days:
            return dict.fromkeys(PERFORMANCE) | {"variant_id": variant.variant_id, "sessions": 0}
        dates = days[key]["session_date"].to_numpy().astype("datetime64[D]")
        net = days[key]["net_return"].to_numpy()
        holding = held[key]["holding"].to_numpy().reshape(-1, len(dates)).T
        years = dates.astype("datetime64[Y]")
        starts = np.ones(len(dates), bool)
        starts[1:] = (years[1:] != years[:-1]) & (variant.warm_up == "year")
        measures = measure(net, days[key]["leverage"].to_numpy(), holding, starts)
        return {
            "variant_id": variant.variant_id,
            "first_session": dates[0].item(),
            "last_session": dates[-1].item(),
            **known(measures._asdict()),
        }

    return pa.Table.from_pylist([row(variant) for variant in variants], schema=pa.schema(PERFORMANCE.items()))
