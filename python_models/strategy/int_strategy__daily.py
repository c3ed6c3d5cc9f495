"""Run every enabled strategy on the validated bars, once for all daily variants that share its stream."""

from plumbline.tables.market import shared_market
from plumbline.tables.strategy import strategy_daily
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
        dbt.ref("int_features__daily"),
    )
    variants = read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily")
    return strategy_daily(market, variants, dbt.ref("int_variants__streams").to_arrow_table())
