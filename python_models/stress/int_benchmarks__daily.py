"""Hold what a portfolio has to beat, over the sessions and at the costs of `baseline`."""

from plumbline.tables.benchmarks import benchmark_daily
from plumbline.tables.market import shared_market
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
    )
    return benchmark_daily(market, read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily"))
