"""Find the trades of every enabled strategy of every daily variant."""

from plumbline.tables.strategy import trades
from plumbline.tables.variants import read_variants


def model(dbt, session):
    variants = read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily")
    return trades(variants, dbt.ref("int_strategy__daily").to_arrow_table())
