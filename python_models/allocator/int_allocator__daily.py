"""Choose a state for each asset and session and follow the strategy that it names."""

from plumbline.tables.allocator import allocator_daily
from plumbline.tables.arrow import read_market
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
        dbt.ref("int_features__daily").to_arrow_table(),
    )
    variants = read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily")
    return allocator_daily(market, variants, dbt.ref("int_strategy__daily").to_arrow_table())
