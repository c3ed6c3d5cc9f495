"""Hold the allocator's streams, and add the assets up to the portfolio's own line."""

from plumbline.tables.arrow import read_market
from plumbline.tables.portfolio import portfolio_lines
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
    )
    variants = read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily")
    return portfolio_lines(market, variants, dbt.ref("int_allocator__daily").to_arrow_table())
