"""Find the drawdown episodes of every daily variant."""

from plumbline.layers.risk import drawdown_episodes
from plumbline.layers.tables import read_market


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
    )
    return drawdown_episodes(market, dbt.ref("int_portfolio__daily").to_arrow_table())
