"""Split the depth of every episode by asset and allocator state."""

from plumbline.tables.arrow import read_market
from plumbline.tables.drawdowns import drawdown_attribution
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = read_market(
        dbt.ref("int_returns__daily").to_arrow_table(),
        dbt.ref("int_sessions__panel").to_arrow_table(),
    )
    return drawdown_attribution(
        market,
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily"),
        dbt.ref("int_portfolio__lines").to_arrow_table(),
        dbt.ref("int_allocator__daily").to_arrow_table(),
        dbt.ref("int_drawdowns__episodes").to_arrow_table(),
    )
