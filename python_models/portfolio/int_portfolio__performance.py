"""Measure the portfolio over its whole life."""

from plumbline.tables.portfolio import performance
from plumbline.tables.streams import rows_of
from plumbline.tables.variants import read_variants


def model(dbt, session):
    return performance(
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table(), "daily"),
        rows_of(dbt.ref("int_portfolio__lines"), "variant_id"),
    )
