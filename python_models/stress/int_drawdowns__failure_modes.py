"""Say why the deep episodes happened, by the rules of the seed."""

from plumbline.tables.drawdowns import Layers, failure_modes, read_rules
from plumbline.tables.market import shared_market
from plumbline.tables.streams import rows_of
from plumbline.tables.variants import read_variants


def model(dbt, session):
    market = shared_market(
        dbt.ref("int_returns__daily"),
        dbt.ref("int_sessions__panel"),
    )
    layers = Layers(
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily"),
        dbt.ref("int_variants__streams").to_arrow_table(),
        rows_of(dbt.ref("int_portfolio__lines"), "variant_id"),
        rows_of(dbt.ref("int_allocator__daily"), "stream_id"),
    )
    return failure_modes(
        market,
        layers,
        dbt.ref("int_drawdowns__episodes").to_arrow_table(),
        read_rules(dbt.ref("failure_modes").to_arrow_table()),
    )
