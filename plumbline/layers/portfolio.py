"""The portfolio layer: holdings by asset and the portfolio's own line, of every variant."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from plumbline.engine.market import Market, portfolio_age, stream_age
from plumbline.engine.measures import equity_curve
from plumbline.engine.panel import index_rows, melt, melt_sessions, spread
from plumbline.engine.portfolio import AssetStreams, Portfolio, build_portfolio
from plumbline.engine.summary import measure
from plumbline.engine.variants import Variant
from plumbline.layers.progress import tracked
from plumbline.layers.tables import known, label, sort_rows, split_by, stack

HOLDINGS = {
    "variant_id": pa.string(),
    "symbol": pa.string(),
    "session_date": pa.date32(),
    "weight": pa.float64(),
    "holding": pa.float64(),
    "gross_contribution": pa.float64(),
    "cost_contribution": pa.float64(),
    "contribution": pa.float64(),
}
DAILY = {
    "variant_id": pa.string(),
    "session_date": pa.date32(),
    "unlevered_return": pa.float64(),
    "leverage": pa.float64(),
    "net_return": pa.float64(),
    "equity": pa.float64(),
    "drawdown": pa.float64(),
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


def _portfolios(
    market: Market, variants: list[Variant], allocator_rows: pa.Table, layer: str
) -> Iterator[tuple[Variant, Portfolio]]:
    """Build each variant's portfolio from the rows of the allocator layer."""
    groups = dict(split_by(sort_rows(allocator_rows, "variant_id"), "variant_id"))
    for variant in tracked(variants, len(variants), layer):
        table = groups.get((variant.variant_id,), allocator_rows.slice(0, 0))
        index = index_rows(table, market.panel.sessions, market.panel.symbols)
        columns = (spread(table[name], index, 0.0) for name in ("exposure", "gross_return", "cost_return"))
        streams = AssetStreams(stream_age(market, variant), *columns)
        yield variant, build_portfolio(streams, market.ret, portfolio_age(market, variant), variant)


def holdings_daily(market: Market, variants: list[Variant], allocator_rows: pa.Table) -> pa.Table:
    """Return one row per variant, symbol and portfolio session.

    Parameters
    ----------
    market, variants
        What to run.
    allocator_rows
        The allocator layer: `variant_id`, `symbol`, `session_date`, `exposure`, `gross_return`,
        `cost_return`.
    """

    def rows(variant: Variant, portfolio: Portfolio) -> pa.Table:
        is_session = np.broadcast_to(portfolio.age[:, None] > 0, portfolio.weight.shape)
        columns = {
            "weight": portfolio.weight,
            "holding": portfolio.holding,
            "gross_contribution": portfolio.gross,
            "cost_contribution": portfolio.cost,
            "contribution": portfolio.gross + portfolio.cost,
        }
        return label(melt(market.panel, is_session, columns), variant_id=variant.variant_id)

    portfolios = _portfolios(market, variants, allocator_rows, "holdings")
    return stack((rows(*built) for built in portfolios), HOLDINGS)


def portfolio_daily(market: Market, variants: list[Variant], allocator_rows: pa.Table) -> pa.Table:
    """Return one row per variant and portfolio session. Parameters as in `holdings_daily`."""

    def rows(variant: Variant, portfolio: Portfolio) -> pa.Table:
        is_session = portfolio.age > 0
        curve = equity_curve(portfolio.net_return[is_session])
        columns = {
            "unlevered_return": portfolio.unlevered_return,
            "leverage": portfolio.leverage,
            "net_return": portfolio.net_return,
        }
        table = melt_sessions(market.panel, is_session, columns)
        table = table.append_column("equity", [curve.equity]).append_column("drawdown", [curve.drawdown])
        return label(table, variant_id=variant.variant_id)

    portfolios = _portfolios(market, variants, allocator_rows, "portfolio")
    return stack((rows(*built) for built in portfolios), DAILY)


def performance(variants: list[Variant], daily: pa.Table, holdings: pa.Table) -> pa.Table:
    """Return one row per variant, with NULL measures where it has no session.

    Parameters
    ----------
    variants
        Which variants to measure.
    daily, holdings
        The portfolio layer, as `portfolio_daily` and `holdings_daily` return it.
    """
    days = dict(split_by(sort_rows(daily, "variant_id", "session_date"), "variant_id"))
    held = dict(split_by(sort_rows(holdings, "variant_id", "symbol", "session_date"), "variant_id"))

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
