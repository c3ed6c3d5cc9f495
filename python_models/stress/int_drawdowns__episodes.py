"""Find the drawdown episodes of every daily variant."""

from plumbline.tables.arrow import read_market
from plumbline.tables.drawdowns import drawdown_episodes


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
    )
    return drawdown_episodes(market, dbt.ref("int_portfolio__lines").to_arrow_table())
