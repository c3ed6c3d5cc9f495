"""Run the line again on the shocked inputs of every scenario."""

from plumbline.tables.market import shared_market
from plumbline.tables.stress import scenario_results
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
        dbt.ref("int_features__daily"),
    )
    own = dbt.ref("stg_own__variants").to_arrow_table()
    return scenario_results(
        market,
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily"),
        dbt.ref("int_scenarios__stated").to_arrow_table().to_pylist(),
        own["variant_id"].to_pylist(),
    )
