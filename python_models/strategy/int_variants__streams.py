"""Say which variants share a stream, so that each is computed and stored once."""

from plumbline.tables.strategy import enabled_strategies
from plumbline.tables.streams import streams_of
from plumbline.tables.variants import read_variants


def model(dbt, session):
    return streams_of(
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily"),
        enabled_strategies(dbt.ref("strategies").to_arrow_table()),
    )
