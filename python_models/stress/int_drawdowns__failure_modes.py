"""Say why the deep episodes happened, by the rules of the seed."""

from plumbline.layers.risk import failure_modes
from plumbline.layers.tables import read_failure_rules, read_market, read_variants


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
    )
    return failure_modes(
        market,
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table()),
        dbt.ref("int_portfolio__daily").to_arrow_table(),
        dbt.ref("int_portfolio__holdings").to_arrow_table(),
        dbt.ref("int_allocator__daily").to_arrow_table(),
        read_failure_rules(dbt.ref("failure_modes").to_arrow_table()),
    )
