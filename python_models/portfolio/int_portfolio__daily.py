"""Add the assets up to the portfolio's own line: leverage, return, equity."""

from plumbline.layers.portfolio import portfolio_daily
from plumbline.layers.tables import read_market, read_variants


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
    )
    variants = read_variants(dbt.ref("int_variants__resolved").to_arrow_table())
    return portfolio_daily(market, variants, dbt.ref("int_allocator__daily").to_arrow_table())
