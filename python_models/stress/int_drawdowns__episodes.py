"""Find the drawdown episodes of every daily variant."""

from plumbline.tables.drawdowns import drawdown_episodes
from plumbline.tables.market import shared_market


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
    )
    return drawdown_episodes(
        market, dbt.ref("int_portfolio__lines").filter("symbol is null").to_arrow_table()
    )
