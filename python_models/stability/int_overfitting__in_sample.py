"""Measure every strategy on its own training sets."""

from plumbline.tables.market import shared_market
from plumbline.tables.overfitting import generalisation
from plumbline.tables.strategy import enabled_strategies
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
        dbt.ref("int_features__daily"),
    )
    return generalisation(
        market,
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily"),
        enabled_strategies(dbt.ref("strategies").to_arrow_table()),
    )
