"""Spell out the perturbations that the sweeps ask for, as variants."""

from plumbline.tables.market import shared_market
from plumbline.tables.stability import all_sweeps, perturbed_variants, read_draws
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
        dbt.ref("int_features__daily"),
    )
    own = dbt.ref("stg_own__variants").to_arrow_table()
    claims = dbt.ref("int_claims__stated").to_arrow_table()
    sweeps = all_sweeps(
        dbt.ref("sweeps").to_arrow_table().to_pylist(),
        own["variant_id"].to_pylist(),
        claims["variant_id"].to_pylist(),
    )
    return perturbed_variants(
        market,
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table()),
        sweeps,
        read_draws(dbt.ref("draws").to_arrow_table()),
    )
