"""Run every variant and perturbation once over shared features."""

from plumbline.layers.sweep import sweep_runs
from plumbline.layers.tables import read_market, read_strategies, read_sweeps, read_variants


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
        dbt.ref("int_features__daily").to_arrow_table(),
    )
    return sweep_runs(
        market,
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table()),
        read_strategies(dbt.ref("strategies").to_arrow_table()),
        read_sweeps(dbt.ref("sweeps").to_arrow_table()),
    )
