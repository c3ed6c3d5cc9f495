"""Fit the trend model of every fold."""

from plumbline.tables.market import shared_market
from plumbline.tables.strategy import trend_models
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
        dbt.ref("int_features__daily"),
    )
    return trend_models(market, read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily"))
