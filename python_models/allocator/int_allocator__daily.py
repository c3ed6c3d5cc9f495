"""Choose a state for each asset and session and follow the strategy that it names."""

from plumbline.layers.allocator import allocator_daily
from plumbline.layers.tables import read_market, read_strategies, read_variants


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
        dbt.ref("int_features__daily").to_arrow_table(),
    )
    variants = read_variants(dbt.ref("int_variants__resolved").to_arrow_table())
    strategies = read_strategies(dbt.ref("strategies").to_arrow_table())
    return allocator_daily(market, variants, strategies, dbt.ref("int_strategy__daily").to_arrow_table())
