"""Find the trades of every enabled strategy."""

from plumbline.tables.strategy import trades
from plumbline.tables.streams import rows_of
from plumbline.tables.variants import read_variants


def model(dbt, session):
    return trades(
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily"),
        dbt.ref("int_variants__streams").to_arrow_table(),
        rows_of(dbt.ref("int_strategy__daily"), "stream_id"),
    )
