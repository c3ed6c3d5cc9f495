"""Run every variant and perturbation once over shared features."""

from plumbline.tables.market import shared_market
from plumbline.tables.stability import read_draws, stability_lines
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
        dbt.ref("int_features__daily"),
    )
    return stability_lines(
        market,
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table()),
        dbt.ref("int_variants__perturbed").to_arrow_table(),
        read_draws(dbt.ref("draws").to_arrow_table()),
    )
