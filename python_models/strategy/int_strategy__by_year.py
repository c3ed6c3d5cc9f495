"""Measure the strategies year by year."""

from plumbline.tables.reports import strategy_by_year


def model(dbt, session):
    return strategy_by_year(dbt.ref("int_strategy__daily").to_arrow_table())
