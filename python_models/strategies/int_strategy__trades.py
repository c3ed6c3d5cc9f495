"""Find the trades of every enabled strategy of every daily variant."""

from plumbline.layers.strategies import trades
from plumbline.layers.tables import read_variants


def model(dbt, session):
    variants = read_variants(dbt.ref("int_variants__resolved").to_arrow_table())
    return trades(variants, dbt.ref("int_strategy__daily").to_arrow_table())
