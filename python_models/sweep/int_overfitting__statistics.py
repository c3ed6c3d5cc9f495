"""Ask of every result how much of it is luck."""

from plumbline.layers.overfitting import overfitting
from plumbline.layers.tables import read_market, read_strategies, read_variants


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
        dbt.ref("int_features__daily").to_arrow_table(),
    )
    return overfitting(
        market,
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table()),
        read_strategies(dbt.ref("strategies").to_arrow_table()),
    )
