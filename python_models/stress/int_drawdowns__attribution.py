"""Split the depth of every episode by asset and allocator state."""

from plumbline.layers.risk import drawdown_attribution
from plumbline.layers.tables import read_market, read_variants


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
    )
    return drawdown_attribution(
        market,
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table()),
        dbt.ref("int_portfolio__daily").to_arrow_table(),
        dbt.ref("int_portfolio__holdings").to_arrow_table(),
        dbt.ref("int_allocator__daily").to_arrow_table(),
    )
