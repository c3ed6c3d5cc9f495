"""Measure the allocator year by year."""

from plumbline.tables.reports import allocator_by_year


def model(dbt, session):
    return allocator_by_year(dbt.ref("int_allocator__daily").to_arrow_table())
