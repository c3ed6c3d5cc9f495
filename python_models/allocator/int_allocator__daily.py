"""Choose a state for each asset and session and follow the strategy that it names."""

from plumbline.tables.allocator import allocator_daily
from plumbline.tables.market import shared_market
from plumbline.tables.streams import rows_of
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
        dbt.ref("int_features__daily"),
    )
    return allocator_daily(
        market,
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily"),
        dbt.ref("int_variants__streams").to_arrow_table(),
        rows_of(dbt.ref("int_strategy__daily"), "stream_id"),
    )
