"""Measure the strategies year by year."""

from plumbline.tables.reports import strategy_by_year
from plumbline.tables.streams import ids_in, rows_of


def model(dbt, session):
    streams = dbt.ref("int_variants__streams").to_arrow_table()
    return strategy_by_year(ids_in(streams), rows_of(dbt.ref("int_strategy__daily"), "stream_id"))
