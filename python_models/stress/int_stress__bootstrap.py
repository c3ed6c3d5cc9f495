"""Run the line on resampled histories."""

from plumbline.tables.market import shared_market
from plumbline.tables.stress import bootstrap_paths
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
        dbt.ref("int_features__daily"),
    )
    return bootstrap_paths(
        market,
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily"),
        dbt.ref("int_scenarios__stated").to_arrow_table().to_pylist(),
    )
