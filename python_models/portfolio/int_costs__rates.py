"""Ask the cost models for their rates, where they differ by symbol or session, or charge shorts."""

from plumbline.tables.costs import cost_rates
from plumbline.tables.market import shared_market
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
    )
    return cost_rates(market, read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily"))
