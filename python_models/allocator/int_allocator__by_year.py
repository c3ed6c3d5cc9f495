"""Measure the allocator year by year."""

from plumbline.tables.reports import allocator_by_year
from plumbline.tables.streams import ids_in, rows_of


def model(dbt, session):
    streams = dbt.ref("int_variants__streams").to_arrow_table()
    of_allocator = ids_in(streams, of_allocator=True)
    return allocator_by_year(of_allocator, rows_of(dbt.ref("int_allocator__daily"), "stream_id"))
