"""Spell out the perturbations that the sweeps ask for, as variants."""

from plumbline.layers.sweep import perturbed_variants
from plumbline.layers.tables import read_sweeps, read_symbols, read_variants


def model(dbt, session):
    return perturbed_variants(
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table()),
        read_sweeps(dbt.ref("sweeps").to_arrow_table()),
        read_symbols(dbt.ref("int_assets__described").to_arrow_table()),
    )
