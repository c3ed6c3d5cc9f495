"""Run every enabled strategy of every daily variant on the validated bars."""

from plumbline.tables.arrow import read_market
from plumbline.tables.strategy import enabled_strategies, strategy_daily
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
        dbt.ref("int_features__daily").to_arrow_table(),
    )
    variants = read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily")
    return strategy_daily(market, variants, enabled_strategies(dbt.ref("strategies").to_arrow_table()))
