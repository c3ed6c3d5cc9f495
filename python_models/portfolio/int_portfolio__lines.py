"""Hold the allocator's streams, and add the assets up to the portfolio's own line."""

from plumbline.tables.market import shared_market
from plumbline.tables.portfolio import portfolio_lines
from plumbline.tables.streams import rows_of
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
    )
    return portfolio_lines(
        market,
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily"),
        dbt.ref("int_variants__streams").to_arrow_table(),
        rows_of(dbt.ref("int_allocator__daily"), "stream_id"),
    )
