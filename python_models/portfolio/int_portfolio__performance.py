"""Measure the portfolio over its whole life."""

from plumbline.layers.portfolio import performance
from plumbline.layers.tables import read_variants


def model(dbt, session):
    return performance(
        read_variants(dbt.ref("int_variants__resolved").to_arrow_table()),
        dbt.ref("int_portfolio__daily").to_arrow_table(),
        dbt.ref("int_portfolio__holdings").to_arrow_table(),
    )
