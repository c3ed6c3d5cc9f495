"""Run the line on resampled histories."""

from plumbline.layers.stress import bootstrap_paths
from plumbline.layers.tables import read_market, read_strategies, read_variants


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
        dbt.ref("int_features__daily").to_arrow_table(),
    )
    return bootstrap_paths(
        market,
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table()),
        read_strategies(dbt.ref("strategies").to_arrow_table()),
        dbt.ref("scenarios").to_arrow_table().to_pylist(),
    )
