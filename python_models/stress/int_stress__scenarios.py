"""Run the line again on the shocked inputs of every scenario."""

from plumbline.layers.stress import scenario_results
from plumbline.layers.tables import read_market, read_strategies, read_variants


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
        dbt.ref("int_features__daily").to_arrow_table(),
    )
    return scenario_results(
        market,
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table()),
        read_strategies(dbt.ref("strategies").to_arrow_table()),
        dbt.ref("scenarios").to_arrow_table().to_pylist(),
    )
