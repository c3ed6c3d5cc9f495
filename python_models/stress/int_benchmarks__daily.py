"""Hold what a portfolio has to beat, over the sessions and at the costs of `baseline`."""

from plumbline.layers.sweep import benchmark_daily
from plumbline.layers.tables import read_market, read_variants


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
    )
    variants = read_variants(dbt.ref("int_variants__resolved").to_arrow_table())
    (baseline,) = (variant for variant in variants if variant.variant_id == "baseline")
    return benchmark_daily(market, baseline)
